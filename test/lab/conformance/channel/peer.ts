// A peer with a channel, in this process, that can leave out each of its checks. Keys are derived as the product does; records are taken
// and made here.
import { bytesRecords } from '../../../../src/algebra/bytesRecords.ts';
import { type Running, running } from '../../../../src/channel/inner.ts';
import { beginOf, counted, type Protection, ratcheted, rootAfter, rootSecrets } from '../../../../src/channel/keys.ts';
import type { InnerHandshake } from '../../../../src/channel/options.ts';
import type { Suite } from '../../../../src/crypto/suite.ts';
import { isFilled, type RecordName, recordOfType } from '../../../../src/generated/channel.ts';
import type { ChannelChain, ChannelRoot, ChannelSecret, SessionKey } from '../../../../src/generated/kinds.ts';
import type { RecordCounts } from '../../../../src/lab/conformance/channel/script.ts';
import { type Bytes, concat, same } from '../../../../src/octets.ts';
import type { Role } from '../../../../src/role.ts';
import type { ChannelDefect } from './defects.ts';
import { countsOf, openedUnder, sealedUnder } from './records.ts';

export interface TestChannelOptions {
  readonly role: Role;
  readonly suite: Suite;
  readonly root: Bytes;
  readonly inner: InnerHandshake;
  readonly limits: RecordCounts;
  readonly has: (defect: ChannelDefect) => boolean;
  readonly write: (octets: Bytes) => void;
  readonly deliver: (data: Bytes) => void;
  /** Both directions were closed in order. */
  readonly done: () => void;
}

export interface TestChannel {
  /** @throws Error at the first octet that breaks a rule */
  readonly receive: (octets: Bytes) => void;
  /** The connection has ended. @throws Error before the peer's close */
  readonly end: () => void;
  readonly send: (data: Bytes) => void;
  readonly close: () => void;
  readonly alert: () => void;
}

const none = new Uint8Array(0);
const mostEmpty = 500;

