// Logs in directories: made, appended to, stopped in the middle, changed by others, and their keys.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initLog, readLogKey } from '../../../src/provenance/disk/logFiles.ts';
import { readCosigner } from '../../../src/provenance/disk/logKeys.ts';
import { directoryReader } from '../../../src/provenance/disk/logReaders.ts';
import { findEntry, verifyLog } from '../../../src/provenance/disk/logVerify.ts';
import { verifyProof } from '../../../src/provenance/log/proof.ts';
import { readContinuation } from '../../../src/provenance/log/reader.ts';
import { given } from '../log/signing.ts';
import { flipped } from '../log/trees.ts';
import { add, at, audited, copyOf, folder, fresh, type Log, newLog, trustIn, words } from './logs.ts';

/** A checkpoint with another letter of base64 in the middle of its signature. */
function otherSignature(checkpoint: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(checkpoint);
  const at = changed.length - 400;
  changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
  return changed;
}

describe('a log in a directory', () => {
  const log = newLog();

  it('has its public key and an empty tree, signed; its private key lies elsewhere, for its owner', async () => {
    expect(readdirSync(log.directory).sort()).toEqual(['checkpoint', 'log.vkey']);
    expect(statSync(log.keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(log.keyFile, 'latin1')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect((await audited(log)).size).toBe(0);
    expect(readLogKey(log.directory)).toEqual(log.key);
  });

  it('proves each entry that is added, offline; adds none twice; and gives a new proof of one that it has', async () => {
    const [first, second, third] = words(0, 3) as [Uint8Array, Uint8Array, Uint8Array];
    const added = given(await add(log, [first, second, first]));
    expect([added.size, added.added, added.logged.map(({ index }) => index)]).toEqual([2, 2, [0, 1, 0]]);
    const again = given(await add(log, [second, third]));
    expect([again.size, again.added, again.logged.map(({ index }) => index)]).toEqual([3, 1, [1, 2]]);
    for (const [i, entry] of [second, third].entries())
      expect(given(verifyProof(again.logged[i]?.proof ?? new Uint8Array(), entry, trustIn(log))).checkpoint.size).toBe(
        3,
      );
    const nothing = given(await add(log, [first]));
    expect([nothing.size, nothing.added]).toEqual([3, 0]);
    expect((await audited(log)).size).toBe(3);
  });

  it('finds an entry, and proves of one that is not there that the whole log was looked at', async () => {
    const [entry, absent] = [words(1, 1), words(77, 1)].map(([one]) => one) as [Uint8Array, Uint8Array];
    const found = given(await findEntry(directoryReader(log.directory), entry, trustIn(log)));
    expect(given(verifyProof(found.proof, entry, trustIn(log))).index).toBe(1);
    expect(await findEntry(directoryReader(log.directory), absent, trustIn(log))).toMatchObject({
      code: 'log-entry-absent',
    });
    expect(given(await verifyLog(directoryReader(log.directory), trustIn(log))).checkpoint.size).toBe(3);
  });

  it('drops partial tiles once the full one is signed', async () => {
    const grown = copyOf(log);
    given(await add(grown, words(3, 252)));
    expect(readdirSync(join(grown.directory, 'tile/0'))).toEqual(['000.p']);
    given(await add(grown, words(255, 3)));
    expect(readdirSync(join(grown.directory, 'tile/0')).sort()).toEqual(['000', '001.p']);
    expect(readdirSync(join(grown.directory, 'tile/entries')).sort()).toEqual(['000', '001.p']);
    expect((await audited(grown)).size).toBe(258);
  });

  it('two that add at once both succeed, and each entry is there once', async () => {
    const both = copyOf(log);
    const done = await Promise.all([add(both, words(10, 3)), add(both, words(12, 3)), add(both, words(20, 1))]);
    expect(done.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await audited(both)).size).toBe(3 + 5 + 1);
  });
});

/** Removes the locks of a process that stopped: the next one would, but this process is alive. */
const dead = (...directories: string[]): void => {
  for (const directory of directories) rmSync(join(directory, '.pquake.lock'), { force: true });
};

describe('a process that stops', () => {
  /** The steps of adding entries. */
  async function stepsOf(log: Log, entries: readonly Uint8Array[]): Promise<string[]> {
    const steps: string[] = [];
    given(await add(copyOf(log), entries, { onStep: (step) => void steps.push(step) }));
    return steps;
  }

  it.each([
    ['few entries', 3, 2],
    ['over the edge of a tile', 254, 4],
  ])('at any step leaves a log that verifies, and that goes on: %s', async (_, before, more) => {
    const log = newLog();
    given(await add(log, words(0, before)));
    const old = await audited(log);
    const steps = await stepsOf(log, words(before, more));
    expect(steps).toContain('write checkpoint');
    const last = steps.indexOf('write checkpoint');
    for (const [stop, step] of steps.entries()) {
      if (Math.abs(stop - last) > 3 && stop % (before > 200 ? 7 : 3) > 0) continue; // enough of so many alike
      const stopped = copyOf(log);
      let passed = 0;
      const onStep = (): void => {
        passed += 1;
        if (passed > stop) throw new Error('stopped');
      };
      await expect(add(stopped, words(before, more), { onStep }), step).rejects.toThrow('stopped');
      dead(stopped.directory);
      const found = await audited(stopped);
      expect([before, before + more]).toContain(found.size);
      const after = given(await add(stopped, words(1000, 3))); // others than those that were not signed
      const now = await audited(stopped);
      expect(now.size).toBe(found.size + 3);
      expect(after.size).toBe(now.size);
      expect(given(await readContinuation(directoryReader(stopped.directory), old, now))).toBe('continued');
    }
  });

  it('while a log is made leaves none, or one without entries', async () => {
    const steps: string[] = [];
    initLog({ directory: fresh('made'), origin: 'a', keyFile: fresh('key'), onStep: (step) => void steps.push(step) });
    for (const stop of steps.keys()) {
      const [directory, keyFile] = [fresh('made'), fresh('key')];
      let passed = 0;
      const onStep = (): void => {
        passed += 1;
        if (passed > stop) throw new Error('stopped');
      };
      expect(() => initLog({ directory, origin: 'a', keyFile, onStep })).toThrow('stopped');
      dead(directory, folder);
      if (!existsSync(join(directory, 'checkpoint'))) continue;
      const key = readLogKey(directory);
      expect((await audited({ directory, keyFile, key, signer: readCosigner(keyFile, key) })).size).toBe(0);
    }
  });
});

describe('what a log refuses to sign', () => {
  const log = newLog();

  it.each([
    ['tile/0/000.p/3', 'log-tile-broken'],
    ['tile/entries/000.p/3', 'log-entries-broken'],
  ])('on a changed %s: %s', async (file, code) => {
    given(await add(log, words(0, 3)));
    const broken = copyOf(log);
    const path = join(broken.directory, file);
    writeFileSync(path, flipped(readFileSync(path), 99));
    const checkpoint = readFileSync(join(broken.directory, 'checkpoint'));
    expect(await add(broken, words(3, 1))).toMatchObject({ ok: false, code });
    expect(readFileSync(join(broken.directory, 'checkpoint'))).toEqual(checkpoint);
    expect(await verifyLog(directoryReader(broken.directory), trustIn(broken))).toMatchObject({ code });
  });

  it('a checkpoint of somebody else, one with a changed signature, and one that is no checkpoint', async () => {
    const other = newLog();
    given(await add(other, words(0, 1)));
    for (const [content, code] of [
      [readFileSync(join(other.directory, 'checkpoint')), 'log-unsigned'],
      [readFileSync(join(newLog('example.com/other').directory, 'checkpoint')), 'log-other-key'],
      [Buffer.from('nothing\n'), 'log-note-malformed'],
      [otherSignature(readFileSync(join(log.directory, 'checkpoint'))), 'log-signature-invalid'],
    ] as const) {
      const broken = copyOf(log);
      writeFileSync(join(broken.directory, 'checkpoint'), content);
      expect(await add(broken, words(9, 1))).toMatchObject({ ok: false, code });
    }
  });

  it('files that are gone', async () => {
    const gone = copyOf(log);
    rmSync(join(gone.directory, 'tile'), { recursive: true });
    expect(await add(gone, words(9, 1))).toMatchObject({ code: 'log-file-missing' });
  });
});

describe('keys', () => {
  it('under a passphrase open with it alone, and belong to one log', () => {
    const [file, access] = [fresh('key'), { passphrase: 'words' }];
    const key = initLog({ directory: fresh('log'), origin: 'example.com/secret', keyFile: file, access });
    expect(readFileSync(file, 'latin1')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    readCosigner(file, key, access).wipe();
    expect(() => readCosigner(file, key)).toThrow(/passphrase/);
    expect(() => readCosigner(file, key, { passphrase: 'other' })).toThrow(/wrong|changed/);
  });

  it('of another log are not taken', () => {
    const [one, other] = [newLog(), newLog()];
    expect(() => readCosigner(one.keyFile, other.key)).toThrow('not the private key of example.com/log');
  });

  it('that were wiped sign nothing', () => {
    const { signer } = newLog();
    signer.wipe();
    expect(() => signer.sign(new Uint8Array())).toThrow(TypeError);
  });

  it('do not go into the log, over another file, or under a name that no key may have', () => {
    const directory = fresh('log');
    expect(() => initLog({ directory, origin: 'a', keyFile: join(directory, 'log.key') })).toThrow(/outside of/);
    expect(() => initLog({ directory, origin: 'a b', keyFile: at('k1') })).toThrow(/without spaces/);
    const { keyFile, directory: taken } = newLog();
    expect(() => initLog({ directory: fresh('log'), origin: 'a', keyFile })).toThrow(/exists already/);
    expect(() => initLog({ directory: taken, origin: 'a', keyFile: at('k2') })).toThrow(/exists already/);
  });
});
