import type { SuiteName } from '../../crypto/suite.ts';
import type { ReadingChoice } from '../../generated/keySchedule.ts';

/** The options of `pquake inspect`, as the parser returns them. */
export interface InspectOptions {
  readonly keylog?: string;
  readonly pskFile?: string;
  readonly reading?: Partial<ReadingChoice>;
  readonly full?: boolean;
  readonly secrets?: boolean;
  readonly crypto?: SuiteName;
  readonly json?: boolean;
}
