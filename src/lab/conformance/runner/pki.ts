// Keys, certificates and secret of a run, in a directory. The peer gets its part as files; the tester has all of them.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../../configuration.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { reasonOf } from '../../../failure.ts';
import { sizes } from '../../../generated/constants.ts';
import { encodePem } from '../../../keys/pem.ts';
import { decodeSignaturePrivateKey, encodeKemPrivateKey, encodeSignaturePrivateKey } from '../../../keys/privateKey.ts';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { readCredentials, readDer, readPreSharedSecret, writeFiles } from '../../../node/files/files.ts';
import { type Bytes, toHex } from '../../../octets.ts';
import { authority, type Identity, issue, large, type Material, peerName, testerName } from '../material.ts';
import { type Trust, trusting } from '../trust.ts';

/** Files of the peer under test. */
export interface Files {
  readonly ca: string;
  readonly peer: { readonly cert: string; readonly key: string };
  readonly largePeer: { readonly cert: string; readonly key: string };
  readonly secret: { readonly file: string; readonly hex: string };
  /** Authorities under the trust anchor, and revocation lists: in cases that are about them. */
  readonly intermediates?: string;
  readonly crl?: string;
}

const filesIn = (directory: string) => {
  const file = (name: string): string => join(directory, name);
  return {
    ca: file('ca.pem'),
    caKey: file('ca.key'),
    tester: { cert: file('tester.pem'), key: file('tester.key') },
    peer: { cert: file('peer.pem'), key: file('peer.key') },
    largePeer: { cert: file('peer-large.pem'), key: file('peer-large.key') },
    secret: file('psk.hex'),
  };
};

/**
 * Writes everything that a run needs into a directory. @throws ConfigurationError when a file exists and `force` is
 * unset
 */
export function writePki(suite: Suite, directory: string, force: boolean): void {
  const now = new Date();
  const issuing = { suite, now, authority: authority({ suite, now }, 'PQuAKE conformance CA') };
  const files = filesIn(directory);
  const identity = (where: { cert: string; key: string }, make: (seed: Uint8Array) => Identity) => {
    const seed = suite.randomOctets(sizes.keySeed);
    return [
      { file: where.key, content: encodePem('PRIVATE KEY', encodeKemPrivateKey(seed)), mode: 0o600 },
      { file: where.cert, content: encodePem('CERTIFICATE', make(seed).certificate), mode: 0o644 },
    ];
  };
  const plain = (name: string) => (seed: Uint8Array) =>
    issue(issuing, { name, to: 24 * 365, key: suite.generateKemKey(seed) });
  mkdirSync(directory, { recursive: true });
  const { seed, certificate } = issuing.authority;
  writeFiles(
    [
      { file: files.caKey, content: encodePem('PRIVATE KEY', encodeSignaturePrivateKey(seed)), mode: 0o600 },
      { file: files.ca, content: encodePem('CERTIFICATE', certificate), mode: 0o644 },
      ...identity(files.tester, plain(testerName)),
      ...identity(files.peer, plain(peerName)),
      ...identity(files.largePeer, (one) => large(issuing, peerName, suite.generateKemKey(one))),
      { file: files.secret, content: `${toHex(suite.randomOctets(48))}\n`, mode: 0o600 },
    ],
    force,
  );
}

/** Reads what `writePki` wrote. @throws ConfigurationError */
export function readPki(suite: Suite, directory: string): { material: Material; files: Files } {
  const files = filesIn(directory);
  const identity = ({ cert, key }: { cert: string; key: string }): Identity => {
    const { certificate, decapsulationKey } = readCredentials(suite, cert, key);
    return { certificate: certificate.octets, key: decapsulationKey };
  };
  const seed = decodeSignaturePrivateKey(suite, readDer(files.caKey, 'PRIVATE KEY'));
  if (!seed.ok) return refuseFile(files.caKey, reasonOf(seed));
  const preSharedSecret = readPreSharedSecret(files.secret);
  const peer = identity(files.peer);
  if (suite.equal(peer.certificate, readDer(files.tester.cert, 'CERTIFICATE'))) {
    throw new ConfigurationError(`${directory}: tester and peer are one`);
  }
  return {
    material: {
      ...{
        suite,
        now: new Date(),
        preSharedSecret,
        peer,
        tester: identity(files.tester),
        largePeer: identity(files.largePeer),
      },
      authority: { certificate: readDer(files.ca, 'CERTIFICATE'), seed: seed.value },
    },
    files: {
      ca: files.ca,
      peer: files.peer,
      largePeer: files.largePeer,
      secret: { file: files.secret, hex: toHex(preSharedSecret) },
    },
  };
}

/** PEM of several, in one file; undefined for none. */
const several = (label: string, ders: readonly Bytes[] = []): string | undefined =>
  ders.length === 0 ? undefined : ders.map((der) => encodePem(label, der)).join('');

/** The files for a kind of trust, which are written into the directory when it is asked for first. */
export function filesTrusting(material: Material, usual: Files, directory: string): (trust?: Trust) => Files {
  const written = new Map<Trust, Files>();

  function write(trust: Trust): Files {
    const { authority: anchor, peer, intermediates, revocationLists } = trusting(material, trust);
    const file = (name: string): string => join(directory, `${trust}-${name}`);
    const [below, lists] = [several('CERTIFICATE', intermediates), several('X509 CRL', revocationLists)];
    const contents = [
      { file: file('ca.pem'), content: encodePem('CERTIFICATE', anchor.certificate) },
      { file: file('peer.pem'), content: encodePem('CERTIFICATE', peer.certificate) },
      ...(below === undefined ? [] : [{ file: file('intermediates.pem'), content: below }]),
      ...(lists === undefined ? [] : [{ file: file('crl.pem'), content: lists }]),
    ];
    writeFiles(
      contents.map((one) => ({ ...one, mode: 0o644 })),
      true,
    );
    return {
      ...usual,
      ca: file('ca.pem'),
      peer: { cert: file('peer.pem'), key: usual.peer.key },
      ...(below !== undefined && { intermediates: file('intermediates.pem') }),
      ...(lists !== undefined && { crl: file('crl.pem') }),
    };
  }

  return (trust) => {
    if (trust === undefined) return usual;
    const files = written.get(trust) ?? write(trust);
    written.set(trust, files);
    return files;
  };
}
