// Handshakes with the proposals (spec/proposals.md), each alone and all together, with every value on the way. They are not those of
// the draft and stand apart from them, in spec/vectors/proposals.
import { type Operation, traced } from '../../algebra/trace.ts';
import { noble } from '../../crypto/noble.ts';
import { defaultChoice } from '../../generated/keySchedule.ts';
import { proposalTable } from '../../generated/proposals.ts';
import { type Bytes, fromHex, same, toHex } from '../../octets.ts';
import { type ProposalId, profile, proposed } from '../../proposals/index.ts';
import type { Role } from '../../role.ts';
import type { Ending, Handshake, Hkdf, Peer, WireMessage } from './format.ts';
import { exportsOf } from './handshakes.ts';
import { alice, bob, clock, root } from './identities.ts';
import { coinsOf, type Plan, run } from './run.ts';
import { valuesOf } from './trace.ts';
import { canonical, coins } from './vectorOctets.ts';

/** A value of HKDF: its inputs, and what came out. */
type Derived = Hkdf & { readonly OKM: string };

/** What AES-256-GCM was given; what it made stands in a message. */
interface Sealing {
  readonly sender: Role;
  readonly key: string;
  readonly initialVector: string;
  readonly associatedData: string;
  readonly plaintext: string;
}

/** A handshake with proposals. */
export interface ProposedHandshake {
  readonly id: string;
  readonly about: string;
  readonly proposals: readonly ProposalId[];
  readonly suite: string;
  readonly clock: string;
  readonly trustAnchors: readonly string[];
  readonly ss_pre?: string;
  /** Both peers hold the certificate of the other, and are sent references. */
  readonly held: boolean;
  readonly initiator: { readonly identity: string; readonly coins: Readonly<Record<string, string>> };
  readonly responder: { readonly identity: string; readonly coins: Readonly<Record<string, string>> };
  readonly values: ReturnType<typeof valuesOf>;
  /** Every other value of HKDF, in the order in which the initiator asks for it. */
  readonly derived: readonly Derived[];
  readonly sealings: readonly Sealing[];
  readonly messages: readonly WireMessage[];
  readonly flights: Handshake['flights'];
  readonly exports: Handshake['exports'];
  readonly outcome: Readonly<Record<Role, Ending | undefined>>;
}

type Asked = Readonly<Record<string, unknown>>;
const hex = (value: unknown): string => toHex(value as Bytes);
const askedOf = ({ input }: Operation): Asked => input[0] as Asked;

/** The pairs of Extract and Expand among operations; an Extract without an Expand is none. */
function derivedIn(operations: readonly Operation[]): Derived[] {
  return operations.flatMap((expand): Derived[] => {
    if (expand.operation !== 'expand') return [];
    const { prk, info, length } = askedOf(expand);
    const extract = operations.find((one) => one.operation === 'extract' && same(one.output as Bytes, prk as Bytes));
    if (extract === undefined) return [];
    const { salt, ikm } = askedOf(extract);
    const inputs = { salt: hex(salt), IKM: hex(ikm), PRK: hex(prk), info: hex(info), L: length as number };
    return [{ ...inputs, OKM: hex(expand.output) }];
  });
}

const sealingsIn = (sender: Role, operations: readonly Operation[]): Sealing[] =>
  operations
    .filter(({ operation }) => operation === 'seal')
    .map((one) => {
      const { hidingKey, initialVector, associatedData, certificate } = askedOf(one);
      return {
        sender,
        key: hex(hidingKey),
        initialVector: hex(initialVector),
        associatedData: hex(associatedData),
        plaintext: hex(certificate),
      };
    });

/** Values are wiped with the state that they belong to: copies are kept. */
function copy(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value)
    ? value.map(copy)
    : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one)]));
}

/** Without repetitions: peers ask for some values twice. */
const once = <T>(values: readonly T[]): T[] => [...new Map(values.map((one) => [canonical(one), one])).values()];

