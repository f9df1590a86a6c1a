// The state machines take the same steps on octets and on terms, honest or attacked: what is proved of the terms is said of
// the code that runs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noble } from '../src/crypto/noble.ts';
import { toHex } from '../src/crypto/octets.ts';
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../src/generated/keySchedule.ts';
import type { MessageName } from '../src/generated/messages.ts';
import type { Schedule } from '../src/protocol/parameters.ts';
import { type Mutant, mutants } from './mutants/index.ts';
import { type Did, type PeerPlan, type Twin, type TwinPeer, type World, world } from './twins.ts';

const octetsOf = (label: string, octets: number): Uint8Array => {
  const block = noble.hash(new TextEncoder().encode(label));
  return Uint8Array.from({ length: octets }, (_, at) => block[at % block.length] ?? 0);
};

const lengths: Readonly<Record<MessageName, readonly number[]>> = {
  initiatorHello: [1568],
  responderHello: [1568],
  initiatorCertificate: [12, 1616],
  responderCertificate: [12, 1616],
  initiatorEncapsulation: [1568],
  responderEncapsulation: [1568],
  initiatorConfirmation: [48],
  responderConfirmation: [48],
};

/** A network that keeps everything that was ever sent. */
interface Network {
  readonly peers: readonly TwinPeer[];
  readonly sent: { readonly from: number; readonly type: MessageName; readonly fields: readonly Twin[] }[];
  readonly said: string[][];
}

function note(network: Network, from: number, did: Did): void {
  expect(did.terms).toEqual(did.octets);
  network.said.push([...did.octets]);
  for (const message of did.sent) network.sent.push({ from, ...message });
}

/** Gives a peer the message that it awaits, with fields chosen by the move. */
function deliver(w: World, network: Network, to: number, choices: readonly number[]): void {
  const peer = network.peers[to];
  const awaited = peer?.awaits();
  if (peer === undefined || awaited === undefined) return;
  const honest = network.sent.filter(({ type, from }) => type === awaited && from !== to);
  const fields = lengths[awaited].map((octets, index) => {
    const choice = choices[index] ?? 0;
    // Mostly whole honest messages, else any field of the right length that was ever sent, else garbage.
    if (choice < 70 && honest.length > 0) return honest[choice % honest.length]?.fields[index] as Twin;
    const known = network.sent.flatMap((one) => one.fields).filter((field) => field.octets.length === octets);
    return choice < 97 && known.length > 0 ? (known[choice % known.length] as Twin) : w.garbage(octets);
  });
  note(network, to, peer.take(awaited, fields));
}

const schedule = fc.constantFrom<Schedule>('eager', { first: 'initiator' }, { first: 'responder' });
const plan = (role: PeerPlan['role'], name: fc.Arbitrary<string>): fc.Arbitrary<PeerPlan> =>
  fc.record<PeerPlan>({
    role: fc.constant(role),
    name,
    issuer: fc.constantFrom('authority', 'authority', 'authority', 'authority', 'nobody'),
    expected: fc.constantFrom(undefined, undefined, undefined, 'alice', 'bob'),
    preSharedSecret: fc.constantFrom('ss_pre', 'ss_pre', 'ss_pre', 'another'),
    schedule,
  });
const anyName = fc.constantFrom('alice', 'bob', 'carol');
const plans = fc.tuple(
  plan('initiator', fc.constant('alice')),
  plan('responder', fc.constantFrom('bob', 'bob', 'alice')),
  plan('initiator', anyName),
  plan('responder', anyName),
);
const alternative = fc.record(
  Object.fromEntries(
    Object.entries(readingAxes).map(([axis, { alternatives }]) => [axis, fc.constantFrom(...alternatives)]),
  ),
) as unknown as fc.Arbitrary<ReadingChoice>;
// Most choices are 0: the first honest message of the type awaited.
const choice = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(99) });
const moves = fc.array(fc.record({ to: fc.nat(3), choices: fc.tuple(choice, choice) }), {
  minLength: 12,
  maxLength: 40,
});

function expectSamePattern(values: readonly Twin[]): void {
  const byOctets = new Map(values.map(({ octets, term }) => [toHex(octets), term]));
  const byTerm = new Map(values.map(({ octets, term }) => [term, toHex(octets)]));
  for (const { octets, term } of values) {
    expect(byOctets.get(toHex(octets))).toBe(term);
    expect(byTerm.get(term)).toBe(toHex(octets));
  }
}

/** A run of alice with bob in which every message arrives. @returns operations with their outcomes, and effects */
function honest(mutant?: Mutant): string[] {
  const w = world(noble, readingOf({ ...defaultChoice, associatedData: 'header' }), octetsOf);
  const base = { issuer: 'authority', expected: undefined, preSharedSecret: 'ss_pre', schedule: 'eager' } as const;
  const broken = mutant === undefined ? {} : { broken: mutant.algebra, brokenReading: mutant.reading };
  const plans = [
    { ...base, ...broken, role: 'initiator', name: 'alice' },
    { ...base, ...broken, role: 'responder', name: 'bob' },
  ] as const satisfies readonly PeerPlan[];
  const network: Network = { peers: plans.map((one) => w.peer(one)), sent: [], said: [] };
  network.peers.forEach((peer, index) => {
    note(network, index, peer.start());
  });
  for (const to of [1, 0, 1, 0, 0, 1, 1, 0]) deliver(w, network, to, [0, 0]);
  expectSamePattern(network.sent.flatMap(({ fields }) => fields));
  return network.said.flat();
}

describe('refinement: one protocol, two interpretations', () => {
  it('attacked runs on octets and on terms take the same steps and give the same effects', () => {
    let released = 0;
    fc.assert(
      fc.property(alternative, plans, moves, fc.boolean(), (chosen, four, script, psk) => {
        const w = world(noble, readingOf(chosen), octetsOf);
        const peers = four.map((one) => w.peer(psk ? one : { ...one, preSharedSecret: undefined }));
        const network: Network = { peers, sent: [], said: [] };
        peers.forEach((peer, index) => {
          note(network, index, peer.start());
        });
        for (const { to, choices } of script) deliver(w, network, to, choices);
        expectSamePattern(network.sent.flatMap(({ fields }) => fields));
        released += network.said.flat().filter((effect) => effect === 'release').length;
      }),
      { numRuns: 120, seed: 20_260_601 },
    );
    expect(released).toBeGreaterThan(0);
  });

  it('an honest run does every operation of the algebra on both sides, and both release', () => {
    const said = honest();
    expect(said.filter((effect) => effect === 'release')).toHaveLength(2);
    const asked = new Set(said.map((line) => line.split(' ')[0]));
    const operations = ['generateKeyPair', 'encapsulate', 'decapsulate', 'initialVector', 'header', 'seal', 'open'];
    for (const operation of [...operations, 'verifyCertificate', 'confirm', 'acceptPeer', 'cut', 'hash', 'mac']) {
      expect(asked).toContain(operation);
    }
  });

  it.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
    'mutant %s does the same on octets and on terms',
    (id, mutant) => {
      const said = honest(mutant);
      // Broken protocols complete among themselves, or nobody would use them; this one is the exception.
      expect(said.filter((effect) => effect === 'release')).toHaveLength(id === 'encapsulates-to-itself' ? 0 : 2);
    },
  );

  it('a term run that takes another step than the octets is noticed', () => {
    expect(() =>
      note({ peers: [], sent: [], said: [] }, 0, { octets: ['open true'], terms: ['open false'], sent: [] }),
    ).toThrow();
  });
});
