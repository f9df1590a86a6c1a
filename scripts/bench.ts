// The cost of a handshake over the cost of its primitive operations: both sides, in memory, one thread, each back end.
// Handshakes and primitives are measured in turns in one run, so that what disturbs the one disturbs the other.
import { Bench } from 'tinybench';
import { createTrustAnchor, issueCertificate } from '../src/certificate/issue.ts';
import { parseCertificate } from '../src/certificate/parse.ts';
import { parseTrustAnchor, type TrustAnchor } from '../src/certificate/trustAnchor.ts';
import type { KemKey, Suite } from '../src/crypto/suite.ts';
import type { Checked } from '../src/failure.ts';
import { initiator, type Outgoing, responder } from '../src/handshake/handshake.ts';
import type { Credentials } from '../src/handshake/options.ts';
import { chooseSuite } from '../src/node/suite.ts';

/** As many rounds again go before, so that what is measured is not the compiler. */
const plan = { native: { rounds: 400, iterations: 4 }, noble: { rounds: 50, iterations: 2 } };
const notBefore = new Date('2026-01-01T00:00:00Z');
const notAfter = new Date('2030-01-01T00:00:00Z');
const time = new Date('2027-01-01T00:00:00Z');

interface Peers {
  readonly anchor: TrustAnchor;
  readonly alice: Credentials;
  readonly bob: Credentials;
}

function valueFrom<T>(checked: Checked<T>): T {
  if (!checked.ok) throw new Error(checked.detail ?? checked.code);
  return checked.value;
}

function makePeers(suite: Suite): Peers {
  const issuerSeed = suite.randomOctets(32);
  const validity = { notBefore, notAfter };
  const serialNumber = Uint8Array.of(1);
  const issuer = createTrustAnchor({ suite, name: 'Bench CA', seed: issuerSeed, serialNumber, ...validity });
  const issue = (name: string): Credentials => {
    const decapsulationKey = suite.generateKemKey(suite.randomOctets(64));
    const { encapsulationKey } = decapsulationKey;
    const uris = [`https://${name}.example`];
    const der = issueCertificate({
      ...{ suite, issuer, issuerSeed, name, uris, encapsulationKey, serialNumber },
      ...validity,
    });
    return { certificate: valueFrom(parseCertificate(der)), decapsulationKey };
  };
  return { anchor: valueFrom(parseTrustAnchor(suite, issuer)), alice: issue('alice'), bob: issue('bob') };
}

/** One whole handshake, both sides. @returns octets on the wire */
function handshake(suite: Suite, { anchor, alice, bob }: Peers): number {
  const common = { suite, trustAnchors: [anchor], time };
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

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function compare(suite: Suite): Promise<void> {
  const peers = makePeers(suite);
  const octets = handshake(suite, peers);
  const { rounds, iterations } = plan[suite.name];
  const bench = new Bench({ time: 0, iterations, warmup: false, retainSamples: true });
  bench.add('handshake', () => handshake(suite, peers)).add('primitives', primitives(suite, peers));
  const samples: Record<string, number[]> = { handshake: [], primitives: [] };
  for (let round = -rounds; round < rounds; round += 1) {
    await bench.run();
    for (const { name, result } of round < 0 ? [] : bench.tasks) {
      if (!('latency' in result)) throw new Error(`${name} failed`);
      samples[name]?.push(...(result.latency.samples ?? []));
    }
    bench.reset();
  }
  const [whole, bare] = [median(samples['handshake'] ?? []), median(samples['primitives'] ?? [])];
  console.log(
    `${suite.name.padEnd(7)} handshake / primitives = ${(whole / bare).toFixed(3)}   (medians of ${rounds * iterations}, in turns of ` +
      `${iterations}: ${whole.toFixed(2)} ms / ${bare.toFixed(2)} ms; ${octets} octets on the wire)`,
  );
}

for (const name of ['native', 'noble'] as const) await compare(chooseSuite(name));
