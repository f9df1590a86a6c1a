// Lineages of models: parents are followed by digest, and each kind of link that fails is found and named.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkCodes } from '../../../src/provenance/lineage/codes.ts';
import { type GivenStatement, lineageBounds } from '../../../src/provenance/lineage/lineage.ts';
import { cardStatement } from '../../../src/provenance/statement/card.ts';
import { evaluationStatement } from '../../../src/provenance/statement/evaluation.ts';
import { integrityStatement, rootDigest } from '../../../src/provenance/statement/integrity.ts';
import { summaryStatement } from '../../../src/provenance/statement/summary.ts';
import { accepted, digestOf, evaluation, parent, summary } from '../statement/examples.ts';
import {
  corpus,
  digests,
  failuresOf,
  given,
  made,
  originOf,
  origins,
  refused,
  trace,
  unsigned,
  whole,
} from './examples.ts';

const replaced = (source: string, ...others: readonly GivenStatement[]): GivenStatement[] => [
  ...whole.filter((one) => one.source !== source),
  ...others,
];

it('three versions: each parent, the data set once, and who says so', () => {
  const lineage = trace(whole);
  expect(lineage).toMatchObject({ ok: true, root: 'n1', notes: [] });
  expect(lineage.nodes.map(({ kind, name, digest }) => [kind, name, digest])).toEqual([
    ['model', 'v3', `sha256:${digests.v3}`],
    ['model', 'v2', `sha256:${digests.v2}`],
    ['data-set', 'corpus', `sha256:${digestOf('c')}`],
    ['model', 'v1', `sha256:${digests.v1}`],
  ]);
  expect(lineage.links.map(({ from, to, kind, source }) => [from, to, kind, source])).toEqual([
    ['n1', 'n2', 'previous-version', 'v3.origin.sig'],
    ['n1', 'n3', 'data-set', 'v3.origin.sig'],
    ['n2', 'n4', 'previous-version', 'v2.origin.sig'],
    ['n4', 'n3', 'data-set', 'v1.origin.sig'],
  ]);
  expect(lineage.nodes[0]?.signers).toEqual(['CN=maker']);
});

it('evaluations, cards and summaries of each version stand at it', () => {
  const about = (digest: string) => ({ name: 'x', digest: { sha256: digest } });
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    metadata: { component: { type: 'machine-learning-model', name: 'llama', version: '3', modelCard: {} } },
  };
  const lineage = trace([
    ...whole,
    given('e.sig', accepted(evaluationStatement(about(digests.v2), evaluation))),
    given('c.sig', accepted(cardStatement(about(digests.v3), bom, () => undefined)), { beside: true }),
    given('s.sig', accepted(summaryStatement(about(digests.v3), summary)), { beside: true }),
  ]);
  expect(lineage.ok).toBe(true);
  const stated = lineage.links.filter(({ kind }) => ['evaluation', 'card', 'summary'].includes(kind));
  expect(stated.map(({ from, kind, source }) => [from, kind, source])).toEqual([
    ['n1', 'card', 'c.sig'],
    ['n1', 'summary', 's.sig'],
    ['n2', 'evaluation', 'e.sig'],
  ]);
  const facts = lineage.nodes.flatMap((node) => node.facts);
  expect(facts).toContain('WARNED: 1 passed, 1 with warnings, 0 failed');
  expect(facts).toContain('accuracy (mmlu): 0.81');
  expect(facts).toContain('version 3');
});

