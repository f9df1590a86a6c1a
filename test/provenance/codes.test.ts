// The page of all codes: each with its meaning and its place, and for each a test that asks for it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fileCodes } from '../../src/provenance/disk/codes.ts';
import { modelCodes } from '../../src/provenance/disk/modelCodes.ts';
import { linkCodes } from '../../src/provenance/lineage/codes.ts';
import { logCodes } from '../../src/provenance/log/codes.ts';
import { signatureCodes } from '../../src/provenance/signature/codes.ts';
import { statementCodes } from '../../src/provenance/statement/codes.ts';
import { nameCodes } from '../../src/provenance/statement/fileNames.ts';
import { predicateCodes } from '../../src/provenance/statement/predicateCodes.ts';
import { trustCodes } from '../../src/provenance/trust/codes.ts';

/** By the file that has them. Those of names are in two tables, and stand once. */
const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'signature/codes.ts': signatureCodes,
  'statement/fileNames.ts': nameCodes,
  'statement/codes.ts': statementCodes,
  'statement/predicateCodes.ts': predicateCodes,
  'trust/codes.ts': trustCodes,
  'lineage/codes.ts': linkCodes,
  'log/codes.ts': logCodes,
  'disk/codes.ts': fileCodes,
  'disk/modelCodes.ts': modelCodes,
};

const rows = Object.entries(tables).flatMap(([file, codes]) =>
  Object.entries(codes)
    .filter(([code]) => codes === nameCodes || !Object.hasOwn(nameCodes, code))
    .map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} | ${file} |`),
);

it('the page has every code with its meaning and its place, and no other', () => {
  const page = readFileSync('spec/provenance/refusals.md', 'utf8');
  const table = page.slice(page.indexOf('## All codes'));
  expect(table.split('\n').filter((line) => line.startsWith('| `'))).toEqual(rows);
});

it('every code of the part about bad input is a code', () => {
  const page = readFileSync('spec/provenance/refusals.md', 'utf8');
  const part = page.slice(0, page.indexOf('## All codes'));
  const all = Object.values(tables).flatMap((codes) => Object.keys(codes));
  const named = [...part.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)+)`/g)].map(([, code]) => code);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((code = '') => !all.includes(code))).toEqual([]);
});

/** The text of all files with an ending, without tables of codes. */
const textOf = (folder: string, ending: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !/odes\.(test\.)?ts$/.test(name))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n');

/** Whether a code stands in a text as a whole, and no longer one. */
const has = (text: string, code: string): boolean =>
  text
    .split(code)
    .slice(1)
    .some((behind) => !/^[a-z-]/.test(behind));

it('a test asks for every code, and the code can be produced', () => {
  // Codes of certificates come from their validator.
  const sources = textOf('src/provenance', '.ts') + textOf('src/certificate', '.ts');
  const tests = textOf('test/provenance', '.test.ts');
  const codes = Object.values(tables).flatMap((table) => Object.keys(table));
  expect(codes.filter((code) => !has(tests, code))).toEqual([]);
  // trust/signatures.ts makes these of their parts.
  const ended = (code: string): string => code.replace(/^key-(rotated|revoked)(?=$|-)/, 'key-$' + '{what}');
  expect(codes.filter((code) => !has(sources, code) && !has(sources, ended(code)))).toEqual([]);
});
