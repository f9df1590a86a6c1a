// Statements of origin, evaluation and summary: what is written is read again, and what is not of the format is refused by field.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json/readJson.ts';
import type { Judged, Statement } from '../../../src/provenance/contract.ts';
import { readCard } from '../../../src/provenance/statement/card.ts';
import { evaluationStatement, metricsField, readEvaluation } from '../../../src/provenance/statement/evaluation.ts';
import { decodeStatement, encodeStatement } from '../../../src/provenance/statement/inToto.ts';
import {
  originStatement,
  readOrigin,
  roleAnnotation,
  trainingBuildType,
} from '../../../src/provenance/statement/origin.ts';
import { predicateCodes } from '../../../src/provenance/statement/predicateCodes.ts';
import { predicateBounds, type ReadPredicate } from '../../../src/provenance/statement/predicateFields.ts';
import { predicateKinds, predicateTypes } from '../../../src/provenance/statement/predicateTypes.ts';
import { readSummary, summaryStatement } from '../../../src/provenance/statement/summary.ts';
import {
  accepted,
  changed,
  digestOf,
  evaluation,
  origin,
  parent,
  subject,
  summary,
  withPredicate,
} from './examples.ts';

const originOf = accepted(originStatement(subject, origin));
const evaluationOf = accepted(evaluationStatement(subject, evaluation));
const summaryOf = accepted(summaryStatement(subject, summary));
const readers: Readonly<
  Record<'origin' | 'evaluation' | 'summary', (statement: Statement) => Judged<ReadPredicate<unknown>, string>>
> = { origin: readOrigin, evaluation: readEvaluation, summary: readSummary };
const written = { origin: originOf, evaluation: evaluationOf, summary: summaryOf };
const values = { origin, evaluation, summary };

const kinds = ['origin', 'evaluation', 'summary'] as const;

