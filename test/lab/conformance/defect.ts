import type { Algebra } from '../../../src/algebra/algebra.ts';
import type { Checked } from '../../../src/failure.ts';
import type { Reading } from '../../../src/generated/keySchedule.ts';
import type { EncapsulationKey } from '../../../src/generated/kinds.ts';
import type { Identity, Material } from '../../../src/lab/conformance/material.ts';
import type { Bytes } from '../../../src/octets.ts';
import type { Role } from '../../../src/role.ts';

/** The settings of a faulty peer. */
export interface World {
  readonly from: Material;
  readonly identity: Identity;
  readonly psk: boolean;
  /** The common name of the one that it is told to expect. */
  readonly expected: string;
  /** Kept from one handshake to the next. */
  readonly memory: Map<string, unknown>;
}

export type Context = Pick<World, 'from' | 'identity' | 'memory' | 'expected'> & { readonly role: Role };

/** The ways in which a peer can treat its connection when it fails. */
export interface Behaviour {
  readonly close: () => void;
  readonly write: (octets: Bytes) => void;
  readonly status: (success: boolean) => void;
}

type Refusal = Extract<Checked<never>, { readonly ok: false }>;

/** One fault of a peer; all the rest of it is the product. */
export interface Defect {
  readonly id: string;
  /** The fault, in a line. */
  readonly breaks: string;
  /** Roles that can have it; both by default. */
  readonly roles?: readonly Role[];
  /** Cases that are run, as with `--only`; one of them must fail. */
  readonly found: readonly string[] | Readonly<Record<Role, readonly string[]>>;
  readonly algebra?: (algebra: Algebra<Bytes>, context: Context) => Algebra<Bytes>;
  readonly reading?: (reading: Reading) => Reading;
  /** Lets a certificate through that the product refuses. */
  readonly admits?: (
    certificate: Bytes,
    refusal: Refusal,
    context: Context,
  ) => Checked<{ readonly encapsulationKey: EncapsulationKey<Bytes> }> | undefined;
  /** Accepts every valid peer, whomever it was told to expect. */
  readonly accepts?: 'anyone';
  /** Starts with authorities that the product refuses; it knows the trust anchor only. */
  readonly startsAnyway?: true;
  /** Sends nothing of what it owed when the messages of the same read are refused. */
  readonly withholds?: true;
  /** Changes the octets that arrive; `awaited` names the message that the peer waits for. */
  readonly inbound?: (role: Role, awaited: () => string) => (chunk: Bytes) => readonly Bytes[];
  readonly outbound?: (message: Bytes, role: Role) => readonly Bytes[];
  readonly onFailure?: (behaviour: Behaviour, role: Role, world: World) => void;
  readonly onSuccess?: (behaviour: Behaviour, role: Role) => void;
  readonly status?: (success: boolean) => number | string;
  /** Milliseconds that it waits for a message; those of the product by default. */
  readonly messageTimeout?: number;
  /** Waits for ever. */
  readonly patient?: true;
  /** Waits anew after every octet. */
  readonly rearms?: true;
  /** Does not notice that the stream ended. */
  readonly ignoresEnd?: true;
}
