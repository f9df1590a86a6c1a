// Certificate requests with proof of possession (spec/enrolment.md). An ML-KEM key cannot sign, so its holder shows
// that it can decapsulate. Pure: no files, no clock.

import { wipe } from '../crypto/secret.ts';
import type { KemKey, Suite } from '../crypto/suite.ts';
import { type Checked, passed, refused } from '../failure.ts';
import { type Bytes, fromHex, toHex } from '../octets.ts';
import type { Challenge, OpenChallenge, Request, Response } from './files.ts';
import { deriveKeys, digestOf, transcriptOf } from './keys.ts';

/** Why an enrolment is refused. The codes are stable. */
export type RefusalCode =
  | 'wrong-digest'
  | 'invalid-key'
  | 'wrong-key'
  | 'wrong-request'
  | 'wrong-authority'
  | 'wrong-challenge'
  | 'wrong-response'
  | 'expired';

const encoder = new TextEncoder();
const nonceOctets = 32;

/** SHA-384 (48 octets) of everything in a request. */
function requestDigest(suite: Suite, { name, uris, encapsulationKey }: Omit<Request, 'digest'>): Bytes {
  return digestOf(suite, 'request', encoder.encode(JSON.stringify([name, uris, encapsulationKey])));
}

/** SHA-384 (48 octets) of the DER of the authority's certificate. */
const authorityDigest = (suite: Suite, authority: Bytes): Bytes => digestOf(suite, 'authority', authority);

/** A request for a certificate of these names for an encapsulation key (1568 octets). */
export function createRequest(
  suite: Suite,
  asked: { readonly name: string; readonly uris: readonly string[]; readonly encapsulationKey: Uint8Array },
): Request {
  const body: Omit<Request, 'digest'> = {
    version: 1,
    type: 'pquake certificate request',
    name: asked.name,
    uris: asked.uris,
    encapsulationKey: toHex(asked.encapsulationKey),
  };
  return { ...body, digest: toHex(requestDigest(suite, body)) };
}

/**
 * Returns the digest of a request (48 octets). Refuses a damaged request; the holder detects deliberate changes
 * (`respondTo`).
 */
export function checkRequest(suite: Suite, request: Request): Checked<Bytes, RefusalCode> {
  const digest = requestDigest(suite, request);
  return suite.equal(digest, fromHex(request.digest))
    ? passed(digest)
    : refused('wrong-digest', 'the digest of the request is not that of its content');
}

/** When a challenge ends, to the second: `2026-06-01T12:00:00Z`. @throws RangeError for a time out of range */
const stated = (time: Date): string => {
  const text = `${time.toISOString().slice(0, -5)}Z`;
  if (text.length !== 20) throw new RangeError('expiry: a year of more than four digits');
  return text;
};

/** Whether a challenge has ended. An invalid time counts as ended. */
const isOver = (expires: string, time: Date): boolean => !(time.getTime() <= Date.parse(expires));

/**
 * Makes the authority's challenge to a request: encapsulates to the requested key. The authority keeps `open` to verify
 * the response; it contains no secret.
 * @throws RangeError for an expiry out of range
 */
export function createChallenge(
  suite: Suite,
  options: {
    readonly request: Request;
    /** The certificate of the authority, DER. */
    readonly authority: Uint8Array;
    readonly expires: Date;
  },
): Checked<{ readonly challenge: Challenge; readonly open: OpenChallenge }, RefusalCode> {
  const { request, authority } = options;
  const digest = checkRequest(suite, request);
  if (!digest.ok) return digest;
  const encapsulated = suite.encapsulate(fromHex(request.encapsulationKey));
  if (encapsulated === undefined) return refused('invalid-key', 'the encapsulation key of the request is not one');
  const { ciphertext, sharedSecret } = encapsulated;
  const binding = {
    requestDigest: request.digest,
    authorityDigest: toHex(authorityDigest(suite, authority)),
    nonce: toHex(suite.randomOctets(nonceOctets)),
    expires: stated(options.expires),
  };
  const transcript = transcriptOf({ ...binding, ciphertext: toHex(ciphertext) });
  const keys = deriveKeys(suite, sharedSecret, transcript);
  const mac = suite.mac(keys.challenge, transcript);
  const response = suite.mac(keys.response, transcript);
  const responseDigest = toHex(digestOf(suite, 'response', transcriptOf(binding), response));
  wipe(sharedSecret, keys.challenge, keys.response, response);
  return passed({
    challenge: {
      version: 1,
      type: 'pquake certificate challenge',
      ...binding,
      ciphertext: toHex(ciphertext),
      mac: toHex(mac),
    },
    open: { version: 1, type: 'pquake open challenge', ...binding, responseDigest },
  });
}

