// A process whose memory is searched: runs handshakes, finished and aborted, wipes all that is its own, tells masked what was secret, and waits.
// Nothing here keeps a secret: what is noted is noted octet by octet under a mask, and only masked octets leave the process.

import crypto from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { parseCertificate } from '../../../src/certificate/parse.ts';
import { parseTrustAnchor } from '../../../src/certificate/trustAnchor.ts';
import type { KemKey, Suite } from '../../../src/crypto/suite.ts';
import type { Checked } from '../../../src/failure.ts';
import { type Handshake, initiator, type Progress, responder } from '../../../src/handshake/handshake.ts';
import type { Session } from '../../../src/handshake/session.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { Bytes } from '../../../src/octets.ts';
import { isPublic, kindOf } from '../recording.ts';
import { channelLife, keptChannels, type LifeParts, streamLife } from './channels.ts';
import { mask, type Setup } from './setup.ts';

const setup = JSON.parse(readFileSync(0, 'utf8')) as Setup;
const notes = new Uint8Array(new ArrayBuffer(4 << 20));
const entries: { what: string; offset: number; length: number }[] = [];
let used = 0;

/** Octets of one's own, not on the heap of the engine. */
const octetsOf = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(new ArrayBuffer(length));

function note<T extends Bytes>(what: string, octets: T): T {
  entries.push({ what, offset: used, length: octets.length });
  for (let at = 0; at < octets.length; at += 1) notes[used + at] = (octets[at] ?? 0) ^ mask;
  used += octets.length;
  return octets;
}

function unmasked(hex: string): Bytes {
  const masked = Buffer.from(hex, 'hex');
  const octets = octetsOf(masked.length);
  for (let at = 0; at < octets.length; at += 1) octets[at] = (masked[at] ?? 0) ^ mask;
  return octets;
}

function valueFrom<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(`${checked.code}: ${checked.detail}`);
  return checked.value;
}

// noble draws seeds of 64 octets and coins of 32.
const draw = globalThis.crypto.getRandomValues.bind(globalThis.crypto);
Object.defineProperty(globalThis.crypto, 'getRandomValues', {
  value: (octets: Uint8Array<ArrayBuffer>) => {
    draw(octets);
    return octets.length < 32 ? octets : note(octets.length === 64 ? 'seed of a key' : 'coins', octets);
  },
});

const plain = chooseSuite(setup.backend);
const watched = (key: KemKey): KemKey => ({
  ...key,
  decapsulate: (ciphertext) => note('shared secret, decapsulated', key.decapsulate(ciphertext)),
});
const suite: Suite = {
  ...plain,
  generateKemKey: (seed) => watched(plain.generateKemKey(seed)),
  encapsulate: (key, coins) => {
    const encapsulated = plain.encapsulate(key, coins);
    if (encapsulated) note('shared secret, encapsulated', encapsulated.sharedSecret);
    return encapsulated;
  },
  extract: (salt, ikm) => note('extracted key', plain.extract(salt, ikm)),
  expand: (prk, info, length) => {
    const expanded = plain.expand(prk, info, length);
    const kind = kindOf(info);
    return isPublic(kind) ? expanded : note(kind, expanded);
  },
};

const anchor = valueFrom(parseTrustAnchor(plain, Buffer.from(setup.anchor, 'hex')));
const trustAnchors = [anchor];
const time = new Date(setup.time);

function credentials({ certificate, seed }: Setup['alice']) {
  const octets = unmasked(seed);
  const decapsulationKey = suite.generateKemKey(octets);
  octets.fill(0);
  return { certificate: valueFrom(parseCertificate(Buffer.from(certificate, 'hex'))), decapsulationKey };
}
const [alice, bob] = [credentials(setup.alice), credentials(setup.bob)];
const preSharedSecret = crypto.randomFillSync(octetsOf(40));
note('pre-shared secret', preSharedSecret);

const drawn = (what: string, length: number): Bytes => note(what, crypto.randomFillSync(octetsOf(length)));

interface Pair {
  readonly i: Handshake;
  readonly r: Handshake;
}

