// Name constraints (RFC 5280, section 4.2.1.10) for URIs, DNS names and directory names; other forms are refused.

import { constructedContext, expectTag, inside, latin1, octetsOf, only, sequence, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { refuse } from './codes.ts';
import { type AlternativeNames, type GeneralName, isDns, isDnsName, readGeneralName } from './generalNames.ts';
import { comparable, shownName } from './name.ts';

/** The subtrees that names below an authority must be within (`permitted`) and must not be within (`excluded`). */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** The names of a certificate to which constraints apply: subject (DER of its Name) and subject alternative name. */
export interface ConstrainedNames extends Omit<AlternativeNames, 'first' | 'isEmpty'> {
  readonly subjectName: Bytes;
}

/**
 * A constraint on URIs is a host, or all hosts of a domain when it starts with a dot. One on DNS names is a domain, or
 * empty.
 */
const constraintSyntax = {
  uri: (host: Bytes) => isDns(host[0] === 0x2e ? host.subarray(1) : host),
  dns: (domain: Bytes) => domain.length === 0 || isDns(domain),
};

function readSubtrees(contents: Bytes): readonly GeneralName[] {
  const subtrees = inside({ contents }, limits.subtrees);
  if (subtrees.length === 0) malformed('name constraints: no subtree');
  return subtrees.map((subtree) => {
    const [base, ...distances] = sequence(subtree, 'subtree');
    // DER omits minimum, which is 0. maximum is absent.
    if (base === undefined || distances.length > 0) return malformed('subtree: not a name alone');
    return (
      readGeneralName(base, constraintSyntax) ?? refuse('certificate-constraint', 'a form of names that is unknown')
    );
  });
}

/**
 * Reads the value of name constraints: permitted `[0]`, excluded `[1]`, at least one of them.
 * @throws DerError, and CertificateError for a form of names that the profile does not compare
 */
export function readNameConstraints(value: Bytes): NameConstraints {
  const parts = inside(only(value, tags.sequence, 'name constraints'));
  const [first, second, ...rest] = parts;
  if (first === undefined || rest.length > 0) return malformed('name constraints: empty, or trailing elements');
  const isPermitted = first.tag === constructedContext(0);
  const excluded = isPermitted ? second : first;
  if (!isPermitted && second !== undefined) malformed('name constraints: not in order');
  return {
    permitted: isPermitted ? readSubtrees(first.contents) : [],
    excluded:
      excluded === undefined
        ? []
        : readSubtrees(expectTag(excluded, constructedContext(1), 'excluded subtrees').contents),
  };
}

type Form = GeneralName['form'];
type Directory = Extract<GeneralName, { form: 'directory' }>;

/**
 * Normalized subtrees, so that one look-up compares a name with all of them. Keys are hosts and domains in lower case.
 * For directory names they are the relative names of the subtree: their DER in exact comparisons, otherwise normalized.
 */
interface Subtrees {
  readonly forms: ReadonlySet<Form>;
  readonly keys: ReadonlySet<string>;
}

/** A normalized name of a certificate: the keys of all subtrees that it is within. */
interface FoldedName {
  readonly form: Form;
  readonly text: () => string;
  /** `undefined` when unknown: then the name is not permitted, and counts as excluded. */
  readonly within: ReadonlySet<string> | undefined;
  /** The same keys for any spelling. */
  readonly resembling: ReadonlySet<string> | undefined;
}

const lower = (text: string): string => text.toLowerCase();

/**
 * The host of a URI with an authority (RFC 3986, section 3.2.2), when it is a DNS name; `undefined` for any other URI.
 */
function hostOf(uri: string): string | undefined {
  if (/[\\"<>^`{|}]/.test(uri)) return undefined; // characters that no URI has, and that readers may interpret as others
  const [, authority] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri) ?? [];
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '');
  // Four numbers are an address and no DNS name; constraints on hosts do not apply to it.
  return host !== undefined && isDnsName(host) ? host : undefined;
}

/** Yields a DNS name, then what remains as labels are removed from its left. */
function* domainsOf(name: string): Generator<string> {
  yield name;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield name.slice(dot + 1);
}

const dnsKey = (domain: string): string => `dns ${lower(domain)}`;
const uriKey = (host: string): string => `uri ${lower(host)}`;
const exactKey = (relatives: string): string => `directory ${relatives}`;
const foldedKey = (relatives: readonly string[]): string => `directory ${relatives.join('\n')}`; // JSON has no line ends

/**
 * The keys of a DNS name. A domain contains itself and names with more labels on the left; the empty one contains all.
 * `undefined` for any other text.
 */
const keysOfDnsName = (name: string): ReadonlySet<string> | undefined =>
  isDnsName(name) ? new Set([...domainsOf(name), ''].map(dnsKey)) : undefined;

/** The keys of a host. A constraint is that host, or with a dot in front every host with more labels on the left. */
function keysOfHost(host: string): ReadonlySet<string> {
  const [, ...above] = domainsOf(host);
  return new Set([host, ...above.map((domain) => `.${domain}`)].map(uriKey));
}

const relativesOf = (name: Bytes): readonly Bytes[] =>
  inside(only(name, tags.sequence, 'directory name'), limits.nameAttributes).map(octetsOf);

/**
 * The keys of every prefix of a directory name, also the empty one, octet by octet. The DER of a relative name shows
 * its end.
 */
function keysOfDirectory(name: Bytes): ReadonlySet<string> {
  const all = relativesOf(name).map(latin1);
  return new Set([...all, ''].map((_, i) => exactKey(all.slice(0, i).join(''))));
}

function foldedKeysOfDirectory(name: Bytes): ReadonlySet<string> {
  const all = comparable(name);
  return new Set([...all, ''].map((_, i) => foldedKey(all.slice(0, i))));
}

const keyOfDirectory = ({ name }: Directory, exactly: boolean): string =>
  exactly ? exactKey(relativesOf(name).map(latin1).join('')) : foldedKey(comparable(name));

/**
 * The key of a subtree. A permitted directory name must start with the subtree octet by octet, as path building
 * compares names. An excluded one may start with it in any spelling (RFC 5280, section 7.1).
 */
function keyOfSubtree(subtree: GeneralName, exactly: boolean): string {
  if (subtree.form === 'directory') return keyOfDirectory(subtree, exactly);
  return subtree.form === 'dns' ? dnsKey(subtree.name) : uriKey(subtree.name);
}

const foldSubtrees = (subtrees: readonly GeneralName[], exactly: boolean): Subtrees => ({
  forms: new Set(subtrees.map(({ form }) => form)),
  keys: new Set(subtrees.map((one) => keyOfSubtree(one, exactly))),
});

/** Caches the results of a function, by object. */
function once<K extends object, T>(compute: (of: K) => T): (of: K) => T {
  const found = new WeakMap<K, T>();
  return (of) => {
    const value = found.get(of) ?? compute(of);
    found.set(of, value);
    return value;
  };
}

/** Normalizes constraints once. The building of a trust store does this. */
export const foldConstraints = once(({ permitted, excluded }: NameConstraints) => ({
  permitted: foldSubtrees(permitted, true),
  excluded: foldSubtrees(excluded, false),
}));

const foldNames = once(({ subjectName, uris, dnsNames, directoryNames }: ConstrainedNames): readonly FoldedName[] => [
  ...[subjectName, ...directoryNames]
    .filter((name) => relativesOf(name).length > 0) // leaves out an empty subject
    .map((name) => ({
      form: 'directory' as const,
      text: () => shownName(name),
      within: keysOfDirectory(name),
      resembling: foldedKeysOfDirectory(name),
    })),
  ...dnsNames.map((name) => {
    const within = isDnsName(name) ? keysOfDnsName(name) : undefined; // this also bounds its length
    return { form: 'dns' as const, text: () => name, within, resembling: within };
  }),
  ...uris.map((uri) => {
    const host = hostOf(uri);
    const within = host === undefined ? undefined : keysOfHost(host);
    return { form: 'uri' as const, text: () => uri, within, resembling: within };
  }),
]);

/** Whether two sets have a key in common. The time grows with the first set only. */
function meets(keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const key of keys) if (others.has(key)) return true;
  return false;
}

/**
 * Returns the first name of a certificate that constraints forbid, for people, or `undefined`. A name must be within
 * one of the permitted subtrees of its form, if there are any, and within no excluded one. When URIs are constrained, a
 * URI whose host is not a DNS name is forbidden (section 4.2.1.10). The time grows with the names, not with the number
 * of subtrees.
 */
export function forbiddenName(constraints: NameConstraints, names: ConstrainedNames): string | undefined {
  const { permitted, excluded } = foldConstraints(constraints);
  for (const { form, text, within, resembling } of foldNames(names)) {
    const isPermitted = !permitted.forms.has(form) || (within !== undefined && meets(within, permitted.keys));
    const isExcluded = excluded.forms.has(form) && (resembling === undefined || meets(resembling, excluded.keys));
    if (!isPermitted || isExcluded) return `${form} name ${text()}`;
  }
  return undefined;
}
