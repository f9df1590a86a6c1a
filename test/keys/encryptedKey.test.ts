import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Derive, passphrasePrimitives } from '../../src/crypto/passphrase.ts';
import { reasonOf } from '../../src/failure.ts';
import { decodeEncryptedKey, notOpened, openKey, type ProtectedKey, protectKey } from '../../src/keys/encryptedKey.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  describePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
} from '../../src/keys/privateKey.ts';
import { authoritySeed, hex, octets, peerSeed, platform } from '../../src/lab/chains/fixtures.ts';
import { tlv } from '../../src/lab/vectors/certificateEdits.ts';
import { derive } from '../../src/node/files/keys.ts';
import type { Bytes } from '../../src/octets.ts';
import fc from '../property.ts';

/** Depends on everything that PBKDF2 depends on, and takes no time. */
const quick: Derive = (hash, passphrase, salt, iterations, length) =>
  derive(hash, passphrase, Buffer.concat([salt, Buffer.from(String(iterations))]), 1, length);
const [fast, real] = [passphrasePrimitives(quick), passphrasePrimitives(derive)];
const passphrase = Buffer.from('correct horse battery staple');
const { encapsulationKey } = platform.generateKemKey(peerSeed);

const protect = (primitives = fast, iterations?: number): ProtectedKey =>
  protectKey(primitives, {
    ...{ privateKey: encodeKemPrivateKey(peerSeed), publicKey: encapsulationKey, passphrase, iterations },
  });

/** Opens, and decodes the key: its public key, or why there is none. */
function open(der: Bytes, authenticator?: Bytes, words: Bytes = passphrase, primitives = fast): string {
  const encrypted = decodeEncryptedKey(der, authenticator);
  if (!encrypted.ok) return reasonOf(encrypted);
  const opened = openKey(primitives, encrypted.value, words);
  if (opened === undefined) return notOpened;
  const key = decodeKemPrivateKey(platform, opened);
  return key.ok ? `opened ${Buffer.from(key.value.encapsulationKey).toString('hex')}` : reasonOf(key);
}
const openBoth = ({ encrypted, authenticator }: ProtectedKey, words: Bytes = passphrase): string =>
  open(encrypted, authenticator, words);
const read = ({ encrypted, authenticator }: ProtectedKey) => decodeEncryptedKey(encrypted, authenticator);
const opened = `opened ${Buffer.from(encapsulationKey).toString('hex')}`;

describe('what is written', () => {
  it('has PBES2, PBKDF2 with HMAC-SHA-512, 600,000 iterations, a salt of the mark and 16 octets, AES-256-CBC; no two are equal', () => {
    const [one, other] = [protect(), protect()].map(read);
    if (!one?.ok || !other?.ok) throw new Error('not read');
    const { encryption } = one.value;
    expect(encryption).toMatchObject({ prf: 'SHA-512', iterations: 600_000, cipher: 'AES-256-CBC' });
    expect([encryption.salt.length, encryption.initialVector.length]).toEqual([32, 16]);
    expect(Buffer.from(encryption.salt.subarray(0, 16)).toString()).toBe('pquake-key-auth1');
    expect(encryption.authenticated).toBe(true);
    expect(encryption.salt).not.toEqual(other.value.encryption.salt);
    expect(encryption.initialVector).not.toEqual(other.value.encryption.initialVector);
  });

  it('is opened by OpenSSL, for both kinds of keys', () => {
    const signature = protectKey(real, {
      ...{
        privateKey: encodeSignaturePrivateKey(authoritySeed),
        publicKey: platform.signaturePublicKey(authoritySeed),
      },
      passphrase,
    });
    for (const [der, kind, publicKey] of [
      [protect(real).encrypted, 'ml-kem-1024', encapsulationKey],
      [signature.encrypted, 'ml-dsa-87', platform.signaturePublicKey(authoritySeed)],
    ] as const) {
      const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase });
      expect(key.asymmetricKeyType).toBe(kind);
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
      expect(spki.subarray(-publicKey.length).equals(publicKey)).toBe(true);
    }
  });

  it('takes more iterations, and refuses fewer, and an empty passphrase', () => {
    expect(openBoth(protect(fast, 600_001))).toBe(opened);
    for (const iterations of [599_999, 0, 2_000_001, 600_000.5])
      expect(() => protect(fast, iterations)).toThrow(/iterations: expected 600000 to 2000000/);
    const privateKey = encodeKemPrivateKey(peerSeed);
    const empty = { privateKey, publicKey: encapsulationKey, passphrase: new Uint8Array() };
    expect(() => protectKey(fast, empty)).toThrow(/passphrase is empty/);
  });

  it('has the public key and both forms, which show that it is whole, and stays as it is', () => {
    const first = read(protect());
    const plain = first.ok ? openKey(fast, first.value, passphrase) : undefined;
    if (plain === undefined) throw new Error('not opened');
    const form = { algorithm: 'ML-KEM-1024', kind: 'kem', form: 'both', publicKey: true };
    expect(describePrivateKey(plain)).toEqual({ ok: true, value: form });
    const again = protectKey(fast, { privateKey: plain, publicKey: encapsulationKey, passphrase });
    const second = read(again);
    expect(second.ok && openKey(fast, second.value, passphrase)).toEqual(plain);
  });
});

