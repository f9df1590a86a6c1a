// Parsers of the words of a command line. They throw for a word without a meaning, and the parser of the options
// reports it.

import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { Padding } from '../../channel/options.ts';
import { channelSizes } from '../../generated/channel.ts';
import { type ReadingChoice, readingAxes } from '../../generated/keySchedule.ts';
import type { Schedule } from '../../protocol/parameters.ts';
import type { Role } from '../../role.ts';
import { timeOf } from '../../time.ts';
import { longestTimeout } from '../transport/stream.ts';
import type { Address } from '../transport/tcp.ts';

/** Parses HOST:PORT; an IPv6 host stands in brackets, with its zone where it has one: `[fe80::1%eth0]:4433`. */
export function parseAddress(word: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(word) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535 || (bracketed !== undefined && isIP(bracketed) === 0)) {
    throw new InvalidArgumentError(
      'Expected HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:4433, [::1]:4433 or [fe80::1%eth0]:4433.',
    );
  }
  return { host, port };
}

/** Parses HOST:PORT, or `unix:` and the path of a socket. */
export function parseEndpoint(word: string): Address {
  if (!word.startsWith('unix:')) return parseAddress(word);
  const path = word.slice('unix:'.length);
  if (path === '' || path.includes('\0'))
    throw new InvalidArgumentError('Expected a path, as in unix:/run/service.socket.');
  return { host: '', port: 0, path };
}

/** Parses a date, or a time with its zone. @throws InvalidArgumentError */
export function parseTime(word: string): Date {
  const time = timeOf(word);
  if (time === undefined)
    throw new InvalidArgumentError(
      'Expected a day that exists, or a time with its zone, such as 2026-06-01 or 2026-06-01T12:00:00Z.',
    );
  return time;
}

/** Parses a whole number from 1. */
export function parseCount(word: string): number {
  const value = Number(word);
  if (!/^\d+$/.test(word) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Expected a whole number, at least 1.');
  }
  return value;
}

/** Parses seconds. Returns milliseconds. */
export function parseSeconds(word: string): number {
  const milliseconds = Number(word) * 1000;
  if (!/^[\d.]+$/.test(word) || !(milliseconds >= 1 && milliseconds <= longestTimeout)) {
    throw new InvalidArgumentError(`Expected seconds, from 0.001 to ${longestTimeout / 1000}.`);
  }
  return milliseconds;
}

/** Parses the padding of a channel: `none`, `power-of-two`, or the octets of whose multiples records are made. */
export function parsePadding(word: string): Padding {
  if (word === 'none' || word === 'power-of-two') return word;
  const multipleOf = Number(word);
  if (/^\d+$/.test(word) && multipleOf >= 1 && multipleOf <= channelSizes.mostContent) return { multipleOf };
  throw new InvalidArgumentError(`Expected none, power-of-two, or octets from 1 to ${channelSizes.mostContent}.`);
}

type Axis = keyof ReadingChoice;
const axes = Object.entries(readingAxes) as [Axis, { aliases: readonly string[]; alternatives: readonly string[] }][];

/** Makes `k_hid`, `kHid` and `K-HID` one name. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function axisOf(name: string): Axis {
  const found = axes.find(([axis, { aliases }]) =>
    [axis, ...aliases].some((one) => plainName(one) === plainName(name)),
  );
  if (found !== undefined) return found[0];
  throw new InvalidArgumentError(`Unknown reading ${name}; there are: ${describeReadings()}.`);
}

/** The axis with an alternative of this name. No two axes share a name. */
function axisWith(alternative: string): Axis {
  const found = axes.find(([, { alternatives }]) => alternatives.includes(alternative));
  if (found !== undefined) return found[0];
  throw new InvalidArgumentError(`Unknown reading ${alternative}; there are: ${describeReadings()}.`);
}

/**
 * Parses `k=v,...`: the alternative of each axis, named as in the specification or by the symbol of the draft
 * (`k_hid=bound`), or the alternative alone (`bound`). `default` is the default alternative.
 */
export function parseReading(words: string): Partial<ReadingChoice> {
  const chosen: Record<string, string> = {};
  for (const word of words.split(',')) {
    const [first = '', second, ...more] = word.split('=').map((part) => part.trim());
    const axis = second === undefined ? axisWith(first) : axisOf(first);
    const value = second ?? first;
    const alternatives: readonly string[] = readingAxes[axis].alternatives;
    const alternative = value === 'default' ? alternatives[0] : alternatives.find((one) => one === value);
    if (alternative === undefined || more.length > 0) {
      throw new InvalidArgumentError(`Reading ${axis} is one of: ${alternatives.join(', ')}.`);
    }
    chosen[axis] = alternative;
  }
  return chosen as Partial<ReadingChoice>;
}

/** Lists the axes and their alternatives, for help. */
export const describeReadings = (): string =>
  Object.entries(readingAxes)
    .map(([axis, { alternatives }]) => `${axis}=${alternatives.join('|')}`)
    .join('; ');

/** The named schedule; in lockstep one role shows its certificate first. */
export const scheduleOf = (name: 'eager' | 'lockstep', first: Role): Schedule =>
  name === 'eager' ? 'eager' : { first };