describe.each(kinds)('%s', (kind) => {
  it('what is written is read again, through its octets', () => {
    const again = accepted(decodeStatement(encodeStatement(written[kind])));
    expect(accepted(readers[kind](again))).toEqual({ subject, value: values[kind], unknown: [] });
  });

  it('is of no other kind', () => {
    const other = kinds.find((one) => one !== kind) ?? 'origin';
    expect(readers[kind](written[other])).toMatchObject({ ok: false, code: 'wrong-predicate-type' });
  });

  it.each([
    ['none', []],
    ['two', [subject, subject]],
    ['one without SHA-256', [{ name: 'llama', digest: { sha512: 'a'.repeat(128) } }]],
    ['one whose digest is in capital letters', [{ name: 'llama', digest: { sha256: 'A'.repeat(64) } }]],
  ])('is about one model: %s is refused', (_, subjects) => {
    expect(readers[kind]({ ...written[kind], subject: subjects as never })).toMatchObject({ code: 'wrong-subject' });
  });

  it('tells fields that it does not know, and keeps on', () => {
    const predicate = { ...written[kind].predicate, 'https://other.example/~/x': 1 };
    expect(accepted(readers[kind](withPredicate(written[kind], predicate))).unknown).toEqual([
      '/https:~1~1other.example~1~0~1x',
    ]);
  });

  it('tells a hundred unknown fields at most, each cut', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${'x'.repeat(5_000)}${at}`, 1]));
    const predicate = { ...written[kind].predicate, ...many };
    const { unknown } = accepted(readers[kind](withPredicate(written[kind], predicate)));
    expect(unknown).toHaveLength(predicateBounds.unknown);
    expect(Math.max(...unknown.map((one) => one.length))).toBeLessThanOrEqual(predicateBounds.place + 1);
  });
});

it('predicates have the types and the fields of their specifications', () => {
  expect(originOf.predicateType).toBe('https://slsa.dev/provenance/v1');
  expect(evaluationOf.predicateType).toBe('https://in-toto.io/attestation/test-result/v0.1');
  expect(summaryOf.predicateType).toBe('https://slsa.dev/verification_summary/v1');
  expect(originOf.predicate).toMatchObject({
    buildDefinition: {
      buildType: trainingBuildType,
      externalParameters: { epochs: 3 },
      internalParameters: { accelerators: 8 },
      resolvedDependencies: [
        { name: 'llama-base', digest: { sha256: digestOf('b') }, annotations: { [roleAnnotation]: 'base-model' } },
        { annotations: { [roleAnnotation]: 'data-set' } },
        { digest: { gitCommit: 'd'.repeat(40) }, annotations: { [roleAnnotation]: 'training-code' } },
        { name: 'tokenizer', annotations: { note: 'as in the base' } },
      ],
    },
    runDetails: {
      builder: { id: 'https://example.com/trainer', version: { trainer: '1.2' } },
      metadata: { invocationId: 'run 7', startedOn: '2026-02-01T00:00:00Z', finishedOn: '2026-02-02T00:00:00Z' },
    },
  });
  expect(evaluationOf.predicate).toMatchObject({ result: 'WARNED', passedTests: ['mmlu'], failedTests: [] });
  expect(summaryOf.predicate).toMatchObject({ verificationResult: 'PASSED', timeVerified: '2026-03-01T00:00:00Z' });
});

type Change = readonly [string, readonly (string | number)[], unknown, string];
const dependencies = ['buildDefinition', 'resolvedDependencies'];
const long = 'x'.repeat(predicateBounds.text + 1);

const changes: Readonly<Record<(typeof kinds)[number], readonly Change[]>> = {
  origin: [
    ['no builder', ['runDetails', 'builder'], undefined, 'missing-field'],
    ['a builder that is a text', ['runDetails', 'builder'], 'me', 'wrong-field'],
    ['a builder without a scheme', ['runDetails', 'builder', 'id'], 'trainer', 'wrong-field'],
    ['a builder with a line feed', ['runDetails', 'builder', 'id'], 'https://a\n', 'wrong-field'],
    ['a long builder', ['runDetails', 'builder', 'id'], `https://${long}`, 'too-much'],
    ['another build type', ['buildDefinition', 'buildType'], 'https://other.example/v1', 'wrong-build-type'],
    ['parameters that are a list', ['buildDefinition', 'externalParameters'], [1], 'wrong-field'],
    ['no parameters', ['buildDefinition', 'externalParameters'], undefined, 'missing-field'],
    ['null for parameters', ['buildDefinition', 'externalParameters'], null, 'missing-field'],
    ['inputs that are an object', dependencies, { 0: {} }, 'wrong-field'],
    ['too many inputs', dependencies, Array(predicateBounds.resources + 1).fill({ name: 'x' }), 'too-much'],
    ['an input that is nothing', [...dependencies, 0], {}, 'missing-field'],
    ['an unknown role', [...dependencies, 0, 'annotations', roleAnnotation], 'grandparent', 'wrong-field'],
    ['a role that is a number', [...dependencies, 0, 'annotations', roleAnnotation], 7, 'wrong-field'],
    ['a parent without SHA-256', [...dependencies, 0, 'digest'], { sha512: 'a'.repeat(128) }, 'wrong-digest'],
    ['a parent without a digest', [...dependencies, 0, 'digest'], undefined, 'wrong-digest'],
    ['a data set without a digest', [...dependencies, 1, 'digest'], undefined, 'wrong-digest'],
    ['a short digest', [...dependencies, 0, 'digest', 'sha256'], 'ab', 'wrong-digest'],
    ['a digest in capital letters', [...dependencies, 0, 'digest', 'sha256'], 'B'.repeat(64), 'wrong-digest'],
    ['an empty set of digests', [...dependencies, 3, 'digest'], {}, 'wrong-digest'],
    ['contents in the statement', [...dependencies, 1, 'content'], 'AAAA', 'wrong-field'],
    ['a time without a zone', ['runDetails', 'metadata', 'startedOn'], '2026-02-01T00:00:00', 'wrong-time'],
    ['a time in another zone', ['runDetails', 'metadata', 'startedOn'], '2026-02-01T00:00:00+01:00', 'wrong-time'],
    ['a day that is none', ['runDetails', 'metadata', 'startedOn'], '2026-02-30T00:00:00Z', 'wrong-time'],
    ['an end before the start', ['runDetails', 'metadata', 'finishedOn'], '2026-01-01T00:00:00Z', 'wrong-time'],
  ],
  evaluation: [
    ['no result', ['result'], undefined, 'missing-field'],
    ['another result', ['result'], 'GREAT', 'wrong-field'],
    ['no configuration', ['configuration'], undefined, 'missing-field'],
    ['a test that is a number', ['passedTests', 0], 1, 'wrong-field'],
    ['an empty name of a test', ['passedTests', 0], '', 'wrong-field'],
    ['a test with two results', ['warnedTests', 0], 'mmlu', 'contradictory-result'],
    ['PASSED with a warning', ['result'], 'PASSED', 'contradictory-result'],
    ['WARNED with a failed test', ['failedTests'], ['other'], 'contradictory-result'],
    ['too many tests', ['passedTests'], Array(predicateBounds.tests + 1).fill('x'), 'too-much'],
    ['a value that is a text', [metricsField, 0, 'value'], '0.81', 'wrong-field'],
    ['a value that is not finite', [metricsField, 0, 'value'], Number.POSITIVE_INFINITY, 'wrong-field'],
    ['an address with a space', ['url'], 'https://a b', 'wrong-field'],
  ],
  summary: [
    ['no verifier', ['verifier', 'id'], undefined, 'missing-field'],
    ['a policy without a uri', ['policy'], { name: 'p' }, 'missing-field'],
    ['a statement without a digest', ['inputAttestations', 0], { uri: 'https://a.example' }, 'wrong-digest'],
    ['FAILED with levels', ['verificationResult'], 'FAILED', 'contradictory-result'],
    ['PASSED with the level FAILED', ['verifiedLevels'], ['FAILED'], 'contradictory-result'],
    ['a level of SLSA that is none', ['verifiedLevels', 0], 'SLSA_MODEL_BEST', 'wrong-field'],
    ['a count that is not whole', ['dependencyLevels', 'SLSA_BUILD_LEVEL_1'], 0.5, 'wrong-field'],
    ['a count below zero', ['dependencyLevels', 'SLSA_BUILD_LEVEL_1'], -1, 'wrong-field'],
    ['no time', ['timeVerified'], undefined, 'missing-field'],
  ],
};

describe.each(kinds)('%s is refused with', (kind) => {
  it.each(changes[kind])('%s', (_, path, other, code) => {
    const predicate = changed(written[kind].predicate, path, other);
    const judged = readers[kind](withPredicate(written[kind], predicate));
    expect(judged).toMatchObject({ ok: false, code, path: expect.stringMatching(/^(\/|the predicate)/) });
  });
});

it('a parent named twice, and two previous versions, are refused when they are written', () => {
  const twice = { ...origin, dependencies: [parent('v1', digestOf('b')), parent('base', digestOf('b'), 'base-model')] };
  const two = { ...origin, dependencies: [parent('v1', digestOf('b')), parent('v0', digestOf('c'))] };
  for (const wrong of [twice, two])
    expect(originStatement(subject, wrong)).toMatchObject({ ok: false, code: 'repeated-dependency' });
});

it('a key that stands twice and a deep predicate do not come as far as a reader', () => {
  const octets = (predicate: string): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', ...originOf, predicate: 0 }).replace(
        '"predicate":0',
        `"predicate":${predicate}`,
      ),
    );
  expect(decodeStatement(octets('{"result":"PASSED","result":"FAILED"}'))).toMatchObject({
    code: 'statement-repeated-key',
  });
  expect(decodeStatement(octets(`{"a":${'['.repeat(9_999)}${']'.repeat(9_999)}}`))).toMatchObject({
    code: 'statement-too-deep',
  });
  expect(decodeStatement(octets('{"__proto__":{}}'))).toMatchObject({ code: 'statement-unsafe-key' });
});

