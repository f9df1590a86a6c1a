// The cost of a handshake over the cost of its primitive operations: both sides, in memory, one thread, each back end; and of the channel
// over that of TLS (bench/channel.ts); of the Model Context Protocol through it (bench/mcp.ts); and of a decision of a policy (bench/mcpPolicy.ts);
// of hedged coins (bench/hedged.ts); of handshakes with proposals over those of the draft (bench/proposals.ts). With `channel`, `mcp`, `policy`,
// `hedged` or `proposals` as its word, only that.
// Handshakes and primitives are measured in turns in one run, so that what disturbs the one disturbs the other.
import { Bench } from 'tinybench';
import { parseIntermediate } from '../src/certificate/authority.ts';
import { createIntermediate, createTrustAnchor, issueCertificate } from '../src/certificate/issue/issue.ts';
import { issueCrl } from '../src/certificate/issue/issueCrl.ts';
import { parseRevocationList } from '../src/certificate/revocationList.ts';
import { parseTrustAnchor } from '../src/certificate/trustAnchor.ts';
import { trustStore } from '../src/certificate/trustStore.ts';
import { certificateValidator } from '../src/certificate/validate.ts';
import type { KemKey, Suite } from '../src/crypto/suite.ts';
import { initiator, type Outgoing, responder } from '../src/handshake/handshake.ts';
import type { Credentials, HandshakeOptions } from '../src/handshake/options.ts';
import { chooseSuite } from '../src/node/suite.ts';
import { compareChannel } from './bench/channel.ts';
import { at } from './bench/cost.ts';
import { compareHedged } from './bench/hedged.ts';
import { compareMcp } from './bench/mcp.ts';
import { measurePolicy } from './bench/mcpPolicy.ts';
import { makePeers, notAfter, notBefore, type Peers, time, valueFrom } from './bench/peers.ts';
import { compareProposals } from './bench/proposals.ts';

/** As many rounds again go before, so that what is measured is not the compiler. */
const plan = { native: { rounds: 400, iterations: 4 }, noble: { rounds: 50, iterations: 2 } };

/** One whole handshake, both sides. @returns octets on the wire */
function handshake(
  suite: Suite,
  { anchor, alice, bob }: Omit<Peers, 'server'>,
  choice: Pick<HandshakeOptions, 'profile' | 'proposals' | 'hedgedCoins'> = {},
): number {
  const common = { suite, trustAnchors: [anchor], time, expectedPeer: 'anyone', ...choice };
  const [i, r] = [initiator({ ...common, credentials: alice }), responder({ ...common, credentials: bob })];
  r.start();
  let octets = 0;
  let { send, outcome } = i.start();
  for (let turn = 0; send.length > 0; turn += 1) {
    const receiver = turn % 2 === 0 ? r : i;
    const answers: Outgoing[] = [];
    for (const message of send) {
      octets += message.octets.length;
      const answer = receiver.receive(message.octets);
      answers.push(...answer.send);
      outcome = answer.outcome;
    }
    send = answers;
  }
  if (outcome.status !== 'completed') throw new Error('the handshake did not complete');
  return octets;
}

type Operation = () => unknown;

/** Copies octets among arguments, as the handshake wipes what it was given. */
const copied = (argument: unknown): unknown => (argument instanceof Uint8Array ? new Uint8Array(argument) : argument);

/**
 * The primitive operations of one handshake, both sides: those that a real one asked of the suite, in its order and with
 * its arguments, and nothing else.
 */
function primitives(suite: Suite, { anchor, alice, bob }: Peers): () => void {
  const operations: Operation[] = [];

  function recorded<A extends unknown[], R>(run: (...of: A) => R): (...of: A) => R {
    return (...of) => {
      const kept = of.map(copied) as A;
      operations.push(() => run(...kept));
      return run(...of);
    };
  }

  const decapsulating = (key: KemKey, again: () => KemKey): KemKey => ({
    ...key,
    decapsulate: (ciphertext) => {
      const kept = new Uint8Array(ciphertext);
      operations.push(() => again().decapsulate(kept));
      return key.decapsulate(ciphertext);
    },
  });

  let ephemeral: KemKey | undefined;
  function generateKemKey(): KemKey {
    operations.push(() => {
      ephemeral = suite.generateKemKey();
    });
    return decapsulating(suite.generateKemKey(), () => ephemeral ?? suite.generateKemKey());
  }

  const functions = Object.entries(suite).filter(([, member]) => typeof member === 'function');
  const recording = {
    ...suite,
    ...Object.fromEntries(functions.map(([name, run]) => [name, recorded(run)])),
    generateKemKey,
  };
  const { verificationKey } = anchor;
  const verify = recorded(verificationKey.verify);
  const known = (who: Credentials): Credentials => ({
    ...who,
    decapsulationKey: decapsulating(who.decapsulationKey, () => who.decapsulationKey),
  });
  handshake(recording, {
    anchor: { ...anchor, verificationKey: { ...verificationKey, verify } },
    alice: known(alice),
    bob: known(bob),
  });
  return () => {
    for (const operation of operations) operation();
  };
}

const median = (values: readonly number[]): number => at(values, 0.5);

