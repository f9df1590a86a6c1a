// Peers that read or write octets wrongly.

import { messageTable } from '../../../../src/generated/codec.ts';
import type { MessageName } from '../../../../src/generated/messages.ts';
import { type Bytes, concat } from '../../../../src/octets.ts';
import type { Role } from '../../../../src/role.ts';
import type { Defect } from '../defect.ts';

type Inbound = NonNullable<Defect['inbound']>;

const isMessage = (name: string): name is MessageName => Object.hasOwn(messageTable, name);
const own = (role: Role): number => (role === 'initiator' ? 1 : 2);

/** Cuts the stream by the lengths that it states itself, and hands on each message as `change` returns it. */
const byMessages =
  (
    change: (message: Bytes, awaited: MessageName | undefined) => readonly Bytes[],
    header?: (header: Bytes) => number,
  ): Inbound =>
  (_, awaited) => {
    let rest: Bytes = new Uint8Array();
    return (chunk) => {
      rest = concat(rest, chunk);
      const out: Bytes[] = [];
      while (rest.length >= 4) {
        const length = 4 + (header?.(rest) ?? (rest[2] ?? 0) * 256 + (rest[3] ?? 0));
        if (rest.length < length) break;
        const name = awaited();
        out.push(...change(rest.slice(0, length), isMessage(name) ? name : undefined));
        rest = rest.slice(length);
        if (out.length > 0) break; // the next one is judged against the message awaited then
      }
      return out;
    };
  };

/** Calls `byMessages`, which hands on one message at a time, until there is none. */
const draining =
  (inbound: Inbound): Inbound =>
  (role, awaited) => {
    const next = inbound(role, awaited);
    return function* all(chunk: Bytes): Generator<Bytes> {
      for (let out = next(chunk); out.length > 0; out = next(new Uint8Array())) yield* out;
    } as unknown as (chunk: Bytes) => readonly Bytes[];
  };

/** Cuts the stream into whole messages. */
export const rewriting = (...how: Parameters<typeof byMessages>): Inbound => draining(byMessages(...how));

const fixedOf = (awaited: MessageName | undefined): number | undefined => {
  if (awaited === undefined) return undefined;
  const { minimum, maximum } = messageTable[awaited];
  return minimum === maximum ? maximum : undefined;
};

/** Corrects the length in a header. */
const sized = (message: Bytes): Bytes =>
  message.with(2, (message.length - 4) >> 8).with(3, (message.length - 4) & 0xff);