/** Any JSON, at any place of a predicate. */
const places: fc.Arbitrary<readonly [(typeof kinds)[number], readonly string[], unknown]> = fc
  .constantFrom(...kinds)
  .chain((kind) => {
    const all: string[][] = [];
    const walk = (value: unknown, path: string[]): void => {
      all.push(path);
      if (typeof value === 'object' && value !== null)
        for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
    };
    walk(written[kind].predicate, []);
    return fc.tuple(fc.constant(kind), fc.constantFrom(...all.slice(1)), fc.jsonValue());
  });

it('whatever stands at whatever place, a reader answers with a value or a known code', () => {
  fc.assert(
    fc.property(places, ([kind, path, other]) => {
      const judged = readers[kind](withPredicate(written[kind], changed(written[kind].predicate, path, other)));
      if (!judged.ok) expect(Object.keys(predicateCodes)).toContain(judged.code);
    }),
    { numRuns: 1_000 },
  );
});

it('any predicate at all gets a value or a known code from every reader', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (predicate) => {
      for (const kind of predicateKinds) {
        const statement = {
          subject: [subject],
          predicateType: predicateTypes[kind],
          predicate: predicate as JsonObject,
        };
        const judged = kind === 'card' ? readCard(statement, () => undefined) : readers[kind](statement);
        if (!judged.ok) expect(Object.keys(predicateCodes)).toContain(judged.code);
      }
    }),
    { numRuns: 500 },
  );
});