/** Medians of two operations that take turns, in milliseconds. */
async function inTurns(suite: Suite, first: Operation, second: Operation): Promise<readonly [number, number]> {
  const { rounds, iterations } = plan[suite.name];
  const bench = new Bench({ time: 0, iterations, warmup: false, retainSamples: true });
  bench.add('first', first).add('second', second);
  const samples: Record<string, number[]> = { first: [], second: [] };
  for (let round = -rounds; round < rounds; round += 1) {
    await bench.run();
    for (const { name, result } of round < 0 ? [] : bench.tasks) {
      if (!('latency' in result)) throw new Error(`${name} failed`);
      samples[name]?.push(...(result.latency.samples ?? []));
    }
    bench.reset();
  }
  return [median(samples['first'] ?? []), median(samples['second'] ?? [])];
}

async function compare(suite: Suite): Promise<void> {
  const peers = makePeers(suite);
  const octets = handshake(suite, peers);
  const { rounds, iterations } = plan[suite.name];
  const [whole, bare] = await inTurns(suite, () => handshake(suite, peers), primitives(suite, peers));
  console.log(
    `${suite.name.padEnd(7)} handshake / primitives = ${(whole / bare).toFixed(3)}   (medians of ${rounds * iterations}, in turns of ` +
      `${iterations}: ${whole.toFixed(2)} ms / ${bare.toFixed(2)} ms; ${octets} octets on the wire)`,
  );
}

/**
 * Path validation of a certificate over the verification of its signature alone. The path has two intermediates with name
 * constraints, and every authority a revocation list, all of which was verified when the store was built.
 */
async function compareValidation(suite: Suite): Promise<void> {
  const { rounds, iterations } = plan[suite.name];
  const validity = { suite, notBefore, notAfter, serialNumber: Uint8Array.of(1) };
  const [rootSeed, firstSeed, secondSeed] = [suite.randomOctets(32), suite.randomOctets(32), suite.randomOctets(32)];
  const root = createTrustAnchor({ ...validity, name: 'Bench CA', seed: rootSeed });
  const permitted = { uriHosts: ['.example'] };
  const below = (name: string, issuer: Uint8Array, issuerSeed: Uint8Array, seed: Uint8Array): Uint8Array =>
    createIntermediate({ ...validity, name, issuer, issuerSeed, permitted, publicKey: suite.signaturePublicKey(seed) });
  const first = below('First', root, rootSeed, firstSeed);
  const second = below('Second', first, firstSeed, secondSeed);
  const { encapsulationKey } = suite.generateKemKey(suite.randomOctets(64));
  const peer = { name: 'peer', uris: ['https://peer.example'], encapsulationKey };
  const der = issueCertificate({ ...validity, ...peer, issuer: second, issuerSeed: secondSeed });
  const revoked = Array.from({ length: 1000 }, (_, i) => ({ serialNumber: Uint8Array.of(2, i >> 8, i), date: time }));
  const updates = { thisUpdate: notBefore, nextUpdate: notAfter, crlNumber: 1, revoked };
  const lists = [
    issueCrl({ suite, ...updates, issuer: root, issuerSeed: rootSeed }),
    issueCrl({ suite, ...updates, issuer: first, issuerSeed: firstSeed }),
    issueCrl({ suite, ...updates, issuer: second, issuerSeed: secondSeed }),
  ];
  const trustAnchors = valueFrom(
    trustStore({
      trustAnchors: [valueFrom(parseTrustAnchor(suite, root))],
      intermediates: [first, second].map((one) => valueFrom(parseIntermediate(suite, one))),
      revocationLists: lists.map((list) => valueFrom(parseRevocationList(list))),
      revocation: 'required',
    }),
  );
  const validate = certificateValidator({ trustAnchors, time });
  const { toBeSigned, signature } = valueFrom(validate(der));
  const { verify } = suite.verificationKey(suite.signaturePublicKey(secondSeed));
  const [whole, bare] = await inTurns(
    suite,
    () => validate(der),
    () => verify(toBeSigned, signature),
  );
  console.log(
    `${suite.name.padEnd(7)} validation / verification = ${(whole / bare).toFixed(3)}   (a certificate under two intermediates, name ` +
      `constraints, three revocation lists; medians of ${rounds * iterations}, in turns of ${iterations}: ${whole.toFixed(3)} ms / ${bare.toFixed(3)} ms)`,
  );
}

const [, , only] = process.argv;
const isAsked = (word: string): boolean => only === undefined || only === word;
for (const name of only === undefined ? (['native', 'noble'] as const) : []) {
  await compare(chooseSuite(name));
  await compareValidation(chooseSuite(name));
}
if (isAsked('hedged')) {
  for (const [name, rounds, handshakes] of [
    ['native', 100, 10],
    ['noble', 80, 4],
  ] as const) {
    const suite = chooseSuite(name);
    const peers = makePeers(suite);
    compareHedged(suite, (hedgedCoins) => void handshake(suite, peers, { hedgedCoins }), { rounds, handshakes });
  }
}
const native = chooseSuite('native');
if (isAsked('channel')) await compareChannel(native, makePeers(native));
if (isAsked('mcp')) await compareMcp(native, makePeers(native));
if (isAsked('policy')) measurePolicy();
if (isAsked('proposals')) {
  const peers = makePeers(native);
  compareProposals(native, (choice) => handshake(native, peers, choice));
}
