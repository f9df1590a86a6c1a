// The octets of a peer as messages: judged by themselves, so that they are seen after the tester's engine has ended too.
import { dataBounds, type KemSizes, messageTable } from '../../generated/codec.ts';
import { headerOctets, protocolVersion } from '../../generated/constants.ts';
import { type Bytes, concat } from '../../octets.ts';
import type { Role } from '../../role.ts';
import { messagesOf } from './case.ts';

/** The messages of a peer, and the octets that are none. */
export interface Framed {
  readonly messages: readonly Bytes[];
  /** The octets of a message that is incomplete. */
  readonly partial: number;
  /** Why the octets cannot begin the next message. */
  readonly stray: string | undefined;
}

/** Watches the octets that a role sends, with the KEM of its suite. */
export function framing(
  role: Role,
  kem: KemSizes,
): { readonly push: (octets: Bytes) => void; readonly framed: () => Framed } {
  const expected = messagesOf(role);
  const messages: Bytes[] = [];
  let rest: Bytes = new Uint8Array();
  let stray: string | undefined;

  /** The octets of the next message; `undefined` until its header is there. */
  function next(): number | undefined {
    const name = expected[messages.length];
    if (name === undefined) {
      stray = 'octets behind its last message';
      return undefined;
    }
    if (rest.length < headerOctets) return undefined;
    const { type } = messageTable[name];
    const { minimum, maximum } = dataBounds(name, kem);
    const [version, found, high = 0, low = 0] = rest;
    const length = high * 256 + low;
    if (version === protocolVersion && found === type && length >= minimum && length <= maximum) {
      return headerOctets + length;
    }
    stray = `a header of version ${version}, type ${found}, length ${length}, where message ${type} is the next`;
    return undefined;
  }

  function push(octets: Bytes): void {
    rest = concat(rest, octets);
    while (stray === undefined && rest.length > 0) {
      const length = next();
      if (length === undefined || rest.length < length) return;
      messages.push(rest.slice(0, length));
      rest = rest.subarray(length);
    }
  }

  return { push, framed: () => ({ messages, partial: rest.length, stray }) };
}
