// Local identity policy: who the peer must be. It is checked only after both confirmations (section 3), and never shown
// to the peer.

import { isDnsName } from '../certificate/generalNames.ts';
import { comparableName, formOf, governs, namesOf, type Peer } from '../certificate/peerNames.ts';
import type { TrustAnchor } from '../certificate/trustAnchor.ts';
import type { TrustStore } from '../certificate/trustStore.ts';
import { ConfigurationError } from '../configuration.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { same } from '../octets.ts';

/** A name, and the trust anchor that must be at the top of the path to the certificate. */
export interface ExpectedName {
  readonly name: string;
  /** The subject of one trust anchor (RFC 4514, such as `CN=Example CA`), or a list of anchors that contains it. */
  readonly issuer: string | readonly TrustAnchor[];
}

/**
 * Who the peer must be. It has no default:
 * - a name: `URI:...`, `DNS:...` or `DIR:CN=...` for an alternative name of its certificate, the whole subject when it
 *   contains `=` (RFC 4514, `CN=bob`), otherwise its common name; or such a name with its issuer;
 * - a list of these, not empty, one of which must match the peer;
 * - a predicate, which returns `true` to accept. It is called once, after both confirmations were verified and before
 *   the session is released. An error that it throws ends the handshake, and is the `cause` of the outcome;
 * - `'anyone'`: every peer with a valid certificate.
 *
 * Only names that the name constraints of a path govern are compared (spec/certificates.md, Expected names).
 */
export type ExpectedPeer =
  | 'anyone'
  | string
  | ExpectedName
  | readonly (string | ExpectedName)[]
  | ((peer: Peer) => boolean);

/** A name to compare with, and the anchors under which it counts; `undefined` for all anchors. */
interface Entry {
  readonly name: string;
  readonly issuers: readonly TrustAnchor[] | undefined;
}

const isSameAnchor = (one: TrustAnchor, other: TrustAnchor): boolean => same(one.octets, other.octets);

/** The configured trust anchors, each once. */
function anchorsOf(trust: readonly TrustAnchor[] | TrustStore): readonly TrustAnchor[] {
  const all =
    'authorities' in trust
      ? trust.authorities.filter(({ under }) => under === undefined).map(({ certificate }) => certificate)
      : trust;
  return all.filter((one, i) => all.findIndex((other) => isSameAnchor(one, other)) === i);
}

/** Why no certificate can have a name; `undefined` for a possible name. */
export function impossibleName(name: string): string | undefined {
  if (name.trim() === '') return 'it is empty';
  if (name === 'anyone') return "'anyone' stands alone, with no other name and no issuer";
  if (formOf(name) === 'URI' && !/^URI:[!-~]+$/.test(name)) return `${name} is not URI: and a URI`;
  if (formOf(name) === 'DNS name' && !isDnsName(name.slice('DNS:'.length))) return `${name} is not DNS: and a DNS name`;
  return undefined;
}

function issuersOf(issuer: ExpectedName['issuer'], anchors: readonly TrustAnchor[]): readonly TrustAnchor[] {
  const found =
    typeof issuer === 'string'
      ? anchors.filter(({ subject }) => subject.text === issuer)
      : anchors.filter((anchor) => issuer.some((one) => isSameAnchor(one, anchor)));
  const what = typeof issuer === 'string' ? issuer : issuer.map(({ subject }) => subject.text).join(', ');
  if (found.length === 0) throw new ConfigurationError(`expectedPeer: the issuer ${what} is none of the trust anchors`);
  if (typeof issuer === 'string' && found.length > 1) {
    // An authority is named by its maker: with the name alone, one anchor could take the place of another.
    throw new ConfigurationError(
      `expectedPeer: ${found.length} trust anchors are called ${what}; give the anchor itself, not its name`,
    );
  }
  return found;
}

function entryOf(given: unknown, anchors: readonly TrustAnchor[]): Entry {
  const { name, issuer } = typeof given === 'string' ? { name: given } : ((given ?? {}) as Partial<ExpectedName>);
  if (typeof name !== 'string') throw new ConfigurationError('expectedPeer: a name is a string, or { name, issuer }');
  const reason = impossibleName(name);
  if (reason !== undefined) throw new ConfigurationError(`expectedPeer: ${reason}`);
  if (typeof given === 'string') return { name: comparableName(name), issuers: undefined };
  if (typeof issuer !== 'string' && !Array.isArray(issuer))
    throw new ConfigurationError(`expectedPeer: the issuer of ${name} is missing`);
  return { name: comparableName(name), issuers: issuersOf(issuer, anchors) };
}

