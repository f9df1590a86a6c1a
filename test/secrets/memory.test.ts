// Nothing that JavaScript can reach is left in memory: the memory of a process is searched after handshakes that finished and that did not.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/certificate/issue.ts';
import { expandedKemKey, noble } from '../../src/crypto/noble.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { issuer, issuerSeed, time, validity } from '../handshake/peers.ts';
import { canSearch, type Found, type Needle, search } from './memory/search.ts';
import { mask, type Setup, type Told } from './memory/setup.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-memory-'));
const program = join(directory, 'target.cjs');
const rounds = 100;

beforeAll(async () => {
  const entryPoints = [join(import.meta.dirname, 'memory', 'target.ts')];
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
});
afterAll(() => rmSync(directory, { recursive: true }));

const masked = (octets: Uint8Array): string => Buffer.from(octets.map((octet) => octet ^ mask)).toString('hex');

function credentials(name: string): Setup['alice'] {
  const seed = randomBytes(64);
  const { encapsulationKey } = noble.generateKemKey(seed);
  const serialNumber = Uint8Array.of(2);
  const certificate = issueCertificate({
    ...{ suite: noble, issuer, issuerSeed, name, encapsulationKey, serialNumber },
    ...validity,
  });
  return { certificate: Buffer.from(certificate).toString('hex'), seed: masked(seed) };
}

const unmasked = (hex: string): Uint8Array => Buffer.from(hex, 'hex').map((octet) => octet ^ mask);

/** What was told, and what follows from it: the decapsulation key of a seed, without the public parts that stand in it. */
function needlesOf({ entries, told }: Told, setup: Setup): Needle[] {
  const all = unmasked(told);
  const needles = entries.map(({ what, offset, length }) => ({ what, octets: all.subarray(offset, offset + length) }));
  const statics = [setup.alice, setup.bob].map(({ seed }) => ({ what: 'static seed', octets: unmasked(seed) }));
  const seeds = [...needles, ...statics].filter(({ octets }) => octets.length === 64 && true);
  const keys = seeds
    .filter(({ what }) => what !== 'exported key')
    .map(({ what, octets }) => ({
      what: what === 'static seed' ? 'static decapsulation key' : 'ephemeral decapsulation key',
      octets: expandedKemKey(octets).subarray(0, 1536),
    }));
  return [...needles, ...statics, ...keys];
}

interface Searched {
  readonly told: Told;
  readonly needles: readonly Needle[];
  readonly found: readonly Found[];
}

/** What a process says until it ends a line. */
function line(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.endsWith('\n')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`the searched process ended with ${code}`)));
  });
}

async function searched(backend: Setup['backend'], leaves: boolean): Promise<Searched> {
  const setup: Setup = {
    ...{ backend, leaves, rounds: leaves ? 4 : rounds, anchor: Buffer.from(issuer).toString('hex') },
    ...{ alice: credentials('alice'), bob: credentials('bob'), time: time.toISOString() },
  };
  const child = spawn(process.execPath, ['--expose-gc', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const answer = line(child);
    child.stdin?.end(JSON.stringify(setup));
    const told = JSON.parse(await answer) as Told;
    const needles = needlesOf(told, setup);
    return { told, needles, found: search(child.pid ?? 0, needles) };
  } finally {
    child.kill('SIGKILL');
  }
}

function counted(found: readonly Found[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { what, region } of found) {
    const key = `${what} ${region}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const backends = [...new Set(['noble', chooseSuite().name] as const)];
const searchable = canSearch(process.pid);

describe.skipIf(!searchable)('the memory of a process (Linux, /proc/PID/mem)', () => {
  it.each(backends)('holds no secret of 100 finished and 100 aborted handshakes on %s', async (backend) => {
    const { told, needles, found } = await searched(backend, false);
    expect([told.finished, told.aborted]).toEqual([rounds, rounds]);
    console.log(backend, needles.length, counted(found));
    expect(counted(found)).toEqual({});
  });

  it('is searched so that a secret which is left on purpose is found', async () => {
    const { found } = await searched('noble', true);
    expect(found.filter(({ what }) => what === 'left on purpose')).toHaveLength(2);
  });
});
