// What became of keys: which key took the place of which, and which were revoked. All of it from statements that were verified.
import { timeText } from '../../time.ts';
import type { Judged, VerifyingKey } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';

/** The most keys of one line. */
export const longestSuccession = 32;

/** A key takes the place of another one. */
export interface Succession {
  /** Identifiers. */
  readonly oldKey: string;
  readonly newKey: string;
  /** From this moment on. */
  readonly from: Date;
  /** What signed it: the new key. */
  readonly key: VerifyingKey;
}

/** Why a key is revoked. The last two do not mean that somebody else could sign with it. */
export const revocationReasons = ['unspecified', 'key-compromise', 'superseded', 'cessation-of-operation'] as const;

export type RevocationReason = (typeof revocationReasons)[number];

/** A key does not count any more. */
export interface Revocation {
  readonly key: string;
  readonly from: Date;
  readonly reason: RevocationReason;
  /** The key that signed the revocation. */
  readonly by: string;
}

/** The history of keys, by identifier. */
export interface KeyHistory {
  /** The succession by which a key lost its place. */
  readonly successionOf: (key: string) => Succession | undefined;
  /** The succession by which a key got its place. */
  readonly introductionOf: (key: string) => Succession | undefined;
  /** The earliest revocation. */
  readonly revocationOf: (key: string) => Revocation | undefined;
  /** All revocations, the earliest first. */
  readonly revocationsOf: (key: string) => readonly Revocation[];
  /** The keys before one, the nearest first. */
  readonly before: (key: string) => readonly string[];
  /** The keys that were introduced. */
  readonly introduced: readonly VerifyingKey[];
  /** All successions. */
  readonly successions: readonly Succession[];
  /** The earliest revocation of each key that is revoked. */
  readonly revocations: readonly Revocation[];
}

function byKey(successions: readonly Succession[], name: 'oldKey' | 'newKey'): Map<string, Succession> | string {
  const found = new Map<string, Succession>();
  for (const one of successions) {
    const other = found.get(one[name]);
    const isSame = other?.oldKey === one.oldKey && other.newKey === one.newKey && +other.from === +one.from;
    if (other !== undefined && !isSame) return one[name];
    found.set(one[name], one);
  }
  return found;
}

/** The successions that lead to a key, the last one first. Refuses those that have no beginning, and those that are too many. */
function lineTo(last: Succession, introductions: ReadonlyMap<string, Succession>): Judged<Succession[], TrustCode> {
  const line: Succession[] = [];
  for (let at: Succession | undefined = last; at !== undefined; at = introductions.get(at.oldKey)) {
    const { oldKey, newKey } = at;
    if (line.some((one) => one.newKey === newKey) || oldKey === last.newKey)
      return refusal('succession-cycle', `${line.length + 1} successions lead from the key ${last.newKey} back to it`);
    line.push(at);
    if (line.length === longestSuccession)
      return refusal('succession-too-long', `${longestSuccession} keys or more before the key ${last.newKey}`);
  }
  return { ok: true, value: line };
}

/** The keys before one, the nearest first. */
function keysBefore(last: Succession, introductions: ReadonlyMap<string, Succession>): Judged<string[], TrustCode> {
  const line = lineTo(last, introductions);
  if (!line.ok) return line;
  for (const [at, later] of line.value.entries()) {
    const earlier = line.value[at + 1];
    if (earlier !== undefined && earlier.from >= later.from)
      return refusal(
        'succession-order',
        `the key ${later.oldKey} takes its place at ${timeText(earlier.from)} and loses it at ${timeText(later.from)}`,
      );
  }
  return { ok: true, value: line.value.map(({ oldKey }) => oldKey) };
}

/** Puts statements together. Never throws. */
export function keyHistory(
  successions: readonly Succession[],
  revocations: readonly Revocation[],
): Judged<KeyHistory, TrustCode> {
  const [outgoing, incoming] = [byKey(successions, 'oldKey'), byKey(successions, 'newKey')];
  if (typeof outgoing === 'string') return refusal('succession-conflict', `two keys succeed the key ${outgoing}`);
  if (typeof incoming === 'string') return refusal('succession-conflict', `the key ${incoming} succeeds two keys`);
  const before = new Map<string, readonly string[]>();
  for (const one of incoming.values()) {
    const line = keysBefore(one, incoming);
    if (!line.ok) return line;
    before.set(one.newKey, line.value);
  }
  const revoked = new Map<string, Revocation[]>();
  for (const one of revocations.toSorted((a, b) => +a.from - +b.from))
    revoked.set(one.key, [...(revoked.get(one.key) ?? []), one]);
  return {
    ok: true,
    value: {
      successionOf: (key) => outgoing.get(key),
      introductionOf: (key) => incoming.get(key),
      revocationOf: (key) => revoked.get(key)?.[0],
      revocationsOf: (key) => revoked.get(key) ?? [],
      before: (key) => before.get(key) ?? [],
      introduced: [...incoming.values()].map(({ key }) => key),
      successions: [...incoming.values()],
      revocations: [...revoked.values()].flat(),
    },
  };
}

/** Whether a revocation leaves the successions in force that its key signed for an earlier time. */
const leavesSuccessions = ({ reason }: Revocation): boolean =>
  reason === 'superseded' || reason === 'cessation-of-operation';

/**
 * The revocation of a key by which a succession that it signed does not count. Each of them is asked: a thief could sign an early one
 * with a harmless reason.
 */
const revocationAgainst = (history: KeyHistory, { oldKey, from }: Succession, time: Date): Revocation | undefined =>
  history.revocationsOf(oldKey).find((one) => one.from <= time && !(leavesSuccessions(one) && from <= one.from));

/**
 * The key before one that was revoked so that what it introduced does not count: who had stolen it could introduce keys, and give any
 * date. @param listed - whether a policy names a key itself; what came before such a key does not matter
 */
export function revokedBefore(
  history: KeyHistory,
  key: string,
  listed: (key: string) => boolean,
  time: Date,
): Revocation | undefined {
  for (let at = key; !listed(at); ) {
    const introduction = history.introductionOf(at);
    if (introduction === undefined) return undefined;
    const revocation = revocationAgainst(history, introduction, time);
    if (revocation !== undefined) return revocation;
    at = introduction.oldKey;
  }
  return undefined;
}
