import { type FailureCode, failureTable } from './generated/failures.ts';
import type { RequirementId } from './generated/requirements.ts';

export type { FailureCode };

/** The step of the protocol in which something happened (section 3). */
export type Step = 1 | 2 | 3 | 4;

/** Why a handshake was aborted, for the local side only: nothing of it crosses the wire (section 3). */
export interface Failure {
  /** Stable code, one of those in spec/README.md. */
  readonly code: FailureCode;
  readonly step: Step;
  /** Section of the draft. */
  readonly section: string;
  /** Ids of spec/requirements.yaml. */
  readonly requirements: readonly RequirementId[];
  /** For people; holds no secrets. */
  readonly message: string;
}

/** The failure with a code, in a step; `detail` says more for people. */
export function failure(code: FailureCode, step: Step, detail?: string): Failure {
  const { section, requirements, meaning } = failureTable[code];
  return { code, step, section, requirements, message: detail === undefined ? meaning : `${meaning}: ${detail}` };
}

/** What a guard answers: the value that it let through, or the code to abort with. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: FailureCode; readonly detail?: string };

/** The guard let a value through. */
export const passed = <T>(value: T): Checked<T> => ({ ok: true, value });

/** The guard refused. */
export const refused = (code: FailureCode, detail?: string): { ok: false; code: FailureCode; detail?: string } =>
  detail === undefined ? { ok: false, code } : { ok: false, code, detail };
