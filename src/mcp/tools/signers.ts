// Whose signatures count, over manifests and models: keys, authorities with names, or a trust policy.
import { dirname, resolve } from 'node:path';
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { ConfigurationError } from '../../configuration.ts';
import { checkAll, reasonOf } from '../../failure.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import type { Judged, ProvenanceRefusal, SignedEnvelope, Signer, VerifyingKey } from '../../provenance/contract.ts';
import { readSignerAuthorities, signerSuite } from '../../provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../provenance/keys/files.ts';
import { verifyingKeyOf } from '../../provenance/keys/schemes.ts';
import { readTrustPolicy } from '../../provenance/keys/trustPolicyFile.ts';
import { type SignerAuthorities, signerAuthorities } from '../../provenance/signature/chain.ts';
import type { TrustCode } from '../../provenance/trust/codes.ts';
import { judgeSignatures, type SignaturesToJudge } from '../../provenance/trust/judge.ts';
import type { TrustPolicy } from '../../provenance/trust/policy.ts';

/** The files that say whose signatures count: a trust policy, or keys and authorities. */
export interface SignerFiles {
  /** A trust policy: spec/schema/trust-policy.schema.json. It stands alone. */
  readonly policy?: string | undefined;
  /** Public keys, PEM. Each must have signed. */
  readonly keys?: readonly string[] | undefined;
  /** Certificates of authorities that certify signers, PEM. */
  readonly ca?: readonly string[] | undefined;
  /** Names of which the certificate of a signer has one: `CN=...`, `URI:...`, `DNS:...`, or a common name. */
  readonly names?: readonly string[] | undefined;
}

/** Whose signatures count. */
export interface Signers {
  /** The files that were read: with others, others may count. */
  readonly files: readonly string[];
  /** The keys with which these envelopes may be verified. */
  readonly keysFor: (envelopes: readonly SignedEnvelope[]) => readonly VerifyingKey[];
  /** Keys of which none may be missing. */
  readonly required: readonly VerifyingKey[];
  readonly authorities?: SignerAuthorities | undefined;
  readonly names?: readonly string[] | undefined;
  /** Judges who signed what, where a policy says who may. */
  readonly judge: (asked: SignaturesToJudge) => Judged<unknown, string>;
  /** The digest of the policy; undefined without one. */
  readonly digest?: string | undefined;
}

/** The files that a policy names, relative to its folder. */
function filesOf(file: string, { document }: TrustPolicy): readonly string[] {
  const {
    signers,
    authorities = [],
    timestampAuthorities = [],
    revocationAuthorities = [],
    keyStatements = [],
  } = document;
  const keys = [...signers.flatMap((one) => one.keys ?? []), ...revocationAuthorities];
  const named = [
    ...keys.flatMap((key) => ('file' in key ? [key.file] : [])),
    ...authorities.flatMap(({ certificates }) => certificates ?? []),
    ...timestampAuthorities,
    ...keyStatements,
  ];
  return [file, ...named.map((name) => resolve(dirname(file), name))];
}

/** The authorities of a policy; undefined when it has none. @throws ConfigurationError */
function authoritiesOf(file: string, { authorityCertificates }: TrustPolicy): SignerAuthorities | undefined {
  if (authorityCertificates.length === 0) return undefined;
  const suite = signerSuite();
  const trustAnchors = checkAll(authorityCertificates, (der) => parseTrustAnchor(suite, der));
  if (!trustAnchors.ok) return refuseFile(file, `a certificate of its authorities: ${reasonOf(trustAnchors)}`);
  const made = signerAuthorities({
    suite,
    trustAnchors: trustAnchors.value,
    verifyingKeyOf: (spki) => verifyingKeyOf(spki),
  });
  return made.ok ? made.value : refuseFile(file, `its authorities: ${reasonOf(made)}`);
}

/** What an envelope says of its key is a hint: it chooses among the keys of the policy, and trusts none. */
const named = (keys: readonly VerifyingKey[], envelopes: readonly SignedEnvelope[]): readonly VerifyingKey[] =>
  keys.filter(({ identifier }) =>
    envelopes.some(({ reference }) => reference.by === 'key' && reference.hint === identifier),
  );

function byPolicy(file: string): Signers {
  const policy = readTrustPolicy(file);
  return {
    files: filesOf(file, policy),
    keysFor: (envelopes) => named(policy.keys, envelopes),
    required: [],
    authorities: authoritiesOf(file, policy),
    judge: (asked) => judgeSignatures(policy, asked),
    digest: policy.digest,
  };
}

/** Reads whose signatures count. @throws ConfigurationError also when nobody's do */
export function readSigners({ policy, keys = [], ca = [], names }: SignerFiles): Signers {
  const isByNames = keys.length > 0 || ca.length > 0;
  if (policy !== undefined && (isByNames || names !== undefined))
    throw new ConfigurationError(
      `${policy}: a trust policy says who signs; keys, authorities and names beside it do not`,
    );
  if (policy !== undefined) return byPolicy(policy);
  if (!isByNames)
    throw new ConfigurationError('signatures are judged by a trust policy, or by keys or authorities of signers');
  if (names !== undefined && ca.length === 0)
    throw new ConfigurationError('names of signers need the authorities that certify them');
  const required = keys.map((file) => readVerifyingKey(file));
  return {
    files: [...keys, ...ca],
    keysFor: () => required,
    required,
    authorities: ca.length === 0 ? undefined : readSignerAuthorities({ ca }),
    names: names?.map((word) => (/[=:]/.test(word) ? word : `CN=${word}`)),
    judge: () => ({ ok: true, value: null }),
  };
}

/** Whether the key that an envelope names may be trusted; by certificates, that is found out when they are judged. */
export const mayCount = (
  { keysFor }: Signers,
  { reference }: SignedEnvelope,
  envelopes: readonly SignedEnvelope[],
): boolean =>
  reference.by === 'certificate' || keysFor(envelopes).some(({ identifier }) => identifier === reference.hint);

/** Refuses what is signed by no key that a policy lists; undefined where keys and authorities are given. */
export function unlistedSigner(
  signers: Signers,
  envelopes: readonly SignedEnvelope[],
): ProvenanceRefusal<TrustCode> | undefined {
  if (signers.digest === undefined || envelopes.some((one) => mayCount(signers, one, envelopes))) return undefined;
  const hints = envelopes.flatMap(({ reference }) => (reference.by === 'key' ? [reference.hint.slice(0, 64)] : []));
  const detail = `the policy does not list the key that the signature names: ${JSON.stringify(hints)}`;
  return { ok: false, code: 'unlisted-signer', detail };
}

/** A signer for people and for the record: its name, its algorithm, and the identifier of its key. */
export const signerText = ({ name, algorithm, key, certificate }: Signer): string =>
  certificate === undefined ? `${name}, ${algorithm}` : `${name}, ${algorithm}, key ${key}`;
