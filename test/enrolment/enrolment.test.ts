import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noble } from '../../src/crypto/noble.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { createChallenge, createRequest, respondTo, verifyResponse } from '../../src/enrolment/enrolment.ts';
import type { Challenge, OpenChallenge, Request, Response } from '../../src/enrolment/files.ts';
import { labels } from '../../src/enrolment/keys.ts';
import type { Checked } from '../../src/failure.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { fromHex, toHex } from '../../src/octets.ts';
import { issuer as authority, kemSeed } from '../handshake/peers.ts';
import fc from '../property.ts';

const suite = chooseSuite();
const time = new Date('2027-01-01T00:00:00Z');
const expires = new Date('2027-01-02T00:00:00.700Z');
const keyOf = (name: string, on: Suite = suite) => on.generateKemKey(kemSeed(name));
const requestOf = (name: string): Request =>
  createRequest(suite, { name, uris: [`https://${name}.example`], encapsulationKey: keyOf(name).encapsulationKey });

function enrolled<T>(outcome: Checked<T, string>): T {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.detail}`);
  return outcome.value;
}
const codeOf = (enrolled: Checked<unknown, string>): string => (enrolled.ok ? 'ok' : enrolled.code);

const request = requestOf('carol');
const { challenge, open } = enrolled(createChallenge(suite, { request, authority, expires }));
const response = enrolled(respondTo(suite, { challenge, request, key: keyOf('carol'), time }));
const right = { open, request, authority, response, time };

/** A file with one hexadecimal digit of a member changed to another. */
function flipped<T extends object>(file: T, member: keyof T, at: number, by: number): T {
  const digits = String(file[member]);
  const position = at % digits.length;
  const digit = (Number.parseInt(digits[position] ?? '', 16) + by) % 16;
  return { ...file, [member]: digits.slice(0, position) + digit.toString(16) + digits.slice(position + 1) };
}

const change = fc.record({ at: fc.nat(4000), by: fc.integer({ min: 1, max: 15 }) });

describe('a response proves that the key is held', () => {
  it('on both back ends, in either role', () => {
    for (const [one, other] of [
      [noble, suite],
      [suite, noble],
    ] as const) {
      const asked = createRequest(one, { name: 'x', uris: [], encapsulationKey: keyOf('x', one).encapsulationKey });
      const made = enrolled(createChallenge(other, { request: asked, authority, expires }));
      const key = keyOf('x', one);
      const answered = enrolled(respondTo(one, { challenge: made.challenge, request: asked, key, time, authority }));
      expect(verifyResponse(other, { ...right, ...made, request: asked, response: answered })).toEqual({
        ok: true,
        value: true,
      });
    }
  });

  it('who holds another key is refused, whatever is tried', () => {
    const names = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, fc.uint8Array({ minLength: 48, maxLength: 48 }), (name, guess) => {
        const key = keyOf(name);
        expect(codeOf(respondTo(suite, { challenge, request, key, time }))).toBe('wrong-key');
        // One that lies about its key to the code of the holder: the secret is another one.
        const lying = { ...key, encapsulationKey: keyOf('carol').encapsulationKey };
        expect(codeOf(respondTo(suite, { challenge, request, key: lying, time }))).toBe('wrong-challenge');
        // One that answers its own challenge, or with any other MAC.
        const own = enrolled(createChallenge(suite, { request: requestOf(name), authority, expires }));
        const answered = enrolled(respondTo(suite, { ...own, request: requestOf(name), key, time }));
        for (const mac of [answered.mac, toHex(guess), open.responseDigest, challenge.mac, open.requestDigest]) {
          expect(codeOf(verifyResponse(suite, { ...right, response: { ...response, mac } }))).toBe('wrong-response');
        }
      }),
      { numRuns: 15 },
    );
  });

  it('the holder answers no challenge whose maker does not know the secret: no oracle for recorded ciphertexts', () => {
    // A ciphertext of a handshake that was recorded: its secret is unknown, so that no MAC of it can be made.
    const recorded = enrolled(createChallenge(suite, { request, authority, expires })).challenge.ciphertext;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (mac) => {
        for (const made of [{ ciphertext: recorded }, { ciphertext: recorded, mac: toHex(mac) }]) {
          const spliced = { ...challenge, ...made };
          expect(codeOf(respondTo(suite, { challenge: spliced, request, key: keyOf('carol'), time }))).toBe(
            'wrong-challenge',
          );
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('what was changed is refused', () => {
  it('every member of the challenge, by the holder', () => {
    const members = ['requestDigest', 'authorityDigest', 'nonce', 'ciphertext', 'mac'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...members), change, (member, { at, by }) => {
        const changed: Challenge = flipped(challenge, member, at, by);
        const code = codeOf(respondTo(suite, { challenge: changed, request, key: keyOf('carol'), time }));
        expect(code).toBe(member === 'requestDigest' ? 'wrong-request' : 'wrong-challenge');
      }),
      { numRuns: 60 },
    );
    for (const other of ['2027-01-02T00:00:01Z', '2028-01-02T00:00:00Z', '2027-01-02T24:00:00Z'])
      expect(
        codeOf(respondTo(suite, { challenge: { ...challenge, expires: other }, request, key: keyOf('carol'), time })),
      ).toBe('wrong-challenge');
  });

  it('every member of the request, by both sides', () => {
    fc.assert(
      fc.property(fc.constantFrom('encapsulationKey', 'digest'), change, (member, { at, by }) => {
        const changed: Request = flipped(request, member as 'digest', at, by);
        expect(codeOf(createChallenge(suite, { request: changed, authority, expires }))).toBe('wrong-digest');
        expect(codeOf(respondTo(suite, { challenge, request: changed, key: keyOf('carol'), time }))).toBe(
          'wrong-digest',
        );
        expect(codeOf(verifyResponse(suite, { ...right, request: changed }))).toBe('wrong-digest');
      }),
      { numRuns: 20 },
    );
    for (const changed of [{ name: 'carol2' }, { uris: [] }, { uris: [...request.uris, 'https://b.example'] }])
      expect(codeOf(createChallenge(suite, { request: { ...request, ...changed }, authority, expires }))).toBe(
        'wrong-digest',
      );
  });

  it('a request that was replaced on its way, digest and all: the holder does not answer, and no other is certified', () => {
    const key = keyOf('carol');
    const replaced = createRequest(suite, { name: 'root', uris: [], encapsulationKey: key.encapsulationKey });
    const made = enrolled(createChallenge(suite, { request: replaced, authority, expires }));
    expect(codeOf(respondTo(suite, { challenge: made.challenge, request, key, time }))).toBe('wrong-request');
    expect(codeOf(verifyResponse(suite, { ...right, request: replaced }))).toBe('wrong-request');
  });

  it('every member of the response and of the open challenge, by the authority', () => {
    fc.assert(
      fc.property(fc.constantFrom('nonce', 'mac'), change, (member, { at, by }) => {
        const changed: Response = flipped(response, member as 'mac', at, by);
        expect(codeOf(verifyResponse(suite, { ...right, response: changed }))).toBe('wrong-response');
      }),
      { numRuns: 60 },
    );
    const members = ['requestDigest', 'authorityDigest', 'nonce', 'responseDigest'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...members), change, (member, { at, by }) => {
        const changed: OpenChallenge = flipped(open, member, at, by);
        expect(verifyResponse(suite, { ...right, open: changed }).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    const later = { ...open, expires: '2029-01-02T00:00:00Z' };
    expect(codeOf(verifyResponse(suite, { ...right, open: later }))).toBe('wrong-response');
  });

  it('another authority, by both sides', () => {
    const other = Uint8Array.from([...authority, 0]);
    expect(codeOf(verifyResponse(suite, { ...right, authority: other }))).toBe('wrong-authority');
    const to = { challenge, request, key: keyOf('carol'), time };
    expect(codeOf(respondTo(suite, { ...to, authority: other }))).toBe('wrong-authority');
    expect(codeOf(respondTo(suite, { ...to, authority }))).toBe('ok');
  });

  it('a challenge that is over, by both sides; its last second counts', () => {
    const last = new Date('2027-01-02T00:00:00Z');
    const late = new Date('2027-01-02T00:00:00.001Z');
    const to = { challenge, request, key: keyOf('carol') };
    expect(challenge.expires).toBe('2027-01-02T00:00:00Z');
    expect([last, late].map((at) => codeOf(respondTo(suite, { ...to, time: at })))).toEqual(['ok', 'expired']);
    expect(
      [last, late, new Date(Number.NaN)].map((at) => codeOf(verifyResponse(suite, { ...right, time: at }))),
    ).toEqual(['ok', 'expired', 'expired']);
    for (const year of [10_000, 20_000])
      expect(() => createChallenge(suite, { request, authority, expires: new Date(Date.UTC(year, 0)) })).toThrow(
        RangeError,
      );
  });

  it('an encapsulation key that is none', () => {
    const encapsulationKey = new Uint8Array(1568).fill(255);
    const none = createRequest(suite, { name: 'carol', uris: [], encapsulationKey });
    expect(codeOf(createChallenge(suite, { request: none, authority, expires }))).toBe('invalid-key');
  });
});

describe('spec/enrolment.md', () => {
  it('states the labels, and the derivation that it states is the one of the code', () => {
    const page = readFileSync('spec/enrolment.md', 'utf8');
    for (const label of Object.values(labels)) expect(page).toContain(`\`${label}\``);
    const sha384 = (...parts: (string | Uint8Array)[]): Buffer =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha384')).digest();
    const sharedSecret = keyOf('carol').decapsulate(fromHex(challenge.ciphertext));
    const asked = JSON.stringify([request.name, request.uris, request.encapsulationKey]);
    const requestDigest = sha384('PQuAKE enrolment 1 request\0', asked);
    const authorityDigest = sha384('PQuAKE enrolment 1 authority\0', authority);
    const bound = [requestDigest, authorityDigest, Buffer.from(challenge.nonce, 'hex'), Buffer.from(challenge.expires)];
    const transcript = Buffer.concat([...bound, Buffer.from(challenge.ciphertext, 'hex')]);
    const derive = (label: string): Buffer => {
      const info = Buffer.concat([Buffer.from(label), sha384(transcript)]);
      return Buffer.from(hkdfSync('sha384', sharedSecret, 'PQuAKE enrolment 1 extract\0', info, 48));
    };
    const mac = (label: string): string => createHmac('sha384', derive(label)).update(transcript).digest('hex');
    expect(request.digest).toBe(requestDigest.toString('hex'));
    expect(challenge.mac).toBe(mac('PQuAKE enrolment 1 challenge key\0'));
    expect(response.mac).toBe(mac('PQuAKE enrolment 1 response key\0'));
    const kept = sha384('PQuAKE enrolment 1 response digest\0', ...bound, Buffer.from(response.mac, 'hex'));
    expect(open.responseDigest).toBe(kept.toString('hex'));
  });
});
