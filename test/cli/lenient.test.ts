// `--lenient`, and the peer without a subject, on the command line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allLeniencies } from '../../src/certificate/leniency.ts';
import { tags } from '../../src/der/der.ts';
import { encodePem } from '../../src/keys/pem.ts';
import {
  edit,
  extension,
  identifiers,
  keyEncipherment,
  paths,
  tlv,
  withExtensions,
} from '../../src/lab/chains/fixtures.ts';
import { readAuthority } from '../../src/node/authority/authority.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readDer } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { handshake, pquake, resultOf } from './commands.ts';

const suite = chooseSuite();
const directory = mkdtempSync(join(tmpdir(), 'pquake-lenient-'));
const file = (name: string): string => join(directory, name);
const alice = ['--cert', file('alice.pem'), '--key', file('alice.key'), '--ca', file('ca.pem')];
const bobAs = (name: string) => ['--cert', file(`${name}.pem`), '--key', file('bob.key'), '--ca', file('ca.pem')];

/** Bob's certificate without a subject (`nameless`), and without key usage (`useless`). */
beforeAll(() => {
  createAuthority({ suite, directory });
  for (const name of ['alice', 'bob']) issueCredentials({ suite, directory, name });
  const { issuerSeed } = readAuthority(suite, directory);
  const bob = readDer(file('bob.pem'), 'CERTIFICATE');
  const dnsName = tlv(tags.sequence, tlv(0x82, Buffer.from('ee.example')));
  const empty = edit(bob, paths.subject, () => tlv(tags.sequence));
  const names = extension(identifiers.subjectAlternativeName, dnsName, true);
  const made = {
    nameless: withExtensions(empty, [keyEncipherment, names], issuerSeed),
    useless: withExtensions(bob, [extension(identifiers.subjectAlternativeName, dnsName)], issuerSeed),
  };
  for (const [name, der] of Object.entries(made)) writeFileSync(file(`${name}.pem`), encodePem('CERTIFICATE', der));
});
afterAll(() => rmSync(directory, { recursive: true }));

it('a peer without a subject is `DNS:...`, in JSON and as an expected name', async () => {
  const ends = await handshake([...bobAs('nameless'), '--expect', 'alice'], [...alice, '--expect', 'DNS:ee.example']);
  expect(resultOf(ends.initiator)).toMatchObject({ ok: true, peer: 'DNS:ee.example' });
  expect(resultOf(ends.responder)).toMatchObject({ ok: true, peer: 'CN=alice' });
});

describe('--lenient', () => {
  it('cert verify: refuses without it and says that it would help; with it says what was permitted', async () => {
    const words = ['cert', 'verify', file('useless.pem'), '--ca', file('ca.pem')];
    const strict = await pquake(...words, '--json');
    expect(strict.status).toBe(1);
    expect(resultOf(strict)).toMatchObject({ ok: false, code: 'certificate-wrong-key-usage' });
    expect(strict.stderr).toContain('RFC 5280 permits it, and so does --lenient: absentKeyUsage');
    const lenient = await pquake(...words, '--lenient', '--json');
    expect(lenient.status).toBe(0);
    expect(resultOf(lenient)).toEqual({ ok: true, lenient: ['absentKeyUsage'] });
    expect((await pquake(...words, '--lenient')).stdout).toBe('valid; permitted: absentKeyUsage\n');
    const plain = await pquake('cert', 'verify', '--ca', file('ca.pem'), '--lenient', file('bob.pem'), '--json');
    expect(resultOf(plain)).toEqual({ ok: true });
  });

  it('does not help what security forbids, and is not suggested for it', async () => {
    const end = await pquake('cert', 'verify', file('ca.pem'), '--ca', file('ca.pem'));
    expect(end.status).toBe(1);
    expect(end.stderr).not.toContain('--lenient');
    expect((await pquake('cert', 'verify', file('ca.pem'), '--ca', file('ca.pem'), '--lenient')).status).toBe(1);
  });

  it('serve and connect: both sides say that it is in force, and what the peer needed', async () => {
    const ends = await handshake(
      [...bobAs('useless'), '--lenient', '--expect', 'alice'],
      [...alice, '--lenient', '--expect', 'bob'],
    );
    expect(resultOf(ends.initiator)).toMatchObject({ ok: true, peer: 'CN=bob', lenient: ['absentKeyUsage'] });
    expect(resultOf(ends.responder)).not.toHaveProperty('lenient');
    for (const { stderr } of [ends.initiator, ends.responder])
      expect(stderr).toContain(
        `warning: --lenient permits what the profile of certificates refuses: ${allLeniencies.join(', ')}`,
      );
  });

  it('one side without it refuses the peer', async () => {
    const ends = await handshake(
      [...bobAs('useless'), '--lenient', '--expect', 'alice'],
      [...alice, '--expect', 'bob'],
    );
    expect(resultOf(ends.initiator)).toMatchObject({ ok: false, code: 'certificate-wrong-key-usage' });
  });
});