export const wireDefects: readonly Defect[] = [
  {
    id: 'any-version',
    breaks: 'the version octet is not looked at',
    found: ['version-'],
    inbound: rewriting((message) => [message.with(0, 1)]),
  },
  {
    id: 'newer-versions',
    breaks: 'a version above 1 is taken for 1',
    found: ['version-2', 'version-255'],
    inbound: rewriting((message) => [message.with(0, Math.min(1, message[0] ?? 0))]),
  },
  {
    id: 'any-type',
    breaks: 'the type octet is not looked at',
    found: ['type-'],
    inbound: rewriting((message, awaited) => [
      awaited === undefined ? message : message.with(1, messageTable[awaited].type),
    ]),
  },
  {
    id: 'unknown-types-skipped',
    breaks: 'messages of unknown types are passed over',
    found: ['type-', 'twice'],
    inbound: rewriting((message) => ((message[1] ?? 0) >= 1 && (message[1] ?? 0) <= 8 ? [message] : [])),
  },
  {
    id: 'repetitions-skipped',
    breaks: 'a message that is not the one awaited is passed over',
    found: ['twice'],
    inbound: rewriting((message, awaited) =>
      awaited !== undefined && message[1] !== messageTable[awaited].type ? [] : [message],
    ),
  },
  {
    id: 'length-ignored',
    breaks: 'as many octets are read as the type has, whatever the length says',
    found: ['length-swapped', 'empty'],
    inbound: rewriting(
      (message, awaited) => [fixedOf(awaited) === undefined ? message : sized(message)],
      (rest) => {
        const types = Object.values(messageTable);
        const found = types.find(({ type }) => type === rest[1]);
        return found !== undefined && found.minimum === found.maximum
          ? found.maximum
          : (rest[2] ?? 0) * 256 + (rest[3] ?? 0);
      },
    ),
  },
  {
    id: 'longer-data',
    breaks: 'octets behind the last field of a message are passed over',
    found: ['one-long', 'length-65535'],
    inbound: rewriting((message, awaited) => {
      const fixed = fixedOf(awaited);
      return [fixed === undefined || message.length < 4 + fixed ? message : sized(message.slice(0, 4 + fixed))];
    }),
  },
  {
    id: 'shorter-data',
    breaks: 'data that is too short is filled with zeros',
    found: ['m5-one-short', 'm6-one-short', 'm1-one-short', 'm2-one-short'],
    inbound: rewriting((message, awaited) => {
      const fixed = fixedOf(awaited);
      return [
        fixed === undefined || message.length >= 4 + fixed
          ? message
          : sized(concat(message, new Uint8Array(4 + fixed - message.length))),
      ];
    }),
  },
  {
    id: 'octets-between-skipped',
    breaks: 'zeros between messages are passed over',
    found: ['trailing'],
    inbound: () => {
      let between = true;
      let left = 0;
      let header: number[] = [];
      return (chunk) => {
        const out: number[] = [];
        for (const octet of chunk) {
          if (left === 0 && header.length === 0 && octet === 0) continue;
          out.push(octet);
          if (left > 0) left -= 1;
          else header.push(octet);
          if (header.length === 4) [left, header] = [(header[2] ?? 0) * 256 + (header[3] ?? 0), []];
          between = left === 0;
        }
        return out.length === 0 && between ? [] : [Uint8Array.from(out)];
      };
    },
  },
  {
    id: 'little-endian',
    breaks: 'lengths have the less significant octet first, both ways',
    found: ['sanity'],
    inbound: rewriting(
      (message) => [sized(message)],
      (rest) => (rest[3] ?? 0) * 256 + (rest[2] ?? 0),
    ),
    outbound: (message) => [message.with(2, message[3] ?? 0).with(3, message[2] ?? 0)],
  },
  {
    id: 'length-with-header',
    breaks: 'lengths count the header, both ways',
    found: ['sanity'],
    inbound: rewriting(
      (message) => [sized(message)],
      (rest) => (rest[2] ?? 0) * 256 + (rest[3] ?? 0) - 4,
    ),
    outbound: (message) => [message.with(2, message.length >> 8).with(3, message.length & 0xff)],
  },
  {
    id: 'one-read-one-message',
    breaks: 'what one read gives is taken for one message',
    found: ['header-apart', 'one-octet'],
    inbound: () => {
      let broken = false;
      return (chunk) => {
        broken ||= chunk.length < 4 || chunk.length < 4 + (chunk[2] ?? 0) * 256 + (chunk[3] ?? 0);
        return broken ? [Uint8Array.of(0, 0, 0, 0)] : [chunk];
      };
    },
  },
  {
    id: 'rest-of-read-lost',
    breaks: 'what comes behind a message in one read is lost',
    found: ['coalesced'],
    inbound: () => {
      let rest: Bytes = new Uint8Array();
      return (chunk) => {
        rest = concat(rest, chunk);
        const length = 4 + (rest[2] ?? 0) * 256 + (rest[3] ?? 0);
        if (rest.length < 4 || rest.length < length) return [];
        const message = rest.slice(0, length);
        rest = new Uint8Array();
        return [message];
      };
    },
  },
  {
    id: 'header-in-one-read',
    breaks: 'a header that comes in two reads is misread',
    found: ['header-cut', 'first-octet'],
    inbound: () => {
      let seen = 0;
      return (chunk) => {
        seen += chunk.length;
        return seen < 4 ? [concat(chunk, new Uint8Array(4 - chunk.length))] : [chunk];
      };
    },
  },
  {
    id: 'small-buffer',
    breaks: 'messages above 16 KiB are refused',
    found: ['large-certificate'],
    inbound: rewriting((message) => [message.length > 16_384 ? Uint8Array.of(0, 0, 0, 0) : message]),
  },
  {
    id: 'wrong-version-sent',
    breaks: 'the last message says version 2',
    found: ['sanity'],
    outbound: (message) => [(message[1] ?? 0) >= 7 ? message.with(0, 2) : message],
  },
  {
    id: 'alert',
    breaks: 'a failure is told the other side',
    found: ['version-', 'm3-tag', 'm4-tag'],
    onFailure: ({ write, close, status }) => {
      write(Uint8Array.of(1, 9, 0, 2, 2, 40));
      close();
      status(false);
    },
  },
  {
    id: 'text-on-failure',
    breaks: 'an error message in words is sent',
    found: ['m3-tag', 'm4-tag'],
    onFailure: ({ write, close, status }) => {
      write(new TextEncoder().encode('error: bad message\n'));
      close();
      status(false);
    },
  },
  {
    id: 'connection-kept',
    breaks: 'the connection stays open after a failure',
    found: ['type-0'],
    onFailure: ({ status }) => status(false),
  },
  {
    id: 'goes-on',
    breaks: 'after a failure the next message is sent all the same',
    found: ['m3-tag', 'm4-tag', 'certificate-expired'],
    onFailure: ({ write, close, status }, role) => {
      write(concat(Uint8Array.of(1, 4 + own(role), 6, 32), new Uint8Array(1568)));
      close();
      status(false);
    },
  },
  { id: 'no-timeout', breaks: 'waits for ever', found: ['stall'], patient: true },
  { id: 'timeout-renewed', breaks: 'every octet renews the timeout', found: ['trickle'], rearms: true },
  {
    id: 'end-not-noticed',
    breaks: 'does not notice that the stream ended',
    found: ['closed-in'],
    ignoresEnd: true,
  },
  { id: 'status-0', breaks: 'ends with 0 after a failure', found: ['version-', 'zeros'], status: () => 0 },
  { id: 'status-1', breaks: 'ends with 1 after a handshake that completed', found: ['sanity'], status: () => 1 },
  {
    id: 'octets-after',
    breaks: 'sends a farewell behind its last message',
    found: ['sanity'],
    outbound: (message) => ((message[1] ?? 0) >= 7 ? [message, Uint8Array.of(1, 9, 0, 0)] : [message]),
  },
];
