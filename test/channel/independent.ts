// An independent implementation of spec/channel.md, on node:crypto alone: nothing of src/channel. Only the handshakes inside are the
// library's. It is told what to get wrong, so that tests see that the other side notices.
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { Handshake } from '../../src/handshake/handshake.ts';

type Direction = 'i2r' | 'r2i';

const types = { data: 1, close: 2, ratchet: 3, handshake: 4, request: 5, switch: 6 } as const;
export type RecordType = keyof typeof types;
const nameOf = (type: number): RecordType | undefined =>
  (Object.keys(types) as RecordType[]).find((name) => types[name] === type);

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha384', key).update(data).digest();

function expand(secret: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 1; blocks.length * 48 < length; i += 1)
    blocks.push(hmac(secret, Buffer.concat([blocks.at(-1) ?? Buffer.alloc(0), info, Buffer.of(i)])));
  return Buffer.concat(blocks).subarray(0, length);
}

const noContext = createHash('sha384').digest();
const exported = (secret: Uint8Array, label: string): Buffer =>
  expand(secret, Buffer.concat([Buffer.from(`pquake channel v1 ${label}`), Buffer.of(0), noContext]), 48);

/** The keys of one direction. */
interface Keys {
  secret: Buffer;
  key: Buffer;
  iv: Buffer;
  sequence: bigint;
}

const keysOf = (secret: Buffer): Keys => ({
  secret,
  key: expand(secret, Buffer.from('key'), 32),
  iv: expand(secret, Buffer.from('iv'), 12),
  sequence: 0n,
});

function nonceOf({ iv, sequence }: Keys): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ sequence, 4);
  return nonce;
}

const commitmentOf = (secret: Buffer): Buffer => expand(secret, Buffer.from('commit'), 32);
const other = (d: Direction): Direction => (d === 'i2r' ? 'r2i' : 'i2r');

export interface IndependentOptions {
  readonly role: 'initiator' | 'responder';
  /** `k_session`. */
  readonly root: Uint8Array;
  /** The handshake inside, new each time. */
  readonly inner?: (() => Handshake) | undefined;
  /** Sends octets. */
  readonly write: (octets: Buffer) => void;
  /** Is told of data, of the end of the peer's direction, and of a new root. */
  readonly onData?: ((data: Buffer) => void) | undefined;
  readonly onEvent?: ((event: RecordType | 'completed') => void) | undefined;
  /** Zeros after each data. */
  readonly padding?: number | undefined;
  /** Changes what is sent: the record with its length in front, or the commitment. */
  readonly change?: ((octets: Buffer, what: RecordType | 'commitment') => Buffer) | undefined;
}

export interface Independent {
  readonly receive: (octets: Uint8Array) => void;
  readonly send: (data: Uint8Array) => void;
  /** Seals any record, also what the specification forbids. */
  readonly record: (type: number, content?: Uint8Array, padding?: number) => void;
  readonly close: () => void;
  readonly ratchet: () => void;
  readonly request: () => void;
  readonly startInner: () => void;
  /** Roots since the first. */
  readonly epoch: () => number;
}