describe('what is read', () => {
  const pair = generateKeyPairSync('ml-kem-1024');
  const ofNode = (cipher: string): Bytes =>
    pair.privateKey.export({ type: 'pkcs8', format: 'der', cipher, passphrase: passphrase.toString() });
  const plain = pair.privateKey.export({ type: 'pkcs8', format: 'der' });

  it.each([
    ['aes-128-cbc', 'AES-128-CBC'],
    ['aes-192-cbc', 'AES-192-CBC'],
    ['aes-256-cbc', 'AES-256-CBC'],
  ])('is what Node writes with %s', (cipher, name) => {
    const encrypted = decodeEncryptedKey(ofNode(cipher));
    if (!encrypted.ok) throw new Error(encrypted.detail);
    expect(encrypted.value.encryption).toMatchObject({ cipher: name, prf: 'SHA-256', iterations: 2048 });
    expect(openKey(real, encrypted.value, passphrase)).toEqual(Uint8Array.from(plain));
  });

  it.each([
    ['SHA-384', 0x0a],
    ['SHA-512', 0x0b],
  ] as const)('is what has HMAC with %s, as OpenSSL agrees', (hash, arc) => {
    const der = Buffer.from(ofNode('aes-256-cbc'));
    const encrypted = decodeEncryptedKey(der);
    if (!encrypted.ok) throw new Error(encrypted.detail);
    const { salt, initialVector } = encrypted.value.encryption;
    der[der.indexOf(hex('2a864886f70d0209')) + 7] = arc;
    const key = pbkdf2Sync(passphrase, salt, 2048, 32, hash.replace('-', ''));
    const cipher = createCipheriv('aes-256-cbc', key, initialVector);
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    ciphertext.copy(der, der.length - ciphertext.length);
    expect(createPrivateKey({ key: der, format: 'der', type: 'pkcs8', passphrase }).asymmetricKeyType).toBe(
      'ml-kem-1024',
    );
    const changed = decodeEncryptedKey(der);
    expect(changed.ok && openKey(real, changed.value, passphrase)).toEqual(Uint8Array.from(plain));
  });

  it('PBKDF2 of noble and of Node agree, with each hash; RFC 7914, section 11', () => {
    const noble = passphrasePrimitives().derive;
    for (const hash of ['SHA-256', 'SHA-384', 'SHA-512'] as const)
      expect(noble(hash, passphrase, octets(16), 1000, 32)).toEqual(derive(hash, passphrase, octets(16), 1000, 32));
    const [words, salt] = [Buffer.from('passwd'), Buffer.from('salt')];
    expect(noble('SHA-256', words, salt, 1, 32)).toEqual(
      hex('55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc'),
    );
  });

  /** The parameters of Node's key with octets replaced; both have the same length. */
  const patched = (from: string, to: string): Bytes => {
    const der = Buffer.from(ofNode('aes-256-cbc'));
    const at = der.indexOf(hex(from));
    if (at < 0) throw new Error(`no ${from}`);
    hex(to).forEach((octet, i) => {
      der[at + i] = octet;
    });
    return der;
  };
  it.each([
    ['no iterations', '02020800', '02020000', /iterations|more octets/],
    ['negative iterations', '02020800', '02028000', /iterations: negative/],
    [
      'another PRF, HMAC-SHA-1',
      '2a864886f70d0209',
      '2a864886f70d0207',
      /PRF, HMAC with: not one of SHA-256, SHA-384, SHA-512/,
    ],
    ['another cipher, AES-256-ECB', '60864801650304012a', '606648016503040129', /cipher: not one of/],
    ['another derivation, scrypt-like', '2a864886f70d01050c', '2a864886f70d01050b', /expected PBKDF2/],
    ['another scheme, PBES1', '2a864886f70d01050d', '2a864886f70d010503', /not PBES2/],
  ])('%s is refused', (_, from, to, reason) => expect(open(patched(from, to))).toMatch(reason));

  it('2,000,000 iterations are read, one more is not, and the number is said', () => {
    const { encrypted, authenticator } = protect(fast, 2_000_000); // 02 03 1e 84 80
    expect(open(encrypted, authenticator)).toBe(opened);
    const more = Uint8Array.from(encrypted);
    more[Buffer.from(encrypted).indexOf(hex('02031e8480')) + 4] = 0x81;
    expect(open(more, authenticator)).toMatch(/iterations: 2000001, not from 1 to 2000000/);
  });

  it('AES-CBC of here and of Node agree on every padding that is right, and nothing else is one', () => {
    const [key, vector] = [octets(32, 1), octets(16, 2)];
    const sealed = (plain: Bytes, padding: boolean): Bytes => {
      const cipher = createCipheriv('aes-256-cbc', key, vector).setAutoPadding(padding);
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    };
    for (let length = 0; length <= 40; length += 1)
      expect(real.decrypt(key, vector, sealed(octets(length), true))).toEqual(octets(length));
    for (let last = 0; last < 256; last += 1) {
      const block = Uint8Array.from({ length: 16 }, (_, i) => (i < 4 ? 77 : last));
      expect(real.decrypt(key, vector, sealed(block, false)) !== undefined).toBe(last >= 1 && last <= 12);
    }
    for (const length of [0, 15, 17]) expect(real.decrypt(key, vector, octets(length))).toBeUndefined();
  });

  it('a wrong passphrase opens nothing, and says one thing only', () => {
    const key = protect();
    expect(openBoth(key)).toBe(opened);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (words) => {
        fc.pre(words !== passphrase.toString());
        expect(openBoth(key, Buffer.from(words))).toBe('the passphrase is wrong, or the file was changed');
      }),
    );
    expect(openBoth(key, new Uint8Array())).toBe(notOpened);
  });
});

