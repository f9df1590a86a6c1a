// PQ-P-10, PQ-P-11: what spec/secrets.md says of wiping, watched.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { bytesDerivation } from '../../src/algebra/bytesDerivation.ts';
import { noble } from '../../src/crypto/noble.ts';
import { sizes } from '../../src/generated/constants.ts';
import { initiator, type Progress, responder } from '../../src/handshake/handshake.ts';
import { type ProposedProtocol, proposedProtocol } from '../../src/handshake/proposed.ts';
import {
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from '../../src/node/authority/enrolment.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readTogether } from '../../src/node/files/change.ts';
import { readCredentials, readPreSharedSecret } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { anchorFor, credentialsFor, time } from '../handshake/peers.ts';
import { type Recorded, recording, unwiped } from './recording.ts';

// DER and file contents that hold private keys: what decoders hand out, encoders make, and files are read to.
const buffers = vi.hoisted(() => [] as Recorded[]);
const note = vi.hoisted(() => (what: string, octets: Uint8Array) => {
  buffers.push({ what, octets, copy: Uint8Array.from(octets) });
  return octets;
});
vi.mock('../../src/keys/pem.ts', async (original) => {
  const pem = await original<typeof import('../../src/keys/pem.ts')>();
  const decodePem = (text: string, label: string) => {
    const decoded = pem.decodePem(text, label);
    if (decoded.ok && label.endsWith('PRIVATE KEY')) note('DER that was read', decoded.value);
    return decoded;
  };
  return { ...pem, decodePem };
});
vi.mock('../../src/keys/privateKey.ts', async (original) => {
  const keys = await original<typeof import('../../src/keys/privateKey.ts')>();
  return {
    ...keys,
    encodeKemPrivateKey: (...words: Parameters<typeof keys.encodeKemPrivateKey>) =>
      note('DER of an ML-KEM key', keys.encodeKemPrivateKey(...words)),
    encodeSignaturePrivateKey: (...words: Parameters<typeof keys.encodeSignaturePrivateKey>) =>
      note('DER of an ML-DSA key', keys.encodeSignaturePrivateKey(...words)),
    decodeSignaturePrivateKey: (...words: Parameters<typeof keys.decodeSignaturePrivateKey>) => {
      const decoded = keys.decodeSignaturePrivateKey(...words);
      if (decoded.ok) note('seed of the authority', decoded.value);
      return decoded;
    },
  };
});
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const handles = new Map<number, string>();
  const openSync = (...words: Parameters<typeof fs.openSync>) => {
    const handle = fs.openSync(...words);
    handles.set(handle, String(words[0]));
    return handle;
  };
  const readSync = (handle: number, octets: Uint8Array) => {
    const read = fs.readSync(handle, octets);
    const name = handles.get(handle) ?? '';
    if (/\.(hex|key)$/.test(name) && read > 0) note(`file ${name.slice(-4)}`, octets.subarray(0, read));
    return read;
  };
  return { ...fs, openSync, readSync };
});

const directory = mkdtempSync(join(tmpdir(), 'pquake-wiping-'));
const file = (name: string): string => join(directory, name);
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => buffers.splice(0));

const suites = [noble, chooseSuite()] as const;
const psk = Uint8Array.from({ length: 32 }, (_, at) => at + 7);