/** @throws Error at the first octet that breaks a rule */
export function independent(options: IndependentOptions): Independent {
  const { role, inner, onData, onEvent, padding = 0, change = (octets) => octets } = options;
  const sent: Direction = role === 'initiator' ? 'i2r' : 'r2i';
  const root = Buffer.from(options.root);
  let chain = exported(root, 'chain');
  const secretOf = (of: Buffer, d: Direction): Buffer => exported(of, d);
  let out = keysOf(secretOf(root, sent));
  let into = keysOf(secretOf(root, other(sent)));
  let unsent: Buffer | undefined = commitmentOf(out.secret);
  let awaited: Buffer | undefined = commitmentOf(into.secret);
  let input: Buffer = Buffer.alloc(0);
  let ended = false;
  let handshake: Handshake | undefined;
  let next: { root: Buffer; chain: Buffer } | undefined; // the new root, once completed
  let epoch = 0;

  function record(type: number, content: Uint8Array = Buffer.alloc(0), zeros = 0): void {
    const inside = Buffer.concat([content, Buffer.of(type), Buffer.alloc(zeros)]);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(inside.length + 16);
    const cipher = createCipheriv('aes-256-gcm', out.key, nonceOf(out)).setAAD(length);
    const sealed = Buffer.concat([length, cipher.update(inside), cipher.final(), cipher.getAuthTag()]);
    out.sequence += 1n;
    const first = unsent === undefined ? Buffer.alloc(0) : change(unsent, 'commitment');
    unsent = undefined;
    options.write(Buffer.concat([first, change(sealed, nameOf(type) ?? 'data')]));
  }

  function sendSwitch(of: Buffer): void {
    record(types.switch);
    out = keysOf(secretOf(of, sent));
    unsent = commitmentOf(out.secret);
  }

  function act({ send, outcome }: ReturnType<Handshake['start']>): void {
    for (const { octets } of send)
      for (let at = 0; at < octets.length; at += 1_000) record(types.handshake, octets.subarray(at, at + 1_000));
    if (outcome.status === 'failed') throw new Error(`inner handshake: ${outcome.failure.code}`);
    if (outcome.status !== 'completed') return;
    if (outcome.rest.length > 0) throw new Error('octets after the inner handshake');
    const fresh = hmac(chain, outcome.session.sessionKey.reveal());
    next = { root: fresh, chain: exported(fresh, 'chain') };
    handshake = undefined;
    onEvent?.('completed');
    sendSwitch(fresh);
  }

  function take(type: RecordType | undefined, content: Buffer): void {
    if (type === undefined) throw new Error('unknown record');
    if (!['data', 'handshake'].includes(type) && content.length > 0) throw new Error('unexpected content');
    if (type === 'data') onData?.(content);
    if (type === 'close') ended = true;
    if (type === 'ratchet') into = keysOf(expand(into.secret, Buffer.from('next'), 48));
    if (type === 'request' && role === 'responder') throw new Error('request from the initiator');
    if (type === 'handshake') {
      if (handshake === undefined && role === 'initiator') throw new Error('unexpected handshake');
      const begun = handshake === undefined;
      handshake ??= inner?.();
      if (handshake === undefined) throw new Error('no inner handshake here');
      if (begun) act(handshake.start());
      if (handshake !== undefined) act(handshake.receive(content));
    }
    if (type === 'switch') {
      if (next === undefined) throw new Error('unexpected switch');
      into = keysOf(secretOf(next.root, other(sent)));
      awaited = commitmentOf(into.secret);
      chain = next.chain;
      next = undefined;
      epoch += 1;
    }
    onEvent?.(type);
  }

  /** Takes one record, or a commitment, off the input. @returns whether there may be another */
  function step(): boolean {
    if (ended && input.length > 0) throw new Error('octets after close');
    if (awaited !== undefined) {
      if (input.length < 32) return false;
      if (!input.subarray(0, 32).equals(awaited)) throw new Error('wrong commitment');
      awaited = undefined;
      input = input.subarray(32);
      return true;
    }
    if (input.length < 2) return false;
    const length = input.readUInt16BE(0);
    if (length < 17 || length > 16_401) throw new Error('record length');
    if (input.length < 2 + length) return false;
    const body = input.subarray(2, 2 + length);
    const decipher = createDecipheriv('aes-256-gcm', into.key, nonceOf(into))
      .setAAD(input.subarray(0, 2))
      .setAuthTag(body.subarray(-16));
    const inside = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]);
    into.sequence += 1n;
    input = input.subarray(2 + length);
    const at = inside.findLastIndex((octet) => octet !== 0);
    if (at < 0) throw new Error('zeros only');
    take(nameOf(inside[at] ?? 0), inside.subarray(0, at));
    return true;
  }

  return {
    receive: (octets) => {
      input = Buffer.concat([input, octets]);
      while (step());
    },
    send: (data) => {
      for (let at = 0; at < data.length; at += 16_000) record(types.data, data.subarray(at, at + 16_000), padding);
    },
    record,
    close: () => record(types.close),
    ratchet: () => {
      record(types.ratchet);
      out = keysOf(expand(out.secret, Buffer.from('next'), 48));
    },
    request: () => record(types.request),
    startInner: () => {
      if (inner === undefined) throw new Error('no inner handshake here');
      handshake = inner();
      act(handshake.start());
    },
    epoch: () => epoch,
  };
}
