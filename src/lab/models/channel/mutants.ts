// The channel as it is, and broken: each with one part of it taken away, to see which queries notice.
import type { RecordAlgebra } from '../../../algebra/records.ts';
import type { Term } from '../../../algebra/terms.ts';
import { passed } from '../../../failure.ts';
import { directionOf } from '../../../generated/channel.ts';

/** A channel to make a model of. */
export interface ChannelProtocol {
  readonly id: string;
  readonly title: string;
  /** The fault, if it is broken. */
  readonly broken?: (algebra: RecordAlgebra<Term>) => RecordAlgebra<Term>;
  /** Whether a receiver takes the end of the transport for the end of the direction. */
  readonly endsWithTransport?: boolean;
}

const { initiator, responder } = directionOf;
const nextLabel = (a: RecordAlgebra<Term>): Term => a.text('next');

/** Broken channels. */
export const channelMutants: readonly ChannelProtocol[] = [
  {
    id: 'one-key',
    title: 'both directions have one secret',
    broken: (a) => ({ ...a, text: (ascii) => a.text(ascii === responder ? initiator : ascii) }),
  },
  {
    id: 'no-sequence-number',
    title: 'every record under a key has the same nonce',
    broken: (a) => ({
      ...a,
      sealRecord: (input) => a.sealRecord({ ...input, sequence: 0 }),
      openRecord: (input) => a.openRecord({ ...input, sequence: 0 }),
    }),
  },
  {
    id: 'no-close',
    title: 'a receiver takes the end of the transport for the end of the direction',
    endsWithTransport: true,
  },
  {
    id: 'no-commitment',
    title: 'no receiver compares the commitment',
    broken: (a) => ({ ...a, checkCommitment: () => passed(true) }),
  },
  {
    id: 'ratchet-keeps-secret',
    title: 'the secret behind a ratchet is the one before it',
    broken: (a) => ({ ...a, expand: (input) => (input.info === nextLabel(a) ? input.prk : a.expand(input)) }),
  },
  {
    id: 'root-without-session-key',
    title: 'the root behind an inner handshake does not depend on its key',
    broken: (a) => ({ ...a, extract: ({ salt }) => salt }),
  },
  {
    id: 'root-without-chain',
    title: 'the root behind an inner handshake does not depend on the root before',
    broken: (a) => ({ ...a, extract: ({ ikm }) => ikm }),
  },
];

/** The channels by id. */
export const channels: ReadonlyMap<string, ChannelProtocol> = new Map(
  [
    { id: 'default', title: 'The channel' },
    ...channelMutants.map((one) => ({
      ...one,
      id: `mutants/${one.id}`,
      title: `The channel broken (${one.id}): ${one.title}`,
    })),
  ].map((one) => [one.id, one]),
);
