// `fail` called by the observer of a handshake: nothing more is sent, and both sides end.
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { MessageName } from '../../../src/generated/messages.ts';
import { type Handshake, initiator, responder } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { type HandshakeResult, handshakeOver } from '../../../src/node/transport/stream.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';

const suite = chooseSuite();
const who = (name: string) => ({
  ...{
    suite,
    time,
    credentials: credentialsFor(suite, name),
    trustAnchors: [anchorFor(suite)],
    expectedPeer: 'anyone' as const,
  },
});
const timersOf = (): number => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
const codeOf = (result: HandshakeResult<unknown>): string => (result.ok ? 'completed' : result.failure.code);

interface Ended {
  /** How each side ended. */
  readonly codes: readonly string[];
  /** Octets that the failing side wrote after it failed. */
  readonly written: number;
  readonly told: readonly string[];
}

/** A handshake in which one side's observer fails it when it is told of a message. */
async function failingAt(
  role: 'initiator' | 'responder',
  direction: 'sent' | 'received',
  at: MessageName,
): Promise<Ended> {
  const [near, far] = duplexPair();
  const [alice, bob] = [initiator(who('alice')), responder(who('bob'))];
  const [mine, other]: Handshake[] = role === 'initiator' ? [alice, bob] : [bob, alice];
  if (!mine || !other) throw new Error('no peers');
  let written = 0;
  let failed = false;
  const write = near.write.bind(near);
  near.write = (chunk: Uint8Array, ...more: never[]) => {
    if (failed) written += chunk.length;
    return write(chunk, ...more);
  };
  const told: string[] = [];
  const results = [
    handshakeOver(near, mine, {
      onMessage: (one) => {
        if (failed) told.push(`${one.direction} ${one.message}`);
        if (one.direction !== direction || one.message !== at) return;
        failed = true;
        mine.fail('handshake-timeout', 'the observer has enough');
      },
    }),
    handshakeOver(far, other),
  ];
  const codes = (await Promise.all(results)).map(codeOf);
  expect(failed).toBe(true);
  return { codes, written, told };
}

describe('fail inside onMessage', () => {
  it.each([
    ['initiator', 'received', 'responderHello'],
    ['initiator', 'received', 'responderCertificate'],
    ['initiator', 'received', 'responderEncapsulation'],
    ['initiator', 'sent', 'initiatorHello'],
    ['initiator', 'sent', 'initiatorEncapsulation'],
    ['responder', 'received', 'initiatorHello'],
    ['responder', 'received', 'initiatorCertificate'],
    ['responder', 'received', 'initiatorEncapsulation'],
    ['responder', 'sent', 'responderCertificate'],
    ['responder', 'sent', 'responderConfirmation'],
    ['responder', 'received', 'initiatorConfirmation'],
  ] as const)(
    'by the %s that %s %s: nothing is sent from there on, and both ends are told',
    async (role, direction, at) => {
      const before = timersOf();
      const { codes, written, told } = await failingAt(role, direction, at);
      // A responder that sent its confirmation fails too late for its peer, which completes with it.
      expect(codes).toEqual(['handshake-timeout', at.endsWith('Confirmation') ? 'completed' : 'connection-closed']);
      expect(written).toBe(0);
      if (direction === 'received') expect(told.filter((one) => one.startsWith('sent'))).toEqual([]);
      await eventually(() => expect(timersOf()).toBeLessThanOrEqual(before));
    },
  );
});
