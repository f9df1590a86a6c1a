// The requirements that the vectors show: all that a key word of the draft makes and that the wire can show.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { RequirementId } from '../../../src/generated/requirements.ts';
import { files } from './files.ts';

/** A case of any suite, and the requirements whose violation it would show. */
interface Citation {
  readonly id: string;
  readonly requirements: readonly RequirementId[];
}

interface Requirement {
  readonly id: RequirementId;
  readonly level: string;
  readonly observable: string;
}

/** All suites whose cases count; a suite of cases with one requirement each joins as `{ id, requirements: [requirement] }`. */
const suites: Readonly<Record<string, readonly Citation[]>> = {
  vectors: files.flatMap(({ cases }): readonly Citation[] => cases),
};

const { requirements } = parse(readFileSync('spec/requirements.yaml', 'utf8')) as { requirements: Requirement[] };
const observable = requirements.filter((one) => one.observable === 'wire');
const cited = new Set(Object.values(suites).flatMap((cases) => cases.flatMap((one) => one.requirements)));

it('no suite is empty, and every case cites a requirement that exists', () => {
  const known = new Set(requirements.map(({ id }) => id));
  for (const cases of Object.values(suites)) {
    expect(cases.length).toBeGreaterThan(0);
    expect(
      cases.filter((one) => one.requirements.length === 0 || one.requirements.some((id) => !known.has(id))),
    ).toEqual([]);
  }
});

it('every MUST, SHALL and SHOULD that the wire shows is cited by a case', () => {
  const stated = observable.filter(({ level }) => /^(MUST|SHALL|SHOULD)( NOT)?$/.test(level));
  expect(stated.length).toBeGreaterThan(20);
  const missing = stated.map(({ id }) => id).filter((id) => !cited.has(id));
  expect(missing).toEqual([]);
});

it('so is every other requirement that the wire shows', () => {
  expect(observable.map(({ id }) => id).filter((id) => !cited.has(id))).toEqual([]);
});
