import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import {
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from '../../../src/node/authority/enrolment.ts';
import { EnrolmentError } from '../../../src/node/authority/enrolmentError.ts';
import { createAuthority } from '../../../src/node/authority/pki.ts';
import { readCredentials } from '../../../src/node/files/files.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { pquake, resultOf } from '../../cli/commands.ts';
import fc from '../../property.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-enrolment-'));
const file = (...names: readonly string[]): string => join(root, ...names);
afterAll(() => rmSync(root, { recursive: true }));
beforeAll(() => {
  createAuthority({ suite, directory: file('pki') });
});

interface Enrolment {
  readonly directory: string;
  readonly requestFile: string;
  readonly challengeFile: string;
  readonly responseFile: string;
  readonly keyFile: string;
  readonly allowedSans: readonly string[];
}

/** Files of an enrolment with an authority of its own, up to the response. */
function enrolment(name: string, uris: readonly string[] = []): Enrolment & { readonly stateFile: string } {
  const files = {
    directory: file(name, 'pki'),
    requestFile: file(name, 'request'),
    challengeFile: file(name, 'challenge'),
    responseFile: file(name, 'response'),
    keyFile: file(name, 'key'),
    allowedSans: uris,
  };
  mkdirSync(files.directory, { recursive: true });
  for (const one of ['ca.pem', 'ca.key']) copyFileSync(file('pki', one), join(files.directory, one));
  requestCertificate({ suite, name, uris, newKey: true, ...files });
  challengeRequest({ suite, ...files });
  respondToChallenge({ suite, ...files });
  const [open = ''] = readdirSync(join(files.directory, 'challenges'));
  return { ...files, stateFile: join(files.directory, 'challenges', open) };
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error instanceof EnrolmentError ? error.code : 'configuration';
  }
}

const certificatesOf = ({ directory }: Enrolment): string[] =>
  readdirSync(directory).filter((name) => name.endsWith('.pem') && name !== 'ca.pem');

describe('an enrolment by files', () => {
  it('ends in a certificate for the key, with the names asked for; nothing but the key is kept from others', () => {
    const one = enrolment('carol', ['https://carol.example', 'spiffe://example.org/"c\\']);
    const { certificateFile } = approveRequest({ suite, ...one, days: 3 });
    const { certificate } = readCredentials(suite, certificateFile, one.keyFile);
    expect(certificate.commonName).toBe('carol');
    expect(certificate.uris).toEqual(['https://carol.example', 'spiffe://example.org/"c\\']);
    expect(statSync(one.keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(one.directory, 'challenges')).mode & 0o777).toBe(0o700);
    expect(readdirSync(file('carol')).sort()).toEqual(['challenge', 'key', 'pki', 'request', 'response']);
    expect(readdirSync(join(one.directory, 'challenges'))).toEqual([]);
  });

  it('takes a key that is there, and overwrites nothing', () => {
    const one = enrolment('dave');
    const key = readFileSync(one.keyFile, 'utf8');
    expect(codeOf(() => requestCertificate({ suite, name: 'dave', newKey: true, ...one }))).toBe('configuration');
    expect(codeOf(() => requestCertificate({ suite, name: 'dave', ...one }))).toBe('configuration');
    const before = readFileSync(one.requestFile, 'utf8');
    requestCertificate({ suite, name: 'dave', ...one, force: true });
    expect(readFileSync(one.requestFile, 'utf8')).toBe(before); // the same key and names ask for the same
    expect(readFileSync(one.keyFile, 'utf8')).toBe(key);
    writeFileSync(join(one.directory, 'dave.pem'), 'there before');
    expect(codeOf(() => approveRequest({ suite, ...one }))).toBe('configuration');
    expect(readFileSync(join(one.directory, 'dave.pem'), 'utf8')).toBe('there before');
    expect(existsSync(one.stateFile)).toBe(true); // the challenge can still be answered
    expect(codeOf(() => approveRequest({ suite, ...one, force: true }))).toBe(undefined);
  });

  it('a challenge is answered once', () => {
    const one = enrolment('erin');
    approveRequest({ suite, ...one });
    expect(codeOf(() => approveRequest({ suite, ...one, force: true }))).toBe('unknown-challenge');
    rmSync(join(one.directory, 'erin.pem'));
    expect(codeOf(() => approveRequest({ suite, ...one }))).toBe('unknown-challenge');
    // A second challenge is another one: the response to the first does not answer it.
    challengeRequest({ suite, ...one, force: true });
    expect(codeOf(() => approveRequest({ suite, ...one }))).toBe('unknown-challenge');
    expect(certificatesOf(one)).toEqual([]);
    respondToChallenge({ suite, ...one, force: true });
    expect(codeOf(() => approveRequest({ suite, ...one }))).toBe(undefined);
  });

  it('a challenge that ended is answered by nobody, and closed', () => {
    const one = enrolment('frank');
    const time = new Date(Date.now() + 25 * 3_600_000);
    expect(codeOf(() => respondToChallenge({ suite, ...one, time, force: true }))).toBe('expired');
    expect(codeOf(() => approveRequest({ suite, ...one, time }))).toBe('expired');
    expect(codeOf(() => approveRequest({ suite, ...one }))).toBe('unknown-challenge');
    expect(certificatesOf(one)).toEqual([]);
    expect(codeOf(() => challengeRequest({ suite, ...one, hours: 1e12, force: true }))).toBe('configuration');
  });

  it('who does not hold the key gets no certificate, not with the key of another, not with the files of another', () => {
    const [one, other] = [enrolment('grace'), enrolment('heidi')];
    expect(codeOf(() => respondToChallenge({ suite, ...one, keyFile: other.keyFile, force: true }))).toBe('wrong-key');
    const { challengeFile, responseFile } = other;
    expect(codeOf(() => respondToChallenge({ suite, ...one, challengeFile, force: true }))).toBe('wrong-request');
    expect(codeOf(() => approveRequest({ suite, ...one, responseFile }))).toBe('unknown-challenge');
    // The other authority's open challenge put beside: it was made for another request.
    copyFileSync(other.stateFile, join(one.directory, 'challenges', other.stateFile.split('/').at(-1) ?? ''));
    expect(codeOf(() => approveRequest({ suite, ...one, responseFile }))).toBe('wrong-request');
    expect(certificatesOf(one)).toEqual([]);
  });

  it('another authority, and a request that names a file elsewhere', () => {
    const one = enrolment('ivan');
    createAuthority({ suite, directory: file('other') });
    const authorityFile = file('other', 'ca.pem');
    expect(codeOf(() => respondToChallenge({ suite, ...one, authorityFile, force: true }))).toBe('wrong-authority');
    for (const name of ['../x', 'ca', 'a/b', '', 'a b', 'x'.repeat(65)]) {
      expect(codeOf(() => requestCertificate({ suite, name, ...one, force: true }))).toBe('configuration');
      const asked = JSON.parse(readFileSync(one.requestFile, 'utf8'));
      writeFileSync(file('ivan', 'asked'), `${JSON.stringify({ ...asked, name }, null, 2)}\n`);
      expect(codeOf(() => challengeRequest({ suite, ...one, requestFile: file('ivan', 'asked'), force: true }))).toBe(
        'configuration',
      );
    }
    expect(codeOf(() => requestCertificate({ suite, name: 'i', uris: ['a b'], ...one, force: true }))).toBe(
      'configuration',
    );
  });
});

