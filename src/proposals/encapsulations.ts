// The proposal about ct_i and ct_r: each travels sealed, under a key that nothing else uses.
import type { FramedAlgebra } from '../algebra/algebra.ts';
import type { Checked } from '../failure.ts';
import type { Certificate, Ciphertext, HidingKey, SealedCertificate } from '../generated/kinds.ts';
import type { MessageName } from '../generated/messages.ts';
import { encapsulationKeyOf, encapsulationVectorOf } from '../generated/proposals.ts';
import { otherRole } from '../role.ts';
import type { Proposal, Side } from './proposal.ts';

/** Octets of the tag stand for themselves: the header of a message tells their number. */
const tag = '0'.repeat(16);

/** The key and the initial vector of a sender. */
const keysOf = <O>(a: FramedAlgebra<O>, hidingKey: HidingKey<O>, name: string) => {
  const sender = a.text(name);
  return {
    hidingKey: encapsulationKeyOf(a, { hidingKey, sender }),
    initialVector: encapsulationVectorOf(a, { hidingKey, sender }),
  };
};

/** Seals `ct_i` and `ct_r`, with the header of their message as associated data. */
export const sealedEncapsulations: Proposal = {
  algebra: <O>(a: FramedAlgebra<O>, { role }: Side): FramedAlgebra<O> => {
    const headerOf = (type: MessageName, data: O): O => a.header({ type, data });
    return {
      ...a,
      conveyCiphertext: ({ type, hidingKey, ciphertext }) => {
        const associatedData = headerOf(type, a.concat(ciphertext, a.text(tag)));
        const certificate = ciphertext as O as Certificate<O>;
        return a.seal({ ...keysOf(a, hidingKey, role), associatedData, certificate }) as O as Ciphertext<O>;
      },
      receiveCiphertext: ({ type, hidingKey, ciphertext }) => {
        const associatedData = headerOf(type, ciphertext);
        const sealedCertificate = ciphertext as O as SealedCertificate<O>;
        const keys = keysOf(a, hidingKey, otherRole(role));
        return a.open({ ...keys, associatedData, sealedCertificate }) as Checked<O> as Checked<Ciphertext<O>>;
      },
    };
  },
};
