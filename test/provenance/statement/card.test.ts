// Model cards: CycloneDX 1.7, judged by its own schema; and statements made from what a person writes.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/json/readJson.ts';
import { loadCardSchema } from '../../../src/provenance/disk/cardSchema.ts';
import { bomOf, cardStatement, readCard } from '../../../src/provenance/statement/card.ts';
import { readOrigin } from '../../../src/provenance/statement/origin.ts';
import { statementFrom } from '../../../src/provenance/statement/parts.ts';
import { predicateBounds } from '../../../src/provenance/statement/predicateFields.ts';
import { predicateTypes } from '../../../src/provenance/statement/predicateTypes.ts';
import { accepted, changed, digestOf, modelCard, subject } from './examples.ts';

const schema = await loadCardSchema();
const bom: JsonObject = {
  ...bomOf('llama', modelCard),
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  components: [{ type: 'data', 'bom-ref': 'corpus', name: 'corpus', data: [{ type: 'dataset', name: 'corpus' }] }],
};

describe('a model card', () => {
  it('is written and read again', () => {
    const statement = accepted(cardStatement(subject, bom, schema));
    expect(statement.predicateType).toBe('https://cyclonedx.org/bom');
    expect(accepted(readCard(statement, schema)).value).toEqual({ name: 'llama', version: undefined, bom });
  });

  it.each([
    ['of version 1.6', ['specVersion'], '1.6', 'not-cyclonedx'],
    ['of another format', ['bomFormat'], 'SPDX', 'not-cyclonedx'],
    ['with a field that CycloneDX does not have', ['metadata', 'component', 'modelCard', 'mood'], 1, 'not-cyclonedx'],
    [
      'with an approach that CycloneDX does not have',
      ['metadata', 'component', 'modelCard', 'modelParameters', 'approach'],
      { type: 'magic' },
      'not-cyclonedx',
    ],
    [
      'with a licence that SPDX does not have',
      ['metadata', 'component', 'licenses'],
      [{ license: { id: 'Mine-1.0' } }],
      'not-cyclonedx',
    ],
    ['with a signature that is none', ['signature'], { algorithm: 'none' }, 'not-cyclonedx'],
    ['with a serial number that is none', ['serialNumber'], 'seven', 'not-cyclonedx'],
    ['without metadata', ['metadata'], undefined, 'no-model-card'],
    ['of an application', ['metadata', 'component', 'type'], 'application', 'no-model-card'],
    ['without a card', ['metadata', 'component', 'modelCard'], undefined, 'no-model-card'],
    [
      'with a list that is too long',
      ['components'],
      Array(predicateBounds.cardItems + 1).fill({ type: 'data', name: 'x' }),
      'too-much',
    ],
  ] as const)('%s is refused', (_, path, other, code) => {
    expect(cardStatement(subject, changed(bom, path, other), schema)).toMatchObject({ ok: false, code });
  });

  it('that is deep is refused before the schema follows it', () => {
    let component: JsonObject = { type: 'data', name: 'x' };
    for (let depth = 0; depth < 9_999; depth += 1) component = { type: 'data', name: 'x', components: [component] };
    expect(cardStatement(subject, { ...bom, components: [component] }, schema)).toMatchObject({ code: 'too-much' });
  });

  it('says the place and the rule, and nothing of the card', () => {
    const wrong = changed(bom, ['metadata', 'component', 'modelCard', 'mood'], 'a secret');
    const judged = cardStatement(subject, wrong, schema);
    expect(judged).toMatchObject({
      detail: expect.stringContaining('/metadata/component/modelCard/mood: it is not expected'),
    });
    expect(JSON.stringify(judged)).not.toContain('a secret');
  });

  it('the schema is that of CycloneDX 1.7', () => {
    const text = readFileSync('spec/schema/cyclonedx/bom-1.7.schema.json', 'utf8');
    expect(JSON.parse(text)).toMatchObject({ $id: 'http://cyclonedx.org/schema/bom-1.7.schema.json' });
  });
});

describe('what a person writes', () => {
  const written = {
    builder: 'https://example.com/trainer',
    parameters: { epochs: 3 },
    inputs: [{ role: 'previous-version', name: 'v1', digest: { sha256: digestOf('b') } }],
    finished: '2026-01-02T00:00:00Z',
  };

  it('a few values become an origin', () => {
    const statement = accepted(statementFrom('origin', subject, written, schema));
    expect(accepted(readOrigin(statement)).value).toMatchObject({
      parameters: { epochs: 3 },
      dependencies: [{ role: 'previous-version', name: 'v1', digest: { sha256: digestOf('b') } }],
      finished: new Date('2026-01-02T00:00:00Z'),
    });
  });

  it('a predicate is taken as it is, with fields that are not known', () => {
    const first = accepted(statementFrom('origin', subject, written, schema));
    const predicate = { ...first.predicate, 'https://other.example/x': 1 };
    expect(accepted(statementFrom('origin', subject, predicate, schema)).predicate).toEqual(predicate);
  });

  it('modelCard alone becomes a bill of materials', () => {
    const { predicate, predicateType } = accepted(statementFrom('card', subject, { modelCard }, schema));
    expect([predicateType, predicate]).toEqual([predicateTypes.card, bomOf('llama', modelCard)]);
  });

  it.each([
    ['a field that is not known', { ...written, imputs: [] }, 'wrong-field', '/imputs'],
    ['an input without a role', { ...written, inputs: [{ name: 'x' }] }, 'missing-field', '/inputs/0/role'],
    ['no inputs', { ...written, inputs: undefined }, 'missing-field', '/inputs'],
    ['nothing', {}, 'missing-field', '/inputs'],
  ])('%s is refused', (_, value, code, path) => {
    expect(statementFrom('origin', subject, JSON.parse(JSON.stringify(value)), schema)).toMatchObject({ code, path });
  });
});
