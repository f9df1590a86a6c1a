import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  readSigningKey,
  readVerifyingKey,
  signingKeyFromText,
  writeKeyPair,
} from '../../../src/provenance/keys/files.ts';
import {
  generateKey,
  mlDsa44,
  newPrivateKey,
  signingKeyOf,
  verifyingKeyOf,
} from '../../../src/provenance/keys/schemes.ts';
import { algorithmNames, algorithmTable, isAlgorithmName } from '../../../src/provenance/signature/algorithms.ts';
import { encodePublicKey, publicKeyText } from '../../../src/provenance/signature/publicKey.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string): string => join(directory, name);
const message = new TextEncoder().encode('message');
const composite = 'mldsa87-ecdsa-p384-sha512';

test('the table has every algorithm once, and says which are post-quantum', () => {
  expect(new Set(algorithmNames).size).toBe(10);
  expect(algorithmNames.filter((name) => !algorithmTable[name].isPostQuantum)).toEqual([
    'ecdsa-p256',
    'ecdsa-p384',
    'ecdsa-p521',
    'ed25519',
  ]);
  expect(algorithmNames.filter((name) => algorithmTable[name].isExperimental)).toEqual([composite]);
  expect(isAlgorithmName('rsa')).toBe(false);
  expect(isAlgorithmName('toString')).toBe(false);
});

describe('the two back ends', () => {
  test.each(['ml-dsa-87', 'ml-dsa-65'] as const)('make and verify the same signatures of %s', (algorithm) => {
    const pkcs8 = newPrivateKey(algorithm, { backend: 'noble' });
    const [one, other] = (['noble', 'native'] as const).map((backend) => {
      const key = signingKeyOf(pkcs8, { backend });
      if (!key.ok) throw new Error(key.detail);
      return key.value;
    });
    expect(one?.publicKey.identifier).toBe(other?.publicKey.identifier);
    expect(one?.publicKey.verify(message, other?.sign(message) ?? message)).toBe(true);
    expect(other?.publicKey.verify(message, one?.sign(message) ?? message)).toBe(true);
  });

  test('verify a signature of SLH-DSA-SHA2-128s', () => {
    const key = generateKey('slh-dsa-sha2-128s');
    const signature = key.sign(message);
    expect(signature).toHaveLength(7856);
    for (const backend of ['noble', 'native'] as const) {
      const public_ = verifyingKeyOf(key.publicKey.spki, { backend });
      expect(public_.ok && public_.value.verify(message, signature)).toBe(true);
    }
  });

  test('agree on ML-DSA-44 with raw keys', () => {
    const [noble, native] = [mlDsa44('noble'), mlDsa44('native')];
    const seed = noble.generateSeed();
    expect(seed).toHaveLength(32);
    const publicKey = noble.publicKey(seed);
    expect(publicKey).toHaveLength(1312);
    expect(native.publicKey(seed)).toEqual(publicKey);
    const signature = native.sign(seed, message);
    expect(signature).toHaveLength(2420);
    expect(noble.verify(publicKey, message, signature)).toBe(true);
    expect(native.verify(publicKey, message, noble.sign(seed, message))).toBe(true);
    expect(native.verify(publicKey, message.slice(1), signature)).toBe(false);
    expect(native.verify(publicKey.slice(1), message, signature)).toBe(false);
    expect(native.verify(publicKey, message, signature.slice(1))).toBe(false);
  });
});

describe('composite keys', () => {
  test('are refused unless somebody permits them', () => {
    const key = generateKey(composite, { experimental: true });
    expect(() => generateKey(composite)).toThrow('draft-ietf-lamps-pq-composite-sigs-19');
    expect(verifyingKeyOf(key.publicKey.spki)).toMatchObject({ code: 'key-experimental-algorithm' });
    expect(signingKeyOf(newPrivateKey(composite, { experimental: true }))).toMatchObject({
      code: 'key-experimental-algorithm',
    });
  });

  test('need both signatures', () => {
    const key = generateKey(composite, { experimental: true });
    const signature = key.sign(message);
    expect(key.publicKey.verify(message, signature)).toBe(true);
    for (const place of [0, 4626, 4630, signature.length - 1]) {
      const changed = signature.slice();
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(key.publicKey.verify(message, changed), `octet ${place}`).toBe(false);
    }
    expect(key.publicKey.verify(message, signature.subarray(0, 4627))).toBe(false);
  });

  test('are written and read again', () => {
    const written = writeKeyPair(at('composite'), composite, { experimental: true });
    expect(() => readVerifyingKey(at('composite.pub'))).toThrow('defined by a draft only');
    expect(readSigningKey(at('composite'), { experimental: true }).publicKey.identifier).toBe(written.identifier);
  });
});

