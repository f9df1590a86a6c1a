// A running `serve` whose revocation list is replaced by a hostile text keeps answering, and obeys signals.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { writeRevocationList } from '../../src/node/authority/revocation.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { connect } from '../../src/node/transport/tcp.ts';
import { type Running, start } from '../cli/commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-reload-'));
const file = (name: string): string => join(directory, name);
let server: Running;

beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
  writeRevocationList({ suite, directory });
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  await server.ended;
  rmSync(directory, { recursive: true });
});

const dash = '-----';
const hostile = [
  `${dash}BEGIN I${'E'.repeat(40)} `, // 52 octets
  `${dash}BEGIN ${'a-'.repeat(200_000)}`,
  `${dash}\n`.repeat(200_000),
  `${dash}BEGIN X509 CRL${dash}\n`.repeat(100_000),
  `${dash}BEGIN X509 CRL${dash}\n${`${'A'.repeat(64)}\n`.repeat(60_000)}${dash}END X509 CRL${dash}\n`,
  '\n'.repeat(8_000_000),
];

it('answers honest peers while it refuses each of them, and ends on SIGTERM', async () => {
  const words = ['--cert', file('bob.pem'), '--key', file('bob.key'), '--ca', file('ca.pem'), '--crl', file('ca.crl')];
  server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...words]);
  const [host = '', port] = (await server.address).split(':');
  const credentials = readCredentials(suite, file('alice.pem'), file('alice.key'));
  const options = {
    suite,
    credentials,
    trustAnchors: readTrustAnchors(suite, [file('ca.pem')]),
    host,
    expectedPeer: 'bob',
  };
  for (const text of hostile) {
    const refused = new Promise<void>((resolve) => {
      server.child.stderr?.on('data', (chunk) => String(chunk).includes('not reloaded') && resolve());
    });
    writeFileSync(file('new'), text);
    renameSync(file('new'), file('ca.crl'));
    await refused;
    const result = await connect({ ...options, port: Number(port) });
    expect(result.ok).toBe(true);
    if (result.ok) result.stream.destroy();
  }
  server.child.kill('SIGTERM');
  expect((await server.ended).status).toBe(0);
});
