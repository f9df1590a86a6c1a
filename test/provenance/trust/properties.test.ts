// What holds for random policies and signatures, whatever they are.
import { describe, expect, it } from 'vitest';
import type { EvidenceKind, RequirementDocument, TrustDocument } from '../../../src/provenance/trust/document.ts';
import { explanationLines } from '../../../src/provenance/trust/explanationText.ts';
import { explainTrust, judgeSignatures, type SignaturesToJudge } from '../../../src/provenance/trust/judge.ts';
import fc from '../../property.ts';
import { byKey, type History, integrity, policyOf, requirement, signer } from './policies.ts';

const names = ['alice', 'bob', 'carol'] as const;
const time = fc.constantFrom('2026-06-01', '2027-01-01', '2027-06-01', '2033-01-01').map((text) => new Date(text));
const subjects = fc.constantFrom(['**'], ['**'], ['model'], ['mod*'], ['other']);
const predicateTypes = fc.constantFrom(['**'], ['**'], [integrity], ['https://other/**']);

const oneRequirement = fc.record({
  subjects,
  predicateTypes,
  threshold: fc.integer({ min: 1, max: 2 }),
  signers: fc.uniqueArray(fc.constantFrom(...names), { minLength: 2 }),
  phases: fc.constantFrom<RequirementDocument['phases'][]>(
    'us-eo-14412',
    [{ phase: 'classical' }],
    [{ phase: 'hybrid', notAfter: '2030-12-31' }],
    [{ phase: 'post-quantum', notBefore: '2027-01-01' }],
  ),
  evidence: fc.constantFrom<EvidenceKind[][]>([], [], [], ['log'], ['log', 'timestamp']),
});

const policy: fc.Arbitrary<Partial<TrustDocument>> = fc
  .record({
    scopes: fc.array(fc.record({ subjects, predicateTypes }), { minLength: 3, maxLength: 3 }),
    requirements: fc.array(oneRequirement, { minLength: 1, maxLength: 2 }),
    earlier: fc.constantFrom('always', 'never', 'with-trusted-time'),
  })
  .map(({ scopes, requirements, earlier }) => ({
    signers: names.map((name, at) => signer(name, { maySign: scopes.slice(at, at + 1) })),
    requirements: requirements.map(({ evidence, ...one }, at) =>
      requirement({ ...one, id: `r${at}`, ...(evidence.length > 0 && { evidence }) }),
    ),
    earlierSignatures: { rotated: earlier, revoked: earlier },
  }));

const history: fc.Arbitrary<History> = fc.constantFrom<History[]>(
  {},
  { successions: [['alice', 'alice 2', '2027-01-01']] },
  { revocations: [['bob', '2027-01-01']] },
  {
    successions: [['alice', 'alice 2', '2026-12-01']],
    revocations: [['alice', '2027-01-01', 'superseded']],
  },
);

const signature = fc
  .record({
    name: fc.constantFrom(...names, ...names, 'alice 2', 'mallory'),
    algorithm: fc.constantFrom('ml-dsa-87', 'ecdsa-p256', 'mldsa87-ecdsa-p384-sha512'),
    evidence: fc.array(fc.record({ kind: fc.constantFrom('log', 'timestamp'), time }), { maxLength: 2 }),
  })
  .map(({ name, algorithm, evidence }) => byKey(name, algorithm, evidence));

const asked: fc.Arbitrary<SignaturesToJudge> = fc.record({
  subject: fc.constantFrom('model', 'other', 'third'),
  predicateType: fc.constantFrom(integrity, 'https://other/x'),
  signers: fc.array(signature, { minLength: 1, maxLength: 5 }),
  time,
  requiredAlgorithms: fc.constantFrom([], [], ['ml-dsa-87'], ['ml-dsa-87', 'ecdsa-p256']),
  ignoredPaths: fc.constantFrom([], [], ['.git'], ['.git', 'secret']),
});

describe('random policies', () => {
  it('the explanation says what the judgement does: it is trusted when all that applies holds, else by the first step that fails', () => {
    let trusted = 0;
    fc.assert(
      fc.property(policy, history, asked, (document, told, given) => {
        const compiled = policyOf(document, told);
        const explanation = explainTrust(compiled, given);
        const { decision, requirements, signatures } = explanation;
        expect(judgeSignatures(compiled, given)).toEqual(decision);
        const applying = requirements.filter(({ applies }) => applies);
        const missing = (given.requiredAlgorithms ?? []).some(
          (one) => !given.signers.some(({ signer: { algorithm } }) => algorithm === one),
        );
        expect(decision.ok).toBe(
          given.signers.length > 0 && !missing && applying.length > 0 && applying.every(({ holds }) => holds),
        );
        for (const { holds, steps } of applying) expect(holds).toBe(steps.every((step) => step.holds));
        for (const { steps, refused } of signatures) {
          expect(steps.slice(0, -1).every(({ holds }) => holds)).toBe(true);
          expect(refused === undefined).toBe(steps.at(-1)?.holds);
        }
        for (const { signers, holds, id } of applying) {
          const counted = signers.filter(({ counts }) => counts);
          expect(new Set(counted.map((one) => one.id)).size).toBe(counted.length);
          const { threshold = 1 } = document.requirements?.find((one) => one.id === id) ?? {};
          if (holds) expect(counted.length).toBeGreaterThanOrEqual(threshold);
        }
        expect(explanationLines(explanation)[0]).toMatch(decision.ok ? /^trusted: / : `refused: ${decision.code}`);
        if (decision.ok) trusted += 1;
      }),
      { numRuns: 1_000 },
    );
    expect(trusted).toBeGreaterThan(25);
  });

  it('the order of signers, requirements and signatures changes no decision, and no code', () => {
    const codeOf = (document: Partial<TrustDocument>, told: History, given: SignaturesToJudge): string => {
      const judged = judgeSignatures(policyOf(document, told), given);
      return judged.ok ? 'ok' : judged.code;
    };
    fc.assert(
      fc.property(policy, history, asked, (document, told, given) => {
        const reversed = { ...document, signers: [...(document.signers ?? [])].reverse() };
        const backwards = { ...given, signers: [...given.signers].reverse() };
        expect(codeOf(reversed, told, backwards)).toBe(codeOf(document, told, given));
      }),
      { numRuns: 300 },
    );
  });

  it('a signature more lets nothing be refused that was trusted', () => {
    fc.assert(
      fc.property(policy, history, asked, signature, (document, told, given, more) => {
        const compiled = policyOf(document, told);
        if (!judgeSignatures(compiled, given).ok) return;
        expect(judgeSignatures(compiled, { ...given, signers: [...given.signers, more] }).ok).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('hostile names', () => {
  it('cost time in proportion to their length: patterns of many wildcards are matched without trying', () => {
    const pattern = `${'**a'.repeat(16)}b`;
    const signers = [signer('alice', { maySign: [{ subjects: [pattern], predicateTypes: ['**'] }] })];
    const compiled = policyOf({ signers });
    const subject = 'a'.repeat(4_096);
    const given = { predicateType: integrity, signers: [byKey('alice')], time: new Date('2027-01-01') };
    expect(judgeSignatures(compiled, { ...given, subject })).toMatchObject({ code: 'subject-not-permitted' });
    expect(judgeSignatures(compiled, { ...given, subject: `${subject.slice(1)}b` })).toMatchObject({ ok: true });
  });
});
