// Which reading a peer has: the one under which its certificate opens, or its confirmation value is the right one.

import type { Algebra } from '../../algebra/algebra.ts';
import {
  type AssociatedDataArguments,
  confirmation,
  type HidingKeyArguments,
  type KeyMaterialArguments,
  type Reading,
  type ReadingChoice,
  readingAxes,
  readingOf,
  sessionKeys,
  type TranscriptArguments,
} from '../../generated/keySchedule.ts';
import type { Confirmation } from '../../generated/kinds.ts';
import type { Bytes } from '../../octets.ts';
import type { Role } from '../../role.ts';
import { everyReading } from '../vectors/readings.ts';

type Axis = keyof ReadingChoice;
const axes = Object.keys(readingAxes) as Axis[];

/** The alternatives in which two readings differ: `hidingKey=label-info,associatedData=header`. */
const difference = (choice: ReadingChoice, from: ReadingChoice): string =>
  axes
    .filter((axis) => choice[axis] !== from[axis])
    .map((axis) => `${axis}=${choice[axis]}`)
    .join();

/** The readings that differ from one in some of these axes and in no other; those of the fewest differences first. */
function othersIn(some: readonly Axis[], from: ReadingChoice): readonly ReadingChoice[] {
  const differing = (choice: ReadingChoice): Axis[] => axes.filter((axis) => choice[axis] !== from[axis]);
  return everyReading
    .filter((choice) => differing(choice).length > 0 && differing(choice).every((axis) => some.includes(axis)))
    .toSorted((one, other) => differing(one).length - differing(other).length);
}

/** The arguments that a handshake gave to its reading. */
interface Given {
  hidingKey?: HidingKeyArguments<Bytes>;
  associatedData?: AssociatedDataArguments<Bytes>;
  /** Those of `h_i` and of `h_r`, in this order. */
  readonly transcripts: TranscriptArguments<Bytes>[];
  keyMaterial?: KeyMaterialArguments<Bytes>;
}

/** A reading that keeps what it is given. The engine of a tester works on octets only. */
const kept = (reading: Reading, given: Given): Reading => ({
  ...reading,
  hidingKey: (a, input) => {
    given.hidingKey = input as HidingKeyArguments<never>;
    return reading.hidingKey(a, input);
  },
  associatedData: (a, input) => {
    given.associatedData = input as AssociatedDataArguments<never>;
    return reading.associatedData(a, input);
  },
  transcript: (a, input) => {
    given.transcripts.push(input as TranscriptArguments<never>);
    return reading.transcript(a, input);
  },
  keyMaterial: (a, input) => {
    given.keyMaterial = input as KeyMaterialArguments<never>;
    return reading.keyMaterial(a, input);
  },
});

/** Whether the certificate opens under another reading. */
function opens(a: Algebra<Bytes>, other: Reading, given: Given, input: Parameters<typeof a.open>[0]): boolean {
  const { hidingKey, associatedData } = given;
  if (hidingKey === undefined || associatedData === undefined) return false;
  return a.open({
    ...input,
    hidingKey: other.hidingKey(a, hidingKey),
    associatedData: other.associatedData(a, associatedData),
  }).ok;
}

/** The confirmation value of the peer under another reading. */
function confirmedBy(a: Algebra<Bytes>, peer: Role, other: Reading, given: Given): Confirmation<Bytes> | undefined {
  const [initiator, responder] = given.transcripts;
  if (initiator === undefined || responder === undefined || given.keyMaterial === undefined) return undefined;
  const hashes = { initiatorHash: other.transcript(a, initiator), responderHash: other.transcript(a, responder) };
  const keyMaterial = other.keyMaterial(a, { ...given.keyMaterial, ...hashes });
  const { initiatorConfirmationKey, responderConfirmationKey } = sessionKeys(a, { keyMaterial });
  const key = peer === 'initiator' ? initiatorConfirmationKey : responderConfirmationKey;
  return confirmation(a, { key, input: other.confirmationInput(a, hashes) });
}

/** A handshake that is watched for a peer of another reading. */
export interface Fitting {
  readonly reading: (reading: Reading) => Reading;
  readonly algebra: (algebra: Algebra<Bytes>) => Algebra<Bytes>;
  /** The alternatives that the peer has in the place of the tester's, as `--reading` takes them; undefined when none fits. */
  readonly found: () => string | undefined;
}

/**
 * Watches one handshake with a peer of a role. When a certificate does not open, or a confirmation value is wrong, the
 * derivations of all other readings are tried.
 */
export function fitting(peer: Role, choice: ReadingChoice): Fitting {
  const given: Given = { transcripts: [] };
  let found: string | undefined;
  const search = (some: readonly Axis[], fits: (other: Reading) => boolean): void => {
    const other = othersIn(some, choice).find((one) => fits(readingOf(one)));
    if (other !== undefined) found = difference(other, choice);
  };
  return {
    reading: (reading) => kept(reading, given),
    algebra: (a) => ({
      ...a,
      open: (input) => {
        const opened = a.open(input);
        if (!opened.ok) search(['hidingKey', 'associatedData'], (other) => opens(a, other, given, input));
        return opened;
      },
      confirm: (input) => {
        const confirmed = a.confirm(input);
        if (confirmed.ok) return confirmed;
        search(['transcript', 'keyMaterial', 'confirmationInput'], (other) => {
          const expected = confirmedBy(a, peer, other, given);
          return expected !== undefined && a.confirm({ ...input, expected }).ok;
        });
        return confirmed;
      },
    }),
    found: () => found,
  };
}
