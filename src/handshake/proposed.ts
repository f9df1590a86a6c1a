// Proposals for the draft, chosen for handshakes. A program that imports nothing of here has none of their code.
import type { Algebra } from '../algebra/algebra.ts';
import { bytesFraming } from '../algebra/bytesFraming.ts';
import { ConfigurationError } from '../configuration.ts';
import type { Suite } from '../crypto/suite.ts';
import { proposalTable } from '../generated/proposals.ts';
import { type Bytes, toHex } from '../octets.ts';
import { type ProposalId, type Proposed, profile, proposed } from '../proposals/index.ts';
import type { Role } from '../role.ts';

export type { ProposalId };

/** Certificates that both peers hold, for the proposal `certificates-by-reference`. A reference tells who holds them that these peers met. */
export interface HeldCertificates {
  /** Certificates of peers, DER: a reference to one is understood. */
  readonly ofPeers: readonly Bytes[];
  /** The peer is known to hold the own certificate: it is sent by reference. A peer that does not hold it aborts. Default false. */
  readonly own?: boolean | undefined;
}

/** Which proposals, by their ids. */
export interface ProposalChoice {
  /** Single proposals, for comparisons: both peers need the same. Default: all of them, the profile `proposed`. */
  readonly ids?: readonly ProposalId[] | undefined;
  /** For the proposal `certificates-by-reference`, and with that alone. Without them certificates are sent whole. */
  readonly heldCertificates?: HeldCertificates | undefined;
}

/** The proposals for one handshake. */
export interface ChosenProposals extends Pick<Proposed, 'reading' | 'kem' | 'largestCertificate'> {
  readonly algebra: (algebra: Algebra<Bytes>, role: Role) => Algebra<Bytes>;
}

/** The protocol of the draft with proposals: the option `proposals` of a handshake. */
export interface ProposedProtocol {
  /** What was chosen, as data. */
  readonly choice: ProposalChoice & { readonly ids: readonly ProposalId[] };
  /** Whether it is the profile: all proposals between peers, and hedged coins unless an option says otherwise. */
  readonly isProfile: boolean;
  /** What a handshake of a suite needs. */
  readonly of: (suite: Suite) => ChosenProposals;
}

/**
 * All proposals for the draft between peers, or those named (spec/proposals.md). NOT THE PROTOCOL OF THE DRAFT: a peer that does not
 * have the same ones aborts.
 * @throws ConfigurationError for an unknown one, and for certificates that are held for no reference
 */
export function proposedProtocol(choice: ProposalChoice = {}): ProposedProtocol {
  const { ids = profile, heldCertificates } = choice;
  const unknown = ids.find((id) => !Object.hasOwn(proposalTable, id));
  if (unknown !== undefined)
    throw new ConfigurationError(`there is no proposal ${unknown} between peers: expected of ${profile.join(', ')}`);
  if (heldCertificates !== undefined && !ids.includes('certificates-by-reference'))
    throw new ConfigurationError(
      'heldCertificates: they are for the proposal certificates-by-reference, which was not chosen',
    );
  const { ofPeers = [], own = false } = heldCertificates ?? {};
  let byDigest: ReadonlyMap<string, Bytes> | undefined; // made once, by the first reference: all suites have one hash
  return {
    choice: { ids, heldCertificates },
    isProfile: profile.every((id) => ids.includes(id)),
    of: (suite) => {
      const together = proposed(ids, { suite: suite.algorithms.name });
      const held = (digest: Bytes): Bytes | undefined => {
        byDigest ??= new Map(ofPeers.map((certificate) => [toHex(suite.hash(certificate)), certificate]));
        return byDigest.get(toHex(digest));
      };
      return {
        ...together,
        algebra: (algebra, role) =>
          together.algebra({ ...algebra, ...bytesFraming(suite, held) }, { role, byReference: own }),
      };
    },
  };
}
