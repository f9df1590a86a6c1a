// Nothing that JavaScript can reach is left in memory: the memory of a process is searched after handshakes that finished and that did not.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/certificate/issue/issue.ts';
import { noble } from '../../src/crypto/noble.ts';
import { expandedKemKey } from '../../src/crypto/nobleSuites.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { endChild } from '../../src/node/temporary/child.ts';
import { keepGroup } from '../../src/node/temporary/temporary.ts';
import { issuer, issuerSeed, time, validity } from '../handshake/peers.ts';
import { canSearch, type Found, type Needle, search } from './memory/search.ts';
import { mask, type Setup, type Told } from './memory/setup.ts';
import { channelKinds } from './recording.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-memory-'));
const program = join(directory, 'target.cjs');
const rounds = 100;
const timeout = 300_000; // where the machine is busy

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

/** The secrets that were told, and those that follow from them: the decapsulation key of a seed, up to the public parts that stand in it. */
function needlesOf({ entries, over, told }: Told, setup: Setup): Needle[] {
  const all = unmasked(told);
  const searchedFor = setup.leaves ? entries : entries.slice(0, over);
  const needles = [
    ...searchedFor.map(({ what, offset, length }) => ({ what, octets: all.subarray(offset, offset + length) })),
    ...[setup.alice, setup.bob].map(({ seed }) => ({ what: 'seed of a key', octets: unmasked(seed) })),
  ];
  const keys = needles
    .filter(({ what, octets }) => octets.length === 64 && what !== 'exported key')
    .map(({ octets }) => ({ what: 'decapsulation key', octets: expandedKemKey(octets).subarray(0, 1536) }));
  return [...needles, ...keys];
}

interface Searched {
  readonly told: Told;
  readonly needles: readonly Needle[];
  readonly found: readonly Found[];
}

/** The output of a process up to the end of a line. */
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
  const child = spawn(process.execPath, ['--expose-gc', program], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  keepGroup(child.pid ?? 0);
  try {
    const answer = line(child);
    child.stdin?.end(JSON.stringify(setup));
    const told = JSON.parse(await answer) as Told;
    const needles = needlesOf(told, setup);
    return { told, needles, found: search(child.pid ?? 0, needles) };
  } finally {
    endChild(child);
  }
}

/**
 * The secrets that JavaScript cannot reach, by back end, and in how many places of 16 octets they may be found. Nothing else is allowed.
 *
 * noble: the coins that a decapsulation decrypts (32 octets, FIPS 203, algorithm 18, line 5) stand on the heap of the engine, inside
 * of noble, while it encrypts again, and the first half of a seed while a key is generated. noble wipes both; a collection that falls
 * into that millisecond leaves a copy behind until the memory is used again. There are some 500 such operations, and a collection
 * meets one or two of them.
 *
 * native: what OpenSSL holds is cleared when its handle is collected, which the searched process asks for; so there is no exception.
 */
const exceptions: Readonly<Record<Setup['backend'], { readonly what: RegExp; readonly most: number } | undefined>> = {
  noble: { what: /^(coins|seed of a key)/, most: 8 },
  native: undefined,
};

const backends = [...new Set(['noble', chooseSuite().name] as const)];

describe.skipIf(!canSearch(process.pid))('the memory of a process (Linux only: /proc/PID/mem)', () => {
  it.each(backends)(
    'holds no secret of 100 finished and 100 aborted handshakes, nor of the channels behind 25 of them, nor former ones of a channel that goes on, on %s',
    { timeout },
    async (backend) => {
      const { told, needles, found } = await searched(backend, false);
      expect([told.finished, told.aborted]).toEqual([rounds, rounds]);
      // Every secret of spec/secrets.md that a handshake makes was looked for.
      const kinds = ['coins that are given', 'decapsulation key', 'expanded key', 'exported key', 'extracted key'];
      const secrets = [
        ...channelKinds,
        'k_session',
        'pre-shared secret',
        'seed of a key',
        'shared secret, decapsulated',
        'shared secret, encapsulated',
      ];
      expect(new Set(needles.map(({ what }) => what))).toEqual(
        new Set([...kinds, ...secrets, ...(backend === 'noble' ? ['coins'] : [])]),
      );
      const excepted = found.filter(({ what }) => exceptions[backend]?.what.test(what));
      expect(found.filter((one) => !excepted.includes(one))).toEqual([]);
      expect(excepted.length).toBeLessThanOrEqual(exceptions[backend]?.most ?? 0);
    },
  );

  it('is searched so that a secret which is left on purpose is found', { timeout }, async () => {
    const { found } = await searched('noble', true);
    expect(found.filter(({ what }) => what === 'left on purpose')).toHaveLength(2); // both its halves
    const kept = channelKinds.filter((kind) => kind !== 'channel: next secret');
    expect([...new Set(found.map(({ what }) => what))]).toEqual(expect.arrayContaining(kept));
  });
});
