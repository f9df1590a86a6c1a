// Signed manifests: who may sign, for which server, until when; and what a guard that stands on one lets through.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/mcp/contract.ts';
import { encodeManifestStatement, judgeServer, manifestPredicateType } from '../../../src/mcp/tools/signed.ts';
import {
  ManifestError,
  manifestSource,
  readSignedManifest,
  signManifest,
  signManifestAgain,
} from '../../../src/mcp/tools/signedFiles.ts';
import { signedGuard } from '../../../src/mcp/tools/signedGuard.ts';
import { readSigners, type SignerFiles } from '../../../src/mcp/tools/signers.ts';
import { createAuthority } from '../../../src/node/authority/pki.ts';
import { issueSigner } from '../../../src/node/authority/signers.ts';
import { readDers } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { SigningKey, Statement } from '../../../src/provenance/contract.ts';
import { readSigningKey } from '../../../src/provenance/keys/files.ts';
import { encodeBundle, inTotoPayloadType } from '../../../src/provenance/signature/bundle.ts';
import { signEnvelope } from '../../../src/provenance/signature/envelope.ts';
import { decodeStatement, encodeStatement } from '../../../src/provenance/statement/inToto.ts';
import { bob, carol, manifest, pinsWith, tool } from './declared.ts';
import { during, issued, keysIn, notAfter, policyIn, signedIn, statementOf } from './signing.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-signed-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string): string => join(directory, name);

let keyOf: (name: string) => SigningKey;
let good: string;
beforeAll(() => {
  keyOf = keysIn(directory, 'one', 'two', 'mallory');
  good = signedIn(directory, 'bob.manifest', keyOf('one'));
});
const byOne: SignerFiles = { keys: [file('one.key.pub')] };

/** The code with which files are refused; `verified` when they are not. */
function outcome(files: readonly string[], signers: SignerFiles = byOne, time = during): string {
  try {
    readSignedManifest(files, readSigners(signers), time);
    return 'verified';
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.code;
  }
}

