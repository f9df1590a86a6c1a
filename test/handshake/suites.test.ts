// Suites as data: whole handshakes with every one, and what becomes of peers that do not have the same.

import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate, createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import { native } from '../../src/crypto/native.ts';
import { nobleSuite } from '../../src/crypto/nobleSuites.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { type SuiteAlgorithms, signatureTable, suiteTable } from '../../src/generated/suites.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
} from '../../src/keys/privateKey.ts';
import { value } from '../../src/lab/chains/fixtures.ts';
import type { Bytes } from '../../src/octets.ts';
import { converse } from './peers.ts';

const time = new Date('2026-06-01T00:00:00Z');
const period = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-12-31T00:00:00Z') };
const serial = (last: number): Bytes => Uint8Array.of(1, last);
const seedOf = (name: string): Bytes => crypto.createHash('sha512').update(name).digest();

/** An authority of a suite and two peers under it; made natively, as SLH-DSA in JavaScript takes its time. */
function settingOf(algorithms: SuiteAlgorithms) {
  const suite = native(crypto, algorithms);
  const seed = suite.generateSignatureSeed();
  const der = createTrustAnchor({ suite, name: 'CA', seed, serialNumber: serial(1), ...period });
  const leaf = (name: string, issuer = der, issuerSeed = seed): Bytes => {
    const { encapsulationKey } = suite.generateKemKey(seedOf(name));
    return issueCertificate({ suite, issuer, issuerSeed, name, serialNumber: serial(2), ...period, encapsulationKey });
  };
  return { suite, seed, der, leaf };
}

const credentialsOf = (suite: Suite, certificate: Bytes, name: string) => ({
  certificate: value(parseCertificate(certificate, suite.algorithms)),
  decapsulationKey: suite.generateKemKey(seedOf(name)),
});

const settings = new Map(Object.values(suiteTable).map((algorithms) => [algorithms.name, settingOf(algorithms)]));
const settled = (name: SuiteAlgorithms['name']) => settings.get(name) ?? expect.fail('no such suite');

describe.each(Object.values(suiteTable))('suite $name', (algorithms) => {
  const { suite: platform, seed, der, leaf } = settled(algorithms.name);
  const js = nobleSuite(algorithms);
  const allowed = { time, allowedSuites: [algorithms.name] };

  it.each([
    [platform, js],
    [js, platform],
  ])('a handshake of two back ends completes', (one, other) => {
    const side = (suite: Suite, name: string) => ({
      ...{ suite, ...allowed, trustAnchors: [value(parseTrustAnchor(suite, der))], expectedPeer: 'anyone' },
      credentials: credentialsOf(suite, leaf(name), name),
    });
    const done = converse(initiator(side(one, 'alice')), responder(side(other, 'bob')), ({ octets }) => [octets]);
    for (const outcome of [done.initiator, done.responder]) expect(outcome.status).toBe('completed');
    if (done.initiator.status !== 'completed' || done.responder.status !== 'completed') return;
    const [mine, theirs] = [done.initiator.session, done.responder.session];
    expect(Buffer.compare(mine.sessionKey.reveal(), theirs.sessionKey.reveal())).toBe(0);
    expect(mine.peer.commonName).toBe('bob');
  });

  it('private keys survive PKCS#8, in both back ends, and Node reads them', () => {
    const [scheme] = algorithms.signatures;
    const files = [
      encodeSignaturePrivateKey(seed, scheme),
      encodeKemPrivateKey(seedOf('alice'), algorithms.kem),
    ] as const;
    for (const suite of [platform, js]) {
      const decoded = decodeSignaturePrivateKey(suite, files[0]);
      expect(decoded.ok && Buffer.compare(decoded.value, seed)).toBe(0);
      expect(decodeKemPrivateKey(suite, files[1])).toMatchObject({ ok: true });
    }
    const types = files.map((file) =>
      crypto.createPrivateKey({ key: Buffer.from(file), format: 'der', type: 'pkcs8' }),
    );
    expect(types.map(({ asymmetricKeyType }) => asymmetricKeyType)).toEqual([scheme.platform, algorithms.kem.platform]);
  });

  it('without permission it is refused before anything is sent, save the mandatory one', () => {
    const options = {
      ...{ suite: platform, time, trustAnchors: [value(parseTrustAnchor(platform, der))], expectedPeer: 'anyone' },
      credentials: credentialsOf(platform, leaf('alice'), 'alice'),
    };
    if (algorithms.status === 'mandatory') expect(() => initiator(options)).not.toThrow();
    else expect(() => initiator(options)).toThrow(/must be allowed by name/);
  });
});

