// Which logs and witnesses are trusted: policies in the form of C2SP tlog-policy.
import { match } from 'ts-pattern';
import { passed, refused } from '../../failure.ts';
import { toHex } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { logBounds } from './bounds.ts';
import type { LogCode } from './codes.ts';
import { type NoteKey, type NoteKeyType, parseVerifierKey } from './keys.ts';
import { textOf } from './note.ts';

/** What has to have cosigned: nothing, a witness, or so many of a group. */
export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly key: NoteKey }
  | { readonly kind: 'group'; readonly least: number; readonly members: readonly Quorum[] };

/** A trusted log; its origin is the name of its key. */
export interface PolicyLog {
  readonly key: NoteKey;
  readonly url?: string;
}

/** A trusted witness, under the name that it has in the policy. */
export interface PolicyWitness extends PolicyLog {
  readonly name: string;
}

/** Which checkpoints are valid: one of the logs has signed, and witnesses by the quorum. */
export interface LogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
}

/** What the lines before have defined. */
interface Defined {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly names: Map<string, Quorum>;
  /** Names that are members of a group. */
  readonly members: Set<string>;
  quorum: Quorum | undefined;
}

class LineError extends Error {}
const malformed = (reason: string): never => {
  throw new LineError(reason);
};

const [logTypes, witnessTypes]: readonly (readonly NoteKeyType[])[] = [
  ['ml-dsa-44', 'ed25519'],
  ['ml-dsa-44', 'ed25519-cosignature'],
];

/** The text of a word of octets, one character each. */
const utf8Of = (word: string): string =>
  textOf(Uint8Array.from(word, (octet) => octet.charCodeAt(0))) ?? malformed('the name of a key is not UTF-8');

function readKey(word: string | undefined, types: readonly NoteKeyType[] = [], others: readonly PolicyLog[]): NoteKey {
  const key = parseVerifierKey(utf8Of(word ?? malformed('expected a key, NAME+ID+KEY')));
  if (!key.ok) return malformed(key.detail ?? key.code);
  if (!types.includes(key.value.type)) malformed(`a key of type ${key.value.type}; expected ${types.join(' or ')}`);
  if (others.some((other) => toHex(other.key.publicKey) === toHex(key.value.publicKey)))
    malformed('the key of a line before');
  if (others.length >= logBounds.policyLines) malformed(`more than ${logBounds.policyLines} lines of this kind`);
  return key.value;
}

const readUrl = ([url, ...more]: readonly string[]): { url?: string } => {
  if (more.length > 0) malformed('words behind the URL');
  return url === undefined ? {} : { url };
};

function define(defined: Defined, name: string | undefined, value: Quorum): string {
  if (name === undefined) return malformed('expected a name');
  if (name === 'none') return malformed('the name none stands for no quorum; expected another one');
  if (defined.names.has(name)) return malformed(`${name}: defined on a line before`);
  defined.names.set(name, value);
  return name;
}

const definedBefore = ({ names }: Defined, name: string): Quorum =>
  names.get(name) ?? malformed(`${name}: no witness or group of a line before`);

function readMember(defined: Defined, name: string): Quorum {
  const member = definedBefore(defined, name);
  if (defined.members.has(name)) malformed(`${name}: a member already; expected once in all groups`);
  defined.members.add(name);
  return member;
}

function readLeast(word: string | undefined, count: number): number {
  if (word === 'all') return count;
  if (word === 'any') return 1;
  const least = Number(word);
  return /^[1-9]\d{0,3}$/.test(word ?? '') && least <= count
    ? least
    : malformed(`expected all, any, or a number from 1 to ${count}, the members that follow`);
}

function readGroup(defined: Defined, [name, word, ...names]: readonly string[]): void {
  if (names.length === 0) malformed('expected a name, all, any or a number, and the names of members');
  if (defined.names.size - defined.witnesses.length >= logBounds.policyLines)
    malformed(`more than ${logBounds.policyLines} groups`);
  const members = names.map((member) => readMember(defined, member));
  define(defined, name, { kind: 'group', least: readLeast(word, members.length), members });
}

