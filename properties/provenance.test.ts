// One bit of anything that is signed, or that proves something, the other way round: refused, with a message that names what it was.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decodePem } from '../src/keys/pem.ts';
import type { Bytes } from '../src/octets.ts';
import type { Judged, SignedEnvelope } from '../src/provenance/contract.ts';
import { verifyModel } from '../src/provenance/disk/verifyModel.ts';
import { verifyingKeyOf } from '../src/provenance/keys/schemes.ts';
import { verifyTimestampToken } from '../src/provenance/keys/timestamps.ts';
import { auditLog } from '../src/provenance/log/audit.ts';
import { readValidCheckpoint } from '../src/provenance/log/judge.ts';
import { verifyProof } from '../src/provenance/log/proof.ts';
import { encodeBundle } from '../src/provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../src/provenance/signature/envelope.ts';
import { readKeyStatement } from '../src/provenance/trust/keyStatements.ts';
import * as setting from './provenanceSetting.ts';
import { seed } from './seed.ts';

const { model, classicalFile, postQuantumFile } = setting;
afterAll(setting.removeAll);

/** What is changed, how it is judged, and what every refusal has. */
interface Target {
  readonly what: string;
  readonly cases: number;
  readonly octets: Bytes;
  readonly judge: (changed: Bytes) => Judged<unknown> | Promise<Judged<unknown>>;
  readonly codes: RegExp;
  /** In the path or the detail of the refusal. */
  readonly names: RegExp | ((told: string) => boolean);
}

