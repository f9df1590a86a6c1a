// The proposals (spec/proposals.md) by id, and what several of them make together.
import type { FramedAlgebra } from '../algebra/algebra.ts';
import { padLengthOctets } from '../algebra/bytesDerivation.ts';
import type { KemSizes } from '../generated/codec.ts';
import { sizes } from '../generated/constants.ts';
import type { Reading } from '../generated/keySchedule.ts';
import { type ProposalId, proposalSizes, proposalTable } from '../generated/proposals.ts';
import {
  certificatesByReference,
  committedHidingKey,
  directionalHidingKeys,
  paddedCertificates,
} from './certificates.ts';
import {
  authenticatedHeaders,
  contextInTranscript,
  countedPreSharedSecret,
  hidingKeyInS,
  labelledDerivations,
} from './derivations.ts';
import { sealedEncapsulations } from './encapsulations.ts';
import type { Context, Proposal, Side } from './proposal.ts';

export type { Context, ProposalId, Side };

/**
 * Every proposal, in the order in which they are put over each other: of what a certificate goes through on its way out, the
 * last comes first. A reference is padded, then sealed under the key of its direction, to which the octets in front commit.
 */
export const proposals = {
  'sealed-encapsulations': sealedEncapsulations,
  'committed-hiding-key': committedHidingKey,
  'directional-hiding-keys': directionalHidingKeys,
  'padded-certificates': paddedCertificates,
  'certificates-by-reference': certificatesByReference,
  'authenticated-headers': authenticatedHeaders,
  'hiding-key-in-S': hidingKeyInS,
  'labelled-derivations': labelledDerivations,
  'counted-pre-shared-secret': countedPreSharedSecret,
  'context-in-transcript': contextInTranscript,
} as const satisfies Record<ProposalId, Proposal>;

/** All proposals between peers: the profile `proposed`. */
export const profile = Object.keys(proposalTable) as readonly ProposalId[];

/** Some proposals, put together. None: nothing changes. */
export interface Proposed {
  readonly reading: (reading: Reading) => Reading;
  readonly algebra: <O>(algebra: FramedAlgebra<O>, side: Side) => FramedAlgebra<O>;
  /** The octets that the messages have with a KEM. */
  readonly kem: (kem: KemSizes) => KemSizes;
  /** The octets of the largest certificate that fits into a message, of those that do without proposals. */
  readonly largestCertificate: (octets: number) => number;
}

/** A certificate has less room for what is put around it. */
function roomFor(ids: readonly ProposalId[], octets: number): number {
  const sealed = octets - (ids.includes('committed-hiding-key') ? proposalSizes.commitment : 0);
  const framed = ids.includes('padded-certificates')
    ? Math.floor(sealed / proposalSizes.padding) * proposalSizes.padding - padLengthOctets
    : sealed;
  return framed - (ids.includes('certificates-by-reference') ? 1 : 0);
}

/** Puts proposals together, whatever the order in which they are named. */
export function proposed(ids: readonly ProposalId[], context: Context): Proposed {
  const chosen = (Object.keys(proposals) as ProposalId[])
    .filter((id) => ids.includes(id))
    .map((id): Proposal => proposals[id]);
  const sealed = ids.includes('sealed-encapsulations');
  return {
    reading: (reading) => chosen.reduce((before, one) => one.reading?.(before, context) ?? before, reading),
    algebra: (algebra, side) => chosen.reduce((before, one) => one.algebra?.(before, side) ?? before, algebra),
    largestCertificate: (octets) => roomFor(ids, octets),
    kem: (kem) => (sealed ? { ...kem, conveyedCiphertext: kem.ciphertext + sizes.authenticationTag } : kem),
  };
}
