import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { failureTable } from '../src/generated/failures.ts';

const { requirements } = parse(readFileSync('spec/requirements.yaml', 'utf8')) as { requirements: { id: string }[] };
const known = new Set(requirements.map(({ id }) => id));

it('every requirement that code, tests and documents cite exists', () => {
  const files = ['src', 'test', 'scripts'].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  );
  const cited = [...files.filter((name) => name.endsWith('.ts')), 'README.md'].flatMap((name) =>
    [...readFileSync(name, 'utf8').matchAll(/\bPQ-[0-9PC][0-9.]*-\d\d\b/g)].map(([id]) => ({ name, id })),
  );
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter(({ id }) => !known.has(id))).toEqual([]);
});

it('every failure serves a requirement', () => {
  for (const { requirements: served } of Object.values(failureTable)) expect(served.length).toBeGreaterThan(0);
});
