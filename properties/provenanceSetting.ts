// One model with everything that this room signs: a certified signer, a hybrid, statements about keys, a log with a witness, a token.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createIntermediate } from '../src/certificate/issue/issue.ts';
import { issueSignerCertificate } from '../src/certificate/issue/issueSigner.ts';
import { sha256 } from '../src/crypto/sha256.ts';
import { signatureTable } from '../src/generated/suites.ts';
import { decodePem } from '../src/keys/pem.ts';
import { readAuthority } from '../src/node/authority/authority.ts';
import { createAuthority } from '../src/node/authority/pki.ts';
import { chooseSuite } from '../src/node/suite.ts';
import type { Bytes } from '../src/octets.ts';
import type { Judged, SignedEnvelope } from '../src/provenance/contract.ts';
import { noteSchemes } from '../src/provenance/disk/logKeys.ts';
import { signModel } from '../src/provenance/disk/signModel.ts';
import { type VerifiedModel, verifyModel } from '../src/provenance/disk/verifyModel.ts';
import { readSignerAuthorities } from '../src/provenance/keys/authorities.ts';
import { generateKey, mlDsa44 } from '../src/provenance/keys/schemes.ts';
import { prepareAppend } from '../src/provenance/log/append.ts';
import { checkpointText } from '../src/provenance/log/checkpoint.ts';
import { type Cosigner, cosign } from '../src/provenance/log/cosignature.ts';
import { entryOf } from '../src/provenance/log/entry.ts';
import type { LogTrust } from '../src/provenance/log/judge.ts';
import { formatVerifierKey, noteKey } from '../src/provenance/log/keys.ts';
import { emptyRoot, leafHash } from '../src/provenance/log/merkle.ts';
import { formatNote } from '../src/provenance/log/note.ts';
import { parsePolicy } from '../src/provenance/log/policy.ts';
import { formatProof } from '../src/provenance/log/proof.ts';
import { type LogReader, readInclusions } from '../src/provenance/log/reader.ts';
import { decodeBundle } from '../src/provenance/signature/bundle.ts';
import { readPublicKey } from '../src/provenance/signature/publicKey.ts';
import { signRevocation } from '../src/provenance/trust/revocation.ts';
import { signSuccession } from '../src/provenance/trust/succession.ts';

/** The value that was let through. @throws Error with the refusal */
function given<T>(judged: Judged<T>): T {
  if (!judged.ok) throw new Error(`${judged.code}: ${judged.detail}`);
  return judged.value;
}

const encoder = new TextEncoder();
export const root = mkdtempSync(join(tmpdir(), 'pquake-bits-'));
export const removeAll = (): void => rmSync(root, { recursive: true, force: true });

/** The files of the model, in the order of the statement. */
export const contents: Readonly<Record<string, Bytes>> = {
  'config.json': encoder.encode('{"layers":2}'),
  'empty.txt': new Uint8Array(),
  'weights/a.bin': Uint8Array.from({ length: 300 }, (_, i) => i),
  'weights/b.bin': encoder.encode('the second part'),
};
export const model = join(root, 'model');
for (const [name, octets] of Object.entries(contents)) {
  mkdirSync(dirname(join(model, name)), { recursive: true });
  writeFileSync(join(model, name), octets);
}

const suite = chooseSuite();
const authority = join(root, 'authority');
mkdirSync(authority, { mode: 0o700 });
createAuthority({ suite, directory: authority, name: 'Release CA' });

export const signer = generateKey('ml-dsa-87');
export const classical = generateKey('ecdsa-p256');

/** The chain of the signer: its certificate, and the intermediate that a path needs. */
export const chain: readonly Bytes[] = (() => {
  const seed = suite.generateSignatureSeed();
  const { issuer, issuerSeed } = readAuthority(suite, authority);
  const period = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
  const stated = { suite, serialNumber: Uint8Array.of(1, 2, 3), ...period };
  const publicKey = suite.signaturePublicKey(seed);
  const middle = createIntermediate({ ...stated, issuer, issuerSeed, name: 'Team', publicKey });
  const own = given(readPublicKey(signer.publicKey.spki));
  const leaf = issueSignerCertificate({
    ...stated,
    ...{ issuer: middle, issuerSeed: seed, name: 'release', uris: ['https://example.org/release'] },
    ...{ algorithm: signatureTable['ML-DSA-87'], publicKey: own.key },
  });
  return [leaf, middle];
})();

