// Trust policies on the command line: keys are made, rotated, revoked, and a policy says what becomes of their signatures.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrustPolicy } from '../../../src/provenance/keys/trustPolicyFile.ts';
import { pquake } from '../../cli/commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-trust-'));
const file = (name: string): string => join(directory, name);
const identifiers = new Map<string, string>();
const id = (name: string): string => identifiers.get(name) ?? '';

const policy = (name: string, more: object = {}): string => {
  const everything = { subjects: ['**'], predicateTypes: ['**'] };
  const document = {
    version: 1,
    signers: [{ id: 'release', keys: [{ file: 'old.key.pub' }], maySign: [everything] }],
    requirements: [{ id: 'all', ...everything, phases: 'us-eo-14412' }],
    ...more,
  };
  writeFileSync(file(name), JSON.stringify(document));
  return file(name);
};

async function json(...words: string[]): Promise<Record<string, unknown> & { status: number }> {
  const { status, stdout } = await pquake('model', ...words, '--json');
  return { ...JSON.parse(stdout), status };
}

beforeAll(async () => {
  for (const name of ['old', 'new', 'authority']) {
    const made = await json('key', 'generate', file(`${name}.key`), '--algorithm', 'ecdsa-p256');
    identifiers.set(name, String(made['identifier']));
  }
  const rotate = ['key', 'rotate', file('old.key'), file('new.key'), '--from', '2027-01-01'];
  expect(await json(...rotate, '--out', file('succession.json'))).toMatchObject({
    status: 0,
    oldKey: id('old'),
    newKey: id('new'),
    from: '2027-01-01T00:00:00Z',
  });
  const revoke = ['key', 'revoke', file('authority.key'), '--public-key', file('new.key.pub'), '--time', '2028-01-01'];
  expect(await json(...revoke, '--reason', 'key-compromise', '--out', file('revocation.json'))).toMatchObject({
    status: 0,
    key: id('new'),
    by: id('authority'),
    reason: 'key-compromise',
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

const explain = async (file: string, signer: string, time: string, ...more: string[]): Promise<unknown> => {
  const words = ['policy', 'explain', file, '--subject', 'llama', '--signer', signer, '--time', time];
  const { ok, code } = await json(...words, ...more);
  return ok === true ? 'ok' : code;
};

describe('model policy', () => {
  it('explain tells what becomes of signatures by an old, a new and a revoked key', async () => {
    const rotated = policy('rotated.json', {
      keyStatements: ['succession.json', 'revocation.json'],
      revocationAuthorities: [{ file: 'authority.key.pub' }],
    });
    expect(await explain(rotated, id('old'), '2026-06-01')).toBe('ok');
    expect(await explain(rotated, id('new'), '2026-06-01')).toBe('key-not-yet-valid');
    expect(await explain(rotated, id('new'), '2027-06-01')).toBe('ok');
    expect(await explain(rotated, id('old'), '2027-06-01')).toBe('key-rotated-time-unknown');
    expect(await explain(rotated, id('old'), '2027-06-01', '--timestamp', '2026-06-01')).toBe('ok');
    expect(await explain(rotated, id('new'), '2028-06-01')).toBe('key-revoked-time-unknown');
    expect(await explain(rotated, id('new'), '2028-06-01', '--log', '2027-06-01')).toBe('ok');
    expect(await explain(rotated, id('new'), '2032-06-01', '--log', '2027-06-01')).toBe('post-quantum-missing');
    expect(await explain(rotated, id('authority'), '2026-06-01')).toBe('unlisted-signer');
  });

  it('check tells which keys took the place of others, and which are revoked, with times', async () => {
    const changed = policy('changed.json', {
      keyStatements: ['succession.json', 'revocation.json'],
      revocationAuthorities: [{ file: 'authority.key.pub' }],
    });
    const { stdout } = await pquake('model', 'policy', 'check', changed);
    expect(stdout).toContain(`the key ${id('new')} takes the place of ${id('old')} at `);
    expect(stdout).toContain(`the key ${id('new')} is revoked from 2028-01-01T00:00:00Z on: key-compromise`);
  });

  it('explain tells each step in words', async () => {
    const words = ['model', 'policy', 'explain', policy('plain.json'), '--subject', 'llama', '--time', '2027-01-01'];
    const listed = await pquake(...words, '--signer', id('old'));
    expect([listed.status, listed.stdout]).toEqual([
      0,
      expect.stringMatching(/^trusted: all\nsignature of key .*ecdsa-p256: is that of release\n/),
    ]);
    const name = ['--signer', 'CN=release'];
    expect((await pquake(...words, ...name)).stderr).toMatch(/CN=release is a name in a certificate: .*--authority/);
    const unlisted = await pquake(...words, ...name, '--authority', 'CN=Lab');
    expect([unlisted.status, unlisted.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^refused: unlisted-signer: requirement all: signers: expected 1 of release, found 0: none; /,
      ),
    ]);
  });

  it('check tells what is in a policy, and warns of what lets nothing through', async () => {
    const { stdout } = await pquake('model', 'policy', 'check', policy('plain.json'));
    expect(stdout).toMatch(/signer release: 1 key, 0 names\nrequirement all: 1 of 1, classical until 2031-12-31; /);
    const everything = { subjects: ['**'], predicateTypes: ['**'] };
    const phases = [{ phase: 'hybrid', notAfter: '2020-12-31' }];
    const past = policy('past.json', { requirements: [{ id: 'all', ...everything, phases }] });
    expect(await json('policy', 'check', past)).toMatchObject({
      ok: true,
      signers: 1,
      warnings: [expect.stringMatching(/requirement all: no phase is in force now/)],
      rotated: [],
      revoked: [],
    });
  });

  it('check lists the keys that are rotated and revoked', async () => {
    const ended = policy('ended.json', {
      keyStatements: ['succession.json', 'revocation.json'],
      revocationAuthorities: [{ file: 'authority.key.pub' }],
    });
    const from = expect.stringMatching(/^20\d\d-/);
    expect(await json('policy', 'check', ended)).toMatchObject({
      rotated: [{ key: id('old'), by: id('new'), from }],
      revoked: [{ key: id('new'), from, reason: expect.any(String) }],
    });
  });

  it('check says which file is wrong, and where', async () => {
    const wrong = policy('wrong.json', { singers: [] });
    expect(await json('policy', 'check', wrong)).toMatchObject({
      status: 1,
      code: 'configuration',
      message: expect.stringMatching(/wrong\.json: singers: an unknown field, expected one of .*signers/),
    });
    const unsigned = policy('unsigned.json', { keyStatements: ['revocation.json'] });
    expect(await json('policy', 'check', unsigned)).toMatchObject({
      message: expect.stringMatching(
        /revocation\.json: expected a signature of the key [0-9a-f]{64} or of an authority/,
      ),
    });
    const fixtures = new URL('fixtures/', import.meta.url).pathname;
    const stamped = policy('stamped.json', {
      timestampAuthorities: [join(fixtures, 'ec.pem'), join(fixtures, 'rsa.pem')],
    });
    expect(await json('policy', 'check', stamped)).toMatchObject({ status: 0 });
    const loose = policy('loose.json', { timestampAuthorities: [join(fixtures, 'ecloose.pem')] });
    expect(await json('policy', 'check', loose)).toMatchObject({
      message: expect.stringMatching(/ecloose\.pem: a certificate for other things; expected the extended key usage/),
    });
    const nowhere = policy('nowhere.json', { keyStatements: ['none.json'] });
    expect(await json('policy', 'check', nowhere)).toMatchObject({
      message: expect.stringMatching(/none\.json: there is no such file/),
    });
  });
});

describe('model key rotate and revoke', () => {
  it('write nothing over a file that is there, unless told to', async () => {
    const before = readFileSync(file('succession.json'), 'utf8');
    const words = ['key', 'rotate', file('old.key'), file('new.key'), '--out', file('succession.json')];
    expect(await json(...words)).toMatchObject({
      status: 1,
      message: expect.stringMatching(/exists already .*; --force overwrites it/),
    });
    expect(readFileSync(file('succession.json'), 'utf8')).toBe(before);
  });
  it('refuse one key as both', async () => {
    const words = ['key', 'rotate', file('old.key'), file('old.key'), '--out', file('same.json')];
    expect(await json(...words)).toMatchObject({ status: 1, message: expect.stringMatching(/expected another one/) });
  });
});

it('the digest of a policy is of everything that was read for it', () => {
  const one = readTrustPolicy(policy('digest.json', { keyStatements: ['succession.json'] })).digest;
  expect(readTrustPolicy(file('digest.json')).digest).toBe(one);
  const text = readFileSync(file('succession.json'), 'utf8');
  writeFileSync(file('succession.json'), `${text}\n`);
  expect(readTrustPolicy(file('digest.json')).digest).not.toBe(one);
  writeFileSync(file('succession.json'), text);
  writeFileSync(file('digest.json'), `${readFileSync(file('digest.json'), 'utf8')}\n`);
  expect(readTrustPolicy(file('digest.json')).digest).not.toBe(one);
});
