import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fileCodes } from '../../../src/provenance/disk/codes.ts';
import { mostFiles } from '../../../src/provenance/disk/enumerate.ts';
import { mostInMemory } from '../../../src/provenance/disk/openVerified.ts';
import { nameBounds } from '../../../src/provenance/statement/fileNames.ts';

const page = readFileSync('spec/provenance/files.md', 'utf8');

it('the page of files has every code with its meaning, and no other', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)];
  const stated = rows.map(([, code, meaning]) => [code, meaning?.replace('\\|', '|')]);
  expect(Object.fromEntries(stated)).toEqual(fileCodes);
  expect(stated).toHaveLength(Object.keys(fileCodes).length);
});

it('the page of files has the bounds', () => {
  const { octets, partOctets, depth } = nameBounds;
  for (const bound of [mostFiles, mostInMemory, octets, partOctets, depth])
    expect(page).toContain(`| ${bound.toLocaleString('en')}`);
});
