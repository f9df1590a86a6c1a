// Witnesses: what they cosign, what they refuse, and what they keep of logs that forked; logs on web servers.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { directoryReader, webReader } from '../../../src/provenance/disk/logReaders.ts';
import { findEntry, verifyLog } from '../../../src/provenance/disk/logVerify.ts';
import { type Witnessing, witnessLog } from '../../../src/provenance/disk/logWitness.ts';
import { verifyProof } from '../../../src/provenance/log/proof.ts';
import { given } from '../log/signing.ts';
import { flipped } from '../log/trees.ts';
import { add, copyOf, fresh, type Log, newLog, newWitness, trustIn, words } from './logs.ts';

const witness = newWitness('witness.example/1');
const time = (): Date => new Date('2026-12-31T12:00:00Z');

const witnessing = (log: Log, state: string, more: Partial<Witnessing> = {}) =>
  witnessLog({ log: log.directory, state, witness: witness.signer, time, ...more });

async function logOf(count: number): Promise<Log> {
  const log = newLog();
  given(await add(log, words(0, count)));
  return log;
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Serves on the loopback interface. @returns the URL */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves the files of a log below /log. */
const serveFiles = ({ directory }: Log): Promise<string> =>
  serve(({ url = '' }, response) => {
    try {
      response.end(readFileSync(join(directory, url.replace(/^\/log\//, ''))));
    } catch {
      response.writeHead(404).end();
    }
  });

describe('a witness', () => {
  it('cosigns what goes on from what it has seen, and adds its signature to the log; the quorum is then there', async () => {
    const [log, state] = [await logOf(3), fresh('state')];
    const reader = directoryReader(log.directory);
    const trust = trustIn(log, [witness.key]);
    expect(await verifyLog(reader, trust)).toMatchObject({ code: 'log-quorum' });
    expect(given(await witnessing(log, state))).toMatchObject({
      origin: 'example.com/log',
      size: 3,
      isPublished: true,
      time: time(),
    });
    const [entry = new Uint8Array()] = words(1, 1);
    const found = given(await findEntry(reader, entry, trust));
    const logged = given(verifyProof(found.proof, entry, trust));
    expect([logged.witnessed, logged.witnesses.map(({ name }) => name)]).toEqual([time(), ['witness.example/1']]);
    given(await add(log, words(3, 300)));
    expect(await verifyLog(reader, trust)).toMatchObject({ code: 'log-quorum' }); // the new checkpoint is not cosigned yet
    expect(given(await witnessing(log, state)).size).toBe(303);
    expect(given(await verifyLog(reader, trust)).checkpoint.size).toBe(303);
  });

  it('cosigns a checkpoint again with a later time, in the place of its first signature; other witnesses keep theirs', async () => {
    const [log, other] = [await logOf(2), newWitness('witness.example/2')];
    given(await witnessing(log, fresh('state'), { witness: other.signer }));
    const state = fresh('state');
    given(await witnessing(log, state));
    const later = new Date('2026-12-31T13:00:00Z');
    given(await witnessing(log, state, { time: () => later }));
    const { witnesses } = given(
      await verifyLog(directoryReader(log.directory), trustIn(log, [witness.key, other.key])),
    );
    expect(witnesses.map((one) => [one.name, one.time])).toEqual([
      ['witness.example/2', time()],
      ['witness.example/1', later],
    ]);
  });

  it('keeps to the key of a log that it saw first, or to the one given', async () => {
    const [log, other, state] = [await logOf(1), await logOf(1), fresh('state')];
    given(await witnessing(log, state));
    expect(await witnessing(other, state)).toMatchObject({ ok: false, code: 'log-unsigned' });
    expect(await witnessing(log, state, { logKey: other.key })).toMatchObject({ ok: false, code: 'log-other-key' });
    expect(await witnessing(log, fresh('state'), { logKey: other.key })).toMatchObject({ code: 'log-unsigned' });
  });
});

/** The evidence that a refusal names. */
function evidenceOf(refusal: { ok: boolean; path?: string }): { readonly seen: string; readonly found: string } {
  return JSON.parse(readFileSync(refusal.path ?? '', 'utf8'));
}

describe('a log that has two histories', () => {
  it.each([
    ['of the same size', 2, 2],
    ['of another size', 2, 5],
  ])('%s is a fork; both checkpoints are kept, and nothing is cosigned', async (_, here, there) => {
    const [log, state] = [await logOf(3), fresh('state')];
    const other = copyOf(log);
    given(await add(log, words(10, here)));
    given(await add(other, words(20, there)));
    given(await witnessing(log, state));
    const before = readFileSync(join(other.directory, 'checkpoint'));
    const refusal = await witnessing(other, state);
    expect(refusal).toMatchObject({ ok: false, code: 'log-fork' });
    const evidence = evidenceOf(refusal as never);
    expect(evidence.found).toBe(before.toString());
    expect(evidence.seen).toContain(readFileSync(join(log.directory, 'checkpoint'), 'utf8').split('\n\n')[0]);
    expect(readFileSync(join(other.directory, 'checkpoint'))).toEqual(before);
    given(await witnessing(log, state)); // the history that was seen goes on
  });

  it('a smaller tree is a fork when the tiles show it, else an older checkpoint; it is kept too', async () => {
    const [log, state] = [await logOf(3), fresh('state')];
    const other = copyOf(log);
    const old = copyOf(log);
    given(await add(log, words(10, 4)));
    given(await add(other, words(20, 1)));
    given(await witnessing(log, state));
    expect(await witnessing(old, state)).toMatchObject({ code: 'log-rollback' });
    cpSync(join(log.directory, 'tile'), join(other.directory, 'tile'), { recursive: true });
    const refusal = await witnessing(other, state);
    expect(refusal).toMatchObject({ code: 'log-fork' });
    const folder = join(state, readdirSync(state)[0] ?? '');
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => name.split('-')[0])
        .sort(),
    ).toEqual(['fork', 'rollback']);
    expect(basename((refusal as { path: string }).path)).toMatch(/^fork-[0-9a-f]{16}\.json$/);
  });

  it('tiles that are not those of its checkpoint prove nothing: they are broken', async () => {
    const [log, state] = [await logOf(3), fresh('state')];
    given(await witnessing(log, state));
    given(await add(log, words(3, 4)));
    const tile = join(log.directory, 'tile/0/000.p/7');
    writeFileSync(tile, flipped(readFileSync(tile), 3));
    expect(await witnessing(log, state)).toMatchObject({ code: 'log-tile-broken' });
    rmSync(tile);
    expect(await witnessing(log, state)).toMatchObject({ code: 'log-file-missing' });
  });

  it('a memory that somebody has changed is an error of its file', async () => {
    const [log, state] = [await logOf(3), fresh('state')];
    const { checkpoint } = given(await witnessing(log, state));
    writeFileSync(checkpoint, flipped(readFileSync(checkpoint), 8 * 500));
    await expect(witnessing(log, state)).rejects.toThrow(/checkpoint: not a checkpoint of example.com\/log/);
  });
});

describe('a witness that stops', () => {
  it('at any step remembers at least what it has published', async () => {
    const log = await logOf(2);
    const steps: string[] = [];
    given(await witnessing(copyOf(log), fresh('state'), { onStep: (step) => void steps.push(step) }));
    const locks = (...folders: string[]): void => {
      for (const folder of folders) rmSync(join(folder, '.pquake.lock'), { force: true });
    };
    for (const stop of [...steps.keys()].filter((at) => at % 2 === 0 || at > steps.length - 8)) {
      const [copy, state] = [copyOf(log), fresh('state')];
      let passed = 0;
      const onStep = (): void => {
        passed += 1;
        if (passed > stop) throw new Error('stopped');
      };
      await expect(witnessing(copy, state, { onStep })).rejects.toThrow('stopped');
      locks(copy.directory, ...readdirSync(state).map((name) => join(state, name)));
      const isPublished = readFileSync(join(copy.directory, 'checkpoint'), 'utf8').includes('\u2014 witness.example/1');
      const remembered = readdirSync(state).flatMap((name) => readdirSync(join(state, name)));
      if (isPublished) expect(remembered).toContain('checkpoint');
      expect(given(await witnessing(copy, state)).size).toBe(2);
    }
  });
});

describe('a log on a web server', () => {
  it('is verified and witnessed; the cosignature stays with the witness', async () => {
    const log = await logOf(260);
    const url = `${await serveFiles(log)}/log`;
    const [entry = new Uint8Array()] = words(256, 1);
    expect(given(await findEntry(webReader(url), entry, trustIn(log))).index).toBe(256);
    expect(given(await verifyLog(webReader(`${url}/`), trustIn(log))).checkpoint.size).toBe(260);
    const done = given(await witnessing(log, fresh('state'), { log: url }));
    expect([done.size, done.isPublished]).toEqual([260, false]);
    expect(readFileSync(done.checkpoint, 'utf8')).toContain('\u2014 witness.example/1 ');
  });

  it.each([
    ['a file that is not there', (_: unknown, response: never) => end(response, 404), 'log-file-missing'],
    ['an error of the server', (_: unknown, response: never) => end(response, 500), 'log-unreadable'],
    [
      'a redirection',
      (_: unknown, response: never) => end(response, 302, { location: '/checkpoint' }),
      'log-unreadable',
    ],
    [
      'more octets than are read',
      (_: unknown, response: never) => end(response, 200, {}, Buffer.alloc(200)),
      'log-unreadable',
    ],
    ['no answer in time', () => {}, 'log-unreadable'],
    [
      'a connection that breaks off',
      ({ socket }: { socket: { destroy: () => void } }) => socket.destroy(),
      'log-unreadable',
    ],
  ])('%s is refused', async (_, listener, code) => {
    const url = await serve(listener as unknown as RequestListener);
    expect(await webReader(url, 300).read('checkpoint', 100)).toMatchObject({ ok: false, code });
  });

  it('nobody at the address', async () => {
    expect(await webReader('http://127.0.0.1:1').read('checkpoint', 100)).toMatchObject({ code: 'log-unreadable' });
  });
});

function end(
  response: { writeHead: (status: number, headers: object) => { end: (body: Buffer) => void } },
  status: number,
  headers = {},
  body = Buffer.alloc(0),
): void {
  response.writeHead(status, headers).end(body);
}