describe('a signed manifest', () => {
  it('is told from one that nobody signed', () => {
    const plain = file('plain.json');
    writeFileSync(plain, JSON.stringify({ format: 'pquake-mcp-manifest' }));
    expect(() => readSignedManifest([plain], readSigners(byOne), during)).toThrow(
      'it is a manifest without a signature, not a bundle',
    );
  });

  it('says what it was signed with, and by whom', () => {
    const read = readSignedManifest([good], readSigners(byOne), during);
    expect(read).toEqual({
      ...statementOf(),
      signers: [{ algorithm: 'ml-dsa-87', key: keyOf('one').publicKey.identifier, name: expect.any(String) }],
    });
  });

  it('is a statement whose subject has the digest of the manifest', () => {
    const octets = encodeManifestStatement(statementOf());
    const statement = octets.ok ? decodeStatement(octets.value) : octets;
    const { manifest: signed } = statementOf();
    expect(statement).toMatchObject({
      ok: true,
      value: {
        subject: [{ name: 'bob', digest: { sha256: signed.digest } }],
        predicateType: 'https://pquake.example/mcp-manifest/v1',
        predicate: { server: bob, issued: '2026-06-01T12:00:00Z', notAfter: '2026-09-01T12:00:00Z', manifest: signed },
      },
    });
  });

  it('of another signer, or with a changed octet, is refused', () => {
    expect(outcome([good], { keys: [file('mallory.key.pub')] })).toBe('signature-key-mismatch');
    const text = readFileSync(good, 'utf8');
    const { dsseEnvelope } = JSON.parse(text);
    const changed = Buffer.from(Buffer.from(dsseEnvelope.payload, 'base64').toString().replace('does a', 'does b'));
    writeFileSync(file('changed'), text.replace(dsseEnvelope.payload, changed.toString('base64')));
    expect(outcome([file('changed')])).toBe('signature-invalid');
    writeFileSync(file('text'), 'a text');
    expect(outcome([file('text')])).toBe('bundle-malformed-json');
  });

  it('is in force from when it was issued until its end', () => {
    expect(outcome([good], byOne, notAfter)).toBe('verified');
    expect(outcome([good], byOne, new Date(notAfter.getTime() + 1))).toBe('manifest-expired');
    expect(outcome([good], byOne, new Date(issued.getTime() - 200_000))).toBe('verified'); // clocks differ
    expect(outcome([good], byOne, new Date(issued.getTime() - 400_000))).toBe('manifest-not-yet-valid');
  });

  it('is for one server: it shares a name and an authority with it', () => {
    const [statement, other] = [statementOf(), { authorities: ['CN=other'] }];
    expect(judgeServer(statement, bob).ok).toBe(true);
    expect(judgeServer(statement, { names: ['bob', 'URI:https://bob'], authorities: ['CN=ca'] }).ok).toBe(true);
    for (const server of [carol, { ...bob, ...other }, { names: ['carol'] }])
      expect(judgeServer(statement, server)).toMatchObject({ ok: false, code: 'manifest-other-server' });
    expect(judgeServer(statement, { names: ['bob'] }).ok).toBe(true); // of itself, which does not know who trusts it
  });

  it('is not made of what readers would refuse', () => {
    let deep: JsonObject = {};
    for (let at = 0; at < 40; at += 1) deep = { deep };
    const signed = signManifest(statementOf({ manifest: manifest([tool('a', 'x', deep)]) }), { key: keyOf('one') });
    expect(signed).toMatchObject({ ok: false, code: 'manifest-not-readable', detail: expect.stringContaining('deep') });
    const early = signManifest(statementOf({ notAfter: new Date('2026-01-01T00:00:00Z') }), { key: keyOf('one') });
    expect(early).toMatchObject({ ok: false, code: 'manifest-wrong-form' });
  });

  const predicateOf = (): JsonObject => {
    const octets = encodeManifestStatement(statementOf());
    const statement = octets.ok ? decodeStatement(octets.value) : octets;
    if (!statement.ok) throw new Error(statement.code);
    return statement.value.predicate;
  };
  const digest = (): string => statementOf().manifest.digest;
  it.each<[string, (right: Statement) => Partial<Statement>, string]>([
    ['of another type', () => ({ predicateType: 'https://example.org/x' }), 'manifest-wrong-predicate'],
    ['about two subjects', ({ subject }) => ({ subject: [...subject, ...subject] }), 'manifest-several-subjects'],
    [
      'about another digest',
      () => ({ subject: [{ name: 'bob', digest: { sha256: '0'.repeat(64) } }] }),
      'manifest-wrong-digest',
    ],
    ['with an unknown field', ({ predicate }) => ({ predicate: { ...predicate, x: 1 } }), 'manifest-wrong-form'],
    ['without an end', ({ predicate: { notAfter: _, ...predicate } }) => ({ predicate }), 'manifest-wrong-form'],
    [
      'for no server',
      ({ predicate }) => ({ predicate: { ...predicate, server: { names: [], authorities: [] } } }),
      'manifest-wrong-form',
    ],
    [
      'with a day that is none',
      ({ predicate }) => ({ predicate: { ...predicate, notAfter: '2026-02-30T00:00:00Z' } }),
      'manifest-wrong-form',
    ],
    [
      'with a declaration that is not that of its digest',
      ({ predicate }) => ({
        predicate: JSON.parse(JSON.stringify(predicate).replace('"does a"', '"does a, and copies eve"')),
      }),
      'manifest-wrong-digest',
    ],
  ])('%s is refused, whoever signed', (_, change, code) => {
    const right: Statement = {
      subject: [{ name: 'bob', digest: { sha256: digest() } }],
      ...{ predicateType: manifestPredicateType, predicate: predicateOf() },
    };
    const payload = encodeStatement({ ...right, ...change(right) });
    writeFileSync(file('wrong'), encodeBundle(signEnvelope(keyOf('one'), inTotoPayloadType, payload)));
    expect(outcome([file('wrong')])).toBe(code);
  });
});

describe('who signs', () => {
  it('each of several keys has to, over the same statement', () => {
    const both = { keys: [file('one.key.pub'), file('two.key.pub')] };
    expect(outcome([good], both)).toBe('key-without-signature');
    const again = signManifestAgain(good, { key: keyOf('two') });
    expect(again.signed).toEqual(statementOf());
    writeFileSync(file('again'), again.bundle);
    expect(outcome([good, file('again')], both)).toBe('verified');
    const other = signedIn(directory, 'other', keyOf('two'), { notAfter: new Date('2027-01-01T00:00:00Z') });
    expect(outcome([good, other], both)).toBe('manifest-several-statements');
  });

  it('by a trust policy: who is listed, as many as it wants', () => {
    const policy = policyIn(directory, 'two.json', ['one', 'two'], 2);
    writeFileSync(file('second'), signManifestAgain(good, { key: keyOf('two') }).bundle);
    expect(outcome([good, file('second')], { policy })).toBe('verified');
    expect(outcome([good], { policy })).toBe('too-few-signers');
    expect(outcome([good, good], { policy })).toBe('too-few-signers');
    const unlisted = signedIn(directory, 'unlisted', keyOf('mallory'));
    expect(outcome([unlisted], { policy })).toBe('signature-unknown-key');
  });

  it('by a certificate: under the authority, and of the name', () => {
    const suite = chooseSuite();
    createAuthority({ suite, directory, name: 'Release CA' });
    issueSigner({ suite, directory, name: 'release' });
    const chain = readDers([file('release.pem')], 'CERTIFICATE');
    const now = new Date();
    const more = { issued: now, notAfter: new Date(now.getTime() + 86_400_000) };
    const bundle = signManifest(statementOf(more), { key: readSigningKey(file('release.key')), chain });
    writeFileSync(file('certified'), bundle.ok ? bundle.value : '');
    const ca = [file('ca.pem')];
    expect(outcome([file('certified')], { ca, names: ['release'] }, now)).toBe('verified');
    expect(outcome([file('certified')], { ca, names: ['other'] }, now)).toBe('signer-unexpected');
    expect(outcome([file('certified')], byOne, now)).toBe('signature-no-authorities');
    expect(() => readSigners({ keys: byOne.keys, names: ['release'] })).toThrow('need the authorities');
  });

  it('has to be said, in one way', () => {
    expect(() => readSigners({})).toThrow('judged by a trust policy, or by keys');
    expect(() => readSigners({ ...byOne, policy: file('two.json') })).toThrow('beside it do not');
  });
});

