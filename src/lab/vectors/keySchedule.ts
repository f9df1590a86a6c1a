// The key schedule of every reading, over the same six messages.
import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import { noble } from '../../crypto/noble.ts';
import { messageNames, messageTable } from '../../generated/codec.ts';
import { headerOctets, sizes } from '../../generated/constants.ts';
import { type ReadingChoice, readingOf } from '../../generated/keySchedule.ts';
import type { PreSharedSecret, SharedSecret } from '../../generated/kinds.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import { type Bytes, concat, toHex } from '../../octets.ts';
import { confirmationOf, deriveKeys } from '../../protocol/steps.ts';
import { decode, encodeHeader } from '../../wire/frame.ts';
import type { FileOf, KeySchedule, WireMessage } from './format.ts';
import { exportsOf } from './handshakes.ts';
import { everyReading, nameOf, requirementsOf } from './readings.ts';
import { ofKeys } from './requirements.ts';
import { traceOf, valuesOf } from './trace.ts';
import { coins, vector } from './vectorOctets.ts';

const sealedOctets = 40; // no certificate is in it: the key schedule takes any octets

function messageOf(name: MessageName): Bytes {
  const { minimum, maximum } = messageTable[name];
  const octets = minimum === maximum ? minimum : sizes.initialVector + sealedOctets;
  return concat(encodeHeader(name, octets), coins('key-schedule', name, octets));
}

const octets = new Map(messageNames.slice(0, 6).map((name) => [name, messageOf(name)] as const));

function message<N extends MessageName>(name: N): Extract<Message<Bytes>, { type: N }> {
  const decoded = decode(octets.get(name) ?? new Uint8Array(headerOctets), name);
  if (!decoded.ok) throw new Error(decoded.code);
  return decoded.value as Extract<Message<Bytes>, { type: N }>;
}

function keySchedule(choice: ReadingChoice, preShared: boolean): KeySchedule {
  const id = `key-schedule/${nameOf(choice)}${preShared ? '/psk' : ''}`;
  const secret = (name: string): SharedSecret<Bytes> => coins(id, name, sizes.sharedSecret) as SharedSecret<Bytes>;
  const ss_pre = coins(id, 'ss_pre', 48) as PreSharedSecret<Bytes>;
  const trace = traceOf(readingOf(choice), bytesDerivation(noble).derivation);
  const { algebra, reading } = trace;
  const ephemeralSecret = secret('ss_e');
  const hidingKey = reading.hidingKey(algebra, {
    preSharedSecret: preShared ? ss_pre : undefined,
    ephemeralSecret,
    initiatorHello: message('initiatorHello'),
    responderHello: message('responderHello'),
  });
  const derived = deriveKeys(
    { algebra, reading },
    { ephemeralSecret, initiatorSecret: secret('ss_i'), responderSecret: secret('ss_r'), hidingKey },
    {
      initiator: [message('initiatorHello'), message('initiatorCertificate'), message('initiatorEncapsulation')],
      responder: [message('responderHello'), message('responderCertificate'), message('responderEncapsulation')],
    },
  );
  const { initiatorConfirmationKey, responderConfirmationKey, hashes } = derived;
  confirmationOf({ algebra, reading }, initiatorConfirmationKey, hashes);
  confirmationOf({ algebra, reading }, responderConfirmationKey, hashes);
  const values = valuesOf(trace);
  return {
    ...vector(
      id,
      `reading ${nameOf(choice)}, ${preShared ? 'with' : 'without'} a pre-shared secret`,
      ...ofKeys,
      ...requirementsOf(choice, preShared),
      'PQ-P-35',
    ),
    reading: choice,
    ...(preShared ? { ss_pre: toHex(ss_pre) } : {}),
    values,
    exports: exportsOf(values.k_session),
  };
}

const messages: readonly WireMessage[] = [...octets].map(([name, whole]) => ({
  type: messageTable[name].type,
  octets: toHex(whole),
}));

export const keySchedules: FileOf<'key-schedule'> = {
  kind: 'key-schedule',
  messages,
  cases: everyReading.flatMap((choice) => [keySchedule(choice, false), keySchedule(choice, true)]),
};
