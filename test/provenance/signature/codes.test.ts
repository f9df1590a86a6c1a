import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { algorithmNames, algorithmTable } from '../../../src/provenance/signature/algorithms.ts';
import { bundleLimits } from '../../../src/provenance/signature/bundle.ts';
import { signatureCodes } from '../../../src/provenance/signature/codes.ts';

const page = readFileSync('spec/provenance/signatures.md', 'utf8');

test('the page says every code with its meaning, and every algorithm with its sizes', () => {
  for (const [code, meaning] of Object.entries(signatureCodes)) expect(page).toContain(`| \`${code}\` | ${meaning} |`);
  for (const name of algorithmNames) {
    const { publicKey, signature } = algorithmTable[name];
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    for (const octets of [publicKey, ...signature]) expect(row, name).toContain(`${octets}`);
  }
});

test('the page says the bounds of a bundle', () => {
  for (const bound of Object.values(bundleLimits)) expect(page).toContain(bound.toLocaleString('en-US'));
});
