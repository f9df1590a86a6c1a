// Checks of what is on this machine: Node, files, keys, certificates, lists, the clock.
import { statSync } from 'node:fs';
import { isMap, parseDocument } from 'yaml';
import { standingAt, type Validity } from '../../certificate/lifetime.ts';
import { shownName } from '../../certificate/name.ts';
import type { Suite } from '../../crypto/suite.ts';
import { limits } from '../../limits.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import {
  readBounded,
  readCertificate,
  readIntermediates,
  readPreSharedSecret,
  readRevocationLists,
  readTrustAnchors,
  readTrustStore,
} from '../../node/files/files.ts';
import type { Material } from '../../node/files/material.ts';
import type { PeerOptions } from '../../node/terminal/peer/options.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { timeText } from '../../time.ts';
import { readPins } from '../tools/files.ts';
import { count } from '../tools/words.ts';
import { attempt, type Finding, look, ok, skipped, type Tried, whyNot, wrong } from './check.ts';
import { type GivenPeerOptions, materialFor } from './dial.ts';

const day = 86_400_000;

/** The oldest Node on which this package runs. */
const oldestNode = [20, 19, 0] as const;

/** Node, and what does the cryptography. */
export function checkNode(suite: Suite, version: string = process.versions.node): Finding {
  const found = version.split('.').map(Number);
  const difference = oldestNode.map((least, i) => (found[i] ?? 0) - least).find((one) => one !== 0) ?? 0;
  const needed = oldestNode.join('.');
  if (difference < 0) return wrong('node', `Node ${version}`, `install Node ${needed} or later`);
  const slower = suite.name === 'noble' ? '; Node 24.7 with OpenSSL 3.5 or later is faster' : '';
  return ok('node', `Node ${version} at ${process.execPath}, back end ${suite.name}${slower}`);
}

const daysLeft = (end: Date, now: Date): number => Math.floor((end.getTime() - now.getTime()) / day);

/** How a validity period stands. @param renew - what to do at its end */
export function validity(check: string, whose: string, period: Validity, now: Date, renew: string): Finding {
  const { notBefore, notAfter } = period;
  const standing = standingAt(period, now);
  const left = `${whose} is valid until ${timeText(notAfter)}, ${daysLeft(notAfter, now)} days from now`;
  if (standing === 'expired') return wrong(check, `${whose} expired at ${timeText(notAfter)}`, renew);
  if (standing === 'not yet valid')
    return wrong(
      check,
      `${whose} is valid from ${timeText(notBefore)}; now it is ${timeText(now)}`,
      'wait, or set the clock',
    );
  return standing === 'ends soon' ? look(check, left, renew) : ok(check, left);
}

const given = <T>(value: T | undefined, work: (value: T) => readonly Finding[]): readonly Finding[] =>
  value === undefined ? [] : work(value);

/** The own certificate. */
function checkCertificate(suite: Suite, file: string, now: Date): readonly Finding[] {
  const read = attempt('certificate', 'name the certificate of this peer, PEM, as `pquake cert issue` writes it', () =>
    readCertificate(file, suite.algorithms),
  );
  if (read.value === undefined) return read.findings;
  const { displayName, issuer, serialNumber } = read.value;
  return [
    ok('certificate', `${displayName}, serial number ${serialNumber}, issued by ${shownName(issuer.octets)}`),
    validity('validity', 'the own certificate', read.value, now, 'renew it: `pquake cert renew`'),
  ];
}

/** Trust anchors, and the authorities under them. */
function checkAnchors(suite: Suite, options: PeerOptions, now: Date): readonly Finding[] {
  const { ca, intermediates = [], lenient } = options;
  const read = attempt('trust anchors', 'name the certificate of the authority of the server, such as ca.pem', () => [
    ...readTrustAnchors(suite, ca, lenient),
    ...readIntermediates(suite, intermediates, lenient),
  ]);
  return (
    read.value?.map((one) =>
      validity(
        'trust anchors',
        `the certificate of ${shownName(one.subject.octets)}`,
        one,
        now,
        'get its new certificate',
      ),
    ) ?? read.findings
  );
}

/** Revocation lists: there, fresh, and of authorities that are known. */
function checkLists(suite: Suite, options: PeerOptions, now: Date): readonly Finding[] {
  const { crl = [], requireCrl, lenient } = options;
  if (crl.length === 0)
    return requireCrl === true
      ? [wrong('revocation lists', '--require-crl without a list: everybody is refused', 'name lists with --crl')]
      : [look('revocation lists', 'none: a certificate that was revoked is accepted', 'name lists with --crl')];
  const read = attempt('revocation lists', 'name a list, PEM, as `pquake ca crl` writes it, or a folder of them', () =>
    readRevocationLists(crl, suite.algorithms, lenient),
  );
  const fresh = 'fetch the new list of this authority: `pquake ca crl` writes it';
  return (
    read.value?.map((one) =>
      validity(
        'revocation lists',
        `the list of ${shownName(one.issuer.octets)}`,
        { notBefore: one.thisUpdate, notAfter: one.nextUpdate },
        now,
        fresh,
      ),
    ) ?? read.findings
  );
}

