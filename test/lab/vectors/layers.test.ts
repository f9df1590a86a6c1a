// The layers between the primitives and the handshake.

import { describe, expect, it } from 'vitest';
import { bytesDerivation } from '../../../src/algebra/bytesDerivation.ts';
import { certificateValidator } from '../../../src/certificate/validate.ts';
import type { Suite } from '../../../src/crypto/suite.ts';
import { messageNames } from '../../../src/generated/codec.ts';
import {
  exported,
  type ReadingChoice,
  readingAxes,
  readingOf,
  sessionIdentifier,
} from '../../../src/generated/keySchedule.ts';
import type { PreSharedSecret, SessionKey, SharedSecret } from '../../../src/generated/kinds.ts';
import type { Message, MessageName } from '../../../src/generated/messages.ts';
import { parseTrustAnchor } from '../../../src/index.ts';
import type { KeySchedule } from '../../../src/lab/vectors/format.ts';
import { changed } from '../../../src/lab/vectors/vectorOctets.ts';
import { type Bytes, fromHex, toHex } from '../../../src/octets.ts';
import { confirmationOf, deriveKeys } from '../../../src/protocol/steps.ts';
import { decode, encode } from '../../../src/wire/frame.ts';
import { certificateOf, fileOf, rows, suites } from './files.ts';

describe('codec', () => {
  const { cases } = fileOf('codec');
  it.each(rows(cases))('%s', (_, vector) => {
    if (vector.result === 'accepted') {
      const decoded = decode(fromHex(vector.octets), vector.awaited);
      if (!decoded.ok) throw new Error(decoded.code);
      const { type, ...fields } = decoded.value;
      expect([type, Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, toHex(one)]))]).toEqual([
        vector.awaited,
        vector.fields,
      ]);
      expect(toHex(encode(decoded.value))).toBe(vector.octets);
      return;
    }
    const good = cases.find(({ id }) => id === vector.of);
    if (good?.result !== 'accepted') throw new Error(`${vector.of} is no good message`);
    expect(decode(changed(fromHex(good.octets), vector), vector.awaited)).toEqual({ ok: false, code: vector.code });
  });
});

const { cases: keySchedules, messages } = fileOf('key-schedule');
function message<N extends MessageName>(name: N): Extract<Message<Bytes>, { type: N }> {
  const type = messageNames.indexOf(name) + 1;
  const decoded = decode(fromHex(messages.find((one) => one.type === type)?.octets ?? ''), name);
  if (!decoded.ok) throw new Error(decoded.code);
  return decoded.value as Extract<Message<Bytes>, { type: N }>;
}

/** The values that a back end derives, by the names of the vector. */
function derive(suite: Suite, { values, reading: choice, ss_pre, exports }: KeySchedule): Record<string, unknown> {
  const { derivation: algebra } = bytesDerivation(suite);
  const reading = readingOf(choice);
  const [ephemeralSecret, initiatorSecret, responderSecret] = [values.ss_e, values.ss_i, values.ss_r].map(fromHex) as [
    SharedSecret<Bytes>,
    SharedSecret<Bytes>,
    SharedSecret<Bytes>,
  ];
  const hidingKey = reading.hidingKey(algebra, {
    preSharedSecret: ss_pre === undefined ? undefined : (fromHex(ss_pre) as PreSharedSecret<Bytes>),
    ephemeralSecret,
    initiatorHello: message('initiatorHello'),
    responderHello: message('responderHello'),
  });
  const { initiatorConfirmationKey, responderConfirmationKey, sessionKey, hashes } = deriveKeys(
    { algebra, reading },
    { ephemeralSecret, initiatorSecret, responderSecret, hidingKey },
    {
      initiator: [message('initiatorHello'), message('initiatorCertificate'), message('initiatorEncapsulation')],
      responder: [message('responderHello'), message('responderCertificate'), message('responderEncapsulation')],
    },
  );
  const derived = {
    k_hid: hidingKey,
    h_i: hashes.initiatorHash,
    h_r: hashes.responderHash,
    k_C_i: initiatorConfirmationKey,
    k_C_r: responderConfirmationKey,
    k_session: sessionKey,
    C_i: confirmationOf({ algebra, reading }, initiatorConfirmationKey, hashes),
    C_r: confirmationOf({ algebra, reading }, responderConfirmationKey, hashes),
    sessionIdentifier: sessionIdentifier(algebra, { sessionKey }),
    sessionDigest: suite.hash(sessionKey),
  };
  return {
    ...Object.fromEntries(Object.entries(derived).map(([name, octets]) => [name, toHex(octets)])),
    exports: exports.map(({ label, context, length }) => {
      const key = fromHex(values.k_session) as SessionKey<Bytes>;
      return toHex(
        exported(algebra, { sessionKey: key, label: algebra.text(label), context: fromHex(context), length }),
      );
    }),
  };
}

describe.each(suites)('key schedule, with $name', (suite) => {
  it.each(rows(keySchedules))('%s', (_, vector) => {
    const exports = vector.exports.map(({ octets }) => octets);
    expect({ ...vector.values, exports }).toMatchObject(derive(suite, vector));
  });
});

it('the key schedule has every combination of alternatives, with and without a pre-shared secret', () => {
  const combinations = Object.values(readingAxes).reduce(
    (product, { alternatives }) => product * alternatives.length,
    1,
  );
  const name = ({ reading, ss_pre }: KeySchedule): string =>
    [...Object.keys(readingAxes).map((axis) => reading[axis as keyof ReadingChoice]), ss_pre !== undefined].join();
  expect(new Set(keySchedules.map(name)).size).toBe(2 * combinations);
});

describe.each(suites)('certificates, with $name', (suite) => {
  it.each(rows(fileOf('certificates').cases))('%s', (_, vector) => {
    const trustAnchors = vector.trustAnchors.map((id) => {
      const anchor = parseTrustAnchor(suite, fromHex(certificateOf(id)));
      if (!anchor.ok) throw new Error(anchor.code);
      return anchor.value;
    });
    const judged = certificateValidator({ trustAnchors, time: new Date(vector.clock) })(fromHex(vector.certificate));
    if (vector.result === 'refused') {
      const code = judged.ok
        ? suite.encapsulate(judged.value.encapsulationKey) === undefined && 'invalid-encapsulation-key'
        : judged.code;
      expect(code).toBe(vector.code);
      return;
    }
    if (!judged.ok) throw new Error(judged.code);
    const { subject, uris, issuer, encapsulationKey } = judged.value;
    expect({ subject, uris, issuer: issuer.text, encapsulationKey: toHex(encapsulationKey) }).toEqual({
      subject: vector.subject,
      uris: vector.uris,
      issuer: vector.issuer,
      encapsulationKey: vector.encapsulationKey,
    });
  });
});
