// Envelopes with one signature: made by a key, and verified against keys and authorities that are trusted.
import type { Bytes } from '../../octets.ts';
import type {
  AlgorithmName,
  Judged,
  KeyReference,
  SignedEnvelope,
  Signer,
  SigningKey,
  VerifiedEnvelope,
  VerifyingKey,
} from '../contract.ts';
import { algorithmTable } from './algorithms.ts';
import type { SignerAuthorities } from './chain.ts';
import { refusal, type SignatureCode } from './codes.ts';
import { pae } from './dsse.ts';

/** Whose signatures count. */
export interface SignatureTrust {
  readonly keys: readonly VerifyingKey[];
  /** Absent when no certificate is trusted. */
  readonly authorities?: SignerAuthorities | undefined;
  /** When certificates have to be valid. */
  readonly time: Date;
  /** The only algorithms that are let through; absent for all of them. */
  readonly algorithms?: readonly AlgorithmName[] | undefined;
}

/** Signs a payload of a type. @param chain - certificates (DER) of the key, its own first; without them the bundle names the key alone */
export function signEnvelope(
  key: SigningKey,
  payloadType: string,
  payload: Bytes,
  chain: readonly Bytes[] = [],
): SignedEnvelope {
  const reference: KeyReference =
    chain.length === 0 ? { by: 'key', hint: key.publicKey.identifier } : { by: 'certificate', chain };
  return { payloadType, payload, signature: key.sign(pae(payloadType, payload)), reference };
}

interface Found {
  readonly key: VerifyingKey;
  readonly signer: Signer;
}

const shown = (hint: string): string => JSON.stringify(hint.slice(0, 64));

function byHint(hint: string, { keys }: SignatureTrust): Judged<Found, SignatureCode> {
  const key = keys.find(({ identifier }) => identifier === hint);
  if (key !== undefined) {
    const { algorithm, identifier } = key;
    return { ok: true, value: { key, signer: { algorithm, key: identifier, name: `key ${identifier}` } } };
  }
  const [only] = keys;
  if (only === undefined)
    return refusal('signature-unknown-key', `the bundle names the key ${shown(hint)}, and no key is trusted`);
  return keys.length === 1
    ? refusal('signature-key-mismatch', `the bundle names the key ${shown(hint)}, expected ${only.identifier}`)
    : refusal(
        'signature-unknown-key',
        `the bundle names the key ${shown(hint)}, which is none of the ${keys.length} trusted ones`,
      );
}

function byChain(chain: readonly Bytes[], { authorities, time }: SignatureTrust): Judged<Found, SignatureCode> {
  if (authorities === undefined)
    return refusal(
      'signature-no-authorities',
      'the bundle names certificates, and no authorities are trusted: expected a key that is',
    );
  const judged = authorities.judge(chain, time);
  if (!judged.ok) return judged;
  const { key, name, certificate } = judged.value;
  return { ok: true, value: { key, signer: { algorithm: key.algorithm, key: key.identifier, name, certificate } } };
}

const range = ([least, most]: readonly [number, number]): string =>
  least === most ? `${most}` : `${least} to ${most}`;

/**
 * Verifies the signature of an envelope. A bundle never says which key is trusted: what it names must be one of the keys given, or a
 * certificate under the authorities given. Never throws.
 */
export function verifyEnvelope(
  envelope: SignedEnvelope,
  trust: SignatureTrust,
): Judged<VerifiedEnvelope, SignatureCode> {
  const { payloadType, payload, signature, reference } = envelope;
  const found = reference.by === 'key' ? byHint(reference.hint, trust) : byChain(reference.chain, trust);
  if (!found.ok) return found;
  const { key, signer } = found.value;
  const { title, signature: lengths } = algorithmTable[key.algorithm];
  if (trust.algorithms !== undefined && !trust.algorithms.includes(key.algorithm))
    return refusal(
      'signature-algorithm-not-allowed',
      `the key ${key.identifier} is of ${title}, expected ${trust.algorithms.map((one) => algorithmTable[one].title).join(' or ') || 'none'}`,
    );
  if (signature.length < lengths[0] || signature.length > lengths[1])
    return refusal(
      'signature-wrong-length',
      `found ${signature.length} octets, expected ${range(lengths)} of ${title}`,
    );
  return key.verify(pae(payloadType, payload), signature)
    ? { ok: true, value: { payloadType, payload, signer } }
    : refusal('signature-invalid', `not a signature of ${signer.name} over this payload`);
}
