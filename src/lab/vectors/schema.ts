// The JSON Schema of the files of vectors, with the names of the specification.

import { channelFailureTable, directionOf, recordTable } from '../../generated/channel.ts';
import { messageNames } from '../../generated/codec.ts';
import { draft, protocolVersion } from '../../generated/constants.ts';
import { failureTable } from '../../generated/failures.ts';
import { type ReadingChoice, readingAxes } from '../../generated/keySchedule.ts';
import { coinOctets as hedgedCoinOctets } from '../../protocol/hedging.ts';
import type { VectorFile } from './format.ts';
import { coinOctets } from './run.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Octets: exactly so many, or at least. */
const octets = (exactly?: number, minimum = 0): Schema => ({
  type: 'string',
  pattern: exactly === undefined ? `^(?:[0-9a-f]{2}){${minimum},}$` : `^(?:[0-9a-f]{2}){${exactly}}$`,
});
const text: Schema = { type: 'string', pattern: '^[ -~]+$' };
const id: Schema = { type: 'string', pattern: '^[a-z-]+/[A-Za-z0-9+/-]+$' };
const count: Schema = { type: 'integer', minimum: 0 };
const oneOf = (...values: readonly unknown[]): Schema => ({ enum: values });
const list = (items: Schema, minItems = 0): Schema => ({ type: 'array', items, minItems });
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });

/** An object with these members; a member whose name ends with `?` may be absent. */
function object(members: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(members);
  return {
    type: 'object',
    additionalProperties: false,
    required: entries.map(([name]) => name).filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
  };
}

const vector = {
  id,
  about: text,
  version: { const: protocolVersion },
  draft: { const: draft },
  requirements: { ...list({ type: 'string', pattern: '^PQ-[0-9PC][0-9.]*-[0-9]{2}$' }, 1), uniqueItems: true },
};
const clock: Schema = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$' };
const role = oneOf('initiator', 'responder');
const code = oneOf(...Object.keys(failureTable));
const type: Schema = { type: 'integer', minimum: 1, maximum: messageNames.length };
const change = {
  'patch?': list(object({ offset: count, octets: octets(undefined, 1) }), 1),
  'length?': count,
  'append?': octets(undefined, 1),
  'from?': count,
};
const hkdf = { salt: octets(), IKM: octets(), PRK: octets(48), info: octets(), L: count };
const values = {
  ss_e: octets(32),
  ss_i: octets(32),
  ss_r: octets(32),
  kdf_1: object(hkdf),
  k_hid: octets(32),
  h_i_steps: list(octets(48), 1),
  h_r_steps: list(octets(48), 1),
  h_i: octets(48),
  h_r: octets(48),
  S: octets(undefined, 192),
  kdf_2: object({ ...hkdf, OKM: octets(144) }),
  k_C_i: octets(48),
  k_C_r: octets(48),
  k_session: octets(48),
  confirmationInput: octets(96),
  C_i: octets(48),
  C_r: octets(48),
  sessionIdentifier: octets(48),
  sessionDigest: octets(48),
};
const exported = object({
  label: text,
  context: octets(),
  length: count,
  info: octets(),
  octets: octets(undefined, 1),
});
const side = (of: 'initiator' | 'responder'): Schema =>
  object({
    identity: id,
    'expectedPeer?': text,
    coins: object(Object.fromEntries(Object.entries(coinOctets[of]).map(([name, length]) => [name, octets(length)]))),
  });

const definitions = {
  reading: object(
    Object.fromEntries(
      Object.entries(readingAxes).map(([axis, { alternatives }]) => [axis, oneOf(...alternatives)]),
    ) as Record<keyof ReadingChoice, Schema>,
  ),
  ending: {
    oneOf: [
      object({ status: { const: 'completed' } }),
      object({ status: { const: 'failed' }, code, step: { type: 'integer', minimum: 1, maximum: 4 } }),
    ],
  },
  message: object({ type, octets: octets(undefined, 4) }),
  arrival: {
    oneOf: [
      object({ message: type, 'of?': id, ...change }),
      object({ octets: octets(undefined, 1) }),
      object({ event: oneOf('message-timeout', 'handshake-timeout', 'connection-closed') }),
    ],
  },
};

