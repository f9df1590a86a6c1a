// What a process repeats shows only in its second handshake: PQ-P-28, PQ-P-51.
import { describe, expect, it } from 'vitest';
import { pquake } from '../../cli/commands.ts';

const node = `env NODE_COMPILE_CACHE=${process.env['NODE_COMPILE_CACHE']} ${process.execPath}`;
const repeating = (role: string): string =>
  `${node} test/lab/conformance/repeating.ts ${role} {port} {cert} {key} {ca}`;

interface Document {
  readonly cases: readonly { readonly id: string; readonly verdict: string; readonly detail: string }[];
}

async function verdicts(
  role: string,
  ...words: readonly string[]
): Promise<Map<string, { verdict: string; detail: string }>> {
  const { stdout, stderr } = await pquake('conformance', role, '--json', '--crypto', 'noble', ...words);
  expect(stderr).not.toMatch(/error/i);
  return new Map((JSON.parse(stdout) as Document).cases.map((one) => [one.id, one]));
}

describe.each(['responder', 'initiator'])('an %s whose processes repeat their initial vector', (role) => {
  it('passes where each handshake has a process of its own', async () => {
    const found = await verdicts(role, '--only', 'fresh', '--spawn', `${repeating(role)} once`);
    expect(found.get('fresh-IV')).toMatchObject({
      verdict: 'passed',
      detail: 'differs in 8 handshakes of as many processes',
    });
  });

  it('is found where one process has all handshakes', async () => {
    const found = await verdicts(role, '--only', 'fresh', '--serves-on', '--spawn', repeating(role));
    expect(found.get('fresh-IV')).toMatchObject({
      verdict: 'failed',
      detail: 'the same octets came in handshakes 1 and 2',
    });
    expect(found.get('fresh-ct')).toMatchObject({
      verdict: 'passed',
      detail: 'differs in 8 handshakes of a peer that runs on',
    });
  });
});

it('our own responder that serves on: it repeats nothing, has another process for another secret, and no status', async () => {
  const own = `${node} src/cli/main.ts serve --listen 127.0.0.1:{port} --cert {cert} --key {key} --ca {ca}`;
  const command = `${own} --psk-file {pskfile} --expect {expect}`;
  const only = ['fresh', 'psk', 'unexpected-peer'].flatMap((pattern) => ['--only', pattern]);
  const found = await verdicts('responder', ...only, '--serves-on', '--spawn', command);
  for (const id of ['sanity', 'fresh-IV', 'fresh-ct', 'fresh-ct_e', 'psk', 'psk-peer-only'])
    expect([id, found.get(id)?.verdict]).toEqual([id, 'passed']);
  expect(found.get('unexpected-peer')).toMatchObject({
    verdict: 'unsupported',
    detail: expect.stringMatching(/exit status/),
  });
});

it('a command that ends after its handshake does not serve on', async () => {
  const found = await verdicts(
    'responder',
    '--only',
    'fresh-IV',
    '--serves-on',
    '--spawn',
    "sh -c 'echo {port}; exit 3'",
  );
  expect(found.get('sanity')).toMatchObject({ verdict: 'failed', detail: expect.stringMatching(/ended with 3/) });
});
