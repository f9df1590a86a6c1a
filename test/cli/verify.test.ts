// PQ-P-18, PQ-P-71, PQ-P-72, PQ-P-73, PQ-P-74 on the command line.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIntermediate, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { noble as suite } from '../../src/crypto/noble.ts';
import { decodePem, encodePem } from '../../src/keys/pem.ts';
import { decodeSignaturePrivateKey, encodeKemPrivateKey } from '../../src/keys/privateKey.ts';
import { handshake, pquake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-verify-'));
const file = (name: string): string => join(directory, name);
const chain = (name: string): string => join('test/certificate/chains', name);
const index: readonly { id: string; leaf: string; anchors: string[]; intermediates: string[]; lists: string[] }[] =
  JSON.parse(readFileSync(chain('index.json'), 'utf8'));

/** The words that verify a chain of the fixtures. */
function words(id: string, ...more: readonly string[]): readonly string[] {
  const found = index.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no chain ${id}`);
  const option = (name: string, files: readonly string[]): readonly string[] =>
    files.flatMap((one) => [name, chain(one)]);
  return [
    ...['cert', 'verify', chain(found.leaf), ...option('--ca', found.anchors)],
    ...[...option('--intermediates', found.intermediates), ...option('--crl', found.lists), ...more],
  ];
}

const at = ['--at', '2026-06-01T12:00:00Z', '--json'] as const;

describe('the certificate of a signer of models', () => {
  it('is shown as what it is, and cert verify says which command judges it', async () => {
    await pquake('ca', 'init', file('signers'));
    await pquake('cert', 'issue', file('signers'), 'release', '--signer');
    const leaf = join(file('signers'), 'release.pem');
    expect((await pquake('cert', 'show', leaf)).stdout).toMatch(
      /^kind {8}certificate of a signer\nsubject {5}CN=release$/m,
    );
    expect(JSON.parse((await pquake('cert', 'show', leaf, '--json')).stdout)).toMatchObject({
      ...{ kind: 'signer', renewFrom: null, pathLength: null },
      publicKey: { algorithm: 'ML-DSA-87' },
    });
    const verified = await pquake('cert', 'verify', leaf, '--ca', join(file('signers'), 'ca.pem'), '--json');
    expect(verified.status).toBe(1);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: false, message: expect.stringContaining('of a signer') });
  });
});

describe('cert verify', () => {
  it.each([
    ['direct', [], 'ok'],
    ['three-intermediates', [], 'ok'],
    ['not-revoked', ['--require-crl'], 'ok'],
    ['direct', ['--require-crl'], 'certificate-revocation-unknown'],
    ['revoked', [], 'certificate-revoked'],
    ['list-critical-extension', [], 'certificate-revocation-unknown'],
    ['path-length-0-of-anchor', [], 'certificate-constraint'],
    ['intermediate-no-cert-sign', [], 'certificate-wrong-key-usage'],
    ['trailing-octet', [], 'certificate-malformed'],
  ] as const)('%s %j: %s', async (id, more, code) => {
    const { status, stdout } = await pquake(...words(id, ...at, ...more));
    const result = JSON.parse(stdout);
    expect(status).toBe(code === 'ok' ? 0 : 1);
    expect(result).toEqual(code === 'ok' ? { ok: true } : { ok: false, code, message: expect.any(String) });
  });

  it('tells people, and judges by the clock of the system when no time is given', async () => {
    expect(await pquake(...words('direct', '--at', '2026-06-01'))).toMatchObject({ status: 0, stdout: 'valid\n' });
    const { status, stdout } = await pquake(...words('direct', '--at', '2031-06-01T00:00:00+02:00'));
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^refused: certificate-outside-validity: /)]);
  });

  it('takes several trust anchors behind one option, and the leaf before or behind it', async () => {
    const [leaf, anchor, other] = ['direct.leaf.pem', 'direct.anchor.pem', 'generalized-time.anchor.pem'].map(chain);
    const several = [leaf, '--ca', other, anchor].map(String);
    expect(await pquake('cert', 'verify', ...several, ...at)).toMatchObject({ status: 0 });
    const behind = ['--ca', anchor, leaf].map(String);
    expect(await pquake('cert', 'verify', ...behind, ...at)).toMatchObject({ status: 0 });
    const apart = ['--ca', anchor, '--json', leaf, '--at', '2026-06-01'].map(String);
    expect(await pquake('cert', 'verify', ...apart)).toMatchObject({ status: 0 });
  });

  it('wrong usage and files that cannot be read are status 2', async () => {
    const missing = await pquake('cert', 'verify', file('none.pem'), '--ca', chain('direct.anchor.pem'), '--json');
    expect([missing.status, JSON.parse(missing.stdout)]).toEqual([
      2,
      { ok: false, code: 'configuration', message: expect.stringContaining('none.pem') },
    ]);
    const wrong = await pquake(...words('direct', '--crl', chain('direct.anchor.pem')));
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/expected X509 CRL, found CERTIFICATE/)]);
    for (const time of ['yesterday', '2026-13-01', '2026-06-01T12:00:00']) {
      expect((await pquake(...words('direct', '--at', time))).status).toBe(2);
    }
    expect((await pquake('cert', 'verify', '--ca', chain('direct.anchor.pem'))).status).toBe(2);
    expect((await pquake('cert', 'verify', chain('direct.leaf.pem'))).status).toBe(2);
  });
});

describe('serve and connect with intermediates and revocation lists', () => {
  const now = Date.now();
  const period = { notBefore: new Date(now - 60_000), notAfter: new Date(now + 86_400_000) };
  const write = (name: string, label: string, der: Uint8Array): void =>
    writeFileSync(file(name), encodePem(label, der));

  beforeAll(async () => {
    expect(await pquake('ca', 'init', directory)).toMatchObject({ status: 0 });
    const read = (name: string, label: string): Uint8Array => {
      const pem = decodePem(readFileSync(file(name), 'latin1'), label);
      if (!pem.ok) throw new Error(pem.detail);
      return pem.value;
    };
    const issuer = read('ca.pem', 'CERTIFICATE');
    const key = decodeSignaturePrivateKey(suite, read('ca.key', 'PRIVATE KEY'));
    if (!key.ok) throw new Error(key.detail);
    const issuerSeed = key.value;
    const seed = suite.randomOctets(32);
    const common = { suite, ...period };
    const publicKey = suite.signaturePublicKey(seed);
    const name = 'Intermediate';
    const between = createIntermediate({
      ...common,
      name,
      issuer,
      issuerSeed,
      publicKey,
      serialNumber: Uint8Array.of(1),
    });
    write('between.pem', 'CERTIFICATE', between);
    for (const [i, peer] of ['alice', 'bob'].entries()) {
      const kemSeed = suite.randomOctets(64);
      const { encapsulationKey } = suite.generateKemKey(kemSeed);
      const serialNumber = Uint8Array.of(10 + i);
      const subject = { name: peer, encapsulationKey, serialNumber };
      write(
        `${peer}.pem`,
        'CERTIFICATE',
        issueCertificate({ ...common, ...subject, issuer: between, issuerSeed: seed }),
      );
      write(`${peer}.key`, 'PRIVATE KEY', encodeKemPrivateKey(kemSeed));
    }
    const updates = { suite, thisUpdate: period.notBefore, nextUpdate: period.notAfter };
    const none = { ...updates, revoked: [], crlNumber: 1 };
    write('ca.crl', 'X509 CRL', issueCrl({ ...none, issuer, issuerSeed }));
    write('between.crl', 'X509 CRL', issueCrl({ ...none, issuer: between, issuerSeed: seed }));
    const revoked = [{ serialNumber: Uint8Array.of(10), date: period.notBefore }];
    write(
      'revoking.crl',
      'X509 CRL',
      issueCrl({ ...updates, revoked, crlNumber: 2, issuer: between, issuerSeed: seed }),
    );
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const who = (name: string, ...more: readonly string[]): string[] => [
    ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
    ...['--intermediates', file('between.pem'), ...more],
  ];
  const lists = ['--crl', file('ca.crl'), '--crl', file('between.crl'), '--require-crl'];

  it('complete when the lists name neither', async () => {
    const ends = await handshake(who('bob', ...lists), who('alice', ...lists));
    expect(resultOf(ends.responder)).toMatchObject({ ok: true, peer: 'CN=alice' });
    expect(resultOf(ends.initiator)).toMatchObject({ ok: true, peer: 'CN=bob' });
  });

  it('a revoked initiator learns nothing but that the connection closed', async () => {
    const ends = await handshake(who('bob', ...lists, '--crl', file('revoking.crl')), who('alice', ...lists));
    expect(resultOf(ends.responder)).toMatchObject({ ok: false, code: 'certificate-revoked' });
    expect(resultOf(ends.initiator)).toMatchObject({ ok: false, code: 'connection-closed' });
  });

  it('without the intermediate the peer is not trusted', async () => {
    const bare = who('bob').filter((word) => word !== '--intermediates' && word !== file('between.pem'));
    const ends = await handshake(bare, who('alice'));
    expect(resultOf(ends.responder)).toMatchObject({ ok: false, code: 'certificate-untrusted' });
  });
});