function readQuorum(defined: Defined, [name, ...more]: readonly string[]): void {
  if (name === undefined || more.length > 0) malformed('expected one name');
  if (defined.quorum !== undefined) malformed('a second quorum; expected one');
  defined.quorum = name === 'none' ? { kind: 'none' } : definedBefore(defined, name ?? '');
}

function readLog({ logs }: Defined, [vkey, ...rest]: readonly string[]): void {
  logs.push({ key: readKey(vkey, logTypes, logs), ...readUrl(rest) });
}

function readWitness(defined: Defined, [name, vkey, ...rest]: readonly string[]): void {
  const key = readKey(vkey, witnessTypes, defined.witnesses);
  defined.witnesses.push({ name: define(defined, name, { kind: 'witness', key }), key, ...readUrl(rest) });
}

function readLine(defined: Defined, line: string): void {
  const [word, ...words] = line.split(/[ \t]+/).filter((one) => one !== '');
  if (word === undefined || word.startsWith('#')) return;
  match(word)
    .with('log', () => readLog(defined, words))
    .with('witness', () => readWitness(defined, words))
    .with('group', () => readGroup(defined, words))
    .with('quorum', () => readQuorum(defined, words))
    .otherwise(() => malformed('expected log, witness, group or quorum as its first word'));
}

/** Octets that a policy may not have: controls but tab and line feed, and DEL. */
const isControl = (octet: number): boolean => (octet < 0x20 && octet !== 0x09 && octet !== 0x0a) || octet === 0x7f;

/** One character for each octet: what is not ASCII is opaque. */
const characters = (octets: Uint8Array): string => Array.from(octets, (octet) => String.fromCharCode(octet)).join('');

/** Reads a policy strictly; a refusal says in which line. Never throws. */
export function parsePolicy(octets: Uint8Array): Judged<LogPolicy, LogCode> {
  if (octets.length > logBounds.policy)
    return refused('log-policy-malformed', `${octets.length} octets; at most ${logBounds.policy} are read`);
  const lines = characters(octets).split('\n');
  const defined: Defined = { logs: [], witnesses: [], names: new Map(), members: new Set(), quorum: undefined };
  for (const [at, line] of lines.entries()) {
    try {
      if (Array.from(line, (one) => one.charCodeAt(0)).some(isControl)) malformed('a control character that is no tab');
      if (at === lines.length - 1 && line !== '') malformed('it does not end with a line feed, so it may be cut off');
      readLine(defined, line);
    } catch (error) {
      if (error instanceof LineError) return refused('log-policy-malformed', `line ${at + 1}: ${error.message}`);
      throw error;
    }
  }
  const { logs, witnesses, quorum } = defined;
  if (quorum === undefined)
    return refused('log-policy-malformed', `line ${lines.length}: no quorum until here; expected one line quorum`);
  return passed({ logs, witnesses, quorum });
}

/** The least of n times at which `least` of them have been. Absent times are infinite. */
const nth = (times: readonly number[], least: number): number =>
  [...times].sort((a, b) => a - b)[least - 1] ?? Number.POSITIVE_INFINITY;

/** The first time at which the quorum had cosigned: infinite if it has not, and 0 when none is needed. */
function quorumTime(quorum: Quorum, times: ReadonlyMap<NoteKey, number>): number {
  switch (quorum.kind) {
    case 'none':
      return 0;
    case 'witness':
      return times.get(quorum.key) ?? Number.POSITIVE_INFINITY;
    case 'group':
      return nth(
        quorum.members.map((member) => quorumTime(member, times)),
        quorum.least,
      );
  }
}

/** When the quorum had cosigned, in the unit of the times; 0 when none is needed; `undefined` if it has not. */
export function quorumReached(quorum: Quorum, times: ReadonlyMap<NoteKey, number>): number | undefined {
  const time = quorumTime(quorum, times);
  return Number.isFinite(time) ? time : undefined;
}
