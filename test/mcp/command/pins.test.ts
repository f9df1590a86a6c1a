// The guard by the options of a command: first use is told, and pins only refuse what nobody approved.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { guardOf } from '../../../src/mcp/command/pins.ts';
import { readPins } from '../../../src/mcp/tools/files.ts';
import { bob, tool } from '../tools/declared.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-pins-'));
afterAll(() => rmSync(directory, { recursive: true }));

const told: string[] = [];
const around = {
  identity: bob,
  tell: (line: string) => void told.push(line),
  now: () => new Date('2026-11-29T00:00:00Z'),
};
const list = { tools: [tool('a')] };

it('what is seen first is pinned in the file, and told; the next connection is held to it', () => {
  const pins = join(directory, 'pins.json');
  expect(guardOf({ pins }, around)?.guard.answered('tools/list', {}, list).forward).toBe(true);
  expect(told).toEqual([`pinned what bob (CN=ca) shows first, in ${pins}: tools`]);
  expect(readPins(pins).servers).toMatchObject([{ by: 'first use', at: '2026-11-29T00:00:00.000Z' }]);
  const next = guardOf({ pins }, around);
  expect(next?.guard.answered('tools/list', {}, { tools: [tool('a', 'x')] }).forward).toBe(false);
  expect(next?.guard.answered('tools/list', {}, list).forward).toBe(true);
  expect(next?.digest()).toBe(readPins(pins).servers[0]?.manifest.digest);
});

it('with pins only, what nobody approved is refused', () => {
  const pins = join(directory, 'only.json');
  expect(guardOf({ pins, pinsOnly: true }, around)?.guard.answered('tools/list', {}, list).forward).toBe(false);
  expect(readPins(pins).servers).toEqual([]);
});

it('without a file there is no guard; a bad file is told at once', () => {
  expect(guardOf({}, around)).toBeUndefined();
  expect(() => guardOf({ pinsOnly: true }, around)).toThrow('--pins-only needs --pins FILE');
  const nowhere = join(directory, 'none', 'pins.json');
  expect(() => guardOf({ pins: nowhere }, around)).toThrow(`${nowhere}: there is no folder ${join(directory, 'none')}`);
  writeFileSync(join(directory, 'bad.json'), '{}');
  expect(() => guardOf({ pins: join(directory, 'bad.json') }, around)).toThrow('not a file of pins');
});
