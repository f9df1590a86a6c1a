// Scripts: the moves of an adversary in a file, and what they bring about as lines for people. A counterexample is handed on as one.
import { defaultChoice, type ReadingChoice, readingAxes, readingOf } from '../../generated/keySchedule.ts';
import type { MessageName } from '../../generated/messages.ts';
import type { Schedule } from '../../protocol/parameters.ts';
import { violation } from './invariants.ts';
import { type Done, type Move, perform } from './moves.ts';
import type { Octets } from './onOctets.ts';
import type { Session, Step, Variant } from './session.ts';
import { numberOf, type World, world } from './world.ts';

/** A script: the world, and the moves of the adversary in it. */
export interface Script {
  readonly reading?: Partial<ReadingChoice>;
  readonly schedule?: Schedule;
  /** The id of the mutant that is run; absent for the implementation. */
  readonly mutant?: string;
  readonly preSharedSecret: 'none' | 'known' | 'secret';
  readonly listed: readonly string[];
  readonly moves: readonly Move[];
}

/** The reason why a file is no script. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const numbers: Readonly<Record<Move['move'], readonly string[]>> = {
  start: ['agent', 'expected'],
  deliver: ['to', 'which'],
  misdeliver: ['to', 'which'],
  splice: ['to'],
  inject: ['to', 'which'],
  end: ['to'],
  certify: ['key'],
  corrupt: ['agent'],
  'leak-ephemeral': ['session'],
  'leak-coins': ['session'],
  'leak-state': ['session'],
  'leak-authority': [],
  'leak-secret': [],
};

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function checkMove(value: unknown, index: number): Move {
  const where = `move ${index + 1}`;
  if (!isRecord(value)) throw new ScriptError(`${where}: expected an object`);
  const { move } = value;
  const names = typeof move === 'string' && Object.hasOwn(numbers, move) ? numbers[move as Move['move']] : undefined;
  if (names === undefined) {
    throw new ScriptError(
      `${where}: unknown move ${JSON.stringify(move)}; expected one of ${Object.keys(numbers).join(', ')}`,
    );
  }
  for (const name of names) {
    if (!isCount(value[name])) throw new ScriptError(`${where} (${move}): ${name}: expected a whole number from 0 on`);
  }
  if (move === 'start' && value['role'] !== 'initiator' && value['role'] !== 'responder') {
    throw new ScriptError(`${where} (start): role: expected initiator or responder`);
  }
  const fields = value['fields'];
  if (move === 'splice' && !(Array.isArray(fields) && fields.length === 2 && fields.every(isCount))) {
    throw new ScriptError(`${where} (splice): fields: expected two whole numbers`);
  }
  return value as unknown as Move;
}

function checkReading(value: unknown): void {
  if (value === undefined) return;
  if (!isRecord(value)) throw new ScriptError('reading: expected an object of axes and alternatives');
  for (const [axis, alternative] of Object.entries(value)) {
    const known: readonly string[] | undefined = readingAxes[axis as keyof ReadingChoice]?.alternatives;
    if (!known?.includes(String(alternative))) {
      throw new ScriptError(
        `reading: ${axis}=${alternative}: expected ${known?.join(' or ') ?? Object.keys(readingAxes).join(', ')}`,
      );
    }
  }
}

/** Reads a script. @throws ScriptError that names the place, what is wrong there, and what was expected */
export function parseScript(text: string): Script {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ScriptError('expected JSON');
  }
  if (!isRecord(value)) throw new ScriptError('expected an object with preSharedSecret, listed and moves');
  const { preSharedSecret, listed, moves, schedule, mutant } = value;
  if (!['none', 'known', 'secret'].includes(String(preSharedSecret))) {
    throw new ScriptError('preSharedSecret: expected none, known or secret');
  }
  if (!Array.isArray(listed) || !listed.every((name) => typeof name === 'string')) {
    throw new ScriptError('listed: expected a list of names');
  }
  const first = isRecord(schedule) ? schedule['first'] : undefined;
  if (schedule !== undefined && schedule !== 'eager' && first !== 'initiator' && first !== 'responder') {
    throw new ScriptError('schedule: expected "eager", or {"first":"initiator"} or {"first":"responder"}');
  }
  if (mutant !== undefined && typeof mutant !== 'string') throw new ScriptError('mutant: expected its id');
  if (!Array.isArray(moves)) throw new ScriptError('moves: expected a list');
  checkReading(value['reading']);
  moves.forEach(checkMove);
  return value as unknown as Script;
}

/** A script in one line. */
export const formatScript = (script: Script): string => JSON.stringify(script);

const nameOf = ({ number, role, agent }: Session): string => `${number}:${agent}/${role}`;

const shown = (step: Step | undefined): string[] =>
  (step?.said ?? []).filter((line) => /^(send|abort|release)/.test(line));

const sentence: Readonly<Record<Move['move'], (done: Done) => string>> = {
  start: ({ session }) =>
    `${session === undefined ? '?' : nameOf(session)} starts, expecting ${session?.expected ?? 'anyone'}`,
  deliver: (done) => arrow(done, 'delivers'),
  misdeliver: (done) => arrow(done, 'misdelivers'),
  splice: (done) => arrow(done, 'splices'),
  inject: (done) => arrow(done, 'makes'),
  end: ({ session }) => `the transport of ${session === undefined ? 'nobody' : nameOf(session)} closes`,
  certify: () => 'the authority certifies a key of the adversary’s choice, under another name',
  corrupt: ({ move }) => `a static key leaks: agent ${'agent' in move ? move.agent : ''}`,
  'leak-ephemeral': () => 'an ephemeral secret leaks',
  'leak-coins': () => 'the coins of an encapsulation leak',
  'leak-state': () => 'all that a session holds leaks',
  'leak-authority': () => 'the authority’s key leaks',
  'leak-secret': () => 'the pre-shared secret leaks',
};

function arrow({ session, given }: Done, verb: string): string {
  if (session === undefined || given === undefined) return `the adversary ${verb} nothing`;
  return `the adversary ${verb} ${numberOf(given.type as MessageName)} ${given.type} -> ${nameOf(session)}`;
}

/** One move as a rung of the ladder: the move, and its effect. */
export const rung = (done: Done, index: number): string =>
  [
    `${String(index + 1).padStart(3)}  ${sentence[done.move.move](done)}`,
    ...shown(done.step).map((line) => `       ${line}`),
  ].join('\n');

/** The outcome of a replay. */
export interface Replayed {
  readonly world: World;
  readonly lines: readonly string[];
  /** Steps in which octets and terms did different things; empty unless octets were run. */
  readonly differences: readonly string[];
  readonly violation: ReturnType<typeof violation>;
}

/** The protocol that a script names; a mutant must be handed in. */
export const variantOf = ({ reading, schedule }: Script): Variant => ({
  reading: readingOf({ ...defaultChoice, ...reading }),
  schedule: schedule ?? 'eager',
});

/** Plays a script, on terms and, with a suite, on octets beside them. */
export function replay(
  script: Script,
  variant: Variant,
  octets?: Octets,
  watch: (done: Done) => void = () => undefined,
): Replayed {
  const { preSharedSecret, listed } = script;
  const w = world({ variant, preSharedSecret, listed, octets });
  const lines: string[] = [];
  const differences: string[] = [];
  script.moves.forEach((move, index) => {
    const done = perform(w, move);
    watch(done);
    lines.push(rung(done, index));
    const other = w.compare(done.step);
    if (other !== undefined) differences.push(`move ${index + 1}: ${other}`);
  });
  return { world: w, lines, differences, violation: violation(w) };
}
