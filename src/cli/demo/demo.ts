// Two processes complete handshakes over loopback TCP. They run the commands that a person would type; the result is
// drawn as a ladder.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../configuration.ts';
import type { Suite, SuiteName } from '../../crypto/suite.ts';
import { createAuthority, issueCredentials } from '../../node/authority/pki.ts';
import { environmentFor } from '../../node/files/environment.ts';
import { chooseSuite } from '../../node/suite.ts';
import { type Child, endChild, startChild } from '../../node/temporary/child.ts';
import { removeDirectory, temporaryDirectory } from '../../node/temporary/temporary.ts';
import { print } from '../../node/terminal/output.ts';
import type { TraceLine } from '../../node/terminal/peer/settings.ts';
import { heading } from '../../node/terminal/style.ts';
import { toHex } from '../../octets.ts';
import { drawComparison, drawLadder, type Told } from './ladder.ts';

interface Peer {
  /** Resolves to the address when the responder listens. */
  readonly listening: Promise<string>;
  readonly told: Promise<Told>;
  readonly child: Child;
}

const script = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url));

function launch(words: readonly string[]): Peer {
  const child = startChild(process.execPath, [script, ...words, '--trace', '--json'], { env: environmentFor() });
  const trace: TraceLine[] = [];
  const notes: string[] = [];
  let result: Told['result'] | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    result = JSON.parse(line);
  });
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('{')) trace.push(JSON.parse(line));
      else if (line.startsWith('listening on ')) resolve(line.slice('listening on '.length));
      else notes.push(line);
    });
  });
  const told = new Promise<Told>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0 && result !== undefined) resolve({ trace, result });
      else
        reject(
          new ConfigurationError(`${words[0]} ended with ${status}: ${JSON.stringify(result)} ${notes.join(' ')}`),
        );
    });
  });
  return { listening, told, child };
}

async function handshake(directory: string, crypto: SuiteName, extra: readonly string[]): Promise<[Told, Told]> {
  const file = (name: string): string => join(directory, name);
  const identity = (name: string): string[] => [
    ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--crypto', crypto],
    ...extra,
  ];
  const responder = launch(['serve', '--listen', '127.0.0.1:0', '--once', '--expect', 'alice', ...identity('bob')]);
  const address = await Promise.race([responder.listening, responder.told.then(() => '')]);
  const initiator = launch(['connect', address, '--expect', 'bob', ...identity('alice')]);
  try {
    return await Promise.all([initiator.told, responder.told]);
  } finally {
    for (const { child } of [initiator, responder]) endChild(child);
  }
}

function show(title: string, [initiator, responder]: readonly [Told, Told]): boolean {
  print('');
  print(heading(title));
  for (const line of drawLadder(initiator, responder)) print(line);
  const same = initiator.result.session === responder.result.session;
  print(`  initiator: peer ${initiator.result.peer}, session ${initiator.result.session.slice(0, 32)}...`);
  print(`  responder: peer ${responder.result.peer}, session ${responder.result.session.slice(0, 32)}...`);
  print(same ? '  both hold the same session key' : '  THE SESSION KEYS DIFFER');
  return same;
}

function makePki(suite: Suite, directory: string): void {
  createAuthority({ suite, directory, name: 'PQuAKE demo CA' });
  for (const name of ['alice', 'bob']) {
    issueCredentials({ suite, directory, name, days: 1, uris: [`https://${name}.example/agent`] });
  }
  writeFileSync(join(directory, 'psk.hex'), toHex(suite.randomOctets(32)), { mode: 0o600 });
}

/** @returns the exit status: 0 when both handshakes gave both sides the same session */
export async function runDemo({ crypto }: { readonly crypto?: SuiteName }): Promise<number> {
  const suite = chooseSuite(crypto);
  const directory = temporaryDirectory('demo');
  try {
    print(heading('PQuAKE: two processes, loopback TCP, certificates of a throw-away authority'));
    print(`  ML-KEM-1024, ML-DSA-87, AES-256-GCM, SHA-384; ${suite.name} back end; Node ${process.versions.node}`);
    makePki(suite, directory);
    const plain = await handshake(directory, suite.name, []);
    const first = show('1. Without a pre-shared secret', plain);
    const psk = await handshake(directory, suite.name, ['--psk-file', join(directory, 'psk.hex')]);
    const second = show('2. With a pre-shared secret: identities hidden from active attackers too', psk);
    const { sent, received } = plain[0].result;
    print('');
    for (const line of drawComparison(sent + received)) print(line);
    return first && second ? 0 : 1;
  } finally {
    removeDirectory(directory);
  }
}
