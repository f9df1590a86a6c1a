// What an authority answers: TimeStampResp (RFC 3161, section 2.4.2), of which the token is taken.
import { inside, octetsOf, only, sequence, tags, unsignedInteger } from '../../der/der.ts';
import { DerError } from '../../der/derError.ts';
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import { refusal, type TrustCode } from './codes.ts';

/** Granted, and granted with modifications. Both come with a token. */
const granted: readonly number[] = [0, 1];

function tokenIn(octets: Bytes): Judged<Bytes, TrustCode> {
  const what = 'response of the authority';
  const [status, token, ...rest] = sequence(only(octets, tags.sequence, what), what);
  // A token begins with an object identifier, a response with the SEQUENCE of its status.
  if (status?.tag === tags.objectIdentifier) return { ok: true, value: octets };
  const [value = -1, ...more] = unsignedInteger(inside(status ?? { contents: octets })[0], `status in the ${what}`);
  if (!granted.includes(value) || more.length > 0)
    return refusal('timestamp-not-granted', `status of the response: found ${value}, expected 0 or 1`);
  if (token?.tag !== tags.sequence || rest.length > 0)
    return refusal('timestamp-malformed', `${what}: expected a status and one token`);
  return { ok: true, value: octetsOf(token) };
}

/** The token of a whole TimeStampResp, DER; a TimeStampToken is handed back as it is. The token is not read. Never throws. */
export function tokenOfResponse(octets: Bytes): Judged<Bytes, TrustCode> {
  try {
    return tokenIn(octets);
  } catch (error) {
    if (error instanceof DerError) return refusal('timestamp-malformed', error.message);
    throw error;
  }
}
