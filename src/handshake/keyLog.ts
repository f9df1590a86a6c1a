// The key log (spec/keylog.md): the secrets of one handshake, so that its recording can be read. Only on request.

import { keyLogTable, type LoggedSecret } from '../generated/keyLog.ts';
import type { Reading } from '../generated/keySchedule.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { Bytes } from '../octets.ts';
import { toHex } from '../octets.ts';

/** Octets of a connection id: the `rho` at the end of an ML-KEM encapsulation key (FIPS 203, algorithm 13). */
const connectionOctets = 32;

/** The connection id of a handshake with an ephemeral key `pk_e`: its last 32 octets, in hexadecimal digits. */
export const connectionOf = (ephemeralKey: Bytes): string => toHex(ephemeralKey.subarray(-connectionOctets));

/** A reading that logs its inputs, and a function that logs the released session key. */
export interface LoggedReading {
  readonly reading: Reading;
  readonly released: (sessionKey: SessionKey<Bytes>) => void;
}

/** The functions of a reading are generic. In a handshake on octets their values are octets. */
function octetsOf(value: unknown): Bytes {
  if (!(value instanceof Uint8Array)) throw new TypeError('a key log is written for runs on octets only');
  return value;
}

/**
 * Wraps a reading: `keyLog` gets a line, without a line end, for each secret that passes through it. Every input of the
 * key schedule is a named argument of a reading, so the state machines need no logging.
 */
export function loggedReading(reading: Reading, keyLog: (line: string) => void): LoggedReading {
  let connection = '';
  const tell = (symbol: LoggedSecret, value: unknown): void =>
    keyLog(`${keyLogTable[symbol].label} ${connection} ${toHex(octetsOf(value))}`);
  return {
    reading: {
      ...reading,
      hidingKey: (a, input) => {
        const hidingKey = reading.hidingKey(a, input);
        const { initiatorHello, ephemeralSecret } = input;
        if (initiatorHello.type !== 'initiatorHello') throw new TypeError('message 1 is not the first');
        connection = connectionOf(octetsOf(initiatorHello.ephemeralKey));
        tell('ss_e', ephemeralSecret);
        tell('k_hid', hidingKey);
        return hidingKey;
      },
      keyMaterial: (a, input) => {
        tell('ss_i', input.initiatorSecret);
        tell('ss_r', input.responderSecret);
        return reading.keyMaterial(a, input);
      },
    },
    released: (sessionKey) => tell('k_session', sessionKey),
  };
}
