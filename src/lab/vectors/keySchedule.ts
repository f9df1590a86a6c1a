// The key schedule of every reading, over the same six messages.
import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import { noble } from '../../crypto/noble.ts';
import { messageNames, messageTable } from '../../generated/codec.ts';
import { headerOctets, sizes } from '../../generated/constants.ts';
import { defaultChoice, type ReadingChoice, readingOf } from '../../generated/keySchedule.ts';
import type { PreSharedSecret, SharedSecret } from '../../generated/kinds.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import type { RequirementId } from '../../generated/requirements.ts';
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

/** A case of the file. Its secrets are coins of `from`. */
interface Made {
  readonly id: string;
  readonly from: string;
  readonly about: string;
  readonly choice: ReadingChoice;
  readonly ss_pre?: Bytes | undefined;
  readonly requirements?: readonly RequirementId[];
}

function keySchedule({ id, from, about, choice, ss_pre, requirements = [] }: Made): KeySchedule {
  const secret = (name: string): SharedSecret<Bytes> => coins(from, name, sizes.sharedSecret) as SharedSecret<Bytes>;
  const trace = traceOf(readingOf(choice), bytesDerivation(noble).derivation);
  const { algebra, reading } = trace;
  const ephemeralSecret = secret('ss_e');
  const hidingKey = reading.hidingKey(algebra, {
    preSharedSecret: ss_pre as PreSharedSecret<Bytes> | undefined,
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
    ...vector(id, about, ...ofKeys, ...requirementsOf(choice, ss_pre !== undefined), 'PQ-P-35', ...requirements),
    reading: choice,
    ...(ss_pre === undefined ? {} : { ss_pre: toHex(ss_pre) }),
    values,
    exports: exportsOf(values.k_session),
  };
}

function ofReading(choice: ReadingChoice, preShared: boolean): Made {
  const id = `key-schedule/${nameOf(choice)}${preShared ? '/psk' : ''}`;
  const about = `reading ${nameOf(choice)}, ${preShared ? 'with' : 'without'} a pre-shared secret`;
  return { id, from: id, about, choice, ss_pre: preShared ? coins(id, 'ss_pre', 48) : undefined };
}

/** Pre-shared secrets that are one key of an HMAC: by the zeros at the end, and by the hash of what is longer than a block. */
function sameKeys(): readonly Made[] {
  const { id: from, ss_pre: p = new Uint8Array(0) } = ofReading(defaultChoice, true);
  const long = coins(from, 'long ss_pre', 200);
  const made = (name: string, about: string, ss_pre: Bytes): Made => {
    const requirements = ['PQ-P-21', 'PQ-P-23'] as const;
    return { id: `${from}/${name}`, from, about, choice: defaultChoice, ss_pre, requirements };
  };
  return [
    made(
      'zero-octet',
      `${from} with a zero octet at the end of ss_pre: every other value is the same`,
      concat(p, new Uint8Array(1)),
    ),
    made(
      'block',
      `${from} with ss_pre filled up with zeros to 128 octets: every other value is the same`,
      concat(p, new Uint8Array(128 - p.length)),
    ),
    made('long', 'a secret of 200 octets, which no handshake takes: HMAC puts its SHA-384 in its place', long),
    made(
      'long-hashed',
      'ss_pre is the SHA-384 of that of key-schedule/default/psk/long: every other value is the same',
      noble.hash(long),
    ),
  ];
}

const messages: readonly WireMessage[] = [...octets].map(([name, whole]) => ({
  type: messageTable[name].type,
  octets: toHex(whole),
}));

export const keySchedules: FileOf<'key-schedule'> = {
  kind: 'key-schedule',
  messages,
  cases: [...everyReading.flatMap((choice) => [ofReading(choice, false), ofReading(choice, true)]), ...sameKeys()].map(
    keySchedule,
  ),
};