export function testChannel({
  role,
  suite,
  root,
  inner,
  limits,
  has,
  write,
  deliver,
  done,
}: TestChannelOptions): TestChannel {
  const { algebra } = bytesRecords(suite);
  const first = rootSecrets(algebra, role, root as ChannelRoot<Bytes>);
  let { chain }: { chain: ChannelChain<Bytes> } = first;
  const [outgoing, incoming] = [beginOf(algebra, first.sent), beginOf(algebra, first.received)];
  let out: Protection<Bytes> = outgoing.protection;
  let due: Bytes | undefined = outgoing.commitment;
  let into: Protection<Bytes> = incoming.protection;
  let before: Protection<Bytes> = into; // the key before, for those who go on with it
  let awaited: Bytes | undefined = incoming.commitment;
  let next: { received: ChannelSecret<Bytes> } | undefined;
  let handshake: Running | undefined;
  let [allSent, abandoned, closed, peerClosed] = [false, false, false, false];
  let input: Bytes = none;
  let [empty, epoch] = [0, 0];

  const { mostSealed, mostTaken } = countsOf(limits, has);

  function record(type: RecordName, content: Bytes = none): void {
    if (closed) return;
    if (type !== 'ratchet' && out.sequence >= mostSealed) {
      record('ratchet');
      out = ratcheted(algebra, out);
    }
    const octets = sealedUnder(suite, out, type, content);
    if (!has('counts no records')) out = counted(out);
    const commitment = due ?? none;
    due = undefined;
    write(concat(has('sends no commitment') ? none : commitment, octets));
  }

  const refuse = (why: string): never => {
    throw new Error(why);
  };
  const check = (defect: ChannelDefect, holds: boolean): void => {
    if (!holds && !has(defect)) refuse(defect);
  };

  /** Opens a record under the present key, or under one that a defect has it try. */
  function open(octets: Bytes): Bytes {
    const tries: [Protection<Bytes>, number][] = [[into, into.sequence]];
    if (has('takes records in any order')) for (let i = 0; i < into.sequence + 3; i += 1) tries.push([into, i]);
    if (has('takes its own records')) for (let i = 0; i < out.sequence; i += 1) tries.push([out, i]);
    if (has('takes records under the old key behind a ratchet')) tries.push([before, before.sequence]);
    if (has('takes records under the old key behind a switch')) tries.push([before, before.sequence]);
    if (has('takes records under the next key without a ratchet')) tries.push([ratcheted(algebra, into), 0]);
    for (const [p, sequence] of tries) {
      const opened = openedUnder(suite, p, sequence, octets, has('takes a record whose tag is wrong'));
      if (opened !== undefined) return opened;
    }
    return refuse('record not opened');
  }

  function advance({ send, sendsLast, end }: ReturnType<Running['start']>): void {
    for (const octets of send) record('handshake', octets);
    allSent ||= sendsLast;
    if (end.end === 'failed') {
      handshake = undefined;
      if (!has('goes on when an inner handshake fails')) refuse('inner handshake failed');
    }
    if (end.end !== 'completed') return;
    handshake = undefined;
    const sessionKey = end.session.sessionKey.reveal() as SessionKey<Bytes>;
    const from = has('makes the next root of the inner handshake alone')
      ? (sessionKey as unknown as ChannelRoot<Bytes>)
      : rootAfter(algebra, chain, sessionKey);
    const made = rootSecrets(algebra, role, from);
    if (!(has('keeps the first chain') && epoch === 0)) ({ chain } = made);
    epoch += 1;
    next = made;
    if (has('sends no switch')) return;
    record('switch');
    const begin = beginOf(algebra, made.sent);
    if (!closed) [out, due] = [begin.protection, begin.commitment];
    if (!closed) {
      write(due ?? none);
      due = undefined;
    }
  }

  function start(): void {
    allSent = false;
    handshake = running(role, inner, () => true);
    advance(handshake.start());
  }

  function takeInner(content: Bytes): void {
    if (has('takes a message of an inner handshake from one record alone') && content.length === 100)
      refuse('cut message');
    if (abandoned) {
      check('fails when an inner handshake is abandoned', !has('fails when an inner handshake is abandoned'));
      return;
    }
    if (handshake === undefined && next !== undefined) {
      check('takes octets behind an inner handshake', false);
      return;
    }
    if (handshake === undefined && role === 'initiator') {
      check('takes an inner handshake that it has not started', false);
      return;
    }
    if (handshake === undefined && closed) {
      abandoned = true;
      return;
    }
    if (handshake === undefined) start();
    if (handshake !== undefined) advance(handshake.receive(content));
  }

  function takeSwitch(): void {
    if (next === undefined) {
      if (handshake !== undefined) {
        check('takes a switch within an inner handshake', false);
        return;
      }
      check(epoch > 0 ? 'takes a second switch' : 'takes a switch without an inner handshake', false);
      return;
    }
    const begin = beginOf(algebra, next.received);
    before = into;
    [into, awaited, next] = [begin.protection, begin.commitment, undefined];
  }

  function takeClose(): void {
    peerClosed = true;
    if (handshake !== undefined) {
      if (has('fails when an inner handshake is abandoned')) refuse('abandoned');
      handshake.abandon();
      handshake = undefined;
      abandoned = true;
    }
    next = undefined;
    if (has('closes when the other side does')) close();
    if (closed && peerClosed) done();
  }

  function take(inside: Bytes): void {
    into = counted(into);
    const at = inside.findLastIndex((octet) => octet !== 0);
    if (at < 0) {
      check('takes a record of zeros only', false);
      return;
    }
    if (has('takes no padding')) check('takes a record of zeros only', at === inside.length - 1);
    const [type, content] = [recordOfType(inside[at] ?? 0), inside.subarray(0, at)];
    if (type === undefined) {
      check('takes records of unknown types', false);
      deliver(content);
      return;
    }
    if (!isFilled(type)) check('takes content where there is none', content.length === 0);
    if (type === 'handshake' && content.length === 0) {
      check('takes an empty record of an inner handshake', false);
      return;
    }
    empty += content.length === 0 && ['data', 'ratchet', 'request'].includes(type) ? 1 : -empty;
    if (empty > mostEmpty) check('takes any number of empty records', false);
    if (type === 'data') {
      if (has('refuses empty data') && content.length === 0) refuse('empty');
      if (!(has('loses data within an inner handshake') && handshake !== undefined)) deliver(content);
    }
    if (type === 'ratchet') {
      before = into;
      if (!has('makes no ratchet')) into = ratcheted(algebra, into);
      if (has('goes on counting behind a ratchet')) into = { ...into, sequence: before.sequence };
    }
    if (type === 'handshake') takeInner(content);
    if (type === 'switch') takeSwitch();
    if (type === 'close') takeClose();
    if (type === 'request') takeRequest();
  }

  function takeRequest(): void {
    if (role === 'responder') {
      check('takes a request of the initiator', false);
      return;
    }
    const busy = handshake !== undefined || next !== undefined;
    if (busy && has('refuses a request within an inner handshake')) refuse('request');
    if (closed || peerClosed || (busy && !has('starts again for a request within an inner handshake'))) return;
    start();
  }

  function takeCommitment(octets: Bytes, expected: Bytes): void {
    const defect = epoch === 0 ? 'takes any first commitment' : 'takes any commitment behind a switch';
    const compared = has('compares the first octets of a commitment') ? 16 : 32;
    const alike = has('compares the last octets of a commitment')
      ? same(octets.subarray(16), expected.subarray(16))
      : same(octets.subarray(0, compared), expected.subarray(0, compared));
    const own = has('takes its own commitment') && !same(octets, new Uint8Array(32));
    check(defect, alike || own);
  }

  function step(): boolean {
    if (peerClosed && input.length > 0) {
      check('takes octets behind a close', false);
      input = none;
      return false;
    }
    if (awaited !== undefined) {
      if (input.length < 32) return false;
      takeCommitment(input.subarray(0, 32), awaited);
      [awaited, input] = [undefined, input.subarray(32)];
      return true;
    }
    if (input.length < 2) return false;
    const length = (input[0] ?? 0) * 256 + (input[1] ?? 0);
    const most = has('refuses a record of 16,401 octets') ? 16_400 : 16_401;
    const inTime = !has('judges a length when the record has come') || input.length >= 2 + length;
    if (inTime) check('waits for a record that is too short', length >= 17);
    if (inTime) check('waits for a record that is too long', length <= most);
    if (input.length < 2 + length || length < 17) return false;
    check('takes any number of records under one key', into.sequence < mostTaken);
    const whole = input.slice(0, 2 + length);
    input = input.slice(2 + length);
    take(open(whole));
    return true;
  }

  function close(): void {
    if (closed) return;
    if (!has('ends without a close')) record('close');
    closed = true;
    if (handshake !== undefined && !allSent) {
      handshake.abandon();
      handshake = undefined;
      abandoned = true;
    }
    if (peerClosed) done();
  }

  return {
    receive: (octets) => {
      if (has('takes one record from one read')) {
        const whole = awaited === undefined ? octets.length >= 2 + 17 : octets.length >= 34;
        if (!whole && !peerClosed) refuse('cut');
      }
      input = concat(input, octets);
      while (step());
    },
    end: () => check('takes the end of the connection for a close', peerClosed),
    send: (data) => {
      for (let at = 0; at < data.length; at += 10_000) record('data', data.subarray(at, at + 10_000));
    },
    close,
    alert: () => record('data', Uint8Array.of(1)),
  };
}
