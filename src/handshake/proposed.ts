// The proposals that a handshake was told to use, and what they need beside the options of the draft.
import type { Algebra } from '../algebra/algebra.ts';
import { ConfigurationError } from '../configuration.ts';
import type { Suite } from '../crypto/suite.ts';
import type { ReadingChoice } from '../generated/keySchedule.ts';
import { proposalTable } from '../generated/proposals.ts';
import { type Bytes, same } from '../octets.ts';
import { type ProposalId, type Proposed, profile, proposed } from '../proposals/index.ts';
import type { Role } from '../role.ts';

/** Certificates that both peers hold, for the proposal `certificates-by-reference`. A reference tells who holds them that these peers met. */
export interface HeldCertificates {
  /** Certificates of peers, DER: a reference to one is understood. */
  readonly ofPeers: readonly Bytes[];
  /** The peer is known to hold the own certificate: it is sent by reference. A peer that does not hold it aborts. Default false. */
  readonly own?: boolean | undefined;
}

/** The proposals for one handshake. */
export interface ChosenProposals extends Pick<Proposed, 'reading' | 'kem' | 'largestCertificate'> {
  readonly algebra: (algebra: Algebra<Bytes>, role: Role) => Algebra<Bytes>;
  /** The certificate of a SHA-384 (48), of those that are held. */
  readonly held: (digest: Bytes) => Bytes | undefined;
}

/** The options about proposals. */
export interface ProposalOptions {
  /**
   * `'proposed'`: all proposals for the draft between peers (spec/proposals.md). NOT THE PROTOCOL OF THE DRAFT: a peer that does
   * not have the profile, or that has it alone, aborts. Not together with `reading`. Default: the draft.
   */
  readonly profile?: 'proposed' | undefined;
  /** Single proposals in place of the profile, for comparisons: both peers need the same. */
  readonly proposals?: readonly ProposalId[] | undefined;
  /** For the proposal `certificates-by-reference`, and with that alone. Without them certificates are sent whole. */
  readonly heldCertificates?: HeldCertificates | undefined;
}

type Options = ProposalOptions & { readonly reading?: Partial<ReadingChoice> | undefined };

/** The ids that the options name. @throws ConfigurationError for an unknown one, or for readings beside proposals */
function idsOf({ profile: named, proposals = [], reading, heldCertificates }: Options): readonly ProposalId[] {
  if (named !== undefined && named !== 'proposed') throw new ConfigurationError(`there is no profile ${named}`);
  const unknown = proposals.find((id) => !(id in proposalTable));
  if (unknown !== undefined) throw new ConfigurationError(`there is no proposal ${unknown}`);
  const ids = named === undefined ? proposals : profile;
  const others = Object.values(reading ?? {}).filter((alternative) => alternative !== undefined);
  if (ids.length > 0 && others.length > 0)
    throw new ConfigurationError('proposals stand on the default reading: another reading is not chosen beside them');
  if (heldCertificates !== undefined && !ids.includes('certificates-by-reference'))
    throw new ConfigurationError(
      'certificates are held for the proposal certificates-by-reference, which was not chosen',
    );
  return ids;
}

/** The proposals that the options name; none changes nothing. @throws ConfigurationError */
export function chosenProposals(suite: Suite, options: Options): ChosenProposals {
  const together = proposed(idsOf(options), { suite: suite.algorithms.name });
  const { ofPeers = [], own = false } = options.heldCertificates ?? {};
  return {
    ...together,
    algebra: (algebra, role) => together.algebra(algebra, { role, byReference: own }),
    held: (digest) => ofPeers.find((certificate) => same(suite.hash(certificate), digest)),
  };
}
