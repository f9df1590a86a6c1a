// Why a trust policy, a statement about a key, a time-stamp token or a set of signatures is refused.
import type { ProvenanceRefusal } from '../contract.ts';
import { refusal as refusalOf } from '../signature/codes.ts';

/** The codes and what they mean. */
export const trustCodes = {
  'policy-too-large': 'the policy file has more octets than are read',
  'policy-not-json': 'the policy file is not JSON, or two readers could read it differently',
  'policy-wrong-form': 'the policy file does not conform to its schema',
  'policy-inconsistent': 'parts of the policy file contradict each other, or name something that is not there',
  'too-many-signatures': 'more signatures were presented than are judged',
  'name-too-long': 'the name of the subject, or of a path, is longer than any that is judged',
  'no-requirement': 'no requirement of the policy is about this subject and predicate type',
  'no-signatures': 'no verified signature was presented',
  'ignored-path-not-allowed': 'the signer left out a path that the policy does not let it leave out',
  'required-algorithm-missing': 'the signed statement requires a signature of an algorithm, and there is none',
  'no-phase-in-force': 'the requirement has no phase that is in force at this time',
  'too-few-signers': 'fewer signers than required count',
  'phase-algorithm-missing': 'an algorithm that the phase in force requires is missing',
  'hybrid-incomplete': 'the phase in force requires a classical and a post-quantum signature of each signer',
  'post-quantum-missing': 'the phase in force requires a post-quantum signature of each signer',
  'log-proof-missing': 'the requirement asks for a proof of a transparency log',
  'timestamp-missing': 'the requirement asks for a time-stamp token',
  'not-among-signers': 'the requirement does not name the signer',
  'key-rotated': 'another key has taken the place of this one',
  'key-rotated-time-unknown':
    'another key has taken the place of this one, and no trusted time tells that the signature is older',
  'key-revoked': 'the key was revoked before the signature was made',
  'key-revoked-time-unknown': 'the key is revoked, and no trusted time tells that the signature is older',
  'key-not-yet-valid': 'the key takes the place of another one later than at this time',
  'succession-by-revoked-key': 'the key was introduced by a key that is revoked',
  'predicate-type-not-permitted': 'the signer may not sign statements of this predicate type about the subject',
  'subject-not-permitted': 'the signer may not sign this subject',
  'assurance-too-low': 'the authority asserts less of the signer than required',
  'ambiguous-signer': 'the key or certificate fits several signers of the policy',
  'wrong-authority': 'the name is that of a signer, and another authority certified it',
  'unlisted-signer': 'the policy does not list the signer',
  'key-statement-too-large': 'the statement about a key has more octets than are read',
  'key-statement-malformed': 'not an envelope (DSSE) of a statement about a key',
  'key-statement-wrong-type': 'the envelope holds another kind of statement',
  'key-statement-wrong-key': 'a key in the statement is not the one that its identifier names',
  'succession-not-signed-by-old-key': 'the old key did not sign the succession',
  'succession-not-signed-by-new-key':
    'the new key did not sign the succession, so nothing shows that somebody holds it',
  'succession-same-key': 'the succession names one key as old and as new',
  'succession-conflict': 'two successions give one key two successors or two predecessors',
  'succession-cycle': 'the successions lead from a key back to it',
  'succession-order': 'a key is replaced before it took the place of another one',
  'succession-too-long': 'more keys follow each other than are followed',
  'revocation-not-signed': 'neither the key nor an authority for revocations signed the revocation',
  'timestamp-too-large': 'the token has more octets than are read',
  'timestamp-not-granted': 'the authority answered without granting a token',
  'timestamp-malformed': 'not a time-stamp token (RFC 3161) in DER',
  'timestamp-wrong-imprint': 'the token is about other octets than this signature',
  'timestamp-weak-digest': 'the token uses a digest that is not accepted',
  'timestamp-unknown-authority': 'no time-stamp authority of the policy issued the token',
  'timestamp-wrong-certificate': 'the certificate of the authority is not one for time stamps alone',
  'timestamp-wrong-attributes': 'the signed attributes are not those of a time-stamp token, or not of this one',
  'timestamp-bad-signature': 'the signature of the authority does not verify',
  'timestamp-outside-validity': 'the certificate of the authority was not valid at the time of the token',
} as const;

export type TrustCode = keyof typeof trustCodes;

/** A refusal with one of these codes. */
export const refusal = (code: TrustCode, detail: string, path?: string): ProvenanceRefusal<TrustCode> =>
  refusalOf(code, detail, path);
