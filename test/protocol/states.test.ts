// The secrets of each state and the effects of each transition, exactly: nothing missing and nothing besides.
import { describe, expect, it } from 'vitest';
import { messageTable } from '../../src/generated/codec.ts';
import type { EncapsulationKey } from '../../src/generated/kinds.ts';
import type { Message } from '../../src/generated/messages.ts';
import type { Bytes } from '../../src/octets.ts';
import { type Effect, unhold } from '../../src/protocol/transition.ts';
import { type Peer, pair, run } from './pair.ts';

const number = (message: Message<Bytes>): number => messageTable[message.type].type;
const sent = (effects: readonly Effect<Bytes>[]): Message<Bytes>[] =>
  effects.flatMap((one) => (one.effect === 'send' ? [one.message] : []));

/** The octets of a secret, or that it is a key which decapsulates. */
function shape(secret: unknown): number | string {
  if (secret instanceof Uint8Array) return secret.length;
  return typeof secret === 'object' && secret !== null && 'decapsulate' in secret ? 'decapsulation key' : 'no secret';
}

/** The secrets of a peer's states, from the first to the last, when every message goes alone. */
function heldInEachState(which: 'initiator' | 'responder'): Record<string, (number | string)[]> {
  const both = pair({ schedule: { first: 'initiator' } });
  const held: Record<string, (number | string)[]> = {};
  const note = (peer: Peer) => {
    held[peer.state()] = peer.secrets().map(shape);
  };
  run(both, number, (message) => {
    note(both[which]);
    return [message];
  });
  note(both[which]);
  return held;
}

describe('PQ-P-10: a state names each secret that it holds, so that leaving it wipes exactly these', () => {
  it('the initiator: sk_e; ss_e, k_hid; ss_e, ss_i, k_hid; k_C_r, k_session', () => {
    expect(heldInEachState('initiator')).toEqual({
      awaitingResponderHello: ['decapsulation key'],
      awaitingResponderCertificate: [32, 32],
      awaitingResponderEncapsulation: [32, 32, 32],
      awaitingResponderConfirmation: [48, 48],
      completed: [],
    });
  });

  it('the responder: nothing; ss_e, k_hid; ss_e, ss_r, k_hid; k_C_i, k_session', () => {
    expect(heldInEachState('responder')).toEqual({
      awaitingInitiatorHello: [],
      awaitingInitiatorCertificate: [32, 32],
      awaitingInitiatorEncapsulation: [32, 32, 32],
      awaitingInitiatorConfirmation: [48, 48],
      completed: [],
    });
  });
});

describe('a responder that took message 1', () => {
  const started = () => {
    const both = pair({ schedule: { first: 'initiator' } });
    const [hello] = sent(both.initiator.start());
    if (hello?.type !== 'initiatorHello') throw new Error('the initiator did not begin with its hello');
    both.responder.start();
    return { hello, responder: both.responder };
  };

  it('PQ-P-26: whose pk_e fails the modulus check aborts in step 1, with that one effect', () => {
    const { hello, responder } = started();
    const ephemeralKey = hello.ephemeralKey.map(() => 0xff) as EncapsulationKey<Bytes>;
    const effects = responder.step({ event: 'receive', message: { ...hello, ephemeralKey } });
    expect(effects).toEqual([
      { effect: 'abort', failure: expect.objectContaining({ code: 'invalid-encapsulation-key', step: 1 }) },
    ]);
    expect(responder.state()).toBe('aborted');
    expect(responder.secrets()).toEqual([]);
  });

  it('PQ-3-02: sends its hello and nothing besides when the initiator is to show its certificate first', () => {
    const { hello, responder } = started();
    const effects = responder.step({ event: 'receive', message: hello });
    expect(effects).toEqual([{ effect: 'send', message: expect.objectContaining({ type: 'responderHello' }) }]);
  });

  it('PQ-P-04: names to the local side the message that came and the one that was awaited', () => {
    const { hello, responder } = started();
    responder.step({ event: 'receive', message: hello });
    const [effect] = responder.step({ event: 'receive', message: hello });
    if (effect?.effect !== 'abort') throw new Error('the responder went on');
    expect(effect.failure.message).toMatch(/: got initiatorHello, awaited initiatorCertificate$/);
  });
});

describe('nothing is asked for that the protocol does not say', () => {
  it('a responder that starts does nothing but wait', () => {
    const { responder } = pair();
    expect(responder.state()).toBe('unstarted');
    expect(responder.start()).toEqual([]);
    expect(responder.state()).toBe('awaitingInitiatorHello');
  });

  it('where no message is held none is sent', () => {
    expect(unhold(undefined)).toEqual([]);
  });
});
