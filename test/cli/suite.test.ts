// PQ-1.2-02, PQ-1.2-06: the mandatory suite without a word; others by name, and only where they are permitted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { handshake, pquake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-suite-'));
afterAll(() => rmSync(directory, { recursive: true }));

const using = (name: string): string[] => ['--suite', name, '--allow-suite', name];

/** A directory with an authority and two peers of a suite. */
async function pki(name: string): Promise<(file: string) => string> {
  const at = join(directory, name);
  const commands = [
    ['ca', 'init', at],
    ['cert', 'issue', at, 'alice'],
    ['cert', 'issue', at, 'bob'],
  ];
  for (const words of commands) {
    expect(await pquake(...words, ...using(name), '--json')).toMatchObject({ status: 0 });
  }
  return (file) => join(at, file);
}

const who = (file: (name: string) => string, name: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
];

it.each(['mlkem768-mldsa65', 'mlkem1024-slhdsa256s'])(
  '%s: from the authority to the session',
  async (name) => {
    const file = await pki(name);
    const ends = await handshake([...who(file, 'bob'), ...using(name)], [...who(file, 'alice'), ...using(name)]);
    expect(resultOf(ends.initiator)).toMatchObject({ ok: true, peer: 'CN=bob' });
    expect(resultOf(ends.responder)['session']).toBe(resultOf(ends.initiator)['session']);
    const verified = await pquake('cert', 'verify', file('bob.pem'), '--ca', file('ca.pem'), '--json', ...using(name));
    expect(verified).toMatchObject({ status: 0, stdout: '{"ok":true}\n' });
    const asMandatory = await pquake('cert', 'verify', file('bob.pem'), '--ca', file('ca.pem'), '--json');
    expect(asMandatory.status).toBe(1);
    expect(resultOf(asMandatory)).toMatchObject({ ok: false, code: 'certificate-wrong-algorithm' });
    const shown = resultOf(await pquake('cert', 'show', file('ca.pem'), '--json'));
    expect(shown).toMatchObject({ ok: true, kind: 'authority', subject: 'CN=PQuAKE CA' });
    const key = resultOf(await pquake('key', 'inspect', file('bob.key'), '--json'));
    expect(key).toMatchObject({ ok: true, form: 'seed' });
  },
  120_000,
);

it('a suite that is not permitted is refused before anything is made', async () => {
  const refused = await pquake('ca', 'init', join(directory, 'none'), '--suite', 'mlkem768-mldsa65', '--json');
  expect(refused.status).toBe(1);
  expect(resultOf(refused)).toMatchObject({ ok: false, code: 'configuration' });
  expect(refused.stderr).toContain('must be allowed by name');
  const unknown = await pquake('ca', 'init', join(directory, 'none'), '--suite', 'rot13');
  expect(unknown.status).toBe(2);
});