describe('a link fails, and is named', () => {
  const v1 = { name: 'v1', digest: digests.v1 };
  const cases: readonly (readonly [string, readonly GivenStatement[], readonly string[]])[] = [
    ['no origin', replaced('v3.origin.sig'), ['v3 -> origin: origin-missing']],
    ['no statement about a parent', replaced('v1.origin.sig'), ['v2 -> v1: parent-missing']],
    [
      'a parent of the same name has another digest',
      replaced('v1.origin.sig', given('v1.origin.sig', originOf('v1', digestOf('9'), made([], 1)))),
      ['v2 -> v1: digest-mismatch'],
    ],
    [
      'a parent without a signature',
      replaced('v1.origin.sig', given('v1.origin.sig', origins.v1, { verdict: unsigned })),
      ['v2 -> v1: parent-unsigned', 'v1 -> v1.origin.sig: unsigned'],
    ],
    [
      'a parent signed by nobody who may',
      replaced('v1.origin.sig', given('v1.origin.sig', origins.v1, { verdict: refused })),
      ['v2 -> v1: parent-refused', 'v1 -> v1.origin.sig: signer-refused'],
    ],
    [
      'its own origin signed by nobody who may',
      replaced('v3.origin.sig', given('v3.origin.sig', origins.v3, { verdict: refused, beside: true })),
      ['v3 -> v3.origin.sig: signer-refused', 'v3 -> origin: origin-missing'],
    ],
    [
      'a statement about another model beside it',
      [...whole, given('other.sig', originOf('v2', digests.v2, made([], 10)), { beside: true, verdict: refused })],
      ['v2 -> other.sig: signer-refused', 'v3 -> other.sig: other-subject'],
    ],
    [
      'two origins that say different things',
      [...whole, given('w1.origin.sig', originOf('v1', digests.v1, made([], 1)))],
      ['v1 -> w1.origin.sig: contradicting-origins'],
    ],
    [
      'a child before its parent',
      replaced('v2.origin.sig', given('v2.origin.sig', originOf('v2', digests.v2, made([parent('v1', v1.digest)], 1)))),
      ['v2 -> v1: time-order'],
    ],
    [
      'a cycle',
      replaced('v1.origin.sig', given('v1.origin.sig', originOf('v1', v1.digest, made([parent('v3', digests.v3)], 1)))),
      ['v1 -> v3: time-order', 'v1 -> v3: cycle'],
    ],
    [
      'a model that is its own parent',
      replaced(
        'v1.origin.sig',
        given('v1.origin.sig', originOf('v1', v1.digest, made([parent('v1', v1.digest)], 1, { finished: undefined }))),
      ),
      ['v1 -> v1: cycle'],
    ],
    [
      'a statement that cannot be read',
      [...whole, given('bad.sig', { ...origins.v3, predicate: {} }, { beside: true })],
      ['v3 -> bad.sig: statement-refused'],
    ],
  ];

  it.each(cases)('%s', (_, statements, expected) => {
    const lineage = trace(statements);
    expect(failuresOf(lineage)).toEqual(expected);
    expect(lineage.ok).toBe(false);
  });

  it('what is no statement fails beside the model, and is noted elsewhere', () => {
    const reason = 'bundle-malformed-json';
    const lineage = trace(whole, {
      unreadable: [
        { source: 'a.sig', reason, beside: true },
        { source: 'b.sig', reason, beside: false },
      ],
    });
    expect(failuresOf(lineage)).toEqual(['v3 -> a.sig: statement-refused']);
    expect(lineage.notes).toEqual(['b.sig: bundle-malformed-json']);
  });

  it('each code has a case', () => {
    const found = cases.flatMap(([, , expected]) => expected.map((one) => one.split(': ')[1]));
    expect(new Set([...found, 'too-large'])).toEqual(new Set(Object.keys(linkCodes)));
  });
});

it('what somebody says who is not believed is not followed', () => {
  const lineage = trace(replaced('v2.origin.sig', given('v2.origin.sig', origins.v2, { verdict: refused })));
  expect(lineage.nodes.map(({ name }) => name)).not.toContain('v1');
});

it('a parent that is only signed, by somebody who is believed, ends the chain', () => {
  const files = [{ name: 'weights', digest: digestOf('7') }];
  const integrity = accepted(integrityStatement({ name: 'v1', files, octets: 1 }));
  const child = originOf('v3', digests.v3, made([parent('v1', rootDigest(files), 'base-model')], 20));
  const statements = [given('model.sig', integrity), given('v3.origin.sig', child, { beside: true })];
  expect(trace(statements)).toMatchObject({ ok: true });
  expect(trace(statements).nodes[1]?.facts).toEqual(['its origin is not stated']);
});

it('repeated builds that agree, and signatures of others over the same octets, do not contradict', () => {
  const again = originOf('v1', digests.v1, made([corpus], 1, { invocation: 'again' }));
  const lineage = trace([
    ...whole,
    given('w1.origin.sig', again),
    given('x1.origin.sig', origins.v1, { verdict: refused }),
  ]);
  expect(failuresOf(lineage)).toEqual([]);
  expect(lineage.notes).toEqual(['x1.origin.sig: one more signature, which does not count: signature-unknown-key']);
});

