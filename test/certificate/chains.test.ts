// The chains of test/certificate/chains, which `npm run chains` makes: what is said of each, with both back ends.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePem } from '../../src/keys/pem.ts';
import { suites } from '../../src/lab/chains/fixtures.ts';
import { type Judged, judge } from '../../src/lab/chains/judge.ts';

const directory = 'test/certificate/chains';

interface Indexed {
  readonly id: string;
  readonly says: string;
  readonly requirement: string;
  readonly at: string;
  readonly leaf: string;
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly lists: readonly string[];
  readonly revocation: 'required' | 'if-present';
  readonly verdict: string;
  readonly reason?: string;
}

const index: readonly Indexed[] = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));

function der(file: string, label = 'CERTIFICATE'): Uint8Array {
  const decoded = decodePem(readFileSync(join(directory, file), 'latin1'), label);
  if (!decoded.ok) throw new Error(`${file}: ${decoded.detail}`);
  return decoded.value;
}

const lists = (files: readonly string[]): readonly Uint8Array[] => files.map((file) => der(file, 'X509 CRL'));
const certificates = (files: readonly string[]): readonly Uint8Array[] => files.map((file) => der(file));

/** The chain in DER. */
const loaded = (chain: Indexed): Judged => ({
  leaf: der(chain.leaf),
  anchors: certificates(chain.anchors),
  intermediates: certificates(chain.intermediates),
  lists: lists(chain.lists),
  revocation: chain.revocation,
  at: new Date(chain.at),
});

describe.each(suites)('chains, with $name', (suite) => {
  it.each(
    index.filter((chain) => chain.verdict === 'ok').map((chain) => [chain.requirement, chain.says, chain] as const),
  )('%s: accepted: %s', (_, __, chain) => expect(judge(suite, loaded(chain))).toEqual({ verdict: 'ok' }));

  it.each(
    index.filter((chain) => chain.verdict !== 'ok').map((chain) => [chain.requirement, chain.says, chain] as const),
  )('%s: refused: %s', (_, __, chain) =>
    expect(judge(suite, loaded(chain))).toEqual({ verdict: chain.verdict, reason: chain.reason }),
  );
});

it('there are enough of both kinds, and every code of certificates is among them', () => {
  const verdicts = index.map((chain) => chain.verdict);
  expect(verdicts.filter((one) => one === 'ok').length).toBeGreaterThanOrEqual(10);
  expect(verdicts.filter((one) => one !== 'ok').length).toBeGreaterThanOrEqual(40);
  expect([...new Set(verdicts)].sort()).toEqual([
    'certificate-constraint',
    'certificate-malformed',
    'certificate-outside-validity',
    'certificate-revocation-unknown',
    'certificate-revoked',
    'certificate-untrusted',
    'certificate-wrong-algorithm',
    'certificate-wrong-key-usage',
    'invalid-encapsulation-key',
    'ok',
  ]);
});

it('the script makes every file again, bit for bit, and OpenSSL says again what is recorded', () => {
  // In a process of its own, as OpenSSL is called without a net.
  expect(() =>
    execFileSync(process.execPath, ['src/lab/chains/writeChains.ts', '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});
