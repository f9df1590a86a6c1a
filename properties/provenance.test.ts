// One bit of anything that is signed, or that proves something, the other way round: refused, with a message that names what it was.
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../src/octets.ts';
import type { Judged } from '../src/provenance/contract.ts';
import { verifyingKeyOf } from '../src/provenance/keys/schemes.ts';
import { verifyTimestampToken } from '../src/provenance/keys/timestamps.ts';
import { auditLog } from '../src/provenance/log/audit.ts';
import { readValidCheckpoint } from '../src/provenance/log/judge.ts';
import { verifyProof } from '../src/provenance/log/proof.ts';
import { verifyEnvelope } from '../src/provenance/signature/envelope.ts';
import { readKeyStatement } from '../src/provenance/trust/keyStatements.ts';
import { classical, flipped, leaf, middle, postQuantum, trust, withChain, withFile } from './provenanceChanges.ts';
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

/** Changes that were judged. */
let judgedCases = 0;

/** The refusal, or why it is none that a person could use. */
function fault(judged: Judged<unknown>, { codes, names }: Pick<Target, 'codes' | 'names'>): string | undefined {
  judgedCases += 1;
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

it('10,000 changes and more were judged', () => expect(judgedCases).toBeGreaterThanOrEqual(10_000));
