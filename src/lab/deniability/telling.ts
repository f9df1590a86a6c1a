// The secrets of a role, taken where they pass through the reading, whatever the octets are.
import type { Reading } from '../../generated/keySchedule.ts';
import type { Shown } from './exchange.ts';

/** The same reading; it puts down the secrets that go through it. Its functions are generic: here all values are of one kind. */
export const telling = <O>(reading: Reading, shown: Shown<O>): Reading => ({
  ...reading,
  hidingKey: (a, input) => {
    const hidingKey = reading.hidingKey(a, input);
    shown.ss_e = input.ephemeralSecret as O;
    shown.k_hid = hidingKey as O;
    return hidingKey;
  },
  keyMaterial: (a, input) => {
    shown.ss_i = input.initiatorSecret as O;
    shown.ss_r = input.responderSecret as O;
    return reading.keyMaterial(a, input);
  },
});