describe('what was changed never opens, never throws, and is never decrypted', () => {
  const key = protect();
  const [der, authenticator] = [key.encrypted, key.authenticator];
  let decrypted = 0;
  const watched = {
    ...fast,
    decrypt: (...words: Parameters<typeof fast.decrypt>) => {
      decrypted += 1;
      return fast.decrypt(...words);
    },
  };
  /** Opens nothing, without having decrypted. */
  function refused(one: Bytes, beside: Bytes | undefined, what: string): string {
    decrypted = 0;
    const answer = open(one, beside, passphrase, watched);
    if (answer.startsWith('opened') || decrypted > 0) throw new Error(`${what}: ${answer}`);
    return answer;
  }

  it('every octet, of the key and of its authenticator', () => {
    const answers = new Set<string>();
    for (const at of der.keys()) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ (1 + ((randomBytes(1)[0] ?? 0) % 255));
      const answer = refused(changed, authenticator, `octet ${at} as ${changed[at]}`);
      if (at > der.length - 4000) answers.add(answer);
    }
    expect([...answers]).toEqual([notOpened]);
    for (const at of authenticator.keys()) {
      const changed = Uint8Array.from(authenticator);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at & 7));
      refused(der, changed, `octet ${at} of the authenticator`);
    }
  });

  it('cut, lengthened, spliced, or anything', () => {
    const cut = fc.nat({ max: der.length - 1 }).map((length) => der.subarray(0, length));
    const longer = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Uint8Array.from([...der, ...more]));
    const spliced = fc
      .tuple(fc.nat({ max: der.length }), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 40 }))
      .map(([at, remove, insert]) => Uint8Array.from([...der.subarray(0, at), ...insert, ...der.subarray(at + remove)]))
      .filter((other) => Buffer.compare(other, der) !== 0);
    fc.assert(
      fc.property(fc.oneof(cut, longer, spliced, fc.uint8Array({ maxLength: 300 })), (other) => {
        refused(other, authenticator, 'other');
      }),
      { numRuns: 1000 },
    );
  });

  it('its authenticator cut off, or that of another key', () => {
    expect(refused(der, undefined, 'none')).toMatch(/its authenticator is not there, and it was written with one/);
    expect(refused(der, protect().authenticator, 'another')).toBe(notOpened);
    expect(refused(der, authenticator.subarray(0, -1), 'cut off')).toMatch(/cut off in its contents/);
    expect(refused(der, Uint8Array.of(4, 1, 0), 'short')).toMatch(/authenticator: 1 octets, not 64/);
  });

  it('the mark taken from its salt: it takes the key with it', () => {
    const at = Buffer.from(der).indexOf('pquake-key-auth1');
    for (let octet = 0; octet < 16; octet += 1) {
      const changed = Uint8Array.from(der);
      changed[at + octet] = (changed[at + octet] ?? 0) ^ 0x20;
      expect(open(changed)).toBe(notOpened);
      expect(open(changed, authenticator)).toMatch(/an authenticator, of a key that was written without one/);
    }
  });

  it('the mark with anything else than is written', () => {
    for (const [from, to] of [
      ['2a864886f70d020b', '2a864886f70d020a'], // HMAC with SHA-384
      ['60864801650304012a', '608648016503040116'], // AES-192-CBC
      ['02030927c0', '02030927bf'], // 599,999 iterations
    ] as const) {
      const changed = Buffer.from(der);
      changed.set(hex(to), Buffer.from(der).indexOf(hex(from)));
      expect(refused(changed, authenticator, to)).toMatch(/salt: that of a key with an authenticator/);
    }
  });

  it('a signature key too', () => {
    const publicKey = platform.signaturePublicKey(authoritySeed);
    const whole = protectKey(fast, { privateKey: encodeSignaturePrivateKey(authoritySeed), publicKey, passphrase });
    for (let at = whole.encrypted.length - 2640; at < whole.encrypted.length; at += 7) {
      const changed = Uint8Array.from(whole.encrypted);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(refused(changed, whole.authenticator, `octet ${at}`)).toBe(notOpened);
    }
    const right = read(whole);
    const plain = right.ok ? openKey(fast, right.value, passphrase) : undefined;
    expect(plain && decodeSignaturePrivateKey(platform, plain)).toEqual({ ok: true, value: authoritySeed });
  });
});