describe('private keys as OpenSSL writes them', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = (key = privateKey): string => {
    const read = signingKeyOf(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
    return read.ok ? read.value.publicKey.identifier : 'refused';
  };

  test('are read in the form of SEC 1, behind parameters too', () => {
    const text = privateKey.export({ format: 'pem', type: 'sec1' }) as string;
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    for (const one of [text, parameters + text]) expect(signingKeyFromText('a', one).publicKey.identifier).toBe(spki());
  });

  test('are read under a passphrase, with a warning', () => {
    const warnings: string[] = [];
    const text = privateKey.export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'one',
    }) as string;
    const access = { passphrase: 'one', warn: (warning: string) => warnings.push(warning) };
    expect(signingKeyFromText('a', text, access).publicKey.identifier).toBe(spki());
    expect(warnings.join()).toContain('no authenticator');
    expect(() => signingKeyFromText('a', text, { ...access, passphrase: 'two' })).toThrow('the passphrase is wrong');
  });

  test('are read with seed and expanded key', () => {
    const pair = generateKeyPairSync('ml-dsa-87');
    writeFileSync(at('both'), pair.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const public_ = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
    expect(readSigningKey(at('both')).publicKey.spki).toEqual(public_);
  });

  test('are what others read: Node opens the files that are written', () => {
    for (const algorithm of ['ml-dsa-87', 'slh-dsa-sha2-192s', 'ecdsa-p384', 'ed25519'] as const) {
      writeKeyPair(at(`for-${algorithm}`), algorithm);
      const key = createPrivateKey(readFileSync(at(`for-${algorithm}`)));
      expect(key.asymmetricKeyType).toBe(algorithm.startsWith('ecdsa') ? 'ec' : algorithm);
    }
  });
});

test('an EC key under a passphrase is written so that Node opens it', () => {
  const { identifier } = writeKeyPair(at('ec.secret'), 'ecdsa-p384', { passphrase: 'one' });
  const key = createPrivateKey({ key: readFileSync(at('ec.secret')), passphrase: 'one' });
  const read = signingKeyOf(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
  expect(read.ok && read.value.publicKey.identifier).toBe(identifier);
});

describe('keys are refused', () => {
  const p256 = generateKey('ecdsa-p256').publicKey.spki;

  test('in another encoding, of another algorithm, beside the curve', () => {
    const codeOf = (spki: Uint8Array): unknown => {
      const read = verifyingKeyOf(spki);
      return read.ok ? 'read' : read.code;
    };
    const off = p256.slice();
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    expect(codeOf(off)).toBe('key-malformed');
    expect(codeOf(p256.slice(1))).toBe('key-malformed');
    expect(codeOf(Uint8Array.of(...p256, 0))).toBe('key-malformed');
    expect(codeOf(encodePublicKey(algorithmTable['ml-dsa-87'], new Uint8Array(2591)))).toBe('key-malformed');
    const compressed = Uint8Array.of(2, ...p256.subarray(-64, -32));
    expect(codeOf(encodePublicKey(algorithmTable['ecdsa-p256'], compressed))).toBe('key-malformed');
    const der = (type: 'rsa' | 'x25519' | 'secp256k1') => {
      const pair =
        type === 'rsa'
          ? generateKeyPairSync('rsa', { modulusLength: 1024 })
          : type === 'x25519'
            ? generateKeyPairSync('x25519')
            : generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
      return new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
    };
    for (const type of ['rsa', 'x25519', 'secp256k1'] as const)
      expect(codeOf(der(type)), type).toBe('key-unsupported-algorithm');
  });

  test('when the parts of a private key are of two keys', () => {
    const one = newPrivateKey('ecdsa-p256');
    const other = newPrivateKey('ecdsa-p256');
    const mixed = Uint8Array.of(...one.subarray(0, -65), ...other.subarray(-65));
    expect(signingKeyOf(mixed)).toMatchObject({ code: 'key-malformed' });
  });

  test('with the name of the file, and without a secret', () => {
    const text = publicKeyText(p256).replace('PUBLIC', 'PRIVATE');
    expect(() => signingKeyFromText('some.key', text)).toThrow(/^some\.key: /);
    expect(() => signingKeyFromText('some.key', '')).toThrow(/^some\.key: /);
    expect(() => writeKeyPair(at('name.pub'), 'ed25519')).toThrow('name of a public key');
  });

  test('once they were wiped', () => {
    for (const algorithm of ['ml-dsa-65', 'ed25519'] as const) {
      const key = generateKey(algorithm);
      key.wipe();
      expect(() => key.sign(message)).toThrow('wiped');
    }
  });
});