const holderOf = ({ certificate }: Peer): Bytes => fromHex(certificate);

interface Made {
  readonly name: string;
  readonly ids: readonly ProposalId[];
  readonly preShared: boolean;
  readonly held: boolean;
}

function planOf({ ids, held }: Made, id: string, ss_pre: Bytes | undefined, asked: Record<Role, Operation[]>): Plan {
  const together = proposed(ids, { suite: noble.algorithms.name });
  return {
    ...{ id, clock, ss_pre, reading: defaultChoice, schedule: 'eager', trustAnchors: [root.certificate] },
    initiator: { certificate: holderOf(alice), seed: fromHex(alice.seed) },
    responder: { certificate: holderOf(bob), seed: fromHex(bob.seed) },
    kem: together.kem(noble.algorithms.kem),
    held: (digest) => [alice, bob].map(holderOf).find((one) => same(noble.hash(one), digest)),
    variant: (variant) => ({
      ...variant,
      reading: together.reading(variant.reading),
      broken: (algebra, { role }) => {
        const record = ({ operation, input, output }: Operation): void =>
          void asked[role].push({ operation, input: copy(input) as unknown[], output: copy(output) });
        return together.algebra(traced(algebra, record), { role, byReference: held });
      },
    }),
  };
}

function handshake(made: Made): ProposedHandshake {
  const { name, ids, preShared, held } = made;
  const id = `proposals/${name}${preShared ? '/psk' : ''}`;
  const ss_pre = preShared ? coins(id, 'ss_pre', 32) : undefined;
  const asked: Record<Role, Operation[]> = { initiator: [], responder: [] };
  const { traces, messages, flights, endings } = run(planOf(made, id, ss_pre, asked));
  const [values, others] = [valuesOf(traces.initiator), valuesOf(traces.responder)];
  if (canonical(values) !== canonical(others)) throw new Error(`${id}: the peers do not agree`);
  const sideOf = (role: Role, { id: identity }: Peer) => ({
    identity,
    coins: Object.fromEntries(Object.entries(coinsOf(id, role)).map(([coin, octets]) => [coin, toHex(octets)])),
  });
  const [only] = ids;
  const title = ids.length === 1 && only !== undefined ? proposalTable[only].title : 'all proposals together';
  return {
    id,
    about: `${title}, ${preShared ? 'with' : 'without'} a pre-shared secret`,
    proposals: ids,
    suite: noble.algorithms.name,
    clock,
    trustAnchors: [root.id],
    ...(ss_pre === undefined ? {} : { ss_pre: toHex(ss_pre) }),
    held,
    initiator: sideOf('initiator', alice),
    responder: sideOf('responder', bob),
    values,
    derived: once(derivedIn(asked.initiator)),
    sealings: [...sealingsIn('initiator', asked.initiator), ...sealingsIn('responder', asked.responder)],
    messages,
    flights,
    exports: exportsOf(values.k_session),
    outcome: endings,
  };
}

/** Those whose formulas are others without a pre-shared secret. */
const ofHidingKey: readonly ProposalId[] = ['labelled-derivations', 'counted-pre-shared-secret'];

const plans: readonly Made[] = [
  ...profile.map((id) => ({ name: id, ids: [id], preShared: true, held: false })),
  ...ofHidingKey.map((id) => ({ name: id, ids: [id], preShared: false, held: false })),
  { name: 'certificates-by-reference/held', ids: ['certificates-by-reference'], preShared: true, held: true },
  ...[true, false].flatMap((held) =>
    [true, false].map((preShared) => ({
      name: held ? 'profile/held' : 'profile',
      ids: profile,
      preShared,
      held,
    })),
  ),
];

/** The file of the proposals. */
export const proposalVectors = (): { readonly kind: 'proposals'; readonly cases: readonly ProposedHandshake[] } => ({
  kind: 'proposals',
  cases: plans.map(handshake),
});