/** The octets with one bit the other way round. */
function flipped(octets: Bytes, bit: number): Bytes {
  const copy = Uint8Array.from(octets);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Judges the model while a file of it has other octets. */
const withFile =
  (file: string) =>
  async (changed: Bytes): Promise<Judged<unknown>> => {
    const before = readFileSync(file);
    writeFileSync(file, changed);
    try {
      return await setting.verify();
    } finally {
      writeFileSync(file, before);
    }
  };

const trust = { keys: [setting.classical.publicKey], authorities: setting.authorities, time: new Date() };
const [classical, postQuantum] = [classicalFile, postQuantumFile].map(setting.bundleOf) as [
  SignedEnvelope,
  SignedEnvelope,
];
const [leaf = new Uint8Array(), middle = new Uint8Array()] = setting.chain;
const withChain = (chain: readonly Bytes[]) =>
  verifyEnvelope({ ...postQuantum, reference: { by: 'certificate', chain } }, trust);

const fileTargets = Object.entries(setting.contents)
  .filter(([, octets]) => octets.length > 0)
  .map(
    ([name, octets]): Target => ({
      ...{ what: `the file ${name}`, cases: 300, octets, judge: withFile(join(model, name)) },
      ...{ codes: /^file-modified$/, names: (told: string) => told.includes(name) },
    }),
  );

const anySignature =
  /^(bundle-[a-z0-9-]+|signature-(invalid|wrong-length|key-mismatch|unknown-key)|certificate-[a-z-]+|key-[a-z-]+)$/;

const signatureTargets: readonly Target[] = [
  {
    ...{
      what: 'the bundle of the classical signature',
      cases: 900,
      octets: new Uint8Array(readFileSync(classicalFile)),
    },
    ...{ judge: withFile(classicalFile), codes: anySignature, names: /model\.sig/ },
  },
  {
    ...{
      what: 'the bundle of the other signature',
      cases: 1_000,
      octets: new Uint8Array(readFileSync(postQuantumFile)),
    },
    ...{ judge: withFile(postQuantumFile), codes: anySignature, names: /model\.pq\.sig/ },
  },
  {
    ...{ what: 'the statement', cases: 900, octets: postQuantum.payload },
    judge: (payload) => verifyEnvelope({ ...postQuantum, payload }, trust),
    ...{ codes: /^signature-invalid$/, names: /signature of CN=release over this payload/ },
  },
  {
    ...{ what: 'an ML-DSA signature', cases: 900, octets: postQuantum.signature },
    judge: (signature) => verifyEnvelope({ ...postQuantum, signature }, trust),
    ...{ codes: /^signature-invalid$/, names: /signature of CN=release/ },
  },
  {
    ...{ what: 'an ECDSA signature', cases: 700, octets: classical.signature },
    judge: (signature) => verifyEnvelope({ ...classical, signature }, trust),
    ...{ codes: /^signature-invalid$/, names: /signature of key [0-9a-f]{64}/ },
  },
  {
    ...{
      what: 'the certificate of the signer',
      cases: 900,
      octets: leaf,
      judge: (changed) => withChain([changed, middle]),
    },
    ...{ codes: /^(certificate-|key-|signature-)/, names: /certificates\[0\]/ },
  },
  {
    ...{
      what: 'the intermediate certificate',
      cases: 900,
      octets: middle,
      judge: (changed) => withChain([leaf, changed]),
    },
    ...{ codes: /^certificate-/, names: /certificates\[[01]\]/ },
  },
];

/** What of a statement about keys, or of a note of a log, a message names. Whoever reads a file says the name of the file. */
const keyWords = /payload|predicate|subject|signature|the key [0-9a-f]{64}|JSON|envelope/;
const logWords =
  /witness|the log|example\.com|line \d|signature \d|UTF-8|line|text|control character|origin|size|root|of a/;

const keyOf = (octets: Bytes) => readKeyStatement(octets, verifyingKeyOf);
const keyTargets: readonly Target[] = [
  {
    ...{ what: 'a succession of keys', cases: 800, octets: setting.succession, judge: keyOf },
    ...{ codes: /^(key-statement|succession)-/, names: keyWords },
  },
  {
    ...{ what: 'a revocation', cases: 600, octets: setting.revocation, judge: keyOf },
    ...{ codes: /^(key-statement|revocation)-/, names: keyWords },
  },
  {
    ...{ what: 'a time-stamp token', cases: 500, octets: setting.token },
    judge: (changed) => verifyTimestampToken(changed, setting.stamped, [setting.stamper]),
    ...{ codes: /^timestamp-/, names: /token|content|certificate|signature|signer|authority|digest|attribute|TSTInfo/ },
  },
];

/** The log with one file changed, wholly checked. */
const audited = (name: string) => (changed: Bytes) =>
  auditLog(setting.readerOf(new Map(setting.logFiles).set(name, changed)), setting.tree);
const logTargets: readonly Target[] = [
  {
    ...{ what: 'a proof of inclusion', cases: 800, octets: setting.proof },
    judge: (changed) => verifyProof(changed, setting.entry, setting.logTrust),
    ...{ codes: /^log-/, names: logWords },
  },
  {
    ...{ what: 'the entry of a proof', cases: 300, octets: setting.entry },
    judge: (changed) => verifyProof(setting.proof, changed, setting.logTrust),
    ...{ codes: /^log-inclusion$/, names: /entry 5 of example\.com\/log/ },
  },
  {
    ...{ what: 'a checkpoint', cases: 300, octets: setting.checkpoint },
    judge: (changed) => readValidCheckpoint(changed, setting.logTrust),
    ...{ codes: /^log-/, names: logWords },
  },
  ...[...setting.logFiles].map(
    ([name, octets]): Target => ({
      ...{ what: `the file ${name} of a log`, cases: 300, octets, judge: audited(name) },
      ...{ codes: /^log-(tile|entries)-broken$/, names: /the log|tile\// },
    }),
  ),
];

const targets = [...fileTargets, ...signatureTargets, ...keyTargets, ...logTargets];
const casesOfNames = 500;

it('everything as it was made is verified', async () => {
  expect(await setting.verify()).toMatchObject({ ok: true, value: { unverified: [] } });
  for (const { what, octets, judge } of targets) expect(await judge(octets), what).toMatchObject({ ok: true });
});

it('10,000 cases are judged', () => {
  const all = targets.reduce((sum, { cases }) => sum + cases, casesOfNames);
  expect(all).toBeGreaterThanOrEqual(10_000);
});

/** The refusal, or why it is none that a person could use. */
function fault(judged: Judged<unknown>, { codes, names }: Pick<Target, 'codes' | 'names'>): string | undefined {
  if (judged.ok) return 'passes';
  if (!codes.test(judged.code)) return `has the code ${judged.code}: ${judged.detail}`;
  const told = `${judged.path ?? ''} ${judged.detail ?? ''}`.trim();
  return (typeof names === 'function' ? names(told) : names.test(told))
    ? undefined
    : `says not what it is about: ${told}`;
}

describe('one bit', () => {
  it.each(targets.map((target) => [target.what, target] as const))('of %s', async (_, target) => {
    const { octets, judge, cases } = target;
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * octets.length - 1), async (bit) => {
        const why = fault(await judge(flipped(octets, bit)), target);
        if (why !== undefined) throw new Error(`bit ${bit & 7} of octet ${bit >> 3}: ${why}`);
      }),
      { seed, numRuns: cases },
    );
  });

  it('of the name of a file', async () => {
    const names = ['config.json', 'empty.txt', 'weights/a.bin', 'weights/b.bin', 'weights'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.nat(), async (name, any) => {
        const octets = Buffer.from(name);
        const start = name.lastIndexOf('/') + 1;
        const changed = flipped(octets, 8 * start + (any % (8 * (octets.length - start))));
        const at = changed.findIndex((octet, i) => octet !== octets[i]);
        if (changed[at] === 0 || changed[at] === 0x2f) return; // no name of a file has these
        const [from, to] = [octets, changed].map((one) => Buffer.concat([Buffer.from(`${model}/`), one])) as [
          Buffer,
          Buffer,
        ];
        renameSync(from, to);
        const judged = await setting.verify();
        renameSync(to, from);
        const codes = /^(file-(renamed|missing|extra)|name-[a-z-]+)$/;
        // The old name or the new one, of which the changed octet may be shown as an escape.
        const [before, after] = [name.slice(0, at), name.slice(at + 1)];
        const isThere = (told: string, from: number): boolean =>
          told.startsWith(before, from) &&
          [1, 2, 3, 4, 5, 6].some((octets) => told.startsWith(after, from + before.length + octets));
        const names = (told: string): boolean => [...told].some((_, from) => isThere(told, from));
        const why = fault(judged, { codes, names });
        if (why !== undefined) throw new Error(`${JSON.stringify(Buffer.from(changed).toString('latin1'))}: ${why}`);
      }),
      { seed, numRuns: casesOfNames },
    );
  });
});

