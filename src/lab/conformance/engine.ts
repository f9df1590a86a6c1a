// One side of a handshake whose every part can be exchanged: the driver of the product, with the algebra, the reading and the
// certificate that a case wants. The product's own entry, src/handshake, lets nobody exchange them.

import type { Algebra } from '../../algebra/algebra.ts';
import { bytesAlgebra, type CertificatePolicy } from '../../algebra/bytes.ts';
import type { KemKey, Suite } from '../../crypto/suite.ts';
import type { FailureCode } from '../../failure.ts';
import type { Reading } from '../../generated/keySchedule.ts';
import type { Certificate, PreSharedSecret } from '../../generated/kinds.ts';
import type { MessageName } from '../../generated/messages.ts';
import { driver, type End, type Exchange } from '../../handshake/driver.ts';
import type { Bytes } from '../../octets.ts';
import { machine } from '../../protocol/machine.ts';
import type { Role, Schedule } from '../../protocol/parameters.ts';

/** Where an engine stands. */
export type Standing =
  | { readonly status: 'awaiting'; readonly message: MessageName }
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly code: FailureCode; readonly message: string };

/** The answer of an engine: messages to send, in this order, and where it stands now. */
export interface Said {
  readonly send: readonly Bytes[];
  readonly standing: Standing;
}

/** One side of a handshake: the octets that come from the other side go in, the messages for it come out. */
export interface Engine {
  readonly start: () => Said;
  readonly receive: (octets: Bytes) => Said;
}

/** The parts of an engine. */
export interface EngineOptions {
  readonly suite: Suite;
  readonly role: Role;
  readonly reading: Reading;
  readonly schedule?: Schedule | undefined;
  /** Sent as it is, whatever it holds. */
  readonly certificate: Bytes;
  readonly decapsulationKey: KemKey;
  readonly preSharedSecret?: Bytes | undefined;
  readonly policy: CertificatePolicy;
  /** The algebra that is used in the place of the product's. */
  readonly algebra?: ((algebra: Algebra<Bytes>) => Algebra<Bytes>) | undefined;
}

const ownCoins = {
  ephemeralKey: 'own',
  ephemeralEncapsulation: 'own',
  initialVector: 'own',
  encapsulation: 'own',
} as const;

/** An engine of these parts. */
export function engine(options: EngineOptions): Engine {
  const { suite, role, reading, schedule = 'eager', certificate, decapsulationKey, preSharedSecret, policy } = options;
  const { algebra: own } = bytesAlgebra(suite, policy);
  const algebra = options.algebra?.(own) ?? own;
  let ended: Standing | undefined;

  const driven = driver({
    machine: machine(role, {
      algebra,
      reading,
      schedule,
      certificate: certificate as Certificate<Bytes>,
      decapsulationKey,
      preSharedSecret: preSharedSecret as PreSharedSecret<Bytes> | undefined,
      coins: ownCoins,
    }),
    algebra,
    retain: () => {}, // an exchanged part may use a secret of a state that was left: the keys are of this run only
    kem: suite.algorithms.kem,
    onEnd: (end) => {
      ended = standingAt(end);
    },
  });

  function said({ send }: Exchange): Said {
    const octets = send.map((one) => one.octets);
    if (ended !== undefined) return { send: octets, standing: ended };
    const awaited = driven.awaits();
    if (awaited === undefined) throw new TypeError('the engine was not started');
    return { send: octets, standing: { status: 'awaiting', message: awaited.message } };
  }

  return { start: () => said(driven.start()), receive: (octets) => said(driven.receive(octets)) };
}

const standingAt = (end: End): Standing =>
  end.effect === 'release'
    ? { status: 'completed' }
    : { status: 'failed', code: end.failure.code, message: end.failure.message };
