// A suite that takes note of every secret that it is given or hands out, and texts searched for what was noted.

import type { KemKey, Suite } from '../../src/crypto/suite.ts';
import { channelLabels } from '../../src/generated/channel.ts';
import { exportLabels } from '../../src/generated/constants.ts';
import type { Bytes } from '../../src/octets.ts';

export interface Recorded {
  readonly what: string;
  /** The octets themselves, which may be wiped. */
  readonly octets: Bytes;
  /** The octets as they were. */
  readonly copy: Bytes;
}

export interface RecordingSuite {
  readonly suite: Suite;
  readonly secrets: Recorded[];
  /** Decapsulation keys that were made, and whether they were wiped. */
  readonly keys: { wiped: boolean }[];
}

const ofChannel = new Map([
  ...['i2r', 'r2i'].map((direction) => [`${channelLabels}${direction}`, 'channel: secret of a direction'] as const),
  [`${channelLabels}chain`, 'channel: chain'],
  [`${channelLabels}exporter`, 'channel: exporter'],
  ['next', 'channel: next secret'],
  ['key', 'channel: key of records'],
  ['iv', 'channel: iv of records'],
]);

/** Every kind of secret that a channel derives by HKDF-Expand. */
export const channelKinds: readonly string[] = [...new Set(ofChannel.values())];

const identifier = 'identifier of a session';
const commitment = 'channel: commitment';
const hedgingCiphertext = 'ciphertext of hedging';
const initialVector = 'initial vector';
const hedgedKinds = new Map([
  ['initialVector', initialVector],
  ['ephemeralKey', 'seed of a key'],
  ['ephemeralEncapsulation', 'coins'],
  ['encapsulation', 'coins'],
]);
const published: readonly string[] = [identifier, hedgingCiphertext, initialVector];

/** An info up to its second zero: label and name. Behind it a hedged coin has k_hid, which a copy here would leave in memory. */
function publicPart(info: Bytes): string {
  const end = info.indexOf(0, info.indexOf(0) + 1);
  let text = '';
  for (let at = 0; at < (end < 0 ? info.length : end); at += 1) text += String.fromCharCode(info[at] ?? 0);
  return text;
}

/** What HKDF-Expand makes with an info. */
export function kindOf(info: Bytes): string {
  const [label = '', name = ''] = publicPart(info).split('\0');
  if (label === 'ciphertext') return hedgingCiphertext;
  if (label === 'pquake hedged coins') return hedgedKinds.get(name.split(' ')[1] ?? '') ?? 'expanded key';
  if (label === exportLabels.sessionIdentifier) return identifier;
  if (label === 'commit') return commitment;
  return ofChannel.get(label) ?? 'expanded key';
}

/** Whether it is public: it stands on the wire, or in what applications are told. */
export const isPublic = (kind: string): boolean => published.includes(kind) || kind === commitment;

/** The suite with notes of seeds, shared secrets, extracted and expanded keys. */
export function recording(suite: Suite): RecordingSuite {
  const secrets: Recorded[] = [];
  const keys: { wiped: boolean }[] = [];
  const noted = <T extends Bytes>(what: string, octets: T): T => {
    secrets.push({ what, octets, copy: Uint8Array.from(octets) });
    return octets;
  };
  const watched = (key: KemKey): KemKey => {
    const state = { wiped: false };
    keys.push(state);
    return {
      ...key,
      decapsulate: (ciphertext) => noted('shared secret, decapsulated', key.decapsulate(ciphertext)),
      wipe: () => {
        state.wiped = true;
        key.wipe();
      },
    };
  };
  return {
    secrets,
    keys,
    suite: {
      ...suite,
      generateSignatureSeed: (algorithm) => noted('seed of a signature', suite.generateSignatureSeed(algorithm)),
      generateKemKey: (seed) => watched(suite.generateKemKey(seed)),
      encapsulate: (key, coins) => {
        const encapsulated = suite.encapsulate(key, coins);
        if (encapsulated) noted('shared secret, encapsulated', encapsulated.sharedSecret);
        return encapsulated;
      },
      extract: (salt, ikm) => noted('extracted key', suite.extract(salt, ikm)),
      expand: (prk, info, length) => {
        const expanded = suite.expand(prk, info, length);
        const kind = kindOf(info);
        return published.includes(kind) ? expanded : noted(kind, expanded);
      },
      // The keys of MACs and ciphers are parts that were cut from what was expanded.
      mac: (key, message) => suite.mac(noted('key of a MAC', key), message),
      seal: (key, ...rest) => suite.seal(noted('hiding key', key), ...rest),
      open: (key, ...rest) => suite.open(noted('hiding key', key), ...rest),
      randomOctets: (length) => {
        const octets = suite.randomOctets(length);
        // Seeds; shorter ones are initial vectors and serial numbers, and a nonce has the length of a seed of a signature.
        return length >= 32 ? noted('random octets', octets) : octets;
      },
    },
  };
}

const isZero = (octets: Bytes): boolean => octets.every((octet) => octet === 0);

/** The octets that now stand where a secret stood. */
export const unwiped = (secrets: readonly Recorded[]): string[] =>
  secrets.filter(({ octets }) => !isZero(octets)).map(({ what }) => what);

const window = 12;

/** The forms in which octets could show: raw, hexadecimal, base64 at each of its alignments, decimal lists. */
function formsOf(octets: Bytes): string[] {
  const buffer = Buffer.from(octets);
  const base64 = [0, 1, 2].map((skip) => {
    const text = buffer.subarray(skip).toString('base64').replaceAll('=', '');
    return text.slice(0, text.length - (text.length % 4));
  });
  return [
    buffer.toString('latin1'),
    buffer.toString('hex'),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    buffer.join(', '),
    buffer.join(','),
    buffer.toString('hex').replace(/(..)(?!$)/g, '$1 '),
    buffer.toString('hex').replace(/(..)(?!$)/g, '$1:'),
  ];
}

/** The secrets of which a text shows any 12 octets, from a multiple of 4 on, in any form. */
export function shownIn(text: string, secrets: readonly { readonly what: string; readonly copy: Bytes }[]): string[] {
  const folded = text.toLowerCase();
  const plain = text.replace(/\s*\n\s*/g, ' ');
  const isShown = (part: Bytes): boolean =>
    formsOf(part).some((form) => text.includes(form) || plain.includes(form)) ||
    folded.includes(Buffer.from(part).toString('hex'));
  return secrets
    .filter(({ copy }) => {
      for (let at = 0; at + window <= copy.length; at += 4) if (isShown(copy.subarray(at, at + window))) return true;
      return false;
    })
    .map(({ what }) => what);
}
