// The statements about each model, read and sorted into what is believed and what is not.
import { match } from 'ts-pattern';
import type { Judged } from '../contract.ts';
import { type Card, type CardSchema, readCard } from '../statement/card.ts';
import { type Evaluation, readEvaluation } from '../statement/evaluation.ts';
import { integrityPredicateType } from '../statement/integrity.ts';
import { type Origin, readOrigin } from '../statement/origin.ts';
import type { ReadPredicate } from '../statement/predicateFields.ts';
import { kindOf, type PredicateKind } from '../statement/predicateTypes.ts';
import { readSummary, type Summary } from '../statement/summary.ts';
import type { LinkCode } from './codes.ts';
import type { GivenStatement } from './lineage.ts';

/** A statement that is believed, by its kind. */
export type Believed = { readonly given: GivenStatement; readonly signer: string } & (
  | { readonly kind: 'origin'; readonly value: Origin }
  | { readonly kind: 'evaluation'; readonly value: Evaluation }
  | { readonly kind: 'card'; readonly value: Card }
  | { readonly kind: 'summary'; readonly value: Summary }
);

/** A statement that is not believed, and why. */
export interface Disbelieved {
  readonly given: GivenStatement;
  readonly code: LinkCode;
  readonly detail: string;
}

/** What is stated about one model. */
export interface Evidence {
  readonly believed: readonly Believed[];
  readonly disbelieved: readonly Disbelieved[];
  /** Who signed the files of the model: statements of integrity that are believed. */
  readonly integrity: readonly string[];
  readonly notes: readonly string[];
}

type Reading = Judged<ReadPredicate<unknown>, string>;

const readers = (kind: PredicateKind, { statement }: GivenStatement, schema: CardSchema): Reading =>
  match(kind)
    .with('origin', () => readOrigin(statement))
    .with('evaluation', () => readEvaluation(statement))
    .with('card', () => readCard(statement, schema))
    .with('summary', () => readSummary(statement))
    .exhaustive();

const inOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Statements in an order that does not depend on how they were found. */
export const sorted = (statements: readonly GivenStatement[]): GivenStatement[] =>
  statements.toSorted((one, other) => inOrder(one.source, other.source) || inOrder(one.digest, other.digest));

/** The root digest that a statement is about, or an empty text. */
export const subjectOf = ({ statement }: GivenStatement): string => statement.subject[0]?.digest['sha256'] ?? '';

/** Reads the statements about a model. What is not signed by somebody who may is not read any further. */
export function evidenceOf(statements: readonly GivenStatement[], schema: CardSchema): Evidence {
  const [believed, disbelieved]: [Believed[], Disbelieved[]] = [[], []];
  const [integrity, notes]: [Set<string>, string[]] = [new Set(), []];
  const trusted = new Set(statements.filter(({ verdict }) => verdict.trusted).map(({ digest }) => digest));
  for (const given of statements) {
    const { verdict, statement, source } = given;
    if (!verdict.trusted) {
      // Somebody who is believed signed the same octets: the other signature adds nothing, and takes nothing away.
      if (trusted.has(given.digest))
        notes.push(`${source}: one more signature, which does not count: ${verdict.reason}`);
      else disbelieved.push({ given, code: verdict.code, detail: verdict.reason });
      continue;
    }
    const signer = verdict.signer.name;
    const kind = kindOf(statement.predicateType);
    if (statement.predicateType === integrityPredicateType) integrity.add(signer);
    else if (kind === undefined)
      notes.push(`${source}: a statement of the type ${statement.predicateType} is not read`);
    else {
      const read = readers(kind, given, schema);
      if (read.ok) {
        believed.push({ kind, given, signer, value: read.value.value } as Believed);
        const { unknown } = read.value;
        if (unknown.length > 0) notes.push(`${source}: fields that are not known: ${unknown.join(', ')}`);
      } else
        disbelieved.push({
          given,
          code: 'statement-refused',
          detail: `${read.code}: ${read.detail ?? 'no more is known'}`,
        });
    }
  }
  return { believed, disbelieved, integrity: [...integrity].sort(), notes };
}
