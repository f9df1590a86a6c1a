// A simulator of handshakes: complete transcripts with a peer who never took part, made from one's own key and the peer's
// certificate. Both machines of src/protocol run. That of the peer has no key: where it decapsulates, it gets the secret that
// was made with the ciphertext, as whoever made the one has the other.
import type { Algebra, DecapsulationKey, VerifiedCertificate } from '../../algebra/algebra.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Certificate, Ciphertext, PreSharedSecret, SharedSecret } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { machine } from '../../protocol/machine.ts';
import type { InitiatorParameters, ResponderParameters, Schedule } from '../../protocol/parameters.ts';
import { otherRole, type Role } from '../../role.ts';
import { exchange, type Shown } from './exchange.ts';
import { telling } from './telling.ts';

/** The coins of both roles. The simulator draws those of its peer too. */
export type BothCoins<O> = (InitiatorParameters<O> & ResponderParameters<O>)['coins'];

/** All that a simulator has. There is no key of the peer in it. */
export interface Simulation<O> {
  /** The role that is one's own; the peer in the other role is simulated. */
  readonly own: Role;
  readonly algebra: Algebra<O>;
  readonly reading: Reading;
  readonly schedule: Schedule;
  readonly certificate: Certificate<O>;
  readonly decapsulationKey: DecapsulationKey<O>;
  /** The certificate of the peer, and the key in it: public. */
  readonly peer: VerifiedCertificate<O>;
  readonly preSharedSecret?: PreSharedSecret<O> | undefined;
  readonly coins: Readonly<Record<Role, BothCoins<O>>>;
}

/** A handshake as whoever took part in it can show it. */
export interface Transcript<O> {
  /** In the order in which they were sent; eight when it completed. */
  readonly messages: readonly Message<O>[];
  /** The secrets of the role that shows it. */
  readonly secrets: Readonly<Shown<O>>;
  /** The roles that released `k_session`. */
  readonly released: readonly Role[];
}

/** What a broken simulator does; for controls. */
export interface SimulatorFault {
  /** The secret that it takes to be in a ciphertext, in place of the one that was made with it. */
  readonly secret?: <O>(algebra: Algebra<O>, ciphertext: Ciphertext<O>) => SharedSecret<O>;
}

/** An algebra that remembers the secrets of the ciphertexts that it makes for the peer, and a key that knows no others. */
function remembering<O>(algebra: Algebra<O>, peer: VerifiedCertificate<O>, { secret }: SimulatorFault) {
  const made: { readonly ciphertext: Ciphertext<O>; readonly sharedSecret: SharedSecret<O> }[] = [];
  let keyOfPeer: unknown;
  const own: Algebra<O> = {
    ...algebra,
    verifyCertificate: (input) => {
      const verified = algebra.verifyCertificate(input);
      if (verified.ok) keyOfPeer = verified.value.encapsulationKey;
      return verified;
    },
    encapsulate: (input) => {
      const encapsulated = algebra.encapsulate(input);
      if (!encapsulated.ok || input.encapsulationKey !== keyOfPeer) return encapsulated;
      const { ciphertext, sharedSecret } = encapsulated.value;
      const value = { ciphertext, sharedSecret: secret?.(algebra, ciphertext) ?? sharedSecret };
      made.push(value);
      return { ...encapsulated, value };
    },
  };
  const decapsulationKey: DecapsulationKey<O> = {
    encapsulationKey: peer.encapsulationKey,
    decapsulate: (ciphertext) => {
      const known = made.find((one) => one.ciphertext === ciphertext);
      if (known === undefined) throw new TypeError('a simulator knows the secrets of its own ciphertexts only');
      return known.sharedSecret;
    },
    wipe: () => undefined,
  };
  return { own, decapsulationKey };
}

/**
 * Simulates a handshake between `own`, which one is, and a peer who is not there.
 * @throws TypeError when the peer would have to decapsulate what was not made here
 */
export function simulate<O>(given: Simulation<O>, fault: SimulatorFault = {}): Transcript<O> {
  const { own, algebra, reading, schedule, certificate, peer, preSharedSecret, coins } = given;
  const remembered = remembering(algebra, peer, fault);
  const secrets: Shown<O> = {};
  const both = { schedule, preSharedSecret };
  const mine = machine(own, {
    ...both,
    algebra: remembered.own,
    reading: telling(reading, secrets),
    certificate,
    decapsulationKey: given.decapsulationKey,
    coins: coins[own],
  });
  const theirs = machine(otherRole(own), {
    ...both,
    algebra,
    reading,
    certificate: peer.certificate,
    decapsulationKey: remembered.decapsulationKey,
    coins: coins[otherRole(own)],
  });
  const messages: Message<O>[] = [];
  const released: Role[] = [];
  exchange(
    own === 'initiator' ? { initiator: mine, responder: theirs } : { initiator: theirs, responder: mine },
    (from, effect) => {
      if (effect.effect === 'send') messages.push(effect.message);
      if (effect.effect !== 'release') return;
      released.push(from);
      if (from === own) secrets.k_session = effect.sessionKey;
    },
  );
  return { messages, secrets, released };
}
