// The primitives as PQuAKE uses them. What noble made OpenSSL confirms, and the other way round.

import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { noble } from '../../crypto/noble.ts';
import { sizes } from '../../generated/constants.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { type Bytes, fromHex, toHex } from '../../octets.ts';
import type { FileOf } from './format.ts';
import { kem } from './kemPrimitives.ts';
import { recorded } from './openssl.ts';

import { add, agreed, backEnds, cases, empty, refusedByAll, some, text } from './primitiveCases.ts';
import { deterministic } from './vectorOctets.ts';

function signatures(): void {
  const requirements: readonly RequirementId[] = ['PQ-1.2-06', 'PQ-P-58', 'PQ-3.2-06'];
  const seed = some('dsa seed', sizes.signatureSeed);
  const message = some('dsa message', 100);
  const { publicKey, secretKey } = ml_dsa87.keygen(seed);
  add('ml-dsa-87/keygen', 'FIPS 204, algorithm 6: from the seed to pk', ['PQ-1.2-06'], {
    maker: 'noble',
    operation: 'ml-dsa-87.keygen',
    seed: toHex(seed),
    publicKey: agreed('pk', (suite) => suite.signaturePublicKey(seed)),
  });
  const verify = (
    name: string,
    about: string,
    of: { message: Bytes; signature: Bytes; valid: boolean; publicKey?: Bytes; maker?: 'openssl' },
  ): void => {
    const key = of.publicKey ?? publicKey;
    for (const suite of backEnds) {
      if (suite.verificationKey(key).verify(of.message, of.signature) !== of.valid) {
        throw new Error(`${name}: ${suite.name} does not confirm it`);
      }
    }
    add(`ml-dsa-87/verify/${name}`, about, of.valid ? requirements : [...requirements, 'PQ-3.2-07'], {
      maker: of.maker ?? 'noble',
      operation: 'ml-dsa-87.verify',
      publicKey: toHex(key),
      message: toHex(of.message),
      signature: toHex(of.signature),
      valid: of.valid,
    });
  };
  const signature = deterministic.sign(seed, message);
  verify('right', 'a deterministic signature, empty context', { message, signature, valid: true });
  verify('empty-message', 'of no octets', { message: empty, signature: deterministic.sign(seed, empty), valid: true });
  verify('other-message', 'the last octet of the message is another', {
    message: message.with(99, (message[99] ?? 0) ^ 1),
    signature,
    valid: false,
  });
  verify('other-signature', 'an octet of the signature is another', {
    message,
    signature: signature.with(2000, (signature[2000] ?? 0) ^ 1),
    valid: false,
  });
  verify('short', 'the last octet of the signature is missing', {
    message,
    signature: signature.slice(0, -1),
    valid: false,
  });
  verify('long', 'a zero stands behind the signature', {
    message,
    signature: Uint8Array.from([...signature, 0]),
    valid: false,
  });
  const context = ml_dsa87.sign(message, secretKey, { extraEntropy: false, context: text('context') });
  verify('context', 'made with a context that is not empty', { message, signature: context, valid: false });
  for (const [index, one] of recorded().signatures.entries()) {
    const octets = fromHex;
    if (toHex(noble.signaturePublicKey(octets(one.seed))) !== one.publicKey) throw new Error('another public key');
    verify(`openssl-${index + 1}`, 'a hedged signature of OpenSSL', {
      publicKey: octets(one.publicKey),
      message: octets(one.message),
      signature: octets(one.signature),
      valid: true,
      maker: 'openssl',
    });
  }
}

