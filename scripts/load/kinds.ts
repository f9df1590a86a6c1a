// Hostile connections. They prepare all that can be prepared: an attacker pays as little as it can.
import { bytesSealing } from '../../src/algebra/bytes.ts';
import { bytesDerivation } from '../../src/algebra/bytesDerivation.ts';
import { tags } from '../../src/der/der.ts';
import { messageTable } from '../../src/generated/codec.ts';
import { headerOctets, sizes } from '../../src/generated/constants.ts';
import { defaultChoice, readingOf } from '../../src/generated/keySchedule.ts';
import type { Certificate, Ciphertext, InitialVector } from '../../src/generated/kinds.ts';
import type { InitiatorHello, ResponderHello } from '../../src/generated/messages.ts';
import { edit, tlv } from '../../src/lab/conformance/derEdits.ts';
import { authority, issue, large } from '../../src/lab/conformance/material.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Bytes, concat } from '../../src/octets.ts';
import { sealCertificate } from '../../src/protocol/steps.ts';
import { encode, encodeHeader } from '../../src/wire/frame.ts';

/** A connection: what it sends at once, and what it answers to the first message that it gets, if anything. */
export interface Hostile {
  readonly first: Bytes;
  readonly answer?: (responderHello: Bytes) => Bytes;
}

const suite = chooseSuite();
const ephemeral = suite.generateKemKey();
const hello: InitiatorHello<Bytes> = { type: 'initiatorHello', ephemeralKey: ephemeral.encapsulationKey };
const messageOne = encode(hello);

/** Shows a certificate under the hiding key of each connection. */
const showing = (certificate: Bytes): Hostile => ({
  first: messageOne,
  answer: (octets) => {
    const ephemeralCiphertext = octets.subarray(headerOctets) as Ciphertext<Bytes>;
    const responderHello: ResponderHello<Bytes> = { type: 'responderHello', ephemeralCiphertext };
    const algebra = { ...bytesDerivation(suite).derivation, ...bytesSealing(suite) };
    const reading = readingOf(defaultChoice);
    const ephemeralSecret = ephemeral.decapsulate(ephemeralCiphertext);
    const secrets = { preSharedSecret: undefined, ephemeralSecret, initiatorHello: hello, responderHello };
    const hidingKey = reading.hidingKey(algebra, secrets);
    const initialVector = suite.randomOctets(sizes.initialVector) as InitialVector<Bytes>;
    const shown = { algebra, reading, certificate: certificate as Certificate<Bytes> };
    const type = 'initiatorCertificate';
    return algebra.message({ type, ...sealCertificate(shown, type, hidingKey, initialVector) });
  },
});

const now = new Date();
const issuing = { suite, now, authority: authority({ suite, now }, 'Another CA') };
const another = issue(issuing, { name: 'mallory' }).certificate;

/** The subject is one name of 56,000 control characters, each of which has an escape. */
const controlCharacters = (): Bytes =>
  edit(another, [0, 5, 0, 0, 1], () => tlv(tags.utf8String, new Uint8Array(56_000).fill(1)));

/** The subject is some 4,000 names. */
const manyNames = (): Bytes =>
  edit(another, [0, 5], (subject) => {
    const [one] = [subject.subarray(2)];
    return tlv(tags.sequence, ...Array.from({ length: Math.floor(56_000 / one.length) }, () => one));
  });

const undecryptable = (): Bytes => {
  const { maximum } = messageTable.initiatorCertificate;
  return concat(messageOne, encodeHeader('initiatorCertificate', maximum), suite.randomOctets(maximum));
};

/** The kinds, by name. */
export const kinds: Readonly<Record<string, () => Hostile>> = {
  silent: () => ({ first: new Uint8Array(0) }),
  'half of message 1': () => ({ first: messageOne.subarray(0, messageOne.length / 2) }),
  'garbage header': () => ({ first: Uint8Array.of(0x16, 3, 1, 2) }),
  'message 1, then silence': () => ({ first: messageOne }),
  'undecryptable message 3, 64 KiB': () => ({ first: undecryptable() }),
  'certificate of another authority': () => showing(another),
  'certificate of 64 KiB, 280 URIs': () => showing(large(issuing, 'mallory').certificate),
  'certificate of 56 kB of control characters': () => showing(controlCharacters()),
  'certificate of 56 kB of names': () => showing(manyNames()),
};

/** One hostile connection of a kind, made once. */
export function hostileOf(kind: string): Hostile {
  const make = kinds[kind];
  if (make === undefined) throw new Error(`there is no kind ${kind}`);
  return make();
}
