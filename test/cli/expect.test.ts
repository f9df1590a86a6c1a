// `--expect` and `--expect-issuer`, against processes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { encodePem } from '../../src/keys/pem.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCertificate } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Ended, handshake, pquake, resultOf } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-expect-'));
const file = (...names: readonly string[]): string => join(directory, ...names);
const who = (name: string, ...more: readonly string[]): string[] => [
  ...['--cert', file('ours', `${name}.pem`), '--key', file('ours', `${name}.key`), '--ca', file('ours', 'ca.pem')],
  ...more,
];
const alsoTrusting = ['--ca', file('theirs', 'ca.pem')];
/** Bob of the other authority, who shows himself to Alice. */
const namesake = [
  ...['--cert', file('theirs', 'bob.pem'), '--key', file('theirs', 'bob.key'), '--ca', file('ours', 'ca.pem')],
  ...['--expect', 'alice'],
];
const warningsOf = ({ stderr }: Ended): string[] => stderr.split('\n').filter((line) => line.includes('warning'));

beforeAll(() => {
  for (const [name, of] of [
    ['Our CA', 'ours'],
    ['Their CA', 'theirs'],
  ] as const) {
    createAuthority({ suite, directory: file(of), name });
    for (const peer of ['alice', 'bob'])
      issueCredentials({ suite, directory: file(of), name: peer, uris: [`https://${peer}.example`] });
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('who the peer must be', () => {
  it('is not said: it works as ever, and standard error says once what that means', async () => {
    const ends = await handshake(who('bob'), who('alice'));
    for (const end of [ends.responder, ends.initiator]) {
      expect(end.status).toBe(0);
      expect(Object.keys(resultOf(end)).slice(0, 6)).toEqual(['ok', 'role', 'peer', 'session', 'sent', 'received']);
      expect(end.stderr.match(/no --expect: anyone whose certificate/g)).toHaveLength(1);
      expect(end.stderr).toMatch(/--expect NAME .*--expect anyone/);
    }
  });

  it('is anyone, in so many words: nothing to warn of', async () => {
    const ends = await handshake(who('bob', '--expect', 'anyone'), who('alice', '--expect', 'anyone'));
    expect([ends.responder, ends.initiator].flatMap(warningsOf)).toEqual([]);
    expect(ends.initiator.status).toBe(0);
  });

  it('is one of several names', async () => {
    const ends = await handshake(
      who('bob', '--expect', 'carol', '--expect', 'alice'),
      who('alice', '--expect', 'carol', '--expect', 'URI:https://bob.example'),
    );
    expect([ends.responder.status, ends.initiator.status]).toEqual([0, 0]);
    const none = await handshake(who('bob', '--expect', 'alice'), who('alice', '--expect', 'x', '--expect', 'y'));
    expect(resultOf(none.initiator)).toMatchObject({
      code: 'unexpected-peer',
      message: expect.stringMatching(/x or y/),
    });
  });

  it('is said in another form than meant: standard error suggests', async () => {
    for (const [word, meant] of [
      ['https://bob.example', 'URI:https://bob.example'],
      ['uri:https://bob.example', 'URI:https://bob.example'],
      ['dns:bob.example', 'DNS:bob.example'],
    ] as const) {
      const end = await pquake('connect', '127.0.0.1:1', ...who('alice', '--expect', word));
      expect(end.stderr).toContain(`is ${meant} meant?`);
    }
  });
});

describe('two trust anchors', () => {
  it('one name: it works as ever, and standard error says that either may vouch', async () => {
    const ends = await handshake(who('bob', '--expect', 'alice'), who('alice', ...alsoTrusting, '--expect', 'bob'));
    expect(ends.initiator.status).toBe(0);
    expect(warningsOf(ends.initiator)).toEqual([
      expect.stringMatching(/bob: any of 2 trust anchors may vouch .*CN=Our CA, CN=Their CA/),
    ]);
  });

  it.each(['CN=Our CA', file('ours', 'ca.pem')])('--expect-issuer %s: its bob only', async (issuer) => {
    const words = who('alice', ...alsoTrusting, '--expect', 'bob', '--expect-issuer', issuer);
    const [real, other] = [await handshake(who('bob', '--expect', 'alice'), words), await handshake(namesake, words)];
    expect(real.initiator.status).toBe(0);
    expect(warningsOf(real.initiator)).toEqual([]);
    expect(resultOf(other.initiator)).toMatchObject({ ok: false, code: 'unexpected-peer' });
  });

  it('an issuer that is none of them: told, status 1', async () => {
    for (const issuer of ['CN=Nobody', file('theirs', 'ca.pem')]) {
      const words = who('alice', '--expect', 'bob', '--expect-issuer', issuer, '--json');
      const end = await pquake('connect', '127.0.0.1:1', ...words);
      expect(end.status).toBe(1);
      expect(resultOf(end)).toMatchObject({
        code: 'configuration',
        message: expect.stringMatching(/none of the trust/),
      });
    }
  });

  it('an authority that may vouch for partner.example only is not believed that somebody is bob', async () => {
    const period = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
    const limited = { name: 'Partner CA', seed: suite.randomOctets(32), permitted: { dnsNames: ['partner.example'] } };
    const issuer = createTrustAnchor({ suite, ...period, ...limited, serialNumber: Uint8Array.of(1) });
    const { encapsulationKey } = readCertificate(file('theirs', 'bob.pem'));
    const own = { name: 'bob', dnsNames: ['bob.partner.example'], encapsulationKey, serialNumber: Uint8Array.of(2) };
    const der = issueCertificate({ suite, ...period, ...own, issuer, issuerSeed: limited.seed });
    writeFileSync(file('partner.pem'), encodePem('CERTIFICATE', issuer));
    writeFileSync(file('mallory.pem'), encodePem('CERTIFICATE', der));
    const mallory = [...namesake, '--cert', file('mallory.pem')];
    const alice = (...expected: readonly string[]) => who('alice', '--ca', file('partner.pem'), ...expected);
    const refused = await handshake(mallory, alice('--expect', 'bob'));
    expect(resultOf(refused.initiator)).toMatchObject({
      code: 'unexpected-peer',
      message: expect.stringMatching(/common name was not compared/),
    });
    expect(warningsOf(refused.initiator)).toEqual([]); // only one of the anchors may vouch for a common name
    const named = await handshake(mallory, alice('--expect', 'DNS:bob.partner.example'));
    expect(named.initiator.status).toBe(0);
  });
});

describe('usage', () => {
  it.each([
    [['--expect', ''], /'--expect <name>' argument '' is invalid\. .*it is empty/],
    [['--expect', ' '], /it is empty/],
    [['--expect', 'bob', '--expect', ''], /it is empty/],
    [['--expect', 'anyone', '--expect', 'bob'], /'anyone' stands alone/],
    [['--expect', 'bob', '--expect', 'anyone'], /'anyone' stands alone/],
    [['--expect', 'URI:'], /not URI: and a URI/],
    [['--expect', 'DNS:*.example'], /not DNS: and a DNS name/],
    [['--expect', 'bob', '--expect-issuer', ''], /it is empty/],
    [['--expect-issuer', 'CN=Our CA'], /needs the names that it vouches for/],
    [['--expect', 'anyone', '--expect-issuer', 'CN=Our CA'], /needs the names that it vouches for/],
  ])('%j is a usage error: status 2, nothing on standard output', async (words, reason) => {
    for (const command of [
      ['connect', '127.0.0.1:1'],
      ['serve', '--listen', '127.0.0.1:0'],
    ]) {
      const end = await pquake(...command, ...who('alice', ...words));
      expect(end).toMatchObject({ status: 2, stdout: '' });
      expect(end.stderr).toMatch(reason);
    }
  });

  it('every example says whom it expects', async () => {
    const helps = await Promise.all(
      [['serve'], ['connect'], ['conformance', 'responder'], ['conformance', 'initiator']].map((command) =>
        pquake(...command, '--help'),
      ),
    );
    const pages = ['README.md', 'spec/operating.md', 'spec/certificates.md', 'spec/readings.md'].map((page) =>
      readFileSync(page, 'utf8'),
    );
    const lines = [...helps.map(({ stdout }) => stdout), ...pages].flatMap((text) =>
      text.replaceAll(/ \\\n +/g, ' ').split('\n'),
    );
    const examples = lines.filter((line) => /pquake (serve|connect) .*--cert /.test(line));
    expect(examples.length).toBeGreaterThanOrEqual(10);
    for (const example of examples) expect(example).toMatch(/ --expect \S/);
  });
});