describe('paths with two signature algorithms', () => {
  const { suite, seed, der } = settled('mlkem1024-slhdsa256s');
  const js = nobleSuite(suite.algorithms);
  const lower = signatureTable['ML-DSA-87'];
  const lowerSeed = suite.generateSignatureSeed(lower);
  const intermediate = createIntermediate({
    ...{ suite, issuer: der, issuerSeed: seed, name: 'sub', serialNumber: serial(3), ...period, algorithm: lower },
    publicKey: suite.signaturePublicKey(lowerSeed, lower),
  });
  const certificate = settled('mlkem1024-slhdsa256s').leaf('alice', intermediate, lowerSeed);
  const list = issueCrl({
    ...{ suite, issuer: der, issuerSeed: seed, revoked: [{ serialNumber: serial(3), date: time }], crlNumber: 1 },
    ...{ thisUpdate: period.notBefore, nextUpdate: period.notAfter },
  });

  it.each([suite, js])(
    'an SLH-DSA root, an ML-DSA intermediate and its leaf; the root revokes the intermediate',
    (one) => {
      const store = (lists: readonly Bytes[]) =>
        value(
          trustStore({
            trustAnchors: [value(parseTrustAnchor(one, der))],
            intermediates: [value(parseIntermediate(one, intermediate))],
            revocationLists: lists.map((octets) => value(parseRevocationList(octets, one.algorithms))),
          }),
        );
      const judge = (lists: readonly Bytes[]) =>
        certificateValidator({ trustAnchors: store(lists), time, algorithms: one.algorithms })(certificate);
      expect(judge([])).toMatchObject({ ok: true });
      expect(judge([list])).toMatchObject({ ok: false, code: 'certificate-revoked' });
    },
  );

  it('a peer with the mandatory suite does not read what others sign, nor keys of others', () => {
    const mandatory = settled('mlkem1024-mldsa87').suite;
    expect(parseTrustAnchor(mandatory, der)).toMatchObject({ ok: false, code: 'certificate-wrong-algorithm' });
    expect(parseRevocationList(list)).toMatchObject({ ok: false });
    const small = settled('mlkem768-mldsa65').leaf('alice');
    expect(parseCertificate(small)).toMatchObject({ ok: false, code: 'certificate-wrong-algorithm' });
  });
});

describe('peers with different suites', () => {
  const sideOf = (name: SuiteAlgorithms['name'], who: string) => {
    const { suite, der, leaf } = settled(name);
    return {
      ...{
        suite,
        time,
        allowedSuites: [name],
        trustAnchors: [value(parseTrustAnchor(suite, der))],
        expectedPeer: 'anyone',
      },
      credentials: credentialsOf(suite, leaf(who), who),
    };
  };

  it.each([
    ['mlkem768-mldsa65', 'mlkem1024-mldsa87', 'wrong-length'],
    ['mlkem1024-slhdsa256s', 'mlkem1024-mldsa87', 'certificate-wrong-algorithm'],
  ] as const)('%s to %s: the responder aborts with %s', (one, other, code) => {
    const peers = [initiator(sideOf(one, 'alice')), responder(sideOf(other, 'bob'))] as const;
    const done = converse(...peers, ({ octets }) => [octets]);
    expect(done.responder).toMatchObject({ status: 'failed', failure: { code } });
    expect(done.initiator.status).not.toBe('completed');
  });

  it('that both take the certificates complete: no message names a suite (suites-agreement in models/further.md)', () => {
    const { der, leaf } = settled('mlkem1024-mldsa87');
    const side = (name: SuiteAlgorithms['name'], who: string) => {
      const { suite } = settled(name);
      const trustAnchors = [value(parseTrustAnchor(suite, der))];
      return { ...sideOf(name, who), trustAnchors, credentials: credentialsOf(suite, leaf(who), who) };
    };
    const peers = [
      initiator(side('mlkem1024-mldsa87', 'alice')),
      responder(side('mlkem1024-slhdsa256s', 'bob')),
    ] as const;
    const done = converse(...peers, ({ octets }) => [octets]);
    for (const outcome of [done.initiator, done.responder]) expect(outcome.status).toBe('completed');
  });
});