function hashes(): void {
  const messages = [
    ['empty', 'no octets', empty],
    ['abc', 'FIPS 180-4: "abc"', text('abc')],
    ['block', 'one block of 128 octets', some('block', 128)],
    ['long', '1000 octets', some('long', 1000)],
  ] as const;
  for (const [name, about, message] of messages) {
    add(`sha-384/${name}`, about, ['PQ-1.2-03'], {
      maker: 'noble',
      operation: 'sha-384',
      message: toHex(message),
      digest: agreed(name, (suite) => suite.hash(message)),
    });
  }
  const macs = [
    ['confirmation', 'a key of 48 octets, as confirmation has it', some('mac key', 48), some('mac message', 96)],
    ['rfc-4231-2', 'RFC 4231, test case 2', text('Jefe'), text('what do ya want for nothing?')],
    ['long-key', 'a key longer than a block', some('mac key', 131), text('long')],
    ['empty', 'neither key nor message', empty, empty],
  ] as const;
  for (const [name, about, key, message] of macs) {
    add(`hmac-sha-384/${name}`, about, ['PQ-1.2-04'], {
      maker: 'noble',
      operation: 'hmac-sha-384',
      key: toHex(key),
      message: toHex(message),
      tag: agreed(name, (suite) => suite.mac(key, message)),
    });
  }
  const extracts = [
    ['salt', 'a salt of 32 octets', some('salt', 32), some('ikm', 35)],
    ['no-salt', 'an empty salt', empty, some('ikm', 192)],
    ['long-salt', 'a salt longer than a block', some('salt', 200), some('ikm', 35)],
  ] as const;
  for (const [name, about, salt, ikm] of extracts) {
    add(`hkdf-sha-384/extract/${name}`, about, ['PQ-1.2-05'], {
      maker: 'noble',
      operation: 'hkdf-sha-384.extract',
      salt: toHex(salt),
      ikm: toHex(ikm),
      prk: agreed(name, (suite) => suite.extract(salt, ikm)),
    });
  }
  for (const length of [1, 32, 48, 49, 144, 12_240]) {
    const [prk, info] = [some('prk', 48), length === 32 ? text('HID') : empty];
    add(`hkdf-sha-384/expand/${length}`, `${length} octets`, ['PQ-1.2-05'], {
      maker: 'noble',
      operation: 'hkdf-sha-384.expand',
      prk: toHex(prk),
      info: toHex(info),
      length,
      okm: agreed(`expand ${length}`, (suite) => suite.expand(prk, info, length)),
    });
  }
}

function encryption(): void {
  const [key, initialVector, plaintext] = [some('gcm key', 32), some('gcm iv', 12), some('gcm plaintext', 77)];
  const seal = (name: string, about: string, associatedData: Bytes, of: Bytes): Bytes => {
    const sealed = agreed(name, (suite) => suite.seal(key, initialVector, associatedData, of));
    add(`aes-256-gcm/seal/${name}`, about, ['PQ-1.2-01', 'PQ-4.3-05'], {
      maker: 'noble',
      operation: 'aes-256-gcm.seal',
      key: toHex(key),
      initialVector: toHex(initialVector),
      associatedData: toHex(associatedData),
      plaintext: toHex(of),
      sealed,
      result: 'accepted',
    });
    return fromHex(sealed);
  };
  const header = text('\x01\x03\x00\x69');
  const sealed = seal('no-associated-data', 'as the default reading has it', empty, plaintext);
  seal('associated-data', '4 octets of associated data', header, plaintext);
  seal('empty', 'nothing but the tag', empty, empty);
  const refuse = (name: string, about: string, associatedData: Bytes, iv: Bytes, of: Bytes): void => {
    refusedByAll(name, (suite) => suite.open(key, iv, associatedData, of));
    add(`aes-256-gcm/open/${name}`, about, ['PQ-1.2-01', 'PQ-P-15'], {
      maker: 'noble',
      operation: 'aes-256-gcm.open',
      key: toHex(key),
      initialVector: toHex(iv),
      associatedData: toHex(associatedData),
      sealed: toHex(of),
      result: 'refused',
    });
  };
  refuse(
    'other-tag',
    'the last octet of the tag is another',
    empty,
    initialVector,
    sealed.with(92, (sealed[92] ?? 0) ^ 1),
  );
  refuse(
    'other-ciphertext',
    'the first octet is another',
    empty,
    initialVector,
    sealed.with(0, (sealed[0] ?? 0) ^ 128),
  );
  refuse('other-associated-data', 'associated data where there was none', header, initialVector, sealed);
  refuse('other-iv', 'another initial vector', empty, some('other iv', 12), sealed);
  refuse('short-tag', 'a tag of 15 octets', empty, initialVector, sealed.slice(0, -1));
}

kem();
signatures();
hashes();
encryption();

export const primitives: FileOf<'primitives'> = { kind: 'primitives', cases };
