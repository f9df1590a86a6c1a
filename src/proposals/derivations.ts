// The proposals that change formulas alone.
import { associatedDataAlternatives, keyMaterialAlternatives } from '../generated/keySchedule.ts';
import { contextTranscript, countedSecret, labelledHidingKey, labelledSessionKeys } from '../generated/proposals.ts';
import type { Proposal } from './proposal.ts';

/** The header of a message is the associated data of what it seals. */
export const authenticatedHeaders: Proposal = {
  reading: (reading) => ({ ...reading, associatedData: associatedDataAlternatives.header }),
};

/** `k_hid` is a part of `S`. */
export const hidingKeyInS: Proposal = {
  reading: (reading) => ({ ...reading, keyMaterial: keyMaterialAlternatives['hiding-key'] }),
};

/** `kdf_1` and `kdf_2` have an info of their own. */
export const labelledDerivations: Proposal = {
  reading: (reading) => ({ ...reading, hidingKey: labelledHidingKey, sessionKeys: labelledSessionKeys }),
};

/** The length of `ss_pre` stands behind `ss_e` in the IKM of `k_hid`, whatever the rest of its formula is. */
export const countedPreSharedSecret: Proposal = {
  reading: (reading) => ({
    ...reading,
    hidingKey: (a, input) => {
      const { preSharedSecret, ephemeralSecret } = input;
      if (preSharedSecret === undefined) return reading.hidingKey(a, input);
      return reading.hidingKey(a, {
        ...input,
        ephemeralSecret: countedSecret(a, { preSharedSecret, ephemeralSecret }),
      });
    },
  }),
};

/** Protocol, version and suite stand before the messages in both hashes. */
export const contextInTranscript: Proposal = {
  reading: (reading, { suite }) => ({
    ...reading,
    transcript: (a, messages) => contextTranscript(a, { ...messages, suite: a.text(suite) }),
  }),
};
