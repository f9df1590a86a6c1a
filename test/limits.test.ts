import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limits } from '../src/limits.ts';

it('the table of spec/security.md has every bound, and no other', () => {
  const page = readFileSync('spec/security.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d,]+) \| \S/gm)];
  const stated = Object.fromEntries(rows.map(([, name, most]) => [name, Number(most?.replaceAll(',', ''))]));
  expect(rows).toHaveLength(Object.keys(limits).length);
  expect(stated).toEqual(limits);
});
