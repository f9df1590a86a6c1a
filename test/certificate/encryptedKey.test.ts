import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  pbkdf2Sync,
  randomBytes,
} from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEncryptedKey, openKey, protectKey } from '../../src/certificate/encryptedKey.ts';
import {
  decodeKemPrivateKey,
  decodeSignaturePrivateKey,
  describePrivateKey,
  encodeKemPrivateKey,
  encodeSignaturePrivateKey,
} from '../../src/certificate/privateKey.ts';
import { type Derive, passphrasePrimitives } from '../../src/crypto/passphrase.ts';
import { derive } from '../../src/node/keys.ts';
import { authoritySeed, hex, octets, peerSeed, platform } from './fixtures.ts';

type Bytes = Uint8Array;

/** Depends on everything that PBKDF2 depends on, and takes no time. */
const quick: Derive = (hash, passphrase, salt, iterations, length) =>
  derive(hash, passphrase, Buffer.concat([salt, Buffer.from(String(iterations))]), 1, length);
const [fast, real] = [passphrasePrimitives(quick), passphrasePrimitives(derive)];
const passphrase = Buffer.from('correct horse battery staple');
const { encapsulationKey } = platform.generateKemKey(peerSeed);

const protect = (primitives = fast, iterations?: number): Bytes =>
  protectKey(primitives, {
    ...{ privateKey: encodeKemPrivateKey(peerSeed), publicKey: encapsulationKey, passphrase, iterations },
  });

/** Opens, and decodes the key: its public key, or why there is none. */
function open(der: Bytes, words: Bytes = passphrase, primitives = fast): string {
  const encrypted = decodeEncryptedKey(der);
  if (!encrypted.ok) return encrypted.reason;
  const opened = openKey(primitives, encrypted.value, words);
  if (!opened.ok) return opened.reason;
  const key = decodeKemPrivateKey(platform, opened.value);
  return key.ok ? `opened ${Buffer.from(key.value.encapsulationKey).toString('hex')}` : key.reason;
}
const opened = `opened ${Buffer.from(encapsulationKey).toString('hex')}`;

describe('what is written', () => {
  it('has PBES2, PBKDF2 with HMAC-SHA-512, 600,000 iterations, a salt of 16 octets, AES-256-CBC; no two are equal', () => {
    const [one, other] = [protect(), protect()].map(decodeEncryptedKey);
    if (!one?.ok || !other?.ok) throw new Error('not read');
    const { encryption } = one.value;
    expect(encryption).toMatchObject({ prf: 'SHA-512', iterations: 600_000, cipher: 'AES-256-CBC' });
    expect([encryption.salt.length, encryption.initialVector.length]).toEqual([16, 16]);
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
      [protect(real), 'ml-kem-1024', encapsulationKey],
      [signature, 'ml-dsa-87', platform.signaturePublicKey(authoritySeed)],
    ] as const) {
      const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase });
      expect(key.asymmetricKeyType).toBe(kind);
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
      expect(spki.subarray(-publicKey.length).equals(publicKey)).toBe(true);
    }
  });

  it('takes more iterations, and refuses fewer, and an empty passphrase', () => {
    expect(open(protect(fast, 600_001))).toBe(opened);
    for (const iterations of [599_999, 0, 10_000_001, 600_000.5])
      expect(() => protect(fast, iterations)).toThrow(/iterations: expected 600000 to 10000000/);
    const privateKey = encodeKemPrivateKey(peerSeed);
    const empty = { privateKey, publicKey: encapsulationKey, passphrase: new Uint8Array() };
    expect(() => protectKey(fast, empty)).toThrow(/passphrase is empty/);
  });

  it('has the public key and both forms, which show that it is whole, and stays as it is', () => {
    const first = decodeEncryptedKey(protect());
    const plain = first.ok ? openKey(fast, first.value, passphrase) : first;
    if (!plain.ok) throw new Error(plain.reason);
    const form = { algorithm: 'ML-KEM-1024', kind: 'kem', form: 'both', publicKey: true };
    expect(describePrivateKey(plain.value)).toEqual({ ok: true, value: form });
    const again = protectKey(fast, { privateKey: plain.value, publicKey: encapsulationKey, passphrase });
    const second = decodeEncryptedKey(again);
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
    if (!encrypted.ok) throw new Error(encrypted.reason);
    expect(encrypted.value.encryption).toMatchObject({ cipher: name, prf: 'SHA-256', iterations: 2048 });
    expect(openKey(real, encrypted.value, passphrase)).toEqual({ ok: true, value: Uint8Array.from(plain) });
  });

  it.each([
    ['SHA-384', 0x0a],
    ['SHA-512', 0x0b],
  ] as const)('is what has HMAC with %s, as OpenSSL agrees', (hash, arc) => {
    const der = Buffer.from(ofNode('aes-256-cbc'));
    const encrypted = decodeEncryptedKey(der);
    if (!encrypted.ok) throw new Error(encrypted.reason);
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
    expect(changed.ok && openKey(real, changed.value, passphrase)).toEqual({ ok: true, value: Uint8Array.from(plain) });
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
    ['another derivation, scrypt-like', '2a864886f70d01050c', '2a864886f70d01050b', /not PBKDF2/],
    ['another scheme, PBES1', '2a864886f70d01050d', '2a864886f70d010503', /not PBES2/],
  ])('%s is refused', (_, from, to, reason) => expect(open(patched(from, to))).toMatch(reason));

  it('10,000,000 iterations are read, one more is not', () => {
    const der = protect(fast, 10_000_000); // 02 04 00 98 96 80
    expect(open(der)).toBe(opened);
    const more = Uint8Array.from(der);
    more[Buffer.from(der).indexOf(hex('020400989680')) + 5] = 0x81;
    expect(open(more)).toMatch(/iterations: not from 1 to 10000000/);
  });

  it('a wrong passphrase opens nothing, and says one thing only', () => {
    const der = protect();
    expect(open(der)).toBe(opened);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (words) => {
        fc.pre(words !== passphrase.toString());
        expect(open(der, Buffer.from(words))).toBe('the passphrase is wrong, or the file is damaged');
      }),
    );
    expect(open(der, new Uint8Array())).toBe('the passphrase is empty');
  });
});

describe('what was changed never opens, and never throws', () => {
  const der = protect();

  it('every octet', () => {
    for (const at of der.keys()) {
      const changed = Uint8Array.from(der);
      changed[at] = (changed[at] ?? 0) ^ (1 + ((randomBytes(1)[0] ?? 0) % 255));
      if (open(changed).startsWith('opened')) throw new Error(`octet ${at} as ${changed[at]} opens`);
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
        expect(open(other)).not.toMatch(/^opened/);
      }),
      { numRuns: 1000 },
    );
  });

  it('a signature key too', () => {
    const publicKey = platform.signaturePublicKey(authoritySeed);
    const whole = protectKey(fast, { privateKey: encodeSignaturePrivateKey(authoritySeed), publicKey, passphrase });
    for (let at = whole.length - 2720; at < whole.length; at += 7) {
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const encrypted = decodeEncryptedKey(changed);
      const plain = encrypted.ok ? openKey(fast, encrypted.value, passphrase) : encrypted;
      expect(plain.ok && decodeSignaturePrivateKey(platform, plain.value).ok).toBe(false);
    }
  });
});
