// Checks of a host's configuration file: its entries that start pquake.
import { accessSync, constants, statSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { InvalidArgumentError, type Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import { isObject, type Json, type JsonObject } from '../contract.ts';
import { readJson } from '../tools/files.ts';
import { count } from '../tools/words.ts';
import { attempt, type Finding, look, ok, wrong } from './check.ts';
import { isFileOf } from './hosts.ts';

/** The members under which hosts have their servers. */
const serverMembers = ['mcpServers', 'servers', 'context_servers'];

const isOurs = (word: string): boolean => /pquake/i.test(word);
const isVariable = (word: string): boolean => word.includes('${');

/** The number of letters to change, add or take out between two words. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + Number(letter !== other[j]), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row.at(-1) ?? 0;
}

function nearest(word: string, known: readonly string[]): string {
  const [best] = known.map((one) => ({ one, far: distance(word, one) })).sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= 3
    ? `is ${best.one} meant?`
    : 'look at --help for the options that there are';
}

const absolute = 'write the absolute path: hosts start servers in a folder of their own';

/** What is wrong with a name of a file; nothing when it is there. */
function checkFile(check: string, what: string, file: string): readonly Finding[] {
  if (isVariable(file))
    return [look(check, `${what} ${file} has a variable of the host`, 'look yourself whether it is there')];
  if (!isAbsolute(file)) return [wrong(check, `${what} ${file} is relative`, absolute)];
  return statSync(file, { throwIfNoEntry: false }) === undefined
    ? [wrong(check, `${what} ${file} is not there`, 'correct its name, or make it')]
    : [];
}

function checkCommand(check: string, command: string): readonly Finding[] {
  if (isVariable(command)) return [];
  if (!isAbsolute(command)) {
    const found = `command ${command} is looked for on the PATH of the host, which is often bare`;
    return [look(check, found, 'write its absolute path: `command -v` says it')];
  }
  const there = checkFile(check, 'command', command);
  if (there.length > 0) return there;
  return attempt(check, 'name a program that this user may start', () => accessSync(command, constants.X_OK)).findings;
}

/** An option of a command line in the words of an entry, with its value. */
interface Word {
  readonly option: Option;
  readonly value: string | undefined;
}

/** The options and arguments of words, as the parser of a command line takes them apart. */
function taken(words: readonly string[], options: readonly Option[]) {
  const found: Word[] = [];
  const unknown: string[] = [];
  const others: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (word === '--') break; // what follows is the command of a server
    if (!word.startsWith('-') || word === '-') {
      others.push(word);
      continue;
    }
    const [name = '', ...behind] = word.split('=');
    const option = options.find(({ long, short }) => long === name || short === name);
    if (option === undefined) unknown.push(name);
    else if (!/[<[]/.test(option.flags)) found.push({ option, value: undefined });
    else if (behind.length > 0) found.push({ option, value: behind.join('=') });
    else {
      i += 1;
      found.push({ option, value: words[i] });
    }
  }
  return { found, unknown, others };
}

/** The words of an entry from the name of the command on. */
function commandIn(words: readonly string[], commands: readonly CommandDefinition[]) {
  const names = commands.map((one) => one.words.split(' ', 1).join(''));
  const at = words.findIndex((word) => names.includes(word));
  const definition = commands[names.indexOf(words[at] ?? '')];
  return definition === undefined ? undefined : { definition, before: words.slice(0, at), rest: words.slice(at + 1) };
}

const needed = ['--cert', '--key', '--ca'];

function checkWords(
  check: string,
  words: readonly string[],
  commands: readonly CommandDefinition[],
): readonly Finding[] {
  const split = commandIn(words, commands);
  if (split === undefined)
    return [wrong(check, 'no command of pquake mcp is among its args', 'begin them with the script and `connect`')];
  const { definition, before, rest } = split;
  const { options = [] } = definition;
  const script = before
    .filter((word) => /[\\/]|\.[cm]?[jt]s$/.test(word))
    .flatMap((word) => checkFile(check, 'script', word));
  const { found, unknown, others } = taken(rest, options);
  const known = options.flatMap(({ long }) => long ?? []);
  const misspelt = unknown.map((name) => wrong(check, `no option ${name}`, nearest(name, known)));
  const empty = found
    .filter(({ option, value }) => /</.test(option.flags) && value === undefined)
    .map(({ option }) =>
      wrong(check, `${option.long} without a value`, 'write its value behind it, as a word of its own'),
    );
  const files = found.flatMap(({ option, value }) =>
    value !== undefined && isFileOf(option, value) ? checkFile(check, option.long ?? '', value) : [],
  );
  const missing = needed
    .filter((name) => known.includes(name) && !found.some(({ option }) => option.long === name))
    .map((name) => wrong(check, `no ${name}`, 'add it with its file'));
  const address =
    definition.words.startsWith('connect') && !others.some(isVariable)
      ? attempt(check, 'write HOST:PORT of the server behind `connect`', () => addressIn(others)).findings
      : [];
  const anyone =
    known.includes('--expect') && !found.some(({ option }) => option.long === '--expect')
      ? [look(check, 'no --expect', 'say who the server must be: --expect NAME')]
      : [];
  return [...script, ...misspelt, ...empty, ...files, ...missing, ...address, ...anyone];
}

function refuse(reason: string): never {
  throw new ConfigurationError(reason);
}

/** @throws ConfigurationError */
function addressIn([address, ...more]: readonly string[]): void {
  if (address === undefined) refuse('no address of a server');
  if (more.length > 0) refuse(`more than one word that is no option: ${[address, ...more].join(' ')}`);
  try {
    parseAddress(address);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    refuse(`${address}: ${error.message}`);
  }
}

function checkEntry(name: string, entry: JsonObject, commands: readonly CommandDefinition[]): readonly Finding[] {
  const check = `entry ${name}`;
  const { command, args = [], type = 'stdio' } = entry;
  if (typeof command !== 'string' || !Array.isArray(args) || !args.every((word) => typeof word === 'string'))
    return [wrong(check, 'expected `command`, a text, and `args`, an array of texts', 'take what --print prints')];
  const words = args as readonly string[];
  const kind = type === 'stdio' ? [] : [wrong(check, `type ${JSON.stringify(type)}`, 'write "type": "stdio"')];
  const findings = [...kind, ...checkCommand(check, command), ...checkWords(check, words, commands)];
  return findings.length > 0
    ? findings
    : [ok(check, `starts ${basename(command)} with ${count(words.length, 'word')} that make sense`)];
}

const entriesOf = (file: Json): readonly (readonly [string, JsonObject])[] =>
  serverMembers
    .flatMap((member) => (isObject(file) && isObject(file[member]) ? Object.entries(file[member]) : []))
    .filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
    .filter(([, { command, args }]) =>
      [command, ...(Array.isArray(args) ? args : [])].some((word) => typeof word === 'string' && isOurs(word)),
    );

/** Checks the entries of a host's file that start pquake. JSON alone is read: neither TOML nor JSON with comments. */
export function checkHostFile(file: string, commands: readonly CommandDefinition[]): readonly Finding[] {
  const check = 'configuration';
  const read = attempt(
    check,
    'name a file of JSON; TOML, and JSON with comments, are not read: compare those with what --print prints',
    () => readJson(file),
  );
  if (read.value === undefined) return read.findings;
  const entries = entriesOf(read.value);
  if (entries.length === 0) {
    const where = serverMembers.join(', ');
    return [wrong(check, `${file} has no server that starts pquake, in none of ${where}`, 'add what --print prints')];
  }
  return [
    ok(check, `${file} has ${count(entries.length, 'server')} for pquake`),
    ...entries.flatMap(([name, entry]) => checkEntry(name, entry, commands)),
  ];
}