function entriesOf(
  expected: Exclude<ExpectedPeer, (peer: Peer) => boolean> | undefined,
  anchors: readonly TrustAnchor[],
): readonly Entry[] {
  if (expected === undefined || expected === null)
    throw new ConfigurationError(
      "expectedPeer is missing: say who the peer must be, or 'anyone' whose certificate a trust anchor vouches for",
    );
  const list = Array.isArray(expected) ? expected : [expected];
  if (list.length === 0) throw new ConfigurationError('expectedPeer: the list is empty, no peer could be accepted');
  return list.map((one) => entryOf(one, anchors));
}

const listed = (names: readonly string[]): string =>
  names.length <= 4 ? names.join(' or ') : `${names.slice(0, 3).join(' or ')} or ${names.length - 3} more`;

/** For people: what was expected, and why a name in the certificate was not enough. */
function refusal(entries: readonly Entry[], peer: Peer): string {
  const { displayName, vouchers } = peer;
  const what = `expected ${listed(entries.map(({ name }) => name))}, got ${displayName}`;
  const own = namesOf(peer);
  const shown = entries.find(({ name }) => own.includes(name));
  if (shown === undefined) return what;
  const under = vouchers.map(({ trustAnchor }) => trustAnchor.subject.text).join(', ');
  if (vouchers.some(({ names }) => names.includes(shown.name)))
    return `${what}: issued under ${under}, not under the expected issuer`;
  const form = formOf(shown.name);
  return `${what}: its ${form} was not compared, as an authority of the path under ${under} has name constraints ${
    form === 'common name' ? 'and these never limit common names' : `that permit no particular ${form}`
  }`;
}

/**
 * Makes the check of a valid peer.
 * @throws ConfigurationError when no peer could match: nothing, an empty name or list, a name that no certificate can
 *   have, an issuer that is not a trust anchor
 */
export function peerJudge(
  expected: ExpectedPeer | undefined,
  trust: readonly TrustAnchor[] | TrustStore,
): (peer: Peer) => Checked<true> {
  if (expected === 'anyone') return () => passed(true);
  if (typeof expected === 'function') {
    return (peer) => {
      const verdict: unknown = expected(peer);
      if (typeof verdict !== 'boolean') {
        // A promise is truthy whatever its value. Nobody handles its later rejection, so it is caught here.
        Promise.resolve(verdict).catch(() => {});
        throw new TypeError('expectedPeer: the predicate must answer true or false, at once');
      }
      return verdict ? passed(true) : refused('unexpected-peer', `the predicate refused ${peer.displayName}`);
    };
  }
  const entries = entriesOf(expected, anchorsOf(trust));
  return (peer) => {
    const vouched = entries.some(({ name, issuers }) =>
      peer.vouchers.some(
        ({ trustAnchor, names }) =>
          names.includes(name) && (issuers === undefined || issuers.some((one) => isSameAnchor(one, trustAnchor))),
      ),
    );
    return vouched ? passed(true) : refused('unexpected-peer', refusal(entries, peer));
  };
}

/** Warns of names that more than one trust anchor, or none, may vouch for. @throws ConfigurationError as `peerJudge` */
export function peerWarnings(
  expected: ExpectedPeer | undefined,
  trust: readonly TrustAnchor[] | TrustStore,
): readonly string[] {
  if (expected === 'anyone' || typeof expected === 'function') return [];
  const anchors = anchorsOf(trust);
  return entriesOf(expected, anchors).flatMap(({ name, issuers = anchors }, i, all) => {
    if (all.findIndex((other) => other.name === name) !== i) return [];
    const able = issuers.filter(({ nameConstraints: own }) => governs(own === undefined ? [] : [own], formOf(name)));
    const between = able.map(({ subject }) => subject.text).join(', ');
    if (able.length === 0)
      return [`expected peer ${name}: no trust anchor may vouch for this name, so nobody is accepted`];
    if (all[i]?.issuers !== undefined || able.length === 1) return [];
    return [
      `expected peer ${name}: any of ${able.length} trust anchors may vouch for this name (${between}): say which`,
    ];
  });
}
