// spec/proposals.md: `--profile proposed` on the command line, on both sides or on one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { handshake, resultOf } from './commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-profile-'));
const file = (name: string): string => join(directory, name);
const who = (name: string): string[] => [
  ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem')],
];
const proposed = ['--profile', 'proposed'];
const warning = 'WARNING: the profile proposed is a proposal, not the protocol of the draft';

beforeAll(() => {
  const suite = chooseSuite();
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
});
afterAll(() => rmSync(directory, { recursive: true }));

it('on both sides: they complete with one key, and each warns', async () => {
  const ends = await handshake(
    [...who('bob'), ...proposed, '--expect', 'alice'],
    [...who('alice'), ...proposed, '--expect', 'bob'],
  );
  expect(resultOf(ends.initiator)).toMatchObject({ ok: true, peer: 'CN=bob' });
  expect(resultOf(ends.responder)).toMatchObject({ ok: true, peer: 'CN=alice' });
  expect(resultOf(ends.responder)['session']).toBe(resultOf(ends.initiator)['session']);
  for (const { stderr } of [ends.initiator, ends.responder]) expect(stderr).toContain(warning);
});

it('on one side: neither completes, and only that side warns', async () => {
  const ends = await handshake([...who('bob'), '--expect', 'alice'], [...who('alice'), ...proposed, '--expect', 'bob']);
  for (const end of [ends.initiator, ends.responder]) expect(resultOf(end)).toMatchObject({ ok: false });
  const codes = [ends.initiator, ends.responder].map((end) => resultOf(end)['code']);
  expect(codes.some((code) => code === 'decryption-failed' || code === 'wrong-length')).toBe(true);
  expect(ends.initiator.stderr).toContain(warning);
  expect(ends.responder.stderr).not.toContain(warning);
});
