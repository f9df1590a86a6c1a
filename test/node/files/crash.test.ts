// Files after a command was killed at any of its steps: they are old or new, and of use; and the next run works.
import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAuthority } from '../../../src/node/authority/authority.ts';
import { backUpAuthority } from '../../../src/node/authority/backup.ts';
import { readDatabase } from '../../../src/node/authority/database.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { inDirectory, readTogether } from '../../../src/node/files/change.ts';
import { readCertificate, readCredentials, readRevocationLists } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { type CommandName, commands, passphrase, type Run } from './crashing.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-crash-'));
const [template, program] = [join(root, 'template'), join(root, 'crashing.cjs')];
let copies = 0;

beforeAll(async () => {
  createAuthority({ suite, directory: join(template, 'pki') });
  issueCredentials({ suite, directory: join(template, 'pki'), name: 'alice' });
  createAuthority({ suite, directory: join(template, 'alone') });
  backUpAuthority({ suite, directory: join(template, 'pki'), file: join(template, 'old.backup'), passphrase });
  const { privateKey } = generateKeyPairSync('ml-kem-1024');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  writeFileSync(join(template, 'old.key'), pem, { mode: 0o600 });
  // One file starts faster than all modules of the source.
  const entryPoints = [join(import.meta.dirname, 'crashing.ts')];
  await build({ entryPoints, outfile: program, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
});
afterAll(() => rmSync(root, { recursive: true }));

function copy(): string {
  copies += 1;
  const directory = join(root, String(copies));
  cpSync(template, directory, { recursive: true });
  return directory;
}

/** Files that anybody sees, as a reader finds them. */
function visible(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => !basename(name).startsWith('.') && statSync(join(directory, name)).isFile());
  // Of a change that holds, a reader by name finds what has not its name yet too.
  const pending = names
    .filter((name) => basename(name) === '.pquake.pending')
    .flatMap((name) =>
      (JSON.parse(readFileSync(join(directory, name), 'utf8')) as { name: string }[]).map((one) =>
        join(name, '..', one.name),
      ),
    );
  return new Map(
    [...new Set([...files, ...pending])]
      .sort()
      .map((name) => [name, readTogether([join(directory, name)]).join('')] as const),
  );
}

const hidden = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => basename(name).startsWith('.'));

/** Everything that is there can be used, and belongs together. */
function requireUsable(directory: string): void {
  for (const name of ['pki', 'new', 'alone'].map((one) => join(directory, one))) {
    if (!visible(directory).has(join(basename(name), 'ca.pem'))) {
      expect([...visible(directory).keys()].filter((file) => file.startsWith(`${basename(name)}/`))).toEqual([]);
      continue;
    }
    const { anchor } = readAuthority(suite, name, {});
    const database = readDatabase(name, anchor.verificationKey.octets);
    if (visible(directory).has(join(basename(name), 'ca.crl'))) {
      expect(readRevocationLists([join(name, 'ca.crl')])[0]?.crlNumber).toBe(BigInt(database.crlNumber));
    } else expect(database.crlNumber).toBe(0);
    for (const file of visible(directory).keys()) {
      if (!file.startsWith('pki/') || !file.endsWith('.pem') || file === 'pki/ca.pem' || basename(name) !== 'pki')
        continue;
      const stem = join(directory, file.slice(0, -4));
      const { certificate } = readCredentials(suite, `${stem}.pem`, `${stem}.key`);
      expect(database.certificates.map(({ serialNumber }) => serialNumber)).toContain(certificate.serialNumber);
    }
  }
  for (const file of visible(directory).keys()) {
    if (file.endsWith('.key')) {
      expect(readTogether([join(directory, file)]).join('')).toMatch(/^-----BEGIN [\s\S]*-----END [A-Z ]*-----\n$/);
    }
  }
  expect(createPrivateKey({ key: readFileSync(join(directory, 'old.key')), passphrase })).toBeDefined();
  const backup = join(directory, 'new.backup');
  if (existsSync(backup)) expect(readFileSync(backup, 'utf8')).toMatch(/^\{[\s\S]*\}\n$/);
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

function requireSecretsGuarded(directory: string): void {
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    if (/\.(key|backup)$/.test(name)) expect(modeOf(join(directory, name))).toBe(0o600);
  }
}

const killed = (name: string, directory: string, step: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [program, name, directory, String(step)], (error, _, stderr) => {
      if (error === null) resolve(false);
      else if (error.signal === 'SIGKILL') resolve(true);
      else reject(new Error(`${name}, step ${step}: ${stderr}`));
    });
  });

async function crash(name: CommandName, step: number): Promise<'old' | 'new'> {
  const directory = copy();
  const before = visible(directory);
  expect(await killed(name, directory, step)).toBe(true);
  const after = visible(directory);
  requireUsable(directory);
  requireSecretsGuarded(directory);
  const isOld = JSON.stringify([...after]) === JSON.stringify([...before]);
  // Whoever writes next completes or drops the change; of `ca restore`, which is slow, that is mostly somebody else.
  if (name === 'ca restore' && step % 5 !== 0) {
    for (const one of ['', 'new']) if (existsSync(join(directory, one))) inDirectory(join(directory, one), () => {});
  } else (commands[name] as Run)(directory, true);
  expect(hidden(directory)).toEqual([]);
  requireUsable(directory);
  rmSync(directory, { recursive: true });
  return isOld ? 'old' : 'new';
}

describe('a command that is killed at any step leaves what was there or what is to be, and the next run works', () => {
  it.for(Object.keys(commands) as CommandName[])('%s', async (name) => {
    let steps = 0;
    const whole = copy();
    const run: Run = commands[name];
    run(whole, false, () => {
      steps += 1;
    });
    expect(hidden(whole)).toEqual([]);
    const outcome = visible(whole);
    expect([...outcome]).not.toEqual([...visible(template)]);
    expect(steps).toBeGreaterThan(5);
    const numbers = Array.from({ length: steps }, (_, i) => i + 1);
    const left: string[] = [];
    for (let at = 0; at < steps; at += 3) {
      left.push(...(await Promise.all(numbers.slice(at, at + 3).map((step) => crash(name, step)))));
    }
    // Old up to one step, new from there on.
    expect(left[0]).toBe('old');
    expect(left.at(-1)).toBe('new');
    expect(left.join(' ')).toMatch(/^(old )+(new ?)+$/);
  });
});

it('a recovery that is killed at any step is recovered too', async () => {
  // The journal of a rotation is there, nothing is renamed yet.
  const steps: string[] = [];
  const rotate: Run = commands['cert rotate'];
  rotate(copy(), false, (step) => steps.push(step));
  const before = readCertificate(join(template, 'pki/alice.pem')).serialNumber;
  const renaming = 1 + steps.findIndex((step) => step.startsWith('rename '));
  const again = async (step: number): Promise<void> => {
    const directory = copy();
    expect(await killed('cert rotate', directory, renaming)).toBe(true);
    expect(await killed('ca crl', directory, step)).toBe(true);
    requireUsable(directory);
    (commands['ca crl'] as Run)(directory, false);
    expect(hidden(directory)).toEqual([]);
    requireUsable(directory);
    expect(readCertificate(join(directory, 'pki/alice.previous.pem')).serialNumber).toBe(before);
    rmSync(directory, { recursive: true });
  };
  // Lock, a second lock, the removal of the first, lock, five files, the directory, the journal, the directory, and the first
  // steps of the list. A copy of what was interrupted would not do: its journal tells other files.
  for (let at = 1; at <= 18; at += 3) await Promise.all([at, at + 1, at + 2].map(again));
});
