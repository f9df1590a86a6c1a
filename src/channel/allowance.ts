// What a peer may spend on records that carry little or nothing (spec/channel.md, section 6, PQ-C-41).
import { channelCosts } from '../generated/channel.ts';
import type { Bytes } from '../octets.ts';
import type { Happening } from './state.ts';

/** The allowance of one peer. */
export interface Allowance {
  /** Gives back what time brings; `now` in milliseconds of a clock that never goes back. */
  readonly passTime: (now: number) => void;
  /** Takes the cost of a record that did something. @returns whether the allowance had so much */
  readonly spend: (happened: readonly Happening<Bytes>[]) => boolean;
}

const isTiny = ({ length }: Bytes): boolean => length < channelCosts.tinyContent;

/** What a happening costs; below zero is what it brings back. */
function costOf(happening: Happening<Bytes>): number {
  switch (happening.event) {
    case 'data':
      if (happening.data.length === 0) return channelCosts.bare;
      return isTiny(happening.data) ? channelCosts.tiny : -channelCosts.earned;
    case 'inner':
      return (happening.begins ? channelCosts.innerHandshake : 0) + (isTiny(happening.octets) ? channelCosts.tiny : 0);
    case 'passedOver':
      return isTiny(happening.octets) ? channelCosts.tiny : 0;
    case 'ratcheted':
      return channelCosts.bare;
    case 'handshakeRequested':
    case 'requestIgnored':
      return channelCosts.bare;
    case 'peerClosed':
      return 0;
  }
}

/** A full allowance. */
export function allowance(most: number, perSecond: number): Allowance {
  let left = most;
  let at: number | undefined;
  return {
    passTime: (now) => {
      if (at !== undefined && now > at) left = Math.min(most, left + ((now - at) / 1000) * perSecond);
      if (at === undefined || now > at) at = now;
    },
    spend: (happened) => {
      for (const one of happened) left = Math.min(most, left - costOf(one));
      return left >= 0;
    },
  };
}
