// A second opinion: one handshake recomputed from its coins with the platform's cryptography and the formulas of the draft
// written out, sharing no code with the implementation but the certificates.
import crypto from 'node:crypto';
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { noble } from '../../src/crypto/noble.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { anchorFor, converse, credentialsFor, kemSeed, time } from './peers.ts';

const sha384 = (...parts: Uint8Array[]): Buffer => crypto.createHash('sha384').update(Buffer.concat(parts)).digest();
const hmac = (key: Uint8Array, message: Uint8Array): Buffer =>
  crypto.createHmac('sha384', key).update(message).digest();
const hkdf = (salt: Uint8Array, ikm: Uint8Array, length: number): Buffer =>
  Buffer.from(crypto.hkdfSync('sha384', ikm, salt, '', length));
const coin = (value: number, octets: number): Uint8Array => new Uint8Array(octets).fill(value);
const psk = Uint8Array.from({ length: 40 }, (_, at) => at + 9);

function open(key: Uint8Array, data: Uint8Array): Buffer {
  const decipher = crypto.createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
  decipher.setAuthTag(data.subarray(-16));
  return Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]);
}

describe('one handshake, recomputed by hand (sections 3.1 to 3.5, 4)', () => {
  it.each([undefined, psk])('with pre-shared secret %s', (preSharedSecret) => {
    const wire: Buffer[] = [];
    const common = { suite: noble, time, expectedPeer: 'anyone', trustAnchors: [anchorFor(noble)], preSharedSecret };
    const [alice, bob] = [credentialsFor(noble, 'alice'), credentialsFor(noble, 'bob')];
    const i = { ephemeralKey: coin(1, 64), initialVector: coin(2, 12), encapsulation: coin(3, 32) };
    const r = { ephemeralEncapsulation: coin(4, 32), initialVector: coin(5, 12), encapsulation: coin(6, 32) };
    const done = converse(
      initiator({ ...common, credentials: alice, coins: i }),
      responder({ ...common, credentials: bob, coins: r }),
      ({ octets }) => {
        wire[octets[1] ?? 0] = Buffer.from(octets);
        return [octets];
      },
    );
    const [m1, m2, m3, m4, m5, m6, m7, m8] = [1, 2, 3, 4, 5, 6, 7, 8].map((type) => wire[type] ?? Buffer.alloc(0)) as [
      ...[Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer],
    ];
    for (const [index, message] of [m1, m2, m3, m4, m5, m6, m7, m8].entries()) {
      expect([message[0], message[1], message.readUInt16BE(2)]).toEqual([1, index + 1, message.length - 4]);
    }

    const ephemeral = ml_kem1024.keygen(i.ephemeralKey);
    const [keyOfAlice, keyOfBob] = [ml_kem1024.keygen(kemSeed('alice')), ml_kem1024.keygen(kemSeed('bob'))];
    expect(m1.subarray(4).equals(ephemeral.publicKey)).toBe(true);
    const secret = (message: Buffer, key: Uint8Array): Uint8Array => ml_kem1024.decapsulate(message.subarray(4), key);
    const [ssE, ssI, ssR] = [
      secret(m2, ephemeral.secretKey),
      secret(m5, keyOfBob.secretKey),
      secret(m6, keyOfAlice.secretKey),
    ];

    const hid = Buffer.from('HID');
    const kHid =
      preSharedSecret === undefined ? hkdf(ssE, hid, 32) : hkdf(preSharedSecret, Buffer.concat([ssE, hid]), 32);
    expect(open(kHid, m3.subarray(4)).equals(alice.certificate.octets)).toBe(true);
    expect(open(kHid, m4.subarray(4)).equals(bob.certificate.octets)).toBe(true);

    const [hI, hR] = [sha384(m1, m3, m5), sha384(m2, m4, m6)];
    const keys = hkdf(new Uint8Array(0), Buffer.concat([ssE, ssI, ssR, hI, hR]), 144);
    expect(m7.subarray(4).equals(hmac(keys.subarray(0, 48), Buffer.concat([hI, hR])))).toBe(true);
    expect(m8.subarray(4).equals(hmac(keys.subarray(48, 96), Buffer.concat([hI, hR])))).toBe(true);
    for (const outcome of [done.initiator, done.responder]) {
      if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
      expect(Buffer.from(outcome.session.sessionKey.reveal()).equals(keys.subarray(96))).toBe(true);
      const info = Buffer.concat([Buffer.from('pquake session identifier\0'), sha384(), Uint8Array.of(1)]);
      expect(Buffer.from(outcome.session.identifier).equals(hmac(keys.subarray(96), info))).toBe(true);
    }
  });
});
