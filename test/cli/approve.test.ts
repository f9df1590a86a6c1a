// The attack: who may be certified as mallory asks for the alternative name of bob as well, and its digest is compared.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeToBeSigned } from '../../src/cli/cert/toBeSigned.ts';
import { confirm } from '../../src/node/terminal/confirm.ts';
import { handshake, pquake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-approve-'));
const file = (name: string): string => join(directory, name);
const pki = file('pki');
const as = (name: string, key = join(pki, `${name}.key`)): string[] => [
  ...['--cert', join(pki, `${name}.pem`), '--key', key, '--ca', join(pki, 'ca.pem')],
];

beforeAll(async () => {
  expect(await pquake('ca', 'init', pki)).toMatchObject({ status: 0 });
  for (const name of ['alice', 'bob'])
    expect(await pquake('cert', 'issue', pki, name, '--san', `https://${name}.example`)).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(directory, { recursive: true }));

const ask = (name: string, san: string) =>
  pquake(
    ...['cert', 'request', '--name', name, '--san', san, '--key', file(`${name}.key`), '--new-key', '--json'],
    ...['--out', file(`${name}.request`)],
  );
const approve = (name: string, ...more: readonly string[]) =>
  pquake('cert', 'approve', pki, file(`${name}.request`), ...more);
const respond = (name: string) =>
  pquake(
    ...['cert', 'respond', file(`${name}.challenge`), '--request', file(`${name}.request`)],
    ...['--key', file(`${name}.key`), '--out', file(`${name}.response`)],
  );

describe('a request of mallory for the alternative name of bob', () => {
  it('is shown and refused, and mallory never passes for bob', async () => {
    const asked = resultOf(await ask('mallory', 'https://bob.example'));
    const challenge = ['--out', file('mallory.challenge')];
    const silent = await approve('mallory', ...challenge, '--json');
    expect(silent.status).toBe(1);
    const signs = { subject: 'CN=mallory', uris: ['https://bob.example'], requestDigest: asked['digest'] };
    expect(resultOf(silent)).toMatchObject({ ok: false, code: 'name-not-allowed', step: null, section: null, signs });
    expect(silent.stderr).toMatch(/^ {2}subject {5}CN=mallory$/m);
    expect(silent.stderr).toMatch(/^ {2}URI {9}https:\/\/bob\.example$/m);
    expect(silent.stderr).toContain(`public key  ML-KEM-1024, SHA-256 ${asked['keySha256']}`);
    expect(silent.stderr).toContain(`digest ${asked['digest']}`);
    expect(silent.stderr).toMatch(/^pquake: .*--allow-san PATTERN allows them$/m);
    // Nor by a pattern that is too wide: bob has the name.
    const wide = await approve('mallory', ...challenge, '--json', '--allow-san', 'https://*.example');
    expect(resultOf(wide)).toMatchObject({ ok: false, code: 'name-taken', message: expect.stringContaining('bob') });
    expect(existsSync(file('mallory.challenge'))).toBe(false);
    // Whatever the first step let pass, the second one looks again.
    const both = ['--allow-san', 'https://bob.example', '--allow-taken-names'];
    expect(await approve('mallory', ...challenge, ...both)).toMatchObject({ status: 0 });
    expect(await respond('mallory')).toMatchObject({ status: 0 });
    const response = ['--response', file('mallory.response'), '--json'];
    expect(resultOf(await approve('mallory', ...response))).toMatchObject({ ok: false, code: 'name-not-allowed' });
    expect(resultOf(await approve('mallory', ...response, ...both.slice(0, 2)))).toMatchObject({ code: 'name-taken' });
    expect(readdirSync(pki)).not.toContain('mallory.pem');
    // The certificate that mallory can have does not say so.
    rmSync(file('mallory.key'));
    rmSync(file('mallory.request'));
    await ask('mallory', 'https://mallory.example');
    const own = ['--allow-san', 'https://mallory.example'];
    expect(await approve('mallory', ...challenge, '--force', ...own)).toMatchObject({ status: 0 });
    rmSync(file('mallory.response'));
    expect(await respond('mallory')).toMatchObject({ status: 0 });
    expect(resultOf(await approve('mallory', ...response, ...own))).toMatchObject({ ok: true });
    const expecting = [...as('alice'), '--expect', 'URI:https://bob.example'];
    const { responder } = await handshake(expecting, as('mallory', file('mallory.key')));
    expect(resultOf(responder)).toMatchObject({ ok: false, code: 'unexpected-peer' });
  });
});

it('both steps and the commands that issue show what is signed; JSON says it, and standard output stays one line', async () => {
  await ask('carol', 'spiffe://example.org/node/7');
  const allow = ['--allow-san', 'spiffe://example.org/node/*', '--days', '3', '--json'];
  const challenged = await approve('carol', '--out', file('carol.challenge'), ...allow);
  await respond('carol');
  const issued = await approve('carol', '--response', file('carol.response'), ...allow);
  const renewed = await pquake('cert', 'renew', pki, 'carol', '--force', '--json');
  const direct = await pquake('cert', 'issue', pki, 'dave', '--san', 'https://dave.example', '--json');
  const rotated = await pquake('cert', 'rotate', pki, 'dave', '--json');
  for (const end of [challenged, issued, renewed]) {
    const { signs } = resultOf(end) as { signs: { uris: string[]; notAfter: string } };
    expect(signs).toMatchObject({ subject: 'CN=carol', uris: ['spiffe://example.org/node/7'], issuer: 'CN=PQuAKE CA' });
    expect(end.stderr).toContain(`valid       `);
    expect(end.stderr).toContain(signs.notAfter);
    expect(end.stderr).toContain('URI         spiffe://example.org/node/7');
  }
  for (const end of [direct, rotated]) {
    expect(resultOf(end)).toMatchObject({ ok: true, signs: { subject: 'CN=dave', uris: ['https://dave.example'] } });
    expect(end.stderr).toContain('subject     CN=dave');
  }
  const { signs } = resultOf(issued) as { signs: { serialNumber: string } };
  expect(readFileSync(join(pki, 'ca.json'), 'utf8')).toContain(signs.serialNumber);
});

it('cert issue tells why it refuses a name, and writes nothing', async () => {
  const taken = await pquake('cert', 'issue', pki, 'gina', '--san', 'https://bob.example', '--json');
  expect([taken.status, resultOf(taken)['code']]).toEqual([1, 'name-taken']);
  const reserved = await pquake('cert', 'issue', pki, 'bob.previous');
  expect([reserved.status, reserved.stderr]).toEqual([1, expect.stringMatching(/^pquake: bob\.previous: .*reserved/)]);
  expect(readdirSync(pki).filter((name) => /gina|previous\.pem/.test(name))).toEqual(['dave.previous.pem']);
});

describe('the command line', () => {
  it.each([
    [['cert', 'approve', 'x', 'y', '--out', 'z', '--allow-san', '*'], /Not a pattern of a URI/],
    [['cert', 'approve', 'x', 'y', '--out', 'z', '--allow-san', 'https://a*'], /whole label/],
    [['ca', 'revoke', 'x'], /expected one of/],
    [['ca', 'revoke', 'x', 'y', '--serial', '7'], /expected one of/],
    [['ca', 'revoke', 'x', '--name', 'y', '--serial', '7'], /expected one of/],
  ])('%j is a usage error: status 2', async (words, reason) => {
    const end = await pquake(...words);
    expect(end).toMatchObject({ status: 2, stdout: '' });
    expect(end.stderr).toMatch(reason);
  });

  it('revokes by name and by serial number, each said', async () => {
    const serials = ['erin', 'frank'].map(async (name) => {
      const { signs } = resultOf(await pquake('cert', 'issue', pki, name, '--json')) as {
        signs: { serialNumber: string };
      };
      return signs.serialNumber;
    });
    const [erin, frank] = await Promise.all(serials);
    const byName = await pquake('ca', 'revoke', pki, '--name', 'erin', '--json');
    expect(resultOf(byName)).toEqual({ ok: true, revoked: [erin], before: [] });
    const bySerial = await pquake('ca', 'revoke', pki, '--serial', frank ?? '', '--json');
    expect(resultOf(bySerial)).toEqual({ ok: true, revoked: [frank], before: [] });
  });
});

describe('confirmation at a terminal', () => {
  async function answer(typed: string | undefined): Promise<boolean> {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answered = confirm('Certify a:b too?', { input, output });
    if (typed === undefined) input.end();
    else input.write(typed);
    const result = await answered;
    expect(String(output.read())).toContain('Certify a:b too? [yes/no]');
    return result;
  }

  it('only yes is one', async () => {
    expect(await answer('yes\n')).toBe(true);
    for (const typed of ['\n', 'y\n', 'no\n', 'yes please\n', undefined]) expect(await answer(typed)).toBe(false);
  });

  it('nothing that is shown reaches the terminal as a control character', () => {
    const digest = { algorithm: 'ML-KEM-1024', sha256: '' };
    const names = { subject: 'CN=\u001b[2Jbob', uris: ['a:\u202eb\r'], dnsNames: ['\u009b'], issuer: 'CN=\u0007' };
    const lines = describeToBeSigned({ ...names, publicKey: digest, notBefore: '', notAfter: '' });
    expect(lines.join('')).toMatch(/^[ -~]*$/);
    expect(lines.join('')).toContain('CN=\\u{1b}[2Jbob');
  });
});
