// The octets of an honest run with fixed coins: a change in them is one that a peer, or a vector, can see.

import { noble } from '../src/crypto/noble.ts';
import { fieldsOf } from '../src/generated/codec.ts';
import { replay } from '../src/lab/adversary/script.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import { toHex } from '../src/octets.ts';
import { honest } from './scripts.ts';

/** The fields of every message of an honest run, in order, each as a line of hexadecimal digits. */
export function octetsOfHonestRun(variant: Variant): string {
  const sent: string[] = [];
  const script = { preSharedSecret: 'secret', listed: [], moves: honest } as const;
  replay(script, variant, { suite: noble }, ({ step }) => {
    for (const message of step?.onOctets?.sent ?? []) sent.push(fieldsOf<Uint8Array>(message).map(toHex).join(' '));
  });
  return sent.join('\n');
}