describe('every changed octet of every file is refused', () => {
  const steps: readonly [Exclude<keyof ReturnType<typeof enrolment>, 'allowedSans'>, (one: Enrolment) => unknown][] = [
    ['requestFile', (one) => challengeRequest({ suite, ...one, force: true })],
    ['requestFile', (one) => respondToChallenge({ suite, ...one, force: true })],
    ['requestFile', (one) => approveRequest({ suite, ...one })],
    ['challengeFile', (one) => respondToChallenge({ suite, ...one, force: true })],
    ['responseFile', (one) => approveRequest({ suite, ...one })],
    ['stateFile', (one) => approveRequest({ suite, ...one })],
  ];

  it.each(steps.map(([name, step], i) => [i, name, step] as const))('%i: %s', (i, name, step) => {
    const one = enrolment(`changed${i}`, ['https://x.example']);
    const right = readFileSync(one[name]);
    const attempt = (content: Uint8Array): string | undefined => {
      writeFileSync(one[name], content);
      return codeOf(() => step(one));
    };
    const octets = fc.record({ at: fc.nat(right.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(octets, ({ at, by }) => {
        expect(attempt(right.map((octet, j) => (j === at ? octet ^ by : octet)))).toBeDefined();
      }),
      { numRuns: 150 },
    );
    // Other texts of the same value, and what is cut off or put behind.
    const value = JSON.parse(String(right));
    const reversed = Object.fromEntries(Object.entries(value).reverse());
    const twice = String(right).replace('"version": 1', '"version": 1,\n  "version": 1');
    const others = [JSON.stringify(value), `${right} `, `\uFEFF${right}`, JSON.stringify(reversed, null, 2), twice];
    const wrong = [...others, '', 'null', '[]', String(right).replace('1,', '2,'), String(right).slice(0, -1)];
    for (const text of wrong) expect(attempt(Buffer.from(text))).toBe('configuration');
    expect(certificatesOf(one)).toEqual([]);
    expect(attempt(right)).toBe(undefined);
  });

  it('the schema and the reader are of one mind: what is written follows the schema', () => {
    const one = enrolment('judy');
    const schema = JSON.parse(readFileSync('spec/schema/enrolment.schema.json', 'utf8'));
    const ajv = new Ajv().addSchema(schema, 'enrolment');
    const kinds = {
      requestFile: 'request',
      challengeFile: 'challenge',
      responseFile: 'response',
      stateFile: 'openChallenge',
    };
    for (const [name, kind] of Object.entries(kinds)) {
      const value = JSON.parse(readFileSync(one[name as keyof typeof kinds], 'utf8'));
      expect(ajv.validate(`enrolment#/definitions/${kind}`, value)).toBe(true);
      expect(Object.keys(value)).toEqual(schema.definitions[kind].required);
      expect(Object.keys(schema.definitions[kind].properties)).toEqual(schema.definitions[kind].required);
    }
  });
});

describe('a file that does not follow the schema', () => {
  type Value = Readonly<Record<string, unknown>>;
  const withoutDigest = ({ digest: _, ...rest }: Value): Value => rest;
  const long = 'a'.repeat(10_000);
  let one: Enrolment;
  beforeAll(() => {
    one = enrolment('malformed', ['https://x.example']);
  });

  it.each<[string, (good: Value) => unknown, RegExp]>([
    [
      'a member of another form',
      (good) => ({ ...good, uris: ['https://x.example', 'a b'] }),
      /: \/uris\/1: String does not match/,
    ],
    [
      'too many',
      (good) => ({ ...good, uris: Array.from({ length: 17 }, () => 'u') }),
      /: \/uris: Array has too many items/,
    ],
    ['another type', (good) => ({ ...good, name: 7 }), /: \/name: Instance type "number" is invalid/],
    ['no digest', withoutDigest, /: the file: Instance does not have required property "digest"/],
    [
      'one more, whose name is not said',
      (good) => ({ ...good, [long]: 1 }),
      /: the file: a member that is not expected$/,
    ],
    ['no object', () => [], /: the file: Instance type "array" is invalid/],
  ])('%s: the place is said, and how it breaks it', (_name, make, reason) => {
    const right = readFileSync(one.requestFile, 'utf8');
    writeFileSync(one.requestFile, JSON.stringify(make(JSON.parse(right))));
    expect(() => challengeRequest({ suite, ...one, force: true })).toThrow(reason);
    expect(() => challengeRequest({ suite, ...one, force: true })).toThrow(/not a request: .{1,120}$/);
    writeFileSync(one.requestFile, right);
  });
});

describe('pquake cert request, approve, respond', () => {
  it('enrol, one line of JSON for each, and a handshake with the certificate completes', async () => {
    const at = (name: string): string => file(`cli-${name}`);
    const [key, request, challenge, response] = ['key', 'request', 'challenge', 'response'].map(at) as [
      string,
      string,
      string,
      string,
    ];
    const ask = ['cert', 'request', '--name', 'kim', '--san', 'https://kim.example', '--key', key, '--out', request];
    const asked = resultOf(await pquake(...ask, '--new-key', '--json'));
    const hexadecimal = expect.stringMatching(/^([0-9a-f]{64}|[0-9a-f]{96})$/);
    expect(asked).toEqual({ ok: true, request, digest: hexadecimal, key, keySha256: hexadecimal });
    const approve = ['cert', 'approve', file('pki'), request, '--json', '--allow-san', 'https://*.example'];
    expect(resultOf(await pquake(...approve, '--out', challenge))).toMatchObject({ ok: true, digest: asked['digest'] });
    const respond = ['cert', 'respond', challenge, '--request', request, '--key', key, '--json'];
    const ca = ['--ca', file('pki', 'ca.pem')];
    expect(resultOf(await pquake(...respond, ...ca, '--out', response))).toEqual({ ok: true, response });
    const certificate = file('pki', 'kim.pem');
    expect(resultOf(await pquake(...approve, '--response', response))).toMatchObject({ ok: true, certificate });
    expect(await pquake('cert', 'verify', certificate, ...ca)).toMatchObject({ status: 0, stdout: 'valid\n' });
    const again = await pquake(...approve, '--response', response);
    expect(again.status).toBe(1);
    expect(resultOf(again)).toMatchObject({ ok: false, code: 'unknown-challenge', step: null, section: null });
    expect(again.stderr).toMatch(/^pquake: .*no such challenge is open/m);
  });

  it('usage errors are status 2', async () => {
    for (const words of [[], ['--out', 'a', '--response', 'b']]) {
      const end = await pquake('cert', 'approve', file('pki'), 'request', ...words);
      expect(end).toMatchObject({ status: 2, stdout: '' });
      expect(end.stderr).toMatch(/one of --out/);
    }
  });
});
