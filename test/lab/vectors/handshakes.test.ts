import { describe, expect, it } from 'vitest';
import type { Suite } from '../../../src/crypto/suite.ts';
import { failureTable } from '../../../src/generated/failures.ts';
import { defaultChoice, type ReadingChoice, readingAxes } from '../../../src/generated/keySchedule.ts';
import type { Outcome, Outgoing, Role } from '../../../src/index.ts';
import type { Handshake } from '../../../src/lab/vectors/format.ts';
import { endingOf } from '../../../src/lab/vectors/play.ts';
import { fromHex, toHex } from '../../../src/octets.ts';
import { otherRole } from '../../../src/role.ts';
import { fileOf, handshakes, rows, suites, vectors } from './files.ts';

/** The peers against each other, through the public library; `cut` says in which pieces octets arrive. */
function converse(suite: Suite, vector: Handshake, cut: (octets: Uint8Array) => readonly Uint8Array[]) {
  const peers = {
    initiator: vectors.peer(vector, 'initiator', suite),
    responder: vectors.peer(vector, 'responder', suite),
  };
  const outcomes: Record<Role, Outcome> = { responder: peers.responder.start().outcome } as Record<Role, Outcome>;
  const started = peers.initiator.start();
  outcomes.initiator = started.outcome;
  const flights: { from: Role; messages: readonly Outgoing[] }[] = [];
  let from: Role = 'initiator';
  let send = started.send;
  while (send.length > 0) {
    flights.push({ from, messages: send });
    const to = otherRole(from);
    send = cut(Buffer.concat(send.map(({ octets }) => octets))).flatMap((piece) => {
      const progress = peers[to].receive(piece);
      outcomes[to] = progress.outcome;
      return progress.send;
    });
    from = to;
  }
  return { flights, outcomes };
}

function expectAsStated(suite: Suite, vector: Handshake, cut: (octets: Uint8Array) => readonly Uint8Array[]): void {
  const { flights, outcomes } = converse(suite, vector, cut);
  const types = flights.map((flight) => ({ from: flight.from, types: flight.messages.map(({ octets }) => octets[1]) }));
  expect(types).toEqual(vector.flights);
  const sent = flights.flatMap(({ messages }) =>
    messages.map(({ octets }) => ({ type: octets[1], octets: toHex(octets) })),
  );
  expect(sent.sort((left, right) => (left.type ?? 0) - (right.type ?? 0))).toEqual(vector.messages);
  for (const role of ['initiator', 'responder'] as const) {
    const outcome = outcomes[role];
    expect(endingOf(outcome)).toEqual(vector.outcome[role]);
    if (outcome.status !== 'completed') continue;
    const { session } = outcome;
    expect(toHex(session.sessionKey.reveal())).toBe(vector.values.k_session);
    expect(toHex(session.identifier)).toBe(vector.values.sessionIdentifier);
    for (const { label, context, length, octets } of vector.exports) {
      expect(toHex(session.export(label, fromHex(context), length))).toBe(octets);
    }
  }
}

describe.each(suites)('handshakes, with $name', (suite) => {
  it.each(rows(handshakes))('%s', (_, vector) => expectAsStated(suite, vector, (octets) => [octets]));
});

it('PQ-P-48: the same when every octet arrives alone', () => {
  const [suite] = suites.slice(-1);
  const [vector] = handshakes;
  if (suite === undefined || vector === undefined) throw new Error('nothing to run');
  expectAsStated(suite, vector, (octets) => Array.from(octets, (octet) => Uint8Array.of(octet)));
});

describe('the handshakes', () => {
  const has = (choice: Partial<ReadingChoice>, preShared: boolean): boolean =>
    handshakes.some(({ reading, ss_pre }) => {
      const wanted = { ...defaultChoice, ...choice };
      const same = Object.entries(wanted).every(([axis, one]) => reading[axis as keyof ReadingChoice] === one);
      return same && (ss_pre !== undefined) === preShared;
    });

  it('have the default reading and each alternative alone, every schedule, with and without a pre-shared secret', () => {
    for (const preShared of [false, true]) {
      expect(has({}, preShared)).toBe(true);
      for (const [axis, { alternatives }] of Object.entries(readingAxes)) {
        for (const alternative of alternatives) expect(has({ [axis]: alternative }, preShared)).toBe(true);
      }
      for (const schedule of ['eager', 'initiator-first', 'responder-first']) {
        const found = handshakes.filter((one) => one.schedule === schedule && (one.ss_pre !== undefined) === preShared);
        expect(found.length).toBeGreaterThan(0);
      }
    }
  });

  it('have a message 1, and coins, of their own each (PQ-4.2.1-04, PQ-P-28)', () => {
    const coins = handshakes.flatMap(({ initiator, responder }) =>
      [initiator, responder].flatMap(({ coins: own }) => Object.values(own)),
    );
    expect(new Set(coins).size).toBe(coins.length);
    const hellos = handshakes.map(({ messages }) => messages.find(({ type }) => type === 1)?.octets);
    expect(new Set(hellos).size).toBe(handshakes.length);
  });
});

const { cases: deliveries } = fileOf('deliveries');

describe.each(suites)('deliveries, with $name', (suite) => {
  it.each(rows(deliveries))('%s', (_, vector) => {
    const { sends, outcome, endedAt } = vectors.play(vector, suite); // throws when a message is sent after the ending
    expect({ sends, outcome: endingOf(outcome), endedAt }).toEqual({
      sends: vector.sends,
      outcome: vector.outcome,
      endedAt: vector.arrivals.length,
    });
  });
});

describe('the deliveries', () => {
  const codeOf = ({ outcome }: (typeof deliveries)[number]): string =>
    outcome.status === 'failed' ? outcome.code : outcome.status;

  it('have every failure, of both roles where both can fail so', () => {
    const found = new Set(deliveries.map((one) => `${one.role} ${codeOf(one)}`));
    for (const code of Object.keys(failureTable)) {
      expect(found).toContain(`initiator ${code}`);
      expect(found).toContain(`responder ${code}`);
    }
  });

  it('PQ-3-08, PQ-3-10: fail for an identity only when the own confirmation is sent and the other one has come', () => {
    const late = deliveries.filter((one) => ['unexpected-peer', 'own-certificate'].includes(codeOf(one)));
    expect(late.length).toBeGreaterThan(10);
    for (const { role, sends, arrivals, outcome } of late) {
      expect(sends.flat().map(({ message }) => message)).toContain(role === 'initiator' ? 7 : 8);
      expect(arrivals).toContainEqual({ message: role === 'initiator' ? 8 : 7 });
      expect(outcome).toMatchObject({ step: 4 });
    }
  });
});
