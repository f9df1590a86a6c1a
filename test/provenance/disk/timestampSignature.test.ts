// Time-stamp tokens are asked for and put into bundles; a policy that asks for one then lets the model through.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { only, sequence, tags } from '../../../src/der/der.ts';
import { element, integer } from '../../../src/der/element.ts';
import { requestTimestamp, timestampSignature } from '../../../src/provenance/disk/timestampSignature.ts';
import { timestampDigest } from '../../../src/provenance/keys/timestamps.ts';
import { bundleLimits, decodeBundle } from '../../../src/provenance/signature/bundle.ts';
import { addTimestamp } from '../../../src/provenance/signature/stampedBundle.ts';
import { tokenOfResponse } from '../../../src/provenance/trust/timestampResponse.ts';
import { pquake } from '../../cli/commands.ts';

const fixtures = new URL('fixtures/stamped', import.meta.url).pathname;
let directory = '';
const file = (name: string): string => join(directory, name);
const octets = (name: string): Uint8Array => new Uint8Array(readFileSync(file(name)));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pquake-stamped-'));
  cpSync(fixtures, directory, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

function envelope(of = octets('model.sig')) {
  const read = decodeBundle(of);
  if (!read.ok) throw new Error(read.code);
  return read.value;
}

const codeOf = (token: string): string => {
  const stamped = timestampSignature(file('model.sig'), file(token));
  return stamped.ok ? 'ok' : stamped.code;
};

const verified = (): ReturnType<typeof pquake> =>
  pquake('model', 'verify', file('llama'), '--signature', file('model.sig'), '--policy', file('policy.json'));

it('a policy that asks for a token refuses the model before, and accepts it after', async () => {
  const everything = { subjects: ['**'], predicateTypes: ['**'] };
  const policy = {
    version: 1,
    signers: [{ id: 'release', keys: [{ file: 'release.pub' }], maySign: [everything] }],
    requirements: [{ id: 'all', ...everything, phases: [{ phase: 'classical' }], evidence: ['timestamp'] }],
    timestampAuthorities: ['tsa.pem'],
  };
  writeFileSync(file('policy.json'), JSON.stringify(policy));
  const before = await verified();
  expect([before.status, before.stderr]).toEqual([1, expect.stringContaining('timestamp-missing')]);
  const stamped = await pquake('model', 'timestamp', file('model.sig'), '--token', file('sha512.tsr'), '--json');
  expect(JSON.parse(stamped.stdout)).toMatchObject({ ok: true, added: true, timestamps: 1 });
  expect(await verified()).toMatchObject({ status: 0 });
});

it('a token is added once, and everything else in the bundle stays', () => {
  const before = envelope();
  const add = (token: string): unknown => timestampSignature(file('model.sig'), file(token));
  expect(add('sha512.tsr')).toMatchObject({ ok: true, value: { added: true, timestamps: 1 } });
  expect(add('sha256.tst')).toMatchObject({ ok: true, value: { added: true, timestamps: 2 } });
  const twice = octets('model.sig');
  expect(add('sha512.tsr')).toMatchObject({ ok: true, value: { added: false, timestamps: 2 } });
  expect(octets('model.sig')).toEqual(twice);
  const { timestamps, ...rest } = envelope();
  expect(rest).toEqual(before);
  expect(timestamps?.[1]).toEqual(octets('sha256.tst'));
  expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('what this program does not write stays in the JSON: log entries, other members', () => {
  const bundle = JSON.parse(readFileSync(file('model.sig'), 'utf8'));
  bundle.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.3';
  bundle.verificationMaterial.tlogEntries = [{ logIndex: '7' }];
  const added = addTimestamp(new TextEncoder().encode(JSON.stringify(bundle)), octets('sha256.tst'));
  const signedTimestamp = Buffer.from(octets('sha256.tst')).toString('base64');
  bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp }] };
  expect(added.ok && JSON.parse(new TextDecoder().decode(added.value))).toEqual(bundle);
});