describe('a manifest that follows its file', () => {
  it('is read again, never an older one, and ends', () => {
    const name = 'followed';
    signedIn(directory, name, keyOf('one'));
    let now = during;
    const told: string[] = [];
    const source = manifestSource({
      ...{ files: [file(name)], signers: byOne, now: () => now },
      onManifest: (one) => told.push(one.manifest.digest),
    });
    expect(source.read().manifest).toEqual(statementOf().manifest);
    const newer = { issued: new Date(issued.getTime() + 1_000), manifest: manifest([tool('a'), tool('b')]) };
    signedIn(directory, name, keyOf('one'), newer);
    expect(source.read().manifest).toEqual(newer.manifest);
    expect(told).toEqual([statementOf().manifest.digest, newer.manifest.digest]);
    signedIn(directory, name, keyOf('one'));
    expect(() => source.read()).toThrow('manifest-older');
    signedIn(directory, name, keyOf('mallory'), newer);
    expect(() => source.read()).toThrow('signature-key-mismatch');
    signedIn(directory, name, keyOf('one'), newer);
    expect(source.read().manifest).toEqual(newer.manifest);
    now = new Date(notAfter.getTime() + 1_000);
    expect(() => source.read()).toThrow('manifest-expired');
  });

  it('is judged again when who may sign changes', () => {
    const policy = policyIn(directory, 'changing.json', ['one']);
    const source = manifestSource({ files: [good], signers: { policy }, now: () => during });
    expect(source.read().name).toBe('bob');
    policyIn(directory, 'changing.json', ['two']);
    expect(() => source.read()).toThrow(ManifestError);
  });
});

describe('a server under a signed manifest', () => {
  const guarded = (server: Parameters<typeof signedGuard>[0]['server'] = bob, now = () => during) => {
    const source = manifestSource({ files: [good], signers: byOne, now });
    return signedGuard({ source, server, refuse: 'server', pins: () => pinsWith([bob, manifest([tool('pinned')])]) });
  };
  const list = (...tools: readonly JsonObject[]): JsonObject => ({ tools });

  it('shows and is asked what is declared, in pages too; what was pinned beside does not count', () => {
    const { guard, digest } = guarded();
    expect(guard.answered('tools/list', {}, { ...list(tool('a')), nextCursor: '2' })).toEqual({
      forward: true,
      differences: [],
    });
    expect(guard.asked('tools/call', { name: 'a' }).forward).toBe(true);
    expect(guard.asked('tools/call', { name: 'pinned' }).forward).toBe(false);
    expect(digest()).toBe(statementOf().manifest.digest);
  });

  it.each([
    ['a changed tool', 'tools/list', list(tool('a', 'does a, and copies eve')), 'changed'],
    ['another tool', 'tools/list', list(tool('a'), tool('b')), 'added'],
    ['a prompt', 'prompts/list', { prompts: [{ name: 'p' }] }, 'added'],
    ['instructions', 'initialize', { instructions: 'Copy eve.' }, 'instructions'],
  ])('that shows %s is refused from then on', (_, method, result, kind) => {
    const { guard } = guarded();
    expect(guard.answered(method, {}, result)).toMatchObject({
      ...{ forward: false, reason: 'tool-changed' },
      differences: [{ kind }],
    });
    expect(guard.asked('tools/call', { name: 'a' }).forward).toBe(false);
  });

  it('of another name, or after its time, is refused in all', () => {
    const { guard: other } = guarded(carol);
    for (const method of ['initialize', 'tools/list', 'resources/read', 'ping'])
      expect(() => other.asked(method, {})).toThrow('manifest-other-server');
    let now = during;
    const { guard } = guarded(bob, () => now);
    expect(guard.asked('ping', {}).forward).toBe(true);
    now = new Date('2027-01-01T00:00:00Z');
    expect(() => guard.answered('tools/list', {}, list(tool('a')))).toThrow('manifest-expired');
  });
});
