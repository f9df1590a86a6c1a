// A revoked peer is refused at the next handshake after its list arrived, however the list came: by a listener that keeps
// its files fresh as `serve` does.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { revokeCertificates, writeRevocationList } from '../../src/node/authority/revocation.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import type { KeyAccess } from '../../src/node/files/keys.ts';
import { materialFactsOf, readMaterial } from '../../src/node/files/material.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { keepListenerFresh } from '../../src/node/terminal/peer/fresh.ts';
import type { PeerOptions } from '../../src/node/terminal/peer/options.ts';
import type { Fresh } from '../../src/node/transport/reload.ts';
import { type Address, connect, type Listener, listen } from '../../src/node/transport/tcp.ts';
import { type Shape, shapes } from '../node/files/shapes.ts';
import { eventually } from '../waiting.ts';
import { pquake, start } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-revoked-'));
const file = (...names: readonly string[]): string => join(directory, ...names);
/** Lists that revoke nobody, alice, alice and carol; each as long as the others. */
const lists: string[] = [];

beforeAll(() => {
  const pki = { suite, directory: file('pki') };
  createAuthority(pki);
  for (const name of ['alice', 'bob', 'carol', 'dave']) issueCredentials({ ...pki, name });
  for (const which of ['', 'alice', 'carol']) {
    if (which !== '') revokeCertificates({ ...pki, which });
    lists.push(readFileSync(writeRevocationList(pki).file, 'utf8'));
  }
  const longest = Math.max(...lists.map(({ length }) => length));
  for (const [i, list] of lists.entries()) lists[i] = list.padEnd(longest, '\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

let listener: Listener | undefined;
let fresh: Fresh | undefined;
const { write } = process.stderr;
let [told, updated, now]: [string, number, () => Date] = ['', 0, () => new Date()];
afterEach(() => {
  process.stderr.write = write;
  listener?.close();
  fresh?.close();
  listener = undefined;
  fresh = undefined;
});

/** @param looks - whether the files are looked at before each handshake, as `serve` does */
async function serve(
  crl: readonly string[],
  looks: boolean,
  more: Partial<PeerOptions> = {},
  access: KeyAccess = {},
): Promise<void> {
  [told, updated, now] = ['', 0, () => new Date()];
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    told += chunk;
    return true;
  };
  const [cert, key, ca] = [file('pki', 'bob.pem'), file('pki', 'bob.key'), [file('pki', 'ca.pem')]];
  const options: PeerOptions = {
    cert,
    key,
    ca,
    crl,
    expect: ['anyone'],
    schedule: 'eager',
    first: 'initiator',
    ...more,
  };
  const seen = materialFactsOf(options);
  const material = readMaterial(suite, options, access);
  const own = { ...material, suite, host: '127.0.0.1', port: 0, time: () => now() };
  const made = await listen({
    ...own,
    beforeHandshake: () => looks && fresh?.look(),
    onHandshake: (result) => result.ok && result.stream.destroy(),
  });
  const update: Listener['update'] = (changes) => {
    updated += 1;
    return made.update(changes);
  };
  listener = made;
  fresh = keepListenerFresh({ update }, material, seen, access, options);
}

function addressOf(one: Listener | undefined): Address {
  if (one === undefined) throw new Error('nobody listens');
  return one.address;
}

/** Whether the listener accepts a peer. */
async function accepts(name: string, { host, port }: Address = addressOf(listener)): Promise<boolean> {
  const credentials = readCredentials(suite, file('pki', `${name}.pem`), file('pki', `${name}.key`));
  const trustAnchors = readTrustAnchors(suite, [file('pki', 'ca.pem')]);
  const result = await connect({ suite, credentials, trustAnchors, host, port, expectedPeer: 'bob' });
  if (result.ok) result.stream.destroy();
  return result.ok;
}

let roots = 0;
function begun({ begin }: Shape): readonly [root: string, configured: string] {
  roots += 1;
  const root = file(`${roots}`);
  mkdirSync(root);
  return [root, begin(root, lists[0] ?? '')];
}

const peers = ['alice', 'carol'] as const;

describe('the next handshake of a revoked peer is refused, and of the one after it, when', () => {
  it.each(shapes)('$words', async (shape) => {
    const [root, configured] = begun(shape);
    await serve([configured], true);
    for (const [i, peer] of peers.entries()) {
      expect(await accepts(peer)).toBe(true);
      await shape.change(root, lists[i + 1] ?? '', i + 1);
      expect(await accepts(peer)).toBe(false);
      expect(await accepts('dave')).toBe(true);
    }
  });
});

describe('without a handshake the list takes force, and the one after it, when', () => {
  it.each(shapes)('$words', async (shape) => {
    const [root, configured] = begun(shape);
    await serve([configured], false);
    for (const [i, peer] of peers.entries()) {
      const before = updated;
      await shape.change(root, lists[i + 1] ?? '', i + 1);
      await eventually(() => expect(updated).toBeGreaterThan(before));
      expect(await accepts(peer)).toBe(false);
    }
    expect(told.match(/^reloaded: CN=bob, .*\(trust anchors and revocation lists\)$/gm)?.length).toBeGreaterThan(1);
  });
});

const [week, hour] = [7 * 86_400_000, 3_600_000];

/** A folder with lists. */
function folder(...contents: readonly (readonly [name: string, content: string])[]): string {
  roots += 1;
  mkdirSync(file(`${roots}`));
  for (const [name, content] of contents) writeFileSync(file(`${roots}`, name), content);
  return file(`${roots}`);
}

const refusals = (): string[] => told.match(/^not reloaded.*$/gm) ?? [];

describe('a list that', () => {
  it('went away is told, stays in force until its end, and then its issuer’s peers are refused', async () => {
    const lists1 = folder(['ca.crl', lists[1] ?? '']);
    const crl = join(lists1, 'ca.crl');
    await serve([crl], true);
    rmSync(crl);
    await eventually(() =>
      expect(refusals()).toEqual([
        expect.stringMatching(
          /^not reloaded, what was read before stays in force: .*ca\.crl: there is no .* \(ENOENT\)/,
        ),
      ]),
    );
    expect([await accepts('alice'), await accepts('dave')]).toEqual([false, true]);
    now = () => new Date(Date.now() + week + hour);
    expect(await accepts('dave')).toBe(false);
    now = () => new Date();
    expect(await accepts('dave')).toBe(true);
  });

  it.each<[string, string]>([
    ['cannot be read', 'none'],
    ['is of another authority', 'other'],
  ])('%s keeps no other list from taking force, and is told', async (_words, spoilt) => {
    const other = { suite, directory: file(`other-${spoilt}`) };
    createAuthority(other);
    const bad = spoilt === 'other' ? readFileSync(writeRevocationList(other).file, 'utf8') : spoilt;
    const [one, two] = [folder(['a.crl', lists[0] ?? '']), folder(['b.crl', lists[0] ?? ''])];
    await serve([join(one, 'a.crl'), join(two, 'b.crl')], false);
    writeFileSync(join(one, 'a.crl'), bad);
    await eventually(() => expect(refusals()).toHaveLength(1));
    writeFileSync(join(two, 'b.crl'), lists[1] ?? '');
    await eventually(() => expect(told).toMatch(/^reloaded: CN=bob/m));
    expect([await accepts('alice'), await accepts('carol')]).toEqual([false, true]);
    for (const refusal of refusals()) expect(refusal).toMatch(/in force: \S*a\.crl: /);
  });

  it('left its folder stays in force, and is told, until SIGHUP', async () => {
    const both = folder(['a.crl', lists[0] ?? ''], ['b.crl', lists[1] ?? '']);
    await serve([both], false);
    rmSync(join(both, 'b.crl'));
    await eventually(() => expect(refusals()).toEqual([expect.stringMatching(/b\.crl: there is no .* \(ENOENT\)/)]));
    expect(await accepts('alice')).toBe(false);
    process.emit('SIGHUP');
    expect(await accepts('alice')).toBe(true);
    rmSync(join(both, 'a.crl'));
    process.emit('SIGHUP');
    expect(refusals().join('\n')).toMatch(/: a folder without a file; expected one or more/);
    expect(await accepts('dave')).toBe(true);
  });

  it('comes while a key is refused again and again takes force all the same', async () => {
    const own = folder(['ca.crl', lists[0] ?? '']);
    const [key, crl, passphrase] = [join(own, 'own.key'), join(own, 'ca.crl'), 'some words'];
    const text = createPrivateKey(readFileSync(file('pki', 'bob.key')))
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
    const other = (): string =>
      generateKeyPairSync('ml-kem-1024')
        .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
        .toString();
    writeFileSync(key, text, { mode: 0o600 });
    await serve([crl], true, { key }, { passphrase });
    const isPostponed = /^the last key was refused: certificate and key are read in \d+ s$/m;
    // Each refusal makes the wait for the next try longer. Whatever the machine does, one falls into a wait.
    await eventually(() => {
      writeFileSync(key, other());
      process.emit('SIGHUP');
      expect(told).toMatch(isPostponed);
    });
    for (const [i, peer] of peers.entries()) {
      writeFileSync(key, other());
      writeFileSync(crl, lists[i + 1] ?? '');
      expect(await accepts(peer)).toBe(false);
    }
    expect(told).not.toMatch(/^reloaded: .*\(certificate and key\)$/m);
    expect(told).toMatch(/^not reloaded, .*own\.key: the passphrase is wrong, or the file was changed$/m);
  });
});

it('a reload of either part tells the certificate in force', async () => {
  const own = folder();
  const put = (name: string): void => {
    for (const end of ['pem', 'key'])
      writeFileSync(join(own, `own.${end}`), readFileSync(file('pki', `${name}.${end}`)), { mode: 0o600 });
  };
  put('bob');
  await serve([], false, { cert: join(own, 'own.pem'), key: join(own, 'own.key') });
  put('dave');
  await eventually(() => expect(told).toMatch(/^reloaded: CN=dave, /m));
  told = '';
  process.emit('SIGHUP');
  const parts = [...told.matchAll(/^reloaded: CN=dave, valid until \S+ \((.*)\)$/gm)].map(([, part]) => part);
  expect(parts).toEqual(['certificate and key', 'trust anchors and revocation lists']);
});

it('cert verify takes a folder of lists, which has at least one', async () => {
  const verify = (crl: string): ReturnType<typeof pquake> =>
    pquake('cert', 'verify', file('pki', 'alice.pem'), '--ca', file('pki', 'ca.pem'), '--crl', crl, '--json');
  const [none, some] = [folder(), folder(['.hidden', 'none'], ['a.crl', lists[0] ?? ''], ['b.crl', lists[1] ?? ''])];
  expect(await verify(some)).toMatchObject({ status: 1, stdout: expect.stringContaining('certificate-revoked') });
  expect(await verify(none)).toMatchObject({ status: 2, stderr: expect.stringContaining('a folder without a file') });
});

it('a running serve refuses the revoked peer when the folder of its list is exchanged, and exchanged again', async () => {
  const own = folder();
  const put = (name: string, content: string): void => {
    mkdirSync(join(own, name));
    writeFileSync(join(own, name, 'ca.crl'), content);
  };
  put('lists', lists[0] ?? '');
  const material = ['--cert', file('pki', 'bob.pem'), '--key', file('pki', 'bob.key'), '--ca', file('pki', 'ca.pem')];
  const words = [...material, '--crl', join(own, 'lists', 'ca.crl'), '--expect', 'anyone'];
  const server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...words]);
  try {
    const [host = '', port] = (await server.address).split(':');
    const at = { host, port: Number(port) };
    for (const [i, peer] of peers.entries()) {
      expect(await accepts(peer, at)).toBe(true);
      put(`next-${i}`, lists[i + 1] ?? '');
      renameSync(join(own, 'lists'), join(own, `before-${i}`));
      renameSync(join(own, `next-${i}`), join(own, 'lists'));
      expect(await accepts(peer, at)).toBe(false);
    }
    expect(await accepts('dave', at)).toBe(true);
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
  }
});