/** Whether anchors, authorities and lists fit together. */
function checkStore(suite: Suite, options: PeerOptions): readonly Finding[] {
  const todo = 'name with --ca and --intermediates every authority between the anchors and these files';
  return attempt('trust', todo, () => readTrustStore(suite, options)).findings;
}

/** The clock, against files that cannot come from the future. */
export function checkClock(files: readonly string[], now: Date): Finding {
  const future = files.filter((file) => {
    const status = statSync(file, { throwIfNoEntry: false });
    return status !== undefined && status.mtimeMs > now.getTime() + day;
  });
  const [first] = future;
  return first === undefined
    ? ok('clock', timeText(now))
    : wrong('clock', `it is ${timeText(now)}, and ${first} was written later`, 'set the clock of this machine');
}

/** Who the server must be. */
function checkExpectation({ expect }: PeerOptions): Finding {
  if (expect === undefined)
    return wrong('expected name', 'none: everybody whom these authorities certified is accepted', 'give --expect NAME');
  if (expect.includes('anyone'))
    return look('expected name', 'anyone whom these authorities certified is accepted', 'give --expect NAME');
  return ok('expected name', expect.join(', '));
}

/** The key, and that it is the one of the certificate. The material is the caller's, to be wiped. */
async function checkKey(options: PeerOptions): Promise<Tried<Material>> {
  const todo = 'name the key that was made with this certificate, and its passphrase, readable by this user alone';
  try {
    const value = await materialFor(options);
    return { findings: [ok('key', 'it is the one of the certificate')], value };
  } catch (error) {
    return { findings: [wrong('key', whyNot(error), todo)] };
  }
}

const worst = (findings: readonly Finding[]): boolean => findings.some(({ standing }) => standing === 'wrong');

/**
 * Everything that a connection needs on this side.
 * @returns `value`: the material, to be wiped, when nothing is wrong with it
 */
export async function checkMaterial(options: PeerOptions, now: Date): Promise<Tried<Material>> {
  const suite = suiteOf(options);
  const { cert, key, ca, intermediates = [], crl = [], pskFile } = options;
  const files = [
    ...checkCertificate(suite, cert, now),
    ...checkAnchors(suite, options, now),
    ...checkLists(suite, options, now),
    ...given(pskFile, (file) => {
      const read = attempt('pre-shared secret', 'make one with `pquake psk generate`, the same for both peers', () =>
        readPreSharedSecret(file).fill(0),
      );
      return read.value === undefined ? read.findings : [ok('pre-shared secret', 'it can be read')];
    }),
    checkClock([cert, key, ...ca, ...intermediates, ...crl], now),
    checkExpectation(options),
  ];
  const isUnread = files.some(({ check, standing }) => standing === 'wrong' && check !== 'expected name');
  const store = isUnread ? [] : checkStore(suite, options);
  if (isUnread || worst(store)) return { findings: [...files, ...store, skipped('key', 'what is wrong above')] };
  const tried = await checkKey(options);
  const findings = [...files, ...tried.findings];
  return tried.value === undefined ? { findings } : { findings, value: tried.value };
}

/** What is checked of files beside the material. */
export interface OtherFiles extends GivenPeerOptions {
  readonly policy?: string;
  readonly pins?: string;
}

/** @param readPolicy - reads and judges a policy; throws a ConfigurationError for one that cannot be used */
export function checkOtherFiles({ policy, pins }: OtherFiles, readPolicy = parsePolicy): readonly Finding[] {
  return [
    ...given(policy, (file) => {
      const read = attempt('policy', 'correct it; a server goes on with the policy that it has read before', () =>
        readPolicy(file),
      );
      return read.findings.length > 0 ? read.findings : [ok('policy', `${file} can be read`)];
    }),
    ...given(pins, (file) => {
      const read = attempt('pins', 'name a file in a folder that is there, and approve the tools again into it', () =>
        readPins(file),
      );
      return read.value === undefined
        ? read.findings
        : [ok('pins', `${count(read.value.servers.length, 'server')} in ${file}`)];
    }),
  ];
}

/** Judges the form alone: YAML with an object. @throws ConfigurationError */
function parsePolicy(file: string): void {
  const { errors, contents } = parseDocument(readBounded(file, limits.document).toString('utf8'), {
    prettyErrors: true,
  });
  const [first] = errors;
  if (first !== undefined) refuseFile(file, first.message.split('\n', 1).join(''));
  if (!isMap(contents)) refuseFile(file, 'expected an object of YAML');
}