describe.each(suites.map((suite) => [suite.name, suite] as const))('a handshake on %s', (_, plain) => {
  function pair(changes: { readonly proposals?: ProposedProtocol } = {}) {
    const [i, r] = [recording(plain), recording(plain)];
    const common = {
      expectedPeer: 'anyone',
      trustAnchors: [anchorFor(plain)],
      time,
      preSharedSecret: Uint8Array.from(psk),
      ...changes,
    } as const;
    const alice = initiator({ ...common, suite: i.suite, credentials: credentialsFor(plain, 'alice') });
    const bob = responder({ ...common, suite: r.suite, credentials: credentialsFor(plain, 'bob') });
    return { i, r, alice, bob, preSharedSecret: common.preSharedSecret };
  }

  /** Delivers flights, at most so many; answers the last progress of each. */
  function converse({ alice, bob }: ReturnType<typeof pair>, flights: number): Progress[] {
    bob.start();
    const progress = [alice.start()];
    for (let n = 0; n < flights; n += 1) {
      const flight = Buffer.concat(progress.at(-1)?.send.map(({ octets }) => octets) ?? []);
      progress.push((n % 2 === 0 ? bob : alice).receive(flight));
    }
    return progress.slice(-2);
  }

  it('that completed holds k_session alone, and nothing once the session is wiped', () => {
    const both = pair();
    for (const { outcome } of converse(both, 5)) {
      if (outcome.status !== 'completed') throw new Error('not completed');
      const key = outcome.session.sessionKey.reveal();
      expect(key.some((octet) => octet !== 0)).toBe(true);
      outcome.session.wipe();
      expect(key.some((octet) => octet !== 0)).toBe(true); // a copy, which is the application's
      expect(() => outcome.session.sessionKey.reveal()).toThrow(/wiped/);
    }
    for (const { secrets, keys } of [both.i, both.r]) {
      expect(secrets.length).toBeGreaterThan(8);
      expect(unwiped(secrets.filter(({ what }) => what !== 'random octets'))).toEqual([]);
      expect(keys.every(({ wiped }) => wiped)).toBe(true);
    }
    expect(both.i.keys).toHaveLength(1); // the ephemeral one
    // The caller's array stays as it is.
    expect(both.preSharedSecret).toEqual(psk);
  });

  it('with the profile `proposed` holds none of the keys that the proposals derive', () => {
    const [draft, proposed] = [pair(), pair({ proposals: proposedProtocol() })];
    for (const both of [draft, proposed]) {
      for (const { outcome } of converse(both, 5)) {
        if (outcome.status !== 'completed') throw new Error('not completed');
        outcome.session.wipe();
      }
    }
    const expanded = ({ i }: ReturnType<typeof pair>) => i.secrets.filter(({ what }) => what === 'expanded key');
    // In each direction a hiding key and its commitment, and the key and the vector of an encapsulation.
    expect(expanded(proposed).length - expanded(draft).length).toBeGreaterThanOrEqual(8);
    for (const { secrets, keys } of [proposed.i, proposed.r]) {
      expect(unwiped(secrets.filter(({ what }) => what !== 'random octets'))).toEqual([]);
      expect(keys.every(({ wiped }) => wiped)).toBe(true);
    }
  });

  it('that fails, wherever it does, holds nothing', () => {
    let held = 0;
    for (let flights = 0; flights < 5; flights += 1) {
      const both = pair();
      converse(both, flights);
      held += unwiped(both.r.secrets).length;
      for (const one of [both.alice, both.bob]) one.fail('connection-closed');
      // An initiator that sent message 7 has completed: its session is the caller's.
      const left = flights === 4 ? both.r.secrets : [...both.i.secrets, ...both.r.secrets];
      expect(unwiped(left)).toEqual([]);
      expect(both.i.keys.every(({ wiped }) => wiped)).toBe(true);
    }
    expect(held).toBeGreaterThan(0); // there was something to wipe
  });
});

it('the derivation wipes all that it handed out, and keys put on its account, save what is retained', () => {
  const { derivation: algebra, secret, retain } = bytesDerivation(noble);
  const some = new Uint8Array(48).fill(3);
  const joined = algebra.concat(some, some);
  const extracted = algebra.extract({ salt: some, ikm: some });
  const expanded = algebra.expand({ prk: extracted, info: some, length: 96 });
  const [first, second] = algebra.cut(expanded, [48, 48]);
  const pairOfKeys = secret(noble.generateKemKey());
  if (!first || !second) throw new Error('not cut');
  retain([second]);
  const wiped = [joined, extracted, expanded, first].map((octets) => octets.every((octet) => octet === 0));
  expect(wiped).toEqual([true, true, true, true]);
  expect(second.some((octet) => octet !== 0)).toBe(true);
  retain([]);
  expect(second.every((octet) => octet === 0)).toBe(true);
  expect(some).toEqual(new Uint8Array(48).fill(3)); // what was given is the giver's
  expect(() => pairOfKeys.decapsulate(new Uint8Array(sizes.ciphertext))).toThrow(/wiped/);
});