const primitive = (operation: string, members: Readonly<Record<string, Schema>>): Schema =>
  object({ ...vector, maker: oneOf('noble', 'openssl'), operation: { const: operation }, ...members });
const sealing = { key: octets(32), initialVector: octets(12), associatedData: octets(), sealed: octets() };
const judged = { ...vector, clock, trustAnchors: list(id, 1), certificate: octets(undefined, 1) };

const ofDirections = (name: string, length: number): Readonly<Record<string, Schema>> =>
  Object.fromEntries(Object.values(directionOf).map((direction) => [`${name}_${direction}`, octets(length)]));
const recordType = oneOf(...Object.keys(recordTable));
const channelCases: readonly Schema[] = [
  object({
    ...{ ...vector, layer: { const: 'keys' }, root: octets(48), k_session: octets(48) },
    values: object({
      ...{ ...ofDirections('secret', 48), ...ofDirections('commit', 32), ...ofDirections('key', 32) },
      ...{ ...ofDirections('iv', 12), ...ofDirections('next', 48) },
      ...{ chain: octets(48), exporter: octets(48), nextRoot: octets(48) },
    }),
  }),
  object({
    ...{ ...vector, layer: { const: 'record' }, secret: octets(48), sequence: count, type: recordType },
    ...{ content: octets(), padding: count, key: octets(32), iv: octets(12), nonce: octets(12) },
    octets: octets(undefined, 19),
  }),
  object({
    ...{ ...vector, layer: { const: 'stream' }, sender: role, direction: oneOf(...Object.values(directionOf)) },
    ...{ base: id, inner: list(id), root: octets(48), k_sessions: list(octets(48)) },
    'limits?': object({ recordsBeforeRatchet: count }),
    ...{ octets: octets(undefined, 32), types: list(recordType, 1), delivered: octets() },
  }),
  object({
    ...{ ...vector, layer: { const: 'refused' }, role, root: octets(48), ends: { type: 'boolean' } },
    'limits?': object({ 'recordsAtFailure?': count, 'allowance?': count }),
    ...{ octets: octets(undefined, 1), delivered: octets(), code: oneOf(...Object.keys(channelFailureTable)) },
  }),
];