it('what strangers say of a model that is known fails nothing where it was found by chance, and fails where it was named', () => {
  const other = given('other.origin.sig', originOf('v1', digests.v1, made([], 1)), { verdict: refused });
  const lineage = trace([...whole, { ...other, stray: true }]);
  expect([failuresOf(lineage), lineage.notes]).toEqual([[], ['other.origin.sig: not believed: signature-unknown-key']]);
  expect(failuresOf(trace([...whole, other]))).toEqual(['v1 -> other.origin.sig: signer-refused']);
});

it('types and fields that are not known are noted', () => {
  const { predicate } = origins.v3;
  const lineage = trace([
    given('v3.origin.sig', { ...origins.v3, predicate: { ...predicate, extra: 1 } }, { beside: true }),
    given('sbom.sig', { ...origins.v3, predicateType: 'https://spdx.dev/Document' }, { beside: true }),
    ...replaced('v3.origin.sig'),
  ]);
  expect(lineage.ok).toBe(true);
  expect(lineage.notes).toEqual([
    'sbom.sig: a statement of the type https://spdx.dev/Document is not read',
    'v3.origin.sig: fields that are not known: /extra',
  ]);
});

it('the order in which statements are found does not matter', () => {
  const many = [
    ...whole,
    given('w1.origin.sig', originOf('v1', digests.v1, made([], 1))),
    given('x.sig', origins.v2, { verdict: refused }),
    given('y.sig', { ...origins.v3, predicate: {} }, { beside: true }),
  ];
  const expected = JSON.stringify(trace(many));
  fc.assert(
    fc.property(fc.shuffledSubarray(many, { minLength: many.length }), (shuffled) => {
      expect(JSON.stringify(trace(shuffled))).toBe(expected);
    }),
    { numRuns: 100 },
  );
});

describe('bounds', () => {
  it('texts that a statement chooses are cut in notes and details', () => {
    const long = 'x'.repeat(99_999);
    const lineage = trace([...whole, given('a.sig', { ...origins.v3, predicateType: long }, { beside: true })], {
      unreadable: [{ source: 'b.sig', reason: long, beside: true }],
    });
    expect(JSON.stringify(lineage).length).toBeLessThan(10_000);
  });

  const digestAt = (at: number): string => at.toString(16).padStart(64, '0');

  it('more models than are looked at: the lineage says so', () => {
    const count = lineageBounds.models + 10;
    const chain = Array.from({ length: count }, (_, at) =>
      given(
        `${at}.sig`,
        originOf(
          'v',
          digestAt(at),
          made([parent('v', digestAt(at + 1))], 1, { started: undefined, finished: undefined }),
        ),
      ),
    );
    const lineage = trace(chain, { model: { name: 'v', digest: digestAt(0) } });
    expect(lineage.nodes.length).toBeLessThanOrEqual(lineageBounds.models + 1);
    expect(failuresOf(lineage)).toContain('v -> v: too-large');
  });

  it('more statements than are looked at', () => {
    const [one] = whole;
    const lineage = trace(Array(lineageBounds.statements + 1).fill(one));
    expect(failuresOf(lineage)).toEqual(['v3 -> origin: origin-missing', 'v3 -> v3: too-large']);
  });

  it('more inputs than nodes', () => {
    const inputs = (from: number) =>
      Array.from({ length: 4_000 }, (_, at) => ({ ...corpus, digest: { sha256: digestAt(from * 10_000 + at) } }));
    const chain = Array.from({ length: 6 }, (_, at) =>
      given(
        `${at}.sig`,
        originOf(
          'v',
          digestOf(`${at}`),
          made([parent('v', digestOf(`${at + 1}`)), ...inputs(at)], 1, { started: undefined, finished: undefined }),
        ),
      ),
    );
    const lineage = trace(chain, { model: { name: 'v', digest: digestOf('0') } });
    expect(lineage.nodes.length).toBeLessThanOrEqual(lineageBounds.nodes);
    expect(failuresOf(lineage)).toContain('v -> v: too-large');
  });
});
