// The codes of trust: the page says each, and a test asks for each.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { trustCodes } from '../../../src/provenance/trust/codes.ts';

const folder = 'test/provenance/trust';

it('the page says every code with its meaning', () => {
  const page = readFileSync('spec/provenance/trust.md', 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  const codes = Object.entries(trustCodes);
  expect(rows.slice(-codes.length)).toEqual(codes);
});

it('a test asks for every code', () => {
  const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'codes.test.ts');
  const text = tests.map((name) => readFileSync(`${folder}/${name}`, 'utf8')).join('\n');
  const asks = (code: string): boolean =>
    text
      .split(code)
      .slice(1)
      .some((behind) => !/^[a-z-]/.test(behind));
  expect(Object.keys(trustCodes).filter((code) => !asks(code))).toEqual([]);
});
