// The commands as a person would type them, against real processes.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pquake, start } from '../../cli/commands.ts';
import { eventually } from '../../waiting.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-conformance-test-'));
const file = (name: string): string => join(directory, name);
// A peer has little of the environment; where compiled modules are found is given to it by hand.
const own = `env NODE_COMPILE_CACHE=${process.env['NODE_COMPILE_CACHE']} ${process.execPath} src/cli/main.ts`;
const identity =
  '--cert {cert} --key {key} --ca {ca} --psk-file {pskfile} --expect {expect} --intermediates {intermediates} --crl {crl}';
const spawned = {
  responder: `${own} serve --listen 127.0.0.1:{port} --once ${identity}`,
  initiator: `${own} connect 127.0.0.1:{port} ${identity}`,
};
const some = [
  'psk',
  'fresh-IV',
  'closed-in-data',
  'own-cert',
  'reflection',
  'large-own',
  'unexpected',
  'path-length',
  'revo',
];
const only = (...patterns: readonly string[]): string[] => patterns.flatMap((pattern) => ['--only', pattern]);
const pki = file('pki');
const who = ['--cert', join(pki, 'peer.pem'), '--key', join(pki, 'peer.key'), '--ca', join(pki, 'ca.pem')];

beforeAll(async () => {
  expect(await pquake('conformance', 'init', pki)).toMatchObject({ status: 0 });
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Document {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly expectedFailures: number;
  readonly cases: readonly {
    id: string;
    level: string;
    requirement: readonly string[];
    verdict: string;
    detail: string;
  }[];
}

async function run(
  ...words: readonly string[]
): Promise<{ status: number | null; document: Document; stderr: string }> {
  const { status, stdout, stderr } = await pquake('conformance', ...words, '--json');
  return { status, stderr, document: JSON.parse(stdout) };
}

describe.each(['responder', 'initiator'] as const)('conformance %s', (role) => {
  it('finds no fault in our own command', async () => {
    const { status, document } = await run(
      role,
      '--spawn',
      spawned[role],
      ...only(...some),
      '--junit',
      file(`${role}.xml`),
    );
    expect(document.cases.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(document).toMatchObject({ failed: 0, unsupported: 0, passed: document.cases.length });
    expect(document.cases.length).toBeGreaterThan(12);
    expect(document.cases.every(({ requirement }) => requirement.every((id) => /^PQ-/.test(id)))).toBe(true);
    expect(document.cases.every(({ level }) => /^(MUST|SHOULD|implied|project)$/.test(level))).toBe(true);
    expect(document.cases[0]).toMatchObject({ id: 'sanity', level: 'MUST' });
    expect(status).toBe(0);
    const xml = readFileSync(file(`${role}.xml`), 'utf8');
    expect(xml).toMatch(new RegExp(`<testsuite [^>]*tests="${document.passed}" failures="0"`));
  });

  it('without a place for a secret the cases that need one are unsupported', async () => {
    const bare = spawned[role].replace(' --psk-file {pskfile}', '');
    const { status, document } = await run(role, '--spawn', bare, ...only('psk'));
    expect(document.cases.filter(({ id }) => id !== 'sanity').every(({ verdict }) => verdict === 'unsupported')).toBe(
      true,
    );
    expect(status).toBe(0);
  });

  it('a program that is no peer: its output is shown, no other case is judged, and the status is 1', async () => {
    const { status, document } = await run(
      role,
      '--spawn',
      "sh -c 'echo no luck with {port} >&2; exit 3'",
      ...only('psk'),
    );
    expect(document.cases[0]).toMatchObject({
      id: 'sanity',
      verdict: 'failed',
      detail: expect.stringMatching(/ended with 3.*no luck/),
      wrote: expect.stringMatching(/^no luck with \d+\n$/),
    });
    expect(document.cases.slice(1).map(({ verdict }) => verdict)).not.toContain('passed');
    expect(status).toBe(1);
  });

  it('a command that there is not', async () => {
    const { status, document } = await run(role, '--spawn', '/nonexistent/peer {port}', ...only('sanity'));
    expect(document.cases[0]?.detail).toMatch(/ENOENT/);
    expect(status).toBe(1);
  });
});

describe('a peer that runs already', () => {
  const cases = only('version-255', 'echo', 'psk-tester', 'psk-other', 'large-own', 'tag-end', 'unexpected-peer');

  it('a responder: what only its status would tell is unsupported', async () => {
    const server = start(['serve', '--listen', '127.0.0.1:0', '--json', ...who, '--expect', 'tester']);
    const running = ['--address', await server.address, '--pki', pki, '--expects-tester'];
    const { status, document } = await run('responder', ...running, ...cases);
    server.child.kill('SIGTERM');
    await server.ended;
    const verdicts = new Map(document.cases.map(({ id, verdict }) => [id, verdict]));
    expect([...verdicts.values()]).not.toContain('failed');
    for (const id of ['sanity', 'm1-version-255', 'm5-version-255', 'm3-tag-end', 'psk-tester-only'])
      expect(verdicts.get(id)).toBe('passed');
    for (const id of ['m7-version-255', 'm7-echo', 'psk-other', 'large-own-certificate', 'unexpected-peer'])
      expect(verdicts.get(id)).toBe('unsupported');
    expect(status).toBe(0);
  });

  it('an initiator that connects again and again, with the secret', async () => {
    const runner = start([
      'conformance',
      'initiator',
      '--listen',
      '127.0.0.1:0',
      '--pki',
      pki,
      '--psk',
      '--json',
      ...cases,
    ]);
    const address = await runner.address;
    let over = false;
    void runner.ended.then(() => {
      over = true;
    });
    while (!over) await pquake('connect', address, ...who, '--psk-file', join(pki, 'psk.hex'));
    const { status, stdout } = await runner.ended;
    const document: Document = JSON.parse(stdout);
    const verdicts = new Map(document.cases.map(({ id, verdict }) => [id, verdict]));
    expect(document.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    for (const id of ['sanity', 'm2-version-255', 'm4-tag-end', 'psk-other']) expect(verdicts.get(id)).toBe('passed');
    expect(document.cases.find(({ id }) => id === 'unexpected-peer')?.detail).toMatch(/--expects-tester/);
    for (const id of ['m8-version-255', 'psk-tester-only', 'unexpected-peer'])
      expect(verdicts.get(id)).toBe('unsupported');
    expect(status).toBe(0);
  });
});

describe('usage', () => {
  it('expected failures: an announced failure does not count; one that was not announced, or did not happen, does', async () => {
    const wrong = `${spawned.responder} --reading transcript=fields`;
    writeFileSync(file('known.yaml'), 'sanity: reads the draft otherwise\nsanity-last: the same\n');
    const known = ['--expected-failures', file('known.yaml')];
    const announced = await run('responder', '--spawn', wrong, ...only('sanity'), ...known);
    expect(announced.document).toMatchObject({ failed: 0, expectedFailures: 1, unsupported: 1 });
    const passing = await run('responder', '--spawn', spawned.responder, ...only('sanity'), ...known);
    expect(passing.document.cases[0]).toMatchObject({
      verdict: 'failed',
      detail: expect.stringContaining('expected to fail'),
    });
    expect([announced.status, passing.status]).toEqual([0, 1]);
    const right = await run('responder', '--spawn', wrong, ...only('sanity'), '--reading', 'transcript=fields');
    expect(right.status).toBe(0);
  });

  it.each([
    [[], /--spawn/],
    [['--spawn', 'p {port} && q'], /sh -c/],
    [['--spawn', 'p'], /\{port\}/],
    [['--spawn', 'p {port}', '--only', 'nothing-like-it'], /--list/],
    [['--spawn', 'p {port}', '--psk'], /runs already/],
    [['--spawn', 'p {port}', '--expects-tester'], /\{expect\}/],
    [['--address', '127.0.0.1:1', '--pki', 'pki', '--serves-on'], /--spawn/],
    [['--spawn', 'p {port}', '--stall', '0'], /seconds/],
    [['--spawn', 'p {port}', '--reading', 'x=y'], /Unknown reading/],
    [['--address', '127.0.0.1:1'], /--pki/],
  ])('%j is wrong usage', async (words, reason) => {
    const { status, stdout, stderr } = await pquake('conformance', 'responder', ...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(reason);
  });

  it('--list prints the cases, also as JSON', async () => {
    const plain = await pquake('conformance', 'responder', '--list');
    const { document } = await run('responder', '--list');
    expect(plain.stdout.trim().split('\n')).toHaveLength(document.cases.length);
    expect(plain.stdout).toMatch(/m1-version-0: .*; a conforming peer aborts at message 1; sends nothing/);
  });

  it.each([
    ['nothing-known: x', /no case nothing-known/],
    ['sanity: ""', /reason/],
    ['- sanity', /mapping/],
  ])('expected failures %j are refused', async (content, reason) => {
    writeFileSync(file('bad.yaml'), content);
    const end = await pquake(
      'conformance',
      'responder',
      '--spawn',
      'p {port}',
      '--expected-failures',
      file('bad.yaml'),
    );
    expect(end.status).toBe(2);
    expect(end.stderr).toMatch(reason);
  });

  it('init overwrites nothing without --force, and --help tells the rules', async () => {
    expect(await pquake('conformance', 'init', pki)).toMatchObject({ status: 1 });
    const { stdout } = await pquake('conformance', 'responder', '--help');
    expect(stdout).toMatch(/\{pskfile\} \{pskhex\}/);
    expect(stdout).toMatch(/left out together/);
    expect(stdout).toMatch(/Examples:\n {2}\$ pquake conformance responder/);
  });
});

describe('whose rules decide', () => {
  // Its command is given the name, and it takes no notice of it: it accepts whoever comes.
  const anyone = `sh -c "exec ${spawned.responder.replace('{expect}', 'anyone')} ; : {expect}"`;

  it.each([
    ['project', 1, 'failed'],
    ['draft', 0, 'note'],
  ])(
    'with --profile %s a peer that breaks a rule of the project alone gives status %i',
    async (profile, ends, verdict) => {
      const { status, document } = await run(
        'responder',
        ...['--spawn', anyone, '--profile', profile, '--only', 'unexpected-peer-early'],
      );
      const judged = document.cases.filter(({ id }) => id === 'unexpected-peer-early');
      expect(judged).toMatchObject([{ level: 'project', verdict }]);
      expect([status, document]).toEqual([ends, expect.objectContaining({ profile })]);
    },
  );
});

it('SIGINT ends a run with the report of what ran, and status 130', async () => {
  const begun = file('begun');
  const silent = `sh -c 'echo > ${begun}; exec sleep 600 {port}'`;
  const { child, ended } = start(['conformance', 'responder', '--json', '--start-timeout', '600', '--spawn', silent]);
  await eventually(() => expect(existsSync(begun)).toBe(true));
  child.kill('SIGINT');
  const { status, stdout } = await ended;
  expect(status).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, passed: 0, cases: [] });
});