export const authorities = readSignerAuthorities({ ca: [join(authority, 'ca.pem')] });
export const [classicalFile, postQuantumFile] = [join(model, 'model.sig'), join(model, 'model.pq.sig')] as const;
given(await signModel(model, { key: signer, chain, hybrid: { key: classical } }));

/** Verifies the model as it lies there. */
export const verify = async (): Promise<Judged<VerifiedModel, string>> =>
  await verifyModel(model, {
    ...{ signatures: [classicalFile], keys: [classical.publicKey], authorities, everySignature: true },
    workers: 1,
  });

export const bundleOf = (file: string): SignedEnvelope => given(decodeBundle(readFileSync(file)));

/** The succession of a key, and its revocation. */
export const succession = signSuccession(classical, signer, new Date('2027-01-01T00:00:00Z'));
export const revocation = signRevocation(signer, {
  key: signer.publicKey.identifier,
  from: new Date('2028-01-01T00:00:00Z'),
  reason: 'key-compromise',
});

/** Who signs notes: the key is made of the name. */
function cosignerOf(name: string): Cosigner {
  const [scheme, seed] = [mlDsa44(), sha256(encoder.encode(name))];
  return { name, publicKey: scheme.publicKey(seed), sign: (message) => scheme.sign(seed, message) };
}
const keyText = ({ name, publicKey }: Cosigner): string => formatVerifierKey(noteKey(name, publicKey));

const [log, witness] = [cosignerOf('example.com/log'), cosignerOf('witness.example')] as const;
const time = new Date('2027-01-01T00:00:00Z');
export const logTrust: LogTrust = {
  policy: given(parsePolicy(encoder.encode(`log ${keyText(log)}\nwitness W ${keyText(witness)}\nquorum W\n`))),
  schemes: noteSchemes(),
  time,
};

/** A log in memory. */
export const readerOf = (files: ReadonlyMap<string, Bytes>): LogReader => ({
  name: 'the log',
  read: async (name) => {
    const value = files.get(name);
    return value === undefined ? { ok: false, code: 'log-file-missing', detail: name } : { ok: true, value };
  },
});

/** The entry of the post-quantum signature, the sixth of a log of seven; the log, and the proof beside the signature. */
export const entry = given(entryOf(bundleOf(postQuantumFile)));
const others = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => encoder.encode(`entry ${from + i}`));
const appended = given(
  await prepareAppend(readerOf(new Map()), { size: 0, root: emptyRoot }, [...others(0, 5), entry, ...others(6, 7)]),
);
export const { tree } = appended;
export const logFiles: ReadonlyMap<string, Bytes> = new Map(appended.files.map(({ path, octets }) => [path, octets]));
export const checkpoint = formatNote({
  text: checkpointText(log.name, tree),
  signatures: [cosign(log, log.name, tree, 0), cosign(witness, log.name, tree, time.getTime() / 1000 - 60)],
});
const [path = []] = given(await readInclusions(readerOf(logFiles), [{ leaf: leafHash(entry), index: 5 }], tree));
export const proof = formatProof({ index: 5, path, checkpoint });

/** Where the tokens of tests lie. */
export const fixtures = new URL('../test/provenance/trust/fixtures/', import.meta.url);
/** A time-stamp token that OpenSSL made, what it is over, and its authority. */
export const token = new Uint8Array(readFileSync(new URL('ec.tst', fixtures)));
export const stamped = encoder.encode('signature octets');
export const stamper = given(decodePem(readFileSync(new URL('ec.pem', fixtures), 'utf8'), 'CERTIFICATE'));
