// Other orders and other encodings of what is signed: refused, or without effect, and which.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodePem } from '../src/keys/pem.ts';
import type { Bytes } from '../src/octets.ts';
import type { Judged } from '../src/provenance/contract.ts';
import { verifyModel } from '../src/provenance/disk/verifyModel.ts';
import { verifyTimestampToken } from '../src/provenance/keys/timestamps.ts';
import { readValidCheckpoint } from '../src/provenance/log/judge.ts';
import { verifyProof } from '../src/provenance/log/proof.ts';
import { encodeBundle } from '../src/provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../src/provenance/signature/envelope.ts';
import { classical, flipped, leaf, middle, postQuantum, trust, withChain, withFile } from './provenanceChanges.ts';
import * as setting from './provenanceSetting.ts';

const { model, classicalFile, postQuantumFile } = setting;
afterAll(setting.removeAll);

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
