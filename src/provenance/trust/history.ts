// What became of keys: which key took the place of which, and which were revoked. All of it from statements that were verified.
import { timeText } from '../../time.ts';
import type { Judged, VerifyingKey } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';

/** The most keys that follow each other. */
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
  /** The keys before one, the nearest first. */
  readonly before: (key: string) => readonly string[];
  /** The keys that were introduced. */
  readonly introduced: readonly VerifyingKey[];
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

/** Walks from a key to the first one. Returns a refusal for a chain that has no first one, or is too long, or not in order. */
function chainBefore(last: Succession, introductions: ReadonlyMap<string, Succession>): Judged<string[], TrustCode> {
  const keys = [last.newKey, last.oldKey];
  for (let at = last; ; ) {
    const earlier = introductions.get(at.oldKey);
    if (earlier === undefined) return { ok: true, value: keys.slice(1) };
    if (keys.includes(earlier.oldKey))
      return refusal('succession-cycle', `${keys.length} successions lead from the key ${earlier.oldKey} back to it`);
    if (earlier.from >= at.from)
      return refusal(
        'succession-order',
        `the key ${at.oldKey} takes its place at ${timeText(earlier.from)} and loses it at ${timeText(at.from)}`,
      );
    if (keys.length === longestSuccession)
      return refusal('succession-too-long', `more than ${longestSuccession} keys before the key ${last.newKey}`);
    keys.push(earlier.oldKey);
    at = earlier;
  }
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
    const chain = chainBefore(one, incoming);
    if (!chain.ok) return chain;
    before.set(one.newKey, chain.value);
  }
  const revoked = new Map<string, Revocation>();
  for (const one of revocations) {
    const other = revoked.get(one.key);
    if (other === undefined || one.from < other.from) revoked.set(one.key, one);
  }
  return {
    ok: true,
    value: {
      successionOf: (key) => outgoing.get(key),
      introductionOf: (key) => incoming.get(key),
      revocationOf: (key) => revoked.get(key),
      before: (key) => before.get(key) ?? [],
      introduced: [...incoming.values()].map(({ key }) => key),
    },
  };
}

/** Whether a revocation leaves the successions in force that its key signed for an earlier time. */
const leavesSuccessions = ({ reason }: Revocation): boolean =>
  reason === 'superseded' || reason === 'cessation-of-operation';

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
    const revocation = history.revocationOf(introduction.oldKey);
    const isLater = revocation !== undefined && leavesSuccessions(revocation) && introduction.from <= revocation.from;
    if (revocation !== undefined && revocation.from <= time && !isLater) return revocation;
    at = introduction.oldKey;
  }
  return undefined;
}