describe('files', () => {
  it('seeds and DER of keys are wiped after they were written, and after they were read', () => {
    const { suite, secrets, keys } = recording(chooseSuite());
    createAuthority({ suite, directory });
    issueCredentials({ suite, directory, name: 'alice' });
    expect(unwiped(secrets)).toEqual([]);
    expect(new Set(secrets.map(({ copy }) => copy.length))).toEqual(new Set([32, 64]));
    expect(keys.every(({ wiped }) => wiped)).toBe(true);
    const { decapsulationKey } = readCredentials(suite, file('alice.pem'), file('alice.key'));
    expect(new Set(buffers.map(({ what }) => what))).toEqual(
      new Set([
        ...['DER of an ML-KEM key', 'DER of an ML-DSA key', 'DER that was read', 'seed of the authority'],
        'file .key',
      ]),
    );
    expect(unwiped(buffers)).toEqual([]);
    decapsulationKey.wipe();
  });

  it('a refused key is wiped too', () => {
    expect(() => readCredentials(noble, file('ca.pem'), file('alice.key'))).toThrow();
    expect(() => readCredentials(noble, file('alice.pem'), file('ca.key'))).toThrow(/ML-KEM/);
    expect(buffers.map(({ what }) => what)).toEqual(['file .key', 'file .key', 'DER that was read']);
    expect(() => readTogether([file('alice.key'), file('none.pem')])).toThrow(/ENOENT/);
    expect(buffers.length).toBe(4);
    expect(unwiped(buffers)).toEqual([]);
  });

  it('the file of a pre-shared secret; the secret is the caller’s', () => {
    writeFileSync(file('psk.hex'), ` ${'aBcD'.repeat(20)}\r\n`);
    expect(readPreSharedSecret(file('psk.hex'))).toEqual(
      Uint8Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 0xab : 0xcd)),
    );
    writeFileSync(file('wrong.hex'), 'ab'.repeat(31));
    expect(() => readPreSharedSecret(file('wrong.hex'))).toThrow(/31 octets/);
    writeFileSync(file('zeros.hex'), '00'.repeat(32));
    expect(() => readPreSharedSecret(file('zeros.hex'))).toThrow(/one octet over and over/);
    expect(buffers.map(({ copy }) => copy.length)).toEqual([83, 62, 64]);
    expect(unwiped(buffers)).toEqual([]);
  });

  it('an enrolment keeps nothing: seeds, shared secrets, keys of MACs, DER', () => {
    const { suite, secrets, keys } = recording(chooseSuite());
    const files = {
      directory,
      requestFile: file('request'),
      challengeFile: file('challenge'),
      responseFile: file('response'),
      keyFile: file('carol.key'),
    };
    requestCertificate({ suite, name: 'carol', newKey: true, ...files });
    const { nonce } = challengeRequest({ suite, ...files });
    respondToChallenge({ suite, ...files });
    approveRequest({ suite, ...files });
    const isPublic = ({ copy }: Recorded): boolean => Buffer.from(copy).toString('hex') === nonce;
    expect(secrets.filter((one) => !isPublic(one)).length).toBe(1 + 2 + 4 + 2 + 4);
    expect(unwiped(secrets.filter((one) => !isPublic(one)))).toEqual([]);
    expect(keys.length).toBeGreaterThanOrEqual(2);
    expect(keys.every(({ wiped }) => wiped)).toBe(true);
    expect(buffers.length).toBeGreaterThanOrEqual(4);
    expect(unwiped(buffers)).toEqual([]);
  });
});
