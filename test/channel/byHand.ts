// One direction of a channel, sealed by hand from spec/channel.md with the cryptography of the platform: it shares nothing with src/channel.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { concat } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';

type Octets = Uint8Array<ArrayBuffer>;

const ascii = (text: string): Octets => new TextEncoder().encode(text) as Octets;
const hmac = (key: Uint8Array, data: Uint8Array): Octets =>
  Uint8Array.from(createHmac('sha384', key).update(data).digest());

/** HKDF-Expand for at most 48 octets: one block. */
const expand = (secret: Uint8Array, info: Uint8Array, length: number): Octets =>
  hmac(secret, concat(info, Uint8Array.of(1))).slice(0, length);

const exported = (secret: Uint8Array, label: string): Octets => {
  const empty = Uint8Array.from(createHash('sha384').digest());
  return expand(secret, concat(ascii(label), Uint8Array.of(0), empty), 48);
};

export const chainOf = (root: Uint8Array): Octets => exported(root, 'pquake channel v1 chain');
export const exporterOf = (root: Uint8Array): Octets => exported(root, 'pquake channel v1 exporter');
export const nextRootOf = (root: Uint8Array, sessionKey: Uint8Array): Octets => hmac(chainOf(root), sessionKey);

/** What the direction of a sender is sealed with. */
export interface Hand {
  secret: Octets;
  sequence: number;
}

export const handOf = (root: Uint8Array, sender: Role): Hand => ({
  secret: exported(root, `pquake channel v1 ${sender === 'initiator' ? 'i2r' : 'r2i'}`),
  sequence: 0,
});

export const commitmentOf = ({ secret }: Hand): Octets => expand(secret, ascii('commit'), 32);

export function ratchetByHand(hand: Hand): void {
  hand.secret = expand(hand.secret, ascii('next'), 48);
  hand.sequence = 0;
}

function nonceOf({ secret, sequence }: Hand): Octets {
  const nonce = expand(secret, ascii('iv'), 12);
  const view = new DataView(nonce.buffer);
  view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(sequence));
  return nonce;
}

/** A record with any inside; goes on to the next number. */
export function sealInside(hand: Hand, inside: Uint8Array): Octets {
  const length = inside.length + 16;
  const header = Uint8Array.of(length >>> 8, length & 0xff);
  const cipher = createCipheriv('aes-256-gcm', expand(hand.secret, ascii('key'), 32), nonceOf(hand)).setAAD(header);
  const sealed = concat(Uint8Array.from(cipher.update(inside)), Uint8Array.from(cipher.final()));
  hand.sequence += 1;
  return concat(header, sealed, Uint8Array.from(cipher.getAuthTag()));
}

export const types = { data: 1, close: 2, ratchet: 3, handshake: 4, request: 5, switch: 6 } as const;

export const sealByHand = (
  hand: Hand,
  type: keyof typeof types | number,
  content: Uint8Array = new Uint8Array(0),
  padding = 0,
): Octets =>
  sealInside(
    hand,
    concat(content, Uint8Array.of(typeof type === 'number' ? type : types[type]), new Uint8Array(padding)),
  );

/** Opens the records of a stream without its commitment: the inside of each. Ratchets are followed; what is behind a switch is not read. */
export function openByHand(hand: Hand, stream: Uint8Array): Octets[] {
  const insides: Octets[] = [];
  for (let at = 0; at < stream.length; ) {
    const header = stream.slice(at, at + 2);
    const end = at + 2 + (header[0] ?? 0) * 256 + (header[1] ?? 0);
    const decipher = createDecipheriv('aes-256-gcm', expand(hand.secret, ascii('key'), 32), nonceOf(hand));
    decipher.setAAD(header).setAuthTag(stream.slice(end - 16, end));
    const inside = Uint8Array.from(decipher.update(stream.slice(at + 2, end - 16)));
    decipher.final();
    insides.push(inside);
    hand.sequence += 1;
    const type = inside.findLast((octet) => octet !== 0);
    if (type === types.ratchet) ratchetByHand(hand);
    if (type === types.switch) break;
    at = end;
  }
  return insides;
}