/** One in two has coins of the caller's, and one in four the pre-shared secret. */
function pair(n: number, expectedPeer = 'anyone'): Pair {
  const common = { suite, trustAnchors, time, ...(n % 4 === 0 && { preSharedSecret }) };
  const given = n % 2 === 0 ? [] : [64, 32, 32, 32].map((length) => drawn('coins that are given', length));
  const [ephemeralKey, encapsulation, ephemeralEncapsulation, theirs] = given;
  const [mine, other] =
    ephemeralKey && encapsulation && ephemeralEncapsulation && theirs
      ? [
          { ephemeralKey, encapsulation },
          { ephemeralEncapsulation, encapsulation: theirs },
        ]
      : [{}, {}];
  const i = initiator({ ...common, credentials: alice, coins: mine, expectedPeer });
  const r = responder({ ...common, credentials: bob, coins: other, expectedPeer: 'anyone' });
  for (const coins of given) coins.fill(0); // what was copied is no affair of theirs
  return { i, r };
}

/** Uses a session as an application does without a channel. */
function useAndWipe(session: Session): void {
  for (const length of [32, 64]) note('exported key', session.export('memory', new Uint8Array(1), length)).fill(0);
  note('k_session', session.sessionKey.reveal()).fill(0);
  session.wipe();
}

/** Delivers flights, at most so many; the last octet of the last one is changed on demand. @returns the sessions that were released */
function converse({ i, r }: Pair, flights: number, change = false): Session[] {
  const sessions: Session[] = [];
  r.start();
  let progress: Progress = i.start();
  for (let n = 0; n < flights && progress.send.length > 0; n += 1) {
    const flight = Buffer.concat(progress.send.map(({ octets }) => octets));
    if (change && n === flights - 1) flight[flight.length - 1] = (flight.at(-1) ?? 0) ^ 1;
    progress = (n % 2 === 0 ? r : i).receive(flight);
    if (progress.outcome.status === 'completed') sessions.push(progress.outcome.session);
  }
  for (const one of [i, r]) one.fail('connection-closed');
  return sessions;
}

/** The parts of two channels over the sessions of a handshake. */
function partsOf([one, another]: readonly Session[]): LifeParts {
  if (one === undefined || another === undefined) throw new Error('a handshake did not complete');
  const [i, r] = one.role === 'initiator' ? [one, another] : [another, one];
  note('k_session', i.sessionKey.reveal()).fill(0);
  const common = { suite, trustAnchors, time };
  return {
    suite,
    sessions: { i, r },
    inner: {
      i: (expectedPeer) => initiator({ ...common, credentials: alice, expectedPeer }),
      r: (expectedPeer) => responder({ ...common, credentials: bob, expectedPeer }),
    },
    exported: (octets) => note('exported key', octets),
  };
}

/** One in four goes on as a channel, every other of them as a stream. */
async function finish(n: number, sessions: readonly Session[]): Promise<void> {
  if (n % 4 !== 1) for (const session of sessions) useAndWipe(session);
  else if (n % 8 === 1) channelLife(n >> 3, partsOf(sessions));
  else await streamLife(n >> 3, partsOf(sessions));
}

async function main(): Promise<void> {
  let [finished, aborted] = [0, 0];
  for (let n = 0; n < setup.rounds; n += 1) {
    const sessions = converse(pair(n), 5);
    if (sessions.length === 2) finished += 1;
    await finish(n, sessions);
    const kind = n % 11;
    const others =
      kind === 10 ? converse(pair(n, 'carol'), 5) : converse(pair(n), kind >> 1, kind % 2 === 1 && kind > 1);
    if (others.length < 2) aborted += 1;
    for (const session of others) useAndWipe(session);
  }
  let over = 0;
  const kept = keptChannels(partsOf(converse(pair(0), 5)), () => {
    over = entries.length;
  });
  const canary = setup.leaves ? drawn('left on purpose', 32) : undefined;
  preSharedSecret.fill(0);
  for (const one of [alice, bob]) one.decapsulationKey.wipe();
  await new Promise((resolve) => setImmediate(resolve)); // what streams have left to do
  (globalThis as { gc?: () => void }).gc?.();

  const told = Buffer.from(notes.buffer, 0, used).toString('hex');
  writeSync(1, `${JSON.stringify({ finished, aborted, over, entries, told })}\n`);
  setInterval(() => [canary, kept].length, 1_000); // its owner ends it
}

void main();