/** The bundle of the post-quantum signature with a part of it changed. */
const asText = (): string => readFileSync(postQuantumFile, 'utf8');
const judgeText = (text: string): Promise<Judged<unknown>> => withFile(postQuantumFile)(new TextEncoder().encode(text));
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The two whole numbers of an ECDSA signature in DER. */
function numbersOf(signature: Bytes): [bigint, bigint] {
  const hex = Buffer.from(signature).toString('hex');
  const length = 2 * Number.parseInt(hex.slice(6, 8), 16);
  return [BigInt(`0x${hex.slice(8, 8 + length)}`), BigInt(`0x${hex.slice(12 + length)}`)];
}

/** An ECDSA signature in DER, or in another encoding when numbers get more zeros than DER gives them. */
function derOf(numbers: readonly bigint[], zeros = 0): Bytes {
  const parts = numbers.map((number) => {
    let hex = number.toString(16);
    if (hex.length % 2 === 1) hex = `0${hex}`;
    if (Number.parseInt(hex.slice(0, 2), 16) > 127) hex = `00${hex}`;
    const octets = Buffer.from('00'.repeat(zeros) + hex, 'hex');
    return Buffer.concat([Buffer.of(2, octets.length), octets]);
  });
  const body = Buffer.concat(parts);
  return Uint8Array.from(Buffer.concat([Buffer.of(0x30, body.length), body]));
}

describe('order', () => {
  const swap = (text: string, one: string, other: string): string =>
    text.replace(one, '\u0000').replace(other, one).replace('\u0000', other);
  it('of files in the statement, signed again, is refused with the name', async () => {
    const statement = JSON.parse(new TextDecoder().decode(postQuantum.payload));
    statement.predicate.resources.reverse();
    const payload = new TextEncoder().encode(JSON.stringify(statement));
    const other = signEnvelope(setting.classical, postQuantum.payloadType, payload);
    expect(await withFile(classicalFile)(encodeBundle(other))).toMatchObject({
      code: 'integrity-unsorted',
      path: expect.stringMatching(/./),
    });
  });
  it('of the octets of two files is refused with the name', async () => {
    const [one, other] = ['weights/a.bin', 'weights/b.bin'].map((name) => join(model, name)) as [string, string];
    const [first, second] = [readFileSync(one), readFileSync(other)];
    writeFileSync(one, second);
    const judged = await withFile(other)(first);
    writeFileSync(one, first);
    expect(judged).toMatchObject({ code: 'file-modified', path: 'weights/a.bin' });
  });
  it('of certificates is refused', () => expect(withChain([middle, leaf])).toMatchObject({ ok: false }));
  it('of the hashes of a proof is refused', () => {
    const lines = new TextDecoder().decode(setting.proof).split('\n');
    const changed = swap(lines.join('\n'), lines[2] ?? '', lines[3] ?? '');
    expect(verifyProof(new TextEncoder().encode(changed), setting.entry, setting.logTrust)).toMatchObject({
      code: 'log-inclusion',
    });
  });
});