/** The cases of every kind of file. */
const cases: Readonly<Record<VectorFile['kind'], readonly Schema[]>> = {
  identities: [
    object({ ...vector, type: { const: 'authority' }, seed: octets(32), certificate: octets(undefined, 1) }),
    object({ ...vector, type: { const: 'peer' }, issuer: id, seed: octets(64), certificate: octets(undefined, 1) }),
  ],
  primitives: [
    primitive('ml-kem-1024.keygen', {
      seed: octets(64),
      encapsulationKey: octets(1568),
      decapsulationKey: octets(3168),
    }),
    primitive('ml-kem-1024.encapsulate', {
      encapsulationKey: octets(1568),
      coins: octets(32),
      result: { const: 'accepted' },
      ciphertext: octets(1568),
      sharedSecret: octets(32),
    }),
    primitive('ml-kem-1024.encapsulate', { encapsulationKey: octets(), result: { const: 'refused' } }),
    primitive('ml-kem-1024.decapsulate', {
      seed: octets(64),
      ciphertext: octets(1568),
      sharedSecret: octets(32),
      rejected: { type: 'boolean' },
    }),
    primitive('ml-dsa-87.keygen', { seed: octets(32), publicKey: octets(2592) }),
    primitive('ml-dsa-87.verify', {
      publicKey: octets(2592),
      message: octets(),
      signature: octets(),
      valid: { type: 'boolean' },
    }),
    primitive('sha-384', { message: octets(), digest: octets(48) }),
    primitive('hmac-sha-384', { key: octets(), message: octets(), tag: octets(48) }),
    primitive('hkdf-sha-384.extract', { salt: octets(), ikm: octets(), prk: octets(48) }),
    primitive('hkdf-sha-384.expand', { prk: octets(), info: octets(), length: count, okm: octets(undefined, 1) }),
    primitive('aes-256-gcm.seal', { ...sealing, plaintext: octets(), result: { const: 'accepted' } }),
    primitive('aes-256-gcm.open', { ...sealing, result: { const: 'refused' } }),
  ],
  codec: [
    object({
      ...vector,
      awaited: oneOf(...messageNames),
      result: { const: 'accepted' },
      octets: octets(undefined, 4),
      fields: { type: 'object', additionalProperties: octets(undefined, 1), minProperties: 1 },
    }),
    object({ ...vector, awaited: oneOf(...messageNames), result: { const: 'refused' }, of: id, code, ...change }),
  ],
  'key-schedule': [
    object({
      ...vector,
      reading: ref('reading'),
      'ss_pre?': octets(undefined, 32),
      values: object(values),
      exports: list(exported, 1),
    }),
  ],
  certificates: [
    object({
      ...judged,
      result: { const: 'accepted' },
      subject: text,
      uris: list(text),
      issuer: text,
      encapsulationKey: octets(1568),
    }),
    object({ ...judged, result: { const: 'refused' }, code }),
  ],
  handshakes: [
    object({
      ...vector,
      reading: ref('reading'),
      schedule: oneOf('eager', 'initiator-first', 'responder-first'),
      clock,
      trustAnchors: list(id, 1),
      'ss_pre?': octets(undefined, 32),
      initiator: side('initiator'),
      responder: side('responder'),
      values: object({ AD_i: octets(), AD_r: octets(), ...values }),
      messages: { ...list(ref('message'), messageNames.length), maxItems: messageNames.length },
      flights: list(object({ from: role, types: list(type, 1) }), 1),
      exports: list(exported, 1),
      outcome: object({ initiator: ref('ending'), responder: ref('ending') }),
    }),
  ],
  deliveries: [
    object({
      ...vector,
      base: id,
      role,
      'with?': object({
        'clock?': clock,
        'trustAnchors?': list(id, 1),
        'ss_pre?': octets(),
        'expectedPeer?': text,
        'revocationLists?': list(octets(undefined, 1), 1),
        'reading?': ref('reading'),
        'afterwards?': { const: 'refuse' },
      }),
      arrivals: list(ref('arrival'), 1),
      sends: list(list(object({ message: type, 'octets?': octets(undefined, 4) })), 2),
      outcome: ref('ending'),
    }),
  ],
  channel: channelCases,
  hedged: [
    object({
      ...{ ...vector, role, coin: oneOf(...Object.keys(hedgedCoinOctets)), seed: octets(64), ct_h: octets(1568) },
      ...{ ss_h: octets(32), k_h: octets(48), randomness: octets(64), bound: octets(), length: count },
      octets: octets(undefined, 12),
    }),
  ],
};

const fileOf = ([kind, alternatives]: readonly [string, readonly Schema[]]): Schema =>
  object({
    kind: { const: kind },
    ...(kind === 'key-schedule' ? { messages: { ...list(ref('message'), 6), maxItems: 6 } } : {}),
    cases: list(alternatives.length === 1 ? (alternatives[0] ?? {}) : { oneOf: alternatives }, 1),
  });

const index = object({
  kind: { const: 'index' },
  format: { const: 2 },
  protocol: text,
  version: { const: protocolVersion },
  draft: { const: draft },
  files: list(
    object({
      file: { type: 'string', pattern: '^[a-z-]+\\.json$' },
      kind: oneOf(...Object.keys(cases)),
      cases: { type: 'integer', minimum: 1 },
      digest: octets(32),
    }),
    1,
  ),
});

/** Of the index and of every file that it lists. */
export const schema: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Test vectors of PQuAKE version 1',
  definitions,
  oneOf: [index, ...Object.entries(cases).map(fileOf)],
};