/** Checks the challenge against what the holder has: request, key, authority and time. */
function checkChallenge(
  suite: Suite,
  options: { challenge: Challenge; request: Request; key: KemKey; time: Date; authority?: Bytes | undefined },
): Checked<true, RefusalCode> {
  const { challenge, request, key, time, authority } = options;
  const digest = checkRequest(suite, request);
  if (!digest.ok) return digest;
  if (!suite.equal(key.encapsulationKey, fromHex(request.encapsulationKey)))
    return refused('wrong-key', 'the key is not the one that the request asks a certificate for');
  if (!suite.equal(digest.value, fromHex(challenge.requestDigest)))
    return refused('wrong-request', 'the challenge is to another request than this one');
  if (authority && !suite.equal(authorityDigest(suite, authority), fromHex(challenge.authorityDigest)))
    return refused('wrong-authority', 'the challenge is of another authority');
  if (isOver(challenge.expires, time)) return refused('expired', `the challenge ended at ${challenge.expires}`);
  return passed(true);
}

/**
 * Makes the holder's response: decapsulates, and answers only a challenge with a valid MAC under the shared secret. So
 * a response reveals nothing of a ciphertext to anybody who does not know its secret already.
 */
export function respondTo(
  suite: Suite,
  options: {
    readonly challenge: Challenge;
    /** The holder's own copy. */
    readonly request: Request;
    readonly key: KemKey;
    readonly time: Date;
    /** DER of the certificate of the only authority to answer; any authority when absent. */
    readonly authority?: Uint8Array | undefined;
  },
): Checked<Response, RefusalCode> {
  const fits = checkChallenge(suite, options);
  if (!fits.ok) return fits;
  const { challenge, key } = options;
  const transcript = transcriptOf(challenge);
  const sharedSecret = key.decapsulate(fromHex(challenge.ciphertext));
  const keys = deriveKeys(suite, sharedSecret, transcript);
  const expected = suite.mac(keys.challenge, transcript);
  const authentic = suite.equal(expected, fromHex(challenge.mac));
  const mac = suite.mac(keys.response, transcript);
  const { nonce } = challenge;
  const response: Response | undefined = authentic
    ? { version: 1, type: 'pquake certificate response', nonce, mac: toHex(mac) }
    : undefined;
  wipe(sharedSecret, keys.challenge, keys.response, expected, mac);
  return response ? passed(response) : refused('wrong-challenge', 'the challenge was changed, or made for another key');
}

/** Verifies a response, in constant time. The caller must accept at most one response to a challenge. */
export function verifyResponse(
  suite: Suite,
  options: {
    readonly open: OpenChallenge;
    readonly request: Request;
    /** The certificate of the authority, DER. */
    readonly authority: Uint8Array;
    readonly response: Response;
    readonly time: Date;
  },
): Checked<true, RefusalCode> {
  const { open, request, authority, response, time } = options;
  const digest = checkRequest(suite, request);
  if (!digest.ok) return digest;
  if (!suite.equal(digest.value, fromHex(open.requestDigest)))
    return refused('wrong-request', 'the challenge was to another request than this one');
  if (!suite.equal(authorityDigest(suite, authority), fromHex(open.authorityDigest)))
    return refused('wrong-authority', 'the challenge was of another authority');
  if (response.nonce !== open.nonce) return refused('wrong-response', 'the response is to another challenge');
  const found = digestOf(suite, 'response', transcriptOf(open), fromHex(response.mac));
  if (!suite.equal(found, fromHex(open.responseDigest)))
    return refused('wrong-response', 'the response does not prove that the key is held');
  if (isOver(open.expires, time)) return refused('expired', `the challenge ended at ${open.expires}`);
  return passed(true);
}
