// The proposals about the sealing of certificates. Each is put over the operations `header`, `seal` and `open`.
import type { FramedAlgebra } from '../algebra/algebra.ts';
import type { Checked } from '../failure.ts';
import type { Certificate, HidingKey, SealedCertificate } from '../generated/kinds.ts';
import {
  certificateItself,
  certificateReference,
  directionalHidingKey,
  keyCommitment,
  paddedCertificate,
  proposalSizes,
} from '../generated/proposals.ts';
import { otherRole } from '../role.ts';
import type { Proposal, Side } from './proposal.ts';

/** Seals something else in place of the certificate. */
const framing = <O>(
  a: FramedAlgebra<O>,
  frame: (certificate: Certificate<O>) => Certificate<O>,
  unframe: (framed: Certificate<O>) => Checked<Certificate<O>>,
): FramedAlgebra<O> => ({
  ...a,
  header: (input) => a.header('certificate' in input ? { ...input, certificate: frame(input.certificate) } : input),
  seal: (input) => a.seal({ ...input, certificate: frame(input.certificate) }),
  open: (input) => {
    const opened = a.open(input);
    return opened.ok ? unframe(opened.value) : opened;
  },
});

/** The certificate with its length and zeros. */
export const paddedCertificates: Proposal = {
  algebra: <O>(a: FramedAlgebra<O>) =>
    framing(
      a,
      (certificate) => paddedCertificate(a, { certificate }),
      (padded) => a.unpad({ padded, multiple: proposalSizes.padding }) as Checked<Certificate<O>>,
    ),
};

/** The certificate, or its digest. */
export const certificatesByReference: Proposal = {
  algebra: (a, { byReference }) =>
    framing(
      a,
      (certificate) => (byReference ? certificateReference : certificateItself)(a, { certificate }),
      (framed) => a.certificateIn({ framed }),
    ),
};

/** A key for each direction in place of `k_hid`. */
export const directionalHidingKeys: Proposal = {
  algebra: <O>(a: FramedAlgebra<O>, { role }: Side): FramedAlgebra<O> => {
    const keyOf = (sender: string, hidingKey: HidingKey<O>): HidingKey<O> =>
      directionalHidingKey(a, { hidingKey, sender: a.text(sender) });
    return {
      ...a,
      seal: (input) => a.seal({ ...input, hidingKey: keyOf(role, input.hidingKey) }),
      open: (input) => a.open({ ...input, hidingKey: keyOf(otherRole(role), input.hidingKey) }),
    };
  },
};

/** A commitment to the key in front of what it seals. */
export const committedHidingKey: Proposal = {
  algebra: <O>(a: FramedAlgebra<O>): FramedAlgebra<O> => {
    const first = proposalSizes.commitment;
    const filler = '0'.repeat(first);
    return {
      ...a,
      // Only the length counts: that of the commitment is added.
      header: (input) =>
        a.header(
          'certificate' in input
            ? { ...input, certificate: a.concat(input.certificate, a.text(filler)) as Certificate<O> }
            : input,
        ),
      seal: (input) => a.join({ first: keyCommitment(a, input), rest: a.seal(input) }) as SealedCertificate<O>,
      open: (input) => {
        const [received, sealed] = a.split({ octets: input.sealedCertificate, first });
        const committed = a.commits({ expected: keyCommitment(a, input), received });
        return committed.ok ? a.open({ ...input, sealedCertificate: sealed as SealedCertificate<O> }) : committed;
      },
    };
  },
};
