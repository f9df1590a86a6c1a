// What policy, record and pins give to a bridge. Each is there or not.
import type { ConnectionFacts, Principal, RecordedEvent, Recorder } from '../contract.ts';
import { gate } from '../gate/gate.ts';
import type { Gate, GateParts } from '../gate/index.ts';

/** A connection, as what governs it sees it. */
export interface Governed extends Omit<ConnectionFacts, 'principal'> {
  readonly principal: () => Principal;
  /** Has the peer authenticate again. Rejects when it does not in time, or when a direction has closed. */
  readonly authenticateAgain: () => Promise<unknown>;
}

/** Why a connection gets no server. */
export interface NotAdmitted {
  readonly code: string;
  readonly message: string;
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
  /** Asked before a connection gets a server: why it gets none. */
  readonly admit?: () => Promise<NotAdmitted | undefined>;
  /** Is told what ends all connections and all servers that were started here, with a code. @returns what forgets it */
  readonly onDistrust?: (end: (code: string) => void) => () => void;
  /** Looks after a connection that is open. @returns what ends that */
  readonly attend?: (connection: Governed) => () => void;
}

/** The gate of a connection: with what governs it, and what else its bridge gives. Limits of what governs it count before those of the bridge. */
export function gateOf(
  { record, unrecorded = 'deny', partsFor }: Governance,
  governed: Governed,
  others: Omit<GateParts, 'principal' | 'facts' | 'record' | 'unrecorded'>,
): Gate {
  const { principal, authenticateAgain: _, ...facts } = governed;
  const parts = partsFor?.(governed);
  return gate({
    ...{ principal, facts, unrecorded },
    ...(record && { record }),
    ...parts,
    ...others,
    limits: { ...others.limits, ...parts?.limits },
  });
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
