import { type FailureCode, failureTable } from './generated/failures.ts';
import type { RequirementId } from './generated/requirements.ts';
import { limits } from './limits.ts';

export type { FailureCode };

/** The step of the protocol in which something happened (section 3). */
export type Step = 1 | 2 | 3 | 4;

/** Why a handshake was aborted, for the local side only: nothing of it crosses the wire (section 3, PQ-P-04). */
export interface Failure {
  /** Stable code, one of those in spec/README.md. */
  readonly code: FailureCode;
  readonly step: Step;
  /** Section of the draft. */
  readonly section: string;
  /** Ids of spec/requirements.yaml. */
  readonly requirements: readonly RequirementId[];
  /** For people; holds no secrets. What stands behind the meaning of the code is at most `limits.failureDetail` octets. */
  readonly message: string;
}

const encoder = new TextEncoder();
/** Room for the note on what was left out. */
const noteOctets = 48;

/**
 * A detail as it is, when it has at most `limits.failureDetail` octets in UTF-8; else its beginning, and how many octets were
 * left out. Peers and files choose what stands in details, so that every failure is made with this.
 */
function cut(detail: string): string {
  const most = limits.failureDetail;
  if (3 * detail.length <= most) return detail; // a unit of UTF-16 takes three octets at most
  const total = encoder.encode(detail).length;
  if (total <= most) return detail;
  const { read, written } = encoder.encodeInto(detail, new Uint8Array(most - noteOctets));
  return `${detail.slice(0, read)}… (${total - written} octets left out)`;
}

/** The failure with a code, in a step; `detail` says more for people. */
export function failure(code: FailureCode, step: Step, detail?: string): Failure {
  const { section, requirements, meaning } = failureTable[code];
  const message = detail === undefined ? meaning : `${meaning}: ${cut(detail)}`;
  return { code, step, section, requirements, message };
}

/** A refusal: its stable code, and what says more for people. */
export interface Refusal<Code extends string = FailureCode> {
  readonly ok: false;
  readonly code: Code;
  /** Holds no secrets; at most `limits.failureDetail` octets. */
  readonly detail?: string;
}

/** The answer of a guard or a reader: the value that it let through, or a refusal. By default the code is one of a handshake. */
export type Checked<T, Code extends string = FailureCode> = { readonly ok: true; readonly value: T } | Refusal<Code>;

/** The guard let a value through. */
export const passed = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** The guard refused. The detail is cut to `limits.failureDetail` octets. */
export const refused = <Code extends string>(code: Code, detail?: string): Refusal<Code> =>
  detail === undefined ? { ok: false, code } : { ok: false, code, detail: cut(detail) };

/** Runs a reader that leaves by errors; their message is the detail, and `codeOf` names their code. Never throws. */
export function attempt<T, Code extends string>(read: () => T, codeOf: (error: unknown) => Code): Checked<T, Code> {
  try {
    return passed(read());
  } catch (error) {
    return refused(codeOf(error), error instanceof Error ? error.message : undefined);
  }
}

/** The values of all items, or the first refusal; items behind it are not judged. */
export function checkAll<Item, T, Code extends string>(
  items: readonly Item[],
  judge: (item: Item) => Checked<T, Code>,
): Checked<readonly T[], Code> {
  const values: T[] = [];
  for (const item of items) {
    const judged = judge(item);
    if (!judged.ok) return judged;
    values.push(judged.value);
  }
  return passed(values);
}

/** The reason of a refusal, for people: its detail, or its code when there is none. */
export const reasonOf = ({ code, detail }: Refusal<string>): string => detail ?? code;
