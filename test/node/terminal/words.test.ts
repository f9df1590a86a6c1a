// The words of a command line that name places and times.
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseCount, parseSeconds, parseTime } from '../../../src/node/terminal/words.ts';

describe('HOST:PORT', () => {
  it.each([
    ['127.0.0.1:4433', '127.0.0.1', 4433],
    ['bob.example:0', 'bob.example', 0],
    ['[::1]:65535', '::1', 65_535],
    ['[fe80::1%eth0]:4433', 'fe80::1%eth0', 4433],
    ['[fe80::1%3]:4433', 'fe80::1%3', 4433],
    ['[::ffff:192.0.2.1]:1', '::ffff:192.0.2.1', 1],
  ])('%s', (word, host, port) => {
    expect(parseAddress(word)).toEqual({ host, port });
  });

  it.each([
    'fe80::1%eth0:4433',
    '[fe80::1%]:4433',
    '[fe80::1%e th]:1',
    '[::::]:1',
    '[bob]:1',
    '::1:1',
    'bob',
    'bob:65536',
    ':1',
  ])('%s is refused, with examples', (word) => {
    expect(() => parseAddress(word)).toThrow(InvalidArgumentError);
    expect(() => parseAddress(word)).toThrow(/HOST:PORT with a port from 0 to 65535.*\[fe80::1%eth0\]:4433/);
  });
});

describe('counts and seconds', () => {
  it.each(['0', '-1', '1.5', '', 'many', '9007199254740992'])('%s is no count', (word) => {
    expect(() => parseCount(word)).toThrow(/whole number/);
  });

  it.each([
    ['0.001', 1],
    ['10', 10_000],
    ['2147483.647', 2_147_483_647],
  ])('%s seconds', (word, milliseconds) => {
    expect(parseSeconds(word)).toBe(milliseconds);
  });

  it.each(['0', '0.0009', '2147483.648', '-1', '', '1.2.3', '0x10', 'Infinity', 'NaN'])(
    '%s seconds are refused, with the range',
    (word) => {
      expect(() => parseSeconds(word)).toThrow(/Expected seconds, from 0\.001 to 2147483\.647\./);
    },
  );
});

describe('a time', () => {
  it.each([
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2000-02-29T23:59:59Z', '2000-02-29T23:59:59.000Z'],
    ['2026-06-01T12:00+02:00', '2026-06-01T10:00:00.000Z'],
    ['2026-12-31T12:00:00.5-01:30', '2026-12-31T13:30:00.500Z'],
  ])('%s', (word, time) => {
    expect(parseTime(word).toISOString()).toBe(time);
  });

  it.each([
    '2027-02-29',
    '2100-02-29',
    '2026-02-30T00:00:00Z',
    '2026-04-31',
    '2026-00-01',
    '2026-13-01',
    '2026-01-00',
    '2026-01-32',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:60Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T12:00:00+24:00',
    '2026-01-01T12:00:00',
    '2026-1-1',
    'yesterday',
  ])('%s does not exist, or has another form', (word) => {
    expect(() => parseTime(word)).toThrow(
      /^Expected a day that exists, or a time with its zone, such as 2026-06-01 or /,
    );
  });
});
