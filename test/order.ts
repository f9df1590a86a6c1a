// The order of the test files: long ones begin first, so that no core waits for one at the end.
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take half a minute and more, the longest first. */
const long = [
  'test/generate.test.ts',
  'test/package.test.ts',
  'test/node/files/crash.test.ts',
  'test/change.test.ts',
  'test/cli/ends.test.ts',
  'test/expressions/expressions.test.ts',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = long.indexOf(relative('.', moduleId));
  return at < 0 ? long.length : at;
};

/** Sorts by the list above; those that are not on it stay as they were. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
