// Moves for the adversary: honest exchanges, cut off anywhere, with moves of every kind among them.
import fc from 'fast-check';
import type { Move } from '../src/lab/adversary/moves.ts';
import type { Variant } from '../src/lab/adversary/session.ts';
import type { Setting } from '../src/lab/adversary/world.ts';

const few = fc.nat(5);
const recent = fc.oneof({ weight: 4, arbitrary: fc.nat(1) }, { weight: 1, arbitrary: few });
const role = fc.constantFrom('initiator', 'responder');

/** The session that is given the next message in an honest exchange. The responder started last, and is 0. */
const turns = [0, 1, 0, 1, 1, 0, 0, 1] as const;

/** An honest exchange of alice, the initiator, with bob. */
export const honest: readonly Move[] = [
  { move: 'start', role: 'initiator', agent: 0, expected: 0 },
  { move: 'start', role: 'responder', agent: 1, expected: 0 },
  ...turns.map((to): Move => ({ move: 'deliver', to, which: 0 })),
];

const exchange: fc.Arbitrary<Move[]> = fc
  .record({ first: fc.nat(1), second: fc.nat(1), expected: fc.nat(7), until: fc.oneof(fc.constant(8), fc.nat(8)) })
  .map(({ first, second, expected, until }) => [
    { move: 'start', role: 'initiator', agent: first, expected: expected & 3 },
    { move: 'start', role: 'responder', agent: second, expected: expected >> 1 },
    ...turns.slice(0, until).map((to): Move => ({ move: 'deliver', to, which: 0 })),
  ]);

const delivery: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ move: fc.constant('deliver' as const), to: recent, which: recent }) },
  { weight: 5, arbitrary: fc.record({ move: fc.constant('inject' as const), to: recent, which: few }) },
  { weight: 2, arbitrary: fc.record({ move: fc.constant('splice' as const), to: recent, fields: fc.tuple(few, few) }) },
  { weight: 1, arbitrary: fc.record({ move: fc.constant('misdeliver' as const), to: recent, which: few }) },
);

const other: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ move: fc.constant('start' as const), role, agent: fc.nat(1), expected: fc.nat(3) }),
  fc.record({ move: fc.constant('certify' as const), key: few }),
  fc.record({ move: fc.constant('end' as const), to: recent }),
  fc.record({ move: fc.constant('corrupt' as const), agent: fc.nat(1) }),
  fc.record({ move: fc.constant('leak-ephemeral' as const), session: few }),
  fc.record({ move: fc.constant('leak-coins' as const), session: few }),
  fc.record({ move: fc.constant('leak-state' as const), session: few }),
  fc.constant<Move>({ move: 'leak-authority' }),
  fc.constant<Move>({ move: 'leak-secret' }),
);

/** An attack on one session: it starts, and the adversary makes every message that it awaits. */
const attack: fc.Arbitrary<Move[]> = fc
  .record({ role, agent: fc.nat(1), whiches: fc.array(few, { minLength: 4, maxLength: 5 }) })
  .map(({ role: of, agent, whiches }) => [
    { move: 'start', role: of, agent, expected: 0 },
    ...whiches.map((which): Move => ({ move: 'inject', to: 0, which })),
  ]);

const piece: fc.Arbitrary<readonly Move[]> = fc.oneof(
  { weight: 4, arbitrary: exchange },
  { weight: 2, arbitrary: attack },
  { weight: 6, arbitrary: fc.array(delivery, { minLength: 1, maxLength: 6 }) },
  { weight: 3, arbitrary: other.map((move) => [move]) },
);

/** The moves of a script: up to some sixty. */
export const anyMoves: fc.Arbitrary<Move[]> = fc
  .array(piece, { minLength: 2, maxLength: 9 })
  .map((pieces) => pieces.flat());

/** The setting of a world without sessions, for a protocol. */
export const settingOf = (variant: Variant): fc.Arbitrary<Setting> =>
  fc.record({
    variant: fc.constantFrom<Variant>(
      variant,
      variant,
      { ...variant, schedule: { first: 'initiator' } },
      { ...variant, schedule: { first: 'responder' } },
    ),
    preSharedSecret: fc.constantFrom('none', 'known', 'secret'),
    listed: fc.constantFrom([], ['bob'], ['alice', 'bob']),
  });
