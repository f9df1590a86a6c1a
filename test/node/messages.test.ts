// What the library says is read by people who have no command line of ours before them: it names no options of it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ofCommandLines = /^(?:cli|lab|node\/terminal|mcp\/command|mcp\/demo|mcp\/doctor)\//;

it('no message outside of the command lines names an option of one', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !ofCommandLines.test(name),
  );
  expect(files.length).toBeGreaterThan(100);
  const naming = files.flatMap((name) =>
    readFileSync(join('src', name), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line) && /['"`][^'"`]*(?<![\w-])--[a-z]/.test(line))
      .map((line) => `${name}: ${line.trim()}`),
  );
  expect(naming).toEqual([]);
});
