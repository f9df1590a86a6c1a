// What both directions of a gate share.
import type { Decision, DenyReason, Message } from '../contract.ts';
import { deniedMessage } from './codes.ts';
import { type Action, defaultLimits, type GateLimits, type GateParts } from './contract.ts';
import { type Entries, recordWith } from './entries.ts';
import { type Requests, requests } from './outstanding.ts';

export type Denial = Extract<Decision, { readonly allowed: false }>;

export const deny = (reason: DenyReason, rule?: string): Denial => ({
  allowed: false,
  reason,
  ...(rule !== undefined && { rule }),
});

export const drop: Action = { do: 'drop' };
export const forward = (octets: Uint8Array): Action => ({ do: 'forward', octets });
export const answer = (message: Message): Action => ({ do: 'answer', message });

/** The octets of a message of ours. */
export const encode = (message: Message): Buffer => Buffer.from(JSON.stringify(message));

export interface GateState {
  readonly parts: GateParts;
  readonly limits: GateLimits;
  readonly recorded: Entries;
  readonly explain: (why: Denial) => string;
  readonly now: () => Date;
  /** Whether the policy or the server reads more in a message than that it comes. */
  readonly isJudged: boolean;
  /** Requests of the peer, and those of the server. */
  readonly ofPeer: Requests;
  readonly ofServer: Requests;
  /** Counts a message that no well-behaved peer sends, and answers it. */
  readonly violated: (message?: Message) => Action;
  isDraining: boolean;
  /** Why there is no server any more. */
  lost: string | undefined;
}

/** The requests of both sides that have no answer yet. */
export type UnderWay = Pick<GateState, 'ofPeer' | 'ofServer'>;

export const underWay = (): UnderWay => ({ ofPeer: requests(), ofServer: requests() });

export function gateState(parts: GateParts): GateState {
  const { explain = () => deniedMessage, now = () => new Date() } = parts;
  const limits = { ...defaultLimits, ...parts.limits };
  let violations = 0;
  return {
    ...{ parts, limits, explain, now },
    recorded: recordWith(parts),
    isJudged: parts.decide !== undefined || parts.identityInMeta === true,
    ...(parts.underWay ?? underWay()),
    violated: (message) => {
      violations += 1;
      if (violations <= limits.violations) return message === undefined ? drop : answer(message);
      return { do: 'end', code: 'too-many-violations', ...(message && { message }) };
    },
    isDraining: false,
    lost: undefined,
  };
}