it('refused tokens leave the bundle as it was, and are told by their files', async () => {
  const before = octets('model.sig');
  cpSync('test/provenance/trust/fixtures', file('other'), { recursive: true });
  expect(codeOf('other/ec.tst')).toBe('timestamp-wrong-imprint');
  expect(codeOf('other/sha1.tst')).toBe('timestamp-weak-digest');
  expect(codeOf('rejected.tsr')).toBe('timestamp-not-granted');
  expect(codeOf('model.sig')).toBe('timestamp-malformed');
  writeFileSync(
    file('changed.tst'),
    Uint8Array.from(octets('sha256.tst'), (one, at) => (at === 90 ? one ^ 1 : one)),
  );
  expect(codeOf('changed.tst')).toMatch(/^timestamp-/);
  const told = await pquake('model', 'timestamp', file('model.sig'), '--token', file('other/ec.tst'));
  expect([told.status, told.stderr]).toEqual([1, expect.stringMatching(/timestamp-wrong-imprint: .*ec\.tst: /)]);
  expect(octets('model.sig')).toEqual(before);
});

it('more tokens than are read are refused', () => {
  let bundle = octets('model.sig');
  for (let at = 0; at < bundleLimits.timestamps; at += 1) {
    const added = addTimestamp(bundle, Uint8Array.of(at));
    if (added.ok) bundle = added.value;
  }
  expect(envelope(bundle).timestamps).toHaveLength(bundleLimits.timestamps);
  expect(addTimestamp(bundle, Uint8Array.of(99))).toMatchObject({ ok: false, code: 'bundle-too-many-timestamps' });
  writeFileSync(file('model.sig'), bundle);
  expect(codeOf('sha256.tst')).toBe('bundle-too-many-timestamps');
});

it('a response has a granted status and one token', () => {
  const token = octets('sha256.tst');
  const status = (value: number): Uint8Array => element(tags.sequence, integer(value));
  const codeOfResponse = (...parts: readonly Uint8Array[]): string => {
    const read = tokenOfResponse(element(tags.sequence, ...parts));
    return read.ok ? Buffer.from(read.value).toString('hex') : read.code;
  };
  const right = Buffer.from(token).toString('hex');
  expect([codeOfResponse(status(0), token), codeOfResponse(status(1), token)]).toEqual([right, right]);
  for (const value of [2, 3, 5, 256]) expect(codeOfResponse(status(value), token)).toBe('timestamp-not-granted');
  for (const parts of [[], [status(0)], [status(0), token, token], [integer(0), token], [element(tags.sequence)]])
    expect(codeOfResponse(...parts)).toBe('timestamp-malformed');
});

it.each(['sha512', 'sha256'] as const)(
  'a request by %s names the signature, and has another nonce each time',
  (digest) => {
    const ask = (out: string) => {
      expect(requestTimestamp(file('model.sig'), { out: file(out), digest })).toMatchObject({ ok: true });
      return sequence(only(octets(out), tags.sequence, 'request'), 'request').map(({ contents }) => contents);
    };
    const [version, imprint = new Uint8Array(), nonce = new Uint8Array(), certificate] = ask('one.tsq');
    expect([version, certificate]).toEqual([Uint8Array.of(1), Uint8Array.of(0xff)]);
    const named = timestampDigest(digest, envelope().signature);
    expect(imprint.subarray(-named.length)).toEqual(new Uint8Array(named));
    expect([nonce.length, (nonce[0] ?? 0) >> 6]).toEqual([16, 1]);
    expect(ask('two.tsq')[2]).not.toEqual(nonce);
  },
);

it('a request replaces a file only when it is told to, and needs no token beside it', async () => {
  const ask = (...more: string[]) =>
    pquake('model', 'timestamp', file('model.sig'), '--request', file('model.tsq'), ...more);
  expect(await ask()).toMatchObject({ status: 0 });
  expect(await ask()).toMatchObject({ status: 1, stderr: expect.stringContaining('exists already') });
  expect(await ask('--force')).toMatchObject({ status: 0 });
  expect(await ask('--token', file('sha512.tsr'))).toMatchObject({ status: 2 });
  expect(await pquake('model', 'timestamp', file('model.sig'))).toMatchObject({ status: 2 });
});