// What is not signed, and says nothing: the whole list. Each of these passes, and what is found is the same as before.
describe('without effect, and why', () => {
  const same = async (text: string) => expect(await judgeText(text)).toMatchObject({ ok: true });
  it('white space between the parts of a bundle: JSON has the same value', () => same(` ${asText()}\n\t`));
  it('the order of members of a bundle: JSON has the same value', async () => {
    const { mediaType, ...others } = JSON.parse(asText());
    await same(JSON.stringify({ ...others, mediaType }));
  });
  it('an escape of a character in a bundle: JSON has the same value', () =>
    same(asText().replace('"mediaType"', '"\\u006dediaType"')));
  it('the older spelling of the media type: the same version', () =>
    same(asText().replace('.bundle.v0.3+json', '.bundle+json;version=0.3')));
  it('keyid: DSSE says that nobody decides by it', () => same(asText().replace('"keyid":""', '"keyid":"another"')));
  it('log entries of Sigstore: nothing is concluded from them', () =>
    same(asText().replace('"tlogEntries":[]', '"tlogEntries":[{"logIndex":"1"}]')));
  it('a token that no policy asks for: one that does not verify shows no time', () =>
    same(
      asText().replace(
        '"tlogEntries":[]',
        '"tlogEntries":[],"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"AAAA"}]}',
      ),
    ));
  it('the names of the two signatures of a hybrid: each is verified, and both are needed', async () => {
    const [one, other] = [readFileSync(classicalFile), readFileSync(postQuantumFile)];
    writeFileSync(classicalFile, other);
    const judged = await withFile(postQuantumFile)(new Uint8Array(one));
    writeFileSync(classicalFile, one);
    expect(judged).toMatchObject({ ok: true });
  });
  it('the name of the folder of the model: the statement has one for people', async () => {
    const moved = join(setting.root, 'moved');
    renameSync(model, moved);
    const judged = await verifyModel(moved, {
      ...{ signatures: [join(moved, 'model.sig')], keys: [setting.classical.publicKey] },
      authorities: setting.authorities,
    });
    renameSync(moved, model);
    expect(judged).toMatchObject({ ok: true });
  });
  it('n - s in the place of s: ECDSA lets everybody turn one signature into this other one, over the same octets', () => {
    const [r, s] = numbersOf(classical.signature);
    expect(verifyEnvelope({ ...classical, signature: derOf([r, order - s]) }, trust)).toMatchObject({ ok: true });
  });
  it('certificates in a time-stamp token: only those of the policy count', () => {
    const octets = (name: string) => new Uint8Array(readFileSync(new URL(name, setting.fixtures)));
    const pem = decodePem(new TextDecoder().decode(octets('rsa.pem')), 'CERTIFICATE');
    const stamper = pem.ok ? pem.value : new Uint8Array();
    const changed = flipped(octets('rsa.tst'), 8 * 208);
    expect(verifyTimestampToken(changed, setting.stamped, [stamper])).toMatchObject({ ok: true });
  });
  it('the order of the lines of signatures under a checkpoint: they are a set', () => {
    const text = new TextDecoder().decode(setting.checkpoint);
    const [head = '', lines = ''] = text.split('\n\n');
    const turned = `${head}\n\n${lines.trimEnd().split('\n').reverse().join('\n')}\n`;
    expect(readValidCheckpoint(new TextEncoder().encode(turned), setting.logTrust)).toMatchObject({ ok: true });
  });
});

describe('other encodings of the same are refused', () => {
  it.each([
    ['lines in base64', (text: string) => text.replace('"payload":"', '"payload":"\\n'), 'bundle-wrong-base64'],
    [
      'base64 for URLs',
      (text: string) =>
        text.replaceAll('+', '-').replace('v0.3-json', 'v0.3+json').replace('in-toto-json', 'in-toto+json'),
      'bundle-wrong-base64',
    ],
    ['base64 without padding', (text: string) => text.replace(/={1,2}"/, '"'), 'bundle-wrong-base64'],
    ['a key twice', (text: string) => text.replace('"keyid":""', '"keyid":"","keyid":""'), 'bundle-malformed-json'],
    ['a field more', (text: string) => text.replace('"keyid":""', '"keyid":"","more":1'), 'bundle-unknown-field'],
  ])('%s', async (_, change, code) => {
    expect(change(asText())).not.toBe(asText());
    expect(await judgeText(change(asText()))).toMatchObject({ code, path: postQuantumFile });
  });

  const [r, s] = numbersOf(classical.signature);
  it.each([
    ['with zeros before the numbers', derOf([r, s], 1)],
    ['with octets behind', Uint8Array.from([...classical.signature, 0])],
    ['with a length in two octets', Uint8Array.from([0x30, 0x81, ...classical.signature.subarray(1)])],
    ['with s + n', derOf([r, s + order])],
    ['with minus s', derOf([r, 0n])],
    [
      'as r and s side by side',
      Uint8Array.from(Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex')),
    ],
  ])('an ECDSA signature %s', (_, signature) => {
    expect(derOf([r, s])).toEqual(Uint8Array.from(classical.signature));
    const judged = verifyEnvelope({ ...classical, signature }, trust);
    expect(judged.ok ? 'ok' : judged.code).toMatch(/^signature-(invalid|wrong-length)$/);
  });
});
