// `serve` and `connect` with certificates that are not valid, or not for long.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { encodeKemPrivateKey } from '../../src/keys/privateKey.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { timeText } from '../../src/time.ts';
import { eventually } from '../waiting.ts';
import { pquake, type Running, resultOf, start } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-lifetimes-'));
const file = (name: string): string => join(directory, name);
const day = 86_400_000;
const begun = Math.floor(Date.now() / 1000) * 1000;
/** The period from and to so many days from now. */
const days = (from: number, to: number) => ({
  notBefore: new Date(begun + from * day),
  notAfter: new Date(begun + to * day),
});
const periods = {
  valid: days(-1, 365),
  expired: days(-365, -1),
  early: days(1, 365),
  ending: days(-365, 5),
} as const;
type Name = keyof typeof periods;
const issuerSeed = new Uint8Array(32).fill(7);
const running: Running[] = [];

beforeAll(() => {
  const authority = (octet: number, name: string, period: ReturnType<typeof days>) =>
    createTrustAnchor({ suite, name, seed: issuerSeed, serialNumber: Uint8Array.of(octet), ...period });
  const ca = authority(1, 'CA', days(-400, 4_000));
  writeFileSync(file('ca.pem'), encodePem('CERTIFICATE', ca));
  writeFileSync(file('old-ca.pem'), encodePem('CERTIFICATE', authority(2, 'Old', days(-400, -3))));
  for (const [i, [name, period]] of Object.entries(periods).entries()) {
    const seed = new Uint8Array(64).fill(i + 1);
    const { encapsulationKey } = suite.generateKemKey(seed);
    const subject = { suite, name, encapsulationKey, serialNumber: Uint8Array.of(i + 10), ...period };
    writeFileSync(
      file(`${name}.pem`),
      encodePem('CERTIFICATE', issueCertificate({ ...subject, issuer: ca, issuerSeed })),
    );
    const key = encodePem('PRIVATE KEY', encodeKemPrivateKey(seed, suite.algorithms.kem));
    writeFileSync(file(`${name}.key`), key, { mode: 0o600 });
  }
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const who = (name: string, ca = 'ca'): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file(`${ca}.pem`), '--expect', 'anyone'],
];

function serve(words: readonly string[]): Running {
  const server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...words]);
  running.push(server);
  return server;
}

const dated = (name: Name, end: keyof (typeof periods)[Name]) => `${timeText(periods[name][end])}; now it is 20`;

it.each(['serve', 'connect'])('%s refuses an own certificate that has expired, with both dates', async (command) => {
  const where = command === 'serve' ? ['serve', '--listen', '127.0.0.1:0'] : ['connect', '127.0.0.1:1'];
  const end = await pquake(...where, '--json', ...who('expired'));
  expect(end.status).toBe(1);
  const told = `the own certificate CN=expired, serial number 0b, expired at ${dated('expired', 'notAfter')}`;
  expect(resultOf(end)).toMatchObject({ ok: false, code: 'configuration', message: expect.stringContaining(told) });
  expect(end.stderr).toContain(told);
});

it.each<[Name, keyof (typeof periods)[Name], string]>([
  ['early', 'notBefore', 'is valid from'],
  ['ending', 'notAfter', 'expires at'],
])('serve and connect warn of an own certificate: %s', async (name, end, says) => {
  const told = `pquake: warning: the own certificate CN=${name}, serial number 0${name === 'early' ? 'c' : 'd'}, ${says} ${dated(name, end)}`;
  const server = serve(who(name));
  const address = await server.address;
  const mine = await pquake('connect', address, ...who(name));
  expect(mine.stderr).toContain(told);
  server.child.kill('SIGTERM');
  expect((await server.ended).stderr).toContain(told);
});

it('serve warns of a trust anchor that has expired, and listens', async () => {
  const server = serve([...who('valid'), '--ca', file('old-ca.pem')]);
  await server.address;
  server.child.kill('SIGTERM');
  const { stderr, status } = await server.ended;
  expect(status).toBe(0);
  expect(stderr).toMatch(
    /^pquake: warning: the certificate of the authority CN=Old expired at \S+Z; now it is \S+Z: peers/m,
  );
});

it('serve keeps a valid certificate when an expired one is put in its place, and warns of one that ends soon', async () => {
  const put = (name: Name): void => {
    for (const end of ['key', 'pem'])
      writeFileSync(file(`own.${end}`), readFileSync(file(`${name}.${end}`)), { mode: 0o600 });
  };
  put('valid');
  const server = serve(who('own'));
  await server.address;
  let stderr = '';
  server.child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  put('expired');
  server.child.kill('SIGHUP');
  await eventually(() => expect(stderr).toMatch(/^not reloaded, .*CN=expired, .* expired at \S+Z; now it is/m));
  put('ending');
  server.child.kill('SIGHUP');
  await eventually(() => expect(stderr).toMatch(/^reloaded: CN=ending/m));
  expect(stderr).toMatch(/^pquake: warning: the own certificate CN=ending, .* expires at \S+Z; now it is/m);
});
