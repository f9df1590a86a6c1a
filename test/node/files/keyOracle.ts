// The attack on CBC without a tag: blocks of a key file are put together so that what a reader says of them tells octets.
// Who plays it can write the file and read refusals, and has no passphrase.

import { randomBytes } from 'node:crypto';
import { tlv } from '../../../src/lab/vectors/certificateEdits.ts';
import { type Bytes, fromHex } from '../../../src/octets.ts';

const block = 16;
const xor = (left: Bytes, right: Bytes): Bytes => Uint8Array.from(left, (octet, i) => octet ^ (right[i] ?? 0));

/** An encrypted key taken apart: what is before the initial vector, the vector, and the blocks. */
interface Apart {
  readonly algorithm: Bytes;
  readonly vectorAt: number;
  readonly vector: Bytes;
  readonly blocks: readonly Bytes[];
  /** The text behind the first block of PEM. */
  readonly rest: string;
}

export function takeApart(pem: string): Apart {
  const end = '-----END ENCRYPTED PRIVATE KEY-----\n';
  const [first = '', rest = ''] = pem.split(end);
  const der = Buffer.from(first.replace(/-----.*-----|\s/g, ''), 'base64');
  const vectorAt = der.indexOf(fromHex('60864801650304012a0410')) + 11;
  const length = der.readUInt8(vectorAt + block + 1);
  const dataAt = vectorAt + block + 2 + (length > 0x80 ? length - 0x80 : 0);
  const data = der.subarray(dataAt);
  const algorithmAt = 2 + ((der[1] ?? 0) > 0x80 ? (der[1] ?? 0) - 0x80 : 0);
  return {
    algorithm: Uint8Array.from(der.subarray(algorithmAt, vectorAt + block)),
    vectorAt: vectorAt - algorithmAt,
    vector: Uint8Array.from(der.subarray(vectorAt, vectorAt + block)),
    blocks: Array.from({ length: data.length / block }, (_, i) =>
      Uint8Array.from(data.subarray(block * i, block * (i + 1))),
    ),
    rest,
  };
}

/** The file with another vector and other blocks, and whatever stood behind it. */
export function putTogether(apart: Apart, vector: Bytes, blocks: readonly Bytes[]): string {
  const algorithm = Uint8Array.from(apart.algorithm);
  algorithm.set(vector, apart.vectorAt);
  const der = tlv(0x30, algorithm, tlv(4, Uint8Array.from(blocks.flatMap((one) => [...one]))));
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, `-----END ENCRYPTED PRIVATE KEY-----\n${apart.rest}`].join(
    '\n',
  );
}

/** The octets of an OBJECT IDENTIFIER in dotted decimals. */
function octetsOf(dotted: string): Bytes {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Uint8Array.from(
    [40 * root + second, ...rest].flatMap((arc) => {
      const septets = [arc & 0x7f];
      for (let more = arc >> 7; more > 0; more >>= 7) septets.unshift(0x80 | (more & 0x7f));
      return septets;
    }),
  );
}

/**
 * Looks for a block of the plaintext: the first block, which is known, is made the beginning of PKCS#8 whose algorithm is an
 * identifier of 55 octets that spans the wanted block, between two blocks of chance.
 * @param known - the first 16 octets of the plaintext, which every key of its kind has
 * @param look - what is said of a file
 * @returns the block if it was found, and all that was said
 */
export function attack(
  pem: string,
  known: Bytes,
  wanted: number,
  look: (pem: string) => string,
  tries: number,
): { readonly found: Bytes | undefined; readonly said: readonly string[] } {
  const apart = takeApart(pem);
  const { vector, blocks } = apart;
  const [first, target, before] = [blocks[0], blocks[wanted], blocks[wanted - 1]];
  if (first === undefined || target === undefined || before === undefined) throw new Error('no such block');
  const opened = xor(known, vector); // AES^-1 of the first block
  const head = fromHex('304d02010030390637'.padEnd(2 * block, '01'));
  const said: string[] = [];
  for (let i = 0; i < tries; i += 1) {
    const mask = Uint8Array.from(randomBytes(block));
    const tail = Uint8Array.of(4, 13, ...randomBytes(13), 1); // a last element, and the padding
    const sequence = [first, mask, target, xor(opened, tail), first];
    const answer = look(putTogether(apart, xor(opened, head), sequence));
    said.push(answer);
    const [dotted] = /\d+(?:\.\d+){8,}/.exec(answer) ?? [];
    if (dotted === undefined) continue;
    const decrypted = octetsOf(dotted).subarray(7 + block, 7 + 2 * block);
    return { found: xor(xor(decrypted, mask), before), said };
  }
  return { found: undefined, said };
}
