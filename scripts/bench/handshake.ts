// The cost of a handshake over the cost of its primitive operations, and of validating a certificate over verifying its signature: both sides, in memory, one
// thread, each back end. Both are measured in turns, so that what disturbs the one disturbs the other.
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate, createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import { parseTrustAnchor, type TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import type { KemKey, Suite } from '../../src/crypto/suite.ts';
import type { Credentials } from '../../src/handshake/options.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { inTurns, medianOf, ratiosOf } from './cost.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers, notAfter, notBefore, type Peers, time, valueFrom } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

/** As many rounds again go before, so that what is measured is not the compiler. */
const plan = { native: { rounds: 400, iterations: 4 }, noble: { rounds: 50, iterations: 2 } };

interface Sides extends Pick<Peers, 'alice' | 'bob'> {
  /** One array for all handshakes, as an application has: what is made of it is made once. */
  readonly anchors: readonly [TrustAnchor];
}

/** A handshake of peers that do not know each other. */
const handshake = (suite: Suite, { anchors, alice, bob }: Sides): readonly number[] =>
  handshakeInMemory(suite, { alice, bob }, anchors, false);

type Operation = () => unknown;

/** Copies octets among arguments, as the handshake wipes what it was given. */
const copied = (argument: unknown): unknown => (argument instanceof Uint8Array ? new Uint8Array(argument) : argument);

/**
 * The primitive operations of one handshake, both sides: those that a real one asked of the suite, in its order and with
 * its arguments, and nothing else.
 */
function primitives(suite: Suite, { anchors: [anchor], alice, bob }: Sides): () => void {
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
    anchors: [{ ...anchor, verificationKey: { ...verificationKey, verify } }],
    alice: known(alice),
    bob: known(bob),
  });
  return () => {
    for (const operation of operations) operation();
  };
}

type Told = Pick<Row, 'name' | 'of' | 'note'>;

/** Two operations that take turns, by CPU time and by time that passed. */
async function compare(
  suite: Suite,
  [first, second]: readonly [Operation, Operation],
  { note, ...told }: Told,
  full: Plan,
): Promise<readonly Row[]> {
  const { iterations } = plan[suite.name];
  const rounds = full.rounds(plan[suite.name].rounds);
  const repeated = [first, second].map((run) => () => {
    for (let i = 0; i < iterations; i += 1) run();
  });
  const costs = await inTurns(repeated, rounds, rounds);
  return (['worked', 'elapsed'] as const).map((what) => {
    const medians = [0, 1].map((which) => `${(medianOf(costs, which, what) / iterations).toFixed(3)} ms`);
    const unit = what === 'worked' ? 'CPU time' : 'time';
    const of = `${rounds} rounds of ${iterations}; medians ${medians.join(', ')}; ${note}`;
    return rowOf({ part: 'handshake', ...told, unit, note: of }, ratiosOf(costs, 0, 1, what));
  });
}

async function compareHandshake(suite: Suite, full: Plan): Promise<readonly Row[]> {
  const { anchor, alice, bob } = makePeers(suite);
  const peers: Sides = { anchors: [anchor], alice, bob };
  const octets = handshake(suite, peers).reduce((sum, one) => sum + one, 0);
  const told = { name: `handshake, ${suite.name}`, of: 'its primitives', note: `${octets} octets on the wire` };
  return compare(suite, [() => handshake(suite, peers), primitives(suite, peers)], told, full);
}

/**
 * A certificate under two intermediates with name constraints, and a revocation list of every authority, all of which was verified
 * when the store was built.
 */
function validation(suite: Suite): readonly [whole: Operation, bare: Operation] {
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
  return [() => validate(der), () => verify(toBeSigned, signature)];
}

function compareValidation(suite: Suite, full: Plan): Promise<readonly Row[]> {
  const note = 'a path of two intermediates, name constraints, three revocation lists';
  return compare(suite, validation(suite), { name: `validation, ${suite.name}`, of: 'one verification', note }, full);
}

export async function measureHandshake(full: Plan): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of ['native', 'noble'] as const) {
    const suite = chooseSuite(name);
    rows.push(...(await compareHandshake(suite, full)), ...(await compareValidation(suite, full)));
  }
  return rows;
}