describe('keys of others', () => {
  /** PKCS#8 as others encrypt it. */
  function encrypted(plain: Bytes): Bytes {
    const [salt, vector] = [octets(16, 9), octets(16, 77)];
    const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, 1, 32, 'sha256'), vector);
    const data = Buffer.concat([cipher.update(plain), cipher.final()]);
    const prf = tlv(0x30, hex('06082a864886f70d02090500'));
    const derivation = tlv(0x30, hex('06092a864886f70d01050c'), tlv(0x30, tlv(4, salt), hex('020101'), prf));
    const scheme = tlv(0x30, hex('060960864801650304012a'), tlv(4, vector));
    const algorithm = tlv(0x30, hex('06092a864886f70d01050d'), tlv(0x30, derivation, scheme));
    return tlv(0x30, algorithm, tlv(4, data));
  }
  const seedOnly = encodeKemPrivateKey(peerSeed);

  it('have no authenticator, and open', () =>
    expect(open(encrypted(seedOnly), undefined, passphrase, real)).toBe(opened));

  it('of version 2 without a public key do not', () => {
    const second = Uint8Array.from(seedOnly, (octet, i) => (i === 4 ? 1 : octet));
    expect(open(encrypted(second), undefined, passphrase, real)).toBe(notOpened);
  });

  it('with attributes do not: octets of anything would stand there', () => {
    const parts = seedOnly.subarray(2);
    const attributes = tlv(0xa0, octets(20));
    expect(open(encrypted(tlv(0x30, parts)), undefined, passphrase, real)).toBe(opened);
    expect(open(encrypted(tlv(0x30, parts, attributes)), undefined, passphrase, real)).toBe(notOpened);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['no DER', octets(40)],
    ['another algorithm', Uint8Array.from(seedOnly, (octet, i) => (i === 17 ? 0x33 : octet))],
    ['another length', seedOnly.subarray(0, 70)],
    ['trailing octets', Uint8Array.from([...seedOnly, 0])],
  ])('%s in them is told in one sentence', (_, plain) =>
    expect(open(encrypted(plain), undefined, passphrase, real)).toBe(notOpened),
  );
});
