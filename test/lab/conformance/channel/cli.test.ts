// `conformance --channel` as a person would type it, against real processes.
import { describe, expect, it } from 'vitest';
import { pquake } from '../../../cli/commands.ts';

const program = `env NODE_COMPILE_CACHE=${process.env['NODE_COMPILE_CACHE']} ${process.execPath} test/lab/conformance/channel/piping.ts`;
const command = (role: string, ...more: readonly string[]): string =>
  [program, role, '{port} {cert} {key} {ca}', ...more].join(' ');

interface Document {
  readonly failed: number;
  readonly passed: number;
  readonly cases: readonly { id: string; verdict: string; detail: string; wrote?: string }[];
}

async function run(role: string, spawned: string, ...ids: readonly string[]): Promise<[number | null, Document]> {
  const only = ids.flatMap((id) => ['--only', id]);
  const { status, stdout } = await pquake('conformance', role, '--channel', '--json', '--spawn', spawned, ...only);
  return [status, JSON.parse(stdout)];
}

describe.each(['responder', 'initiator'])('a %s with a channel', (role) => {
  it('that conforms passes: data, an inner handshake, a fault, and a connection that ends too soon', async () => {
    const ids = ['channel-inner-first', 'channel-joined', 'half-close', 'type-7', 'ended-in-record', 'channel-reset'];
    const [status, document] = await run(role, command(role), ...ids);
    expect(document.cases.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
    expect(document.cases.map(({ id }) => id)).toEqual([
      ...['channel-sanity', 'channel-joined', 'channel-half-close', 'channel-half-close-peer', 'channel-inner-first'],
      ...['channel-type-7', 'channel-ended-in-record', 'channel-reset'],
    ]);
    expect(status).toBe(0);
  });

  it('that ends with 0 in any case is told, with what it wrote', async () => {
    const [status, document] = await run(role, command(role, 'zero'), 'type-7', 'ended-before');
    const [sanity, ...others] = document.cases;
    expect(sanity).toMatchObject({ id: 'channel-sanity', verdict: 'passed' });
    expect(others).toMatchObject([
      { verdict: 'failed', detail: expect.stringContaining('ended with 0'), wrote: 'Error: unknown-record\n' },
      { verdict: 'failed', detail: expect.stringContaining('ended with 0'), wrote: 'Error: truncated\n' },
    ]);
    expect(status).toBe(1);
  });
});

it('a peer that ends after its handshake has no channel: its sanity case fails, and no other is judged', async () => {
  const program = `${process.execPath} test/lab/conformance/repeating.ts responder {port} {cert} {key} {ca} once`;
  const [status, document] = await run('responder', program, 'type-7');
  expect(document.cases).toMatchObject([
    { verdict: 'failed', detail: expect.stringContaining('ended the connection before it closed its direction') },
    { verdict: 'unsupported' },
  ]);
  expect(status).toBe(1);
});

it('cases that take minutes are asked with --long only: without it they are unsupported', async () => {
  const [status, document] = await run('responder', command('responder'), 'channel-own-ratchet', 'too-many-records');
  expect(document.cases).toMatchObject([
    { id: 'channel-sanity', verdict: 'passed' },
    { id: 'channel-own-ratchet', verdict: 'unsupported', detail: expect.stringContaining('--long') },
    { id: 'channel-too-many-records', verdict: 'unsupported' },
  ]);
  expect(status).toBe(0);
  const end = await pquake('conformance', 'responder', '--long', '--spawn', 'p {port}');
  expect(end).toMatchObject({ status: 2, stderr: expect.stringContaining('--long is for --channel') });
});

it.each([
  ['--address', '127.0.0.1:1', '--pki', 'pki'],
  ['--spawn', 'p {port}', '--serves-on'],
])('--channel needs a peer that is started for each case: not %s %s %s', async (...words) => {
  const end = await pquake('conformance', 'responder', '--channel', ...words);
  expect(end).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/--channel is for a peer that --spawn/),
  });
});

it('--list --channel prints the cases of the channel, and no others', async () => {
  const { stdout } = await pquake('conformance', 'initiator', '--list', '--channel');
  const lines = stdout.trim().split('\n');
  expect(lines.every((line) => line.startsWith('channel-'))).toBe(true);
  expect(stdout).toMatch(/channel-type-7: a record of type 7; a conforming peer delivers nothing of the fault/);
});
