// What policy, record and pins give to a bridge. Each is there or not.
import type { ConnectionFacts, Principal, RecordedEvent, Recorder } from '../contract.ts';
import type { GateParts } from '../gate/index.ts';

/** A connection, as what governs it sees it. */
export interface Governed extends Omit<ConnectionFacts, 'principal'> {
  readonly principal: () => Principal;
  /** Has the peer authenticate again. Rejects when it does not in time, or when a direction has closed. */
  readonly authenticateAgain: () => Promise<unknown>;
}

export interface Governance {
  readonly record?: Recorder;
  /** What happens to messages that cannot be recorded. Default `deny`. */
  readonly unrecorded?: 'deny' | 'continue';
  /** Of the gate of one connection: its policy, pins, limits. */
  readonly partsFor?: (
    connection: Governed,
  ) => Pick<
    GateParts,
    'decide' | 'mayUse' | 'guard' | 'meter' | 'authenticateAgain' | 'explain' | 'limits' | 'serverMay'
  >;
  /** Looks after a connection that is open. @returns what ends that */
  readonly attend?: (connection: Governed) => () => void;
}

/** Writes an entry. @returns whether what it is about may go on */
export async function recordOf(
  { record, unrecorded }: Governance,
  event: RecordedEvent,
  onUnrecorded: (error: unknown) => void,
): Promise<boolean> {
  if (record === undefined) return true;
  try {
    await record.append(event);
    return true;
  } catch (error) {
    onUnrecorded(error);
    return unrecorded === 'continue';
  }
}
