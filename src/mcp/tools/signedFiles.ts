// Signed manifests in files: one bundle for each signature, all over one statement.
import { isObject, readJson } from '../../json/readJson.ts';
import { factsOf } from '../../node/files/facts.ts';
import { FileError } from '../../node/files/fileErrors.ts';
import { readBounded } from '../../node/files/files.ts';
import { type Bytes, same } from '../../octets.ts';
import type { Judged, ProvenanceRefusal, SignedEnvelope, Signer, SigningKey } from '../../provenance/contract.ts';
import { verifyTimestampToken } from '../../provenance/keys/timestamps.ts';
import { bundleLimits, decodeBundle, encodeBundle, inTotoPayloadType } from '../../provenance/signature/bundle.ts';
import { signEnvelope, verifyEnvelope } from '../../provenance/signature/envelope.ts';
import { decodeStatement } from '../../provenance/statement/inToto.ts';
import { judgeSignatures } from '../../provenance/trust/judge.ts';
import type { TrustPolicy } from '../../provenance/trust/policy.ts';
import {
  encodeManifestStatement,
  judgeTime,
  type ManifestStatement,
  manifestPredicateType,
  readManifestStatement,
  refusal,
} from './signed.ts';
import type { SignedManifestCode } from './signedCodes.ts';
import { readSigners, type SignerFiles, type Signers, signerText } from './signers.ts';

/** A manifest whose signatures were verified. */
export interface SignedManifest extends ManifestStatement {
  readonly signers: readonly Signer[];
}

/** A signed manifest cannot be used: the code says why. */
export class ManifestError extends FileError {
  /** One of `signedManifestCodes`, or of the codes of signatures, statements and trust. */
  readonly code: string;

  constructor(file: string, { code, detail }: ProvenanceRefusal) {
    super(file, `${code}: ${detail ?? code}`);
    this.code = code;
  }
}

/** Who signs: a key, and the chain of its certificate, own first (DER); without a chain the bundle names the key. */
export interface ManifestSigner {
  readonly key: SigningKey;
  readonly chain?: readonly Bytes[] | undefined;
}

/** Signs a manifest for a server. @returns a bundle (Sigstore 0.3, JSON) */
export function signManifest(signed: ManifestStatement, signer: ManifestSigner): Judged<Bytes, SignedManifestCode> {
  const payload = encodeManifestStatement(signed);
  return payload.ok ? { ok: true, value: signManifestPayload(payload.value, signer) } : payload;
}

const signManifestPayload = (payload: Bytes, { key, chain }: ManifestSigner): Bytes =>
  encodeBundle(signEnvelope(key, inTotoPayloadType, payload, chain));

interface FileEnvelope {
  readonly file: string;
  readonly envelope: SignedEnvelope;
}

/** @throws ConfigurationError for a file that cannot be read */
/** The deepest level of an unsigned manifest that is told from other JSON. */
const deepestManifest = 64;

/** Whether octets are a manifest as it is before somebody signs it. */
function isUnsigned(octets: Bytes): boolean {
  const json = readJson(octets, deepestManifest);
  if (!json.ok) return false;
  const { value } = json.value;
  return isObject(value) && value['format'] === 'pquake-mcp-manifest';
}

function readEnvelope(file: string): FileEnvelope {
  const octets = readBounded(file, bundleLimits.octets);
  const envelope = decodeBundle(octets);
  if (!envelope.ok)
    throw new ManifestError(
      file,
      isUnsigned(octets) ? { ...envelope, detail: 'it is a manifest without a signature, not a bundle' } : envelope,
    );
  return { file, envelope: envelope.value };
}

/** The statement in octets that were signed. @throws ManifestError */
function statementIn(file: string, payload: Bytes): ManifestStatement {
  const statement = decodeStatement(payload);
  if (!statement.ok) throw new ManifestError(file, statement);
  const read = readManifestStatement(statement.value);
  if (!read.ok) throw new ManifestError(file, read);
  return read.value;
}

/**
 * Signs what another signer signed, as it stands: a policy may want several signers. Whether the first signature is good is not judged.
 * @returns the bundle, and what it is over @throws ConfigurationError for a file that cannot be used
 */
export function signManifestAgain(
  file: string,
  signer: ManifestSigner,
): { readonly bundle: Bytes; readonly signed: ManifestStatement } {
  const { payload } = readEnvelope(file).envelope;
  return { signed: statementIn(file, payload), bundle: signManifestPayload(payload, signer) };
}

function verified({ file, envelope }: FileEnvelope, { keys, authorities, policy }: Signers, time: Date): Signer {
  const one = verifyEnvelope(envelope, { keys: policy?.keys ?? keys, authorities, time });
  if (!one.ok) throw new ManifestError(file, one);
  return one.value.signer;
}

/** What a policy says of the signers. The times of tokens in bundles count, by authorities of the policy. */
function judgedBy(
  policy: TrustPolicy,
  { name }: ManifestStatement,
  all: readonly (FileEnvelope & { readonly signer: Signer })[],
  time: Date,
): Judged<unknown> {
  const signers = all.map(({ signer, envelope: { signature, timestamps = [] } }) => ({
    signer,
    evidence: timestamps.flatMap((token) => {
      const verifiedToken = verifyTimestampToken(token, signature, policy.timestampAuthorities);
      return verifiedToken.ok ? [verifiedToken.value] : [];
    }),
  }));
  return judgeSignatures(policy, { subject: name, predicateType: manifestPredicateType, signers, time });
}

/** Refuses a signer of another name, and a key that must have signed and has not. */
function requireSigners(files: readonly string[], found: readonly Signer[], { names, keys }: Signers): void {
  for (const [at, { certificate }] of found.entries())
    if (names !== undefined && certificate?.names.some((one) => names.includes(one)) !== true)
      throw new ManifestError(
        files[at] ?? '',
        refusal(
          'signer-unexpected',
          `found ${certificate?.names.join(', ') ?? 'a bare key'}, expected ${names.join(' or ')}`,
        ),
      );
  const missing = keys.find(({ identifier }) => !found.some(({ key }) => key === identifier));
  if (missing !== undefined)
    throw new ManifestError(
      files[0] ?? '',
      refusal('key-without-signature', `no signature of the ${missing.algorithm} key ${missing.identifier}`),
    );
}

/**
 * Reads a signed manifest, and judges who signed it, and whether it is in force. For which server it is has to be judged by who knows
 * the server: `judgeServer`.
 * @param files - bundles over one statement, each with one signature
 * @throws ManifestError with the code @throws ConfigurationError for a file that cannot be read
 */
export function readSignedManifest(files: readonly string[], signers: Signers, time: Date): SignedManifest {
  const envelopes = files.map(readEnvelope);
  const [first, ...others] = envelopes;
  if (first === undefined) throw new TypeError('a signed manifest has at least one file');
  const all = envelopes.map((one) => ({ ...one, signer: verified(one, signers, time) }));
  const found = all.map(({ signer }) => signer);
  const { payload } = first.envelope;
  const other = others.find(({ envelope }) => !same(envelope.payload, payload));
  if (other !== undefined)
    throw new ManifestError(
      other.file,
      refusal('manifest-several-statements', `another statement than in ${first.file}`),
    );
  const signed = statementIn(first.file, payload);
  requireSigners(files, found, signers);
  const judged = signers.policy && judgedBy(signers.policy, signed, all, time);
  if (judged?.ok === false) throw new ManifestError(first.file, judged);
  const inForce = judgeTime(signed, time);
  if (!inForce.ok) throw new ManifestError(first.file, inForce);
  return { ...signed, signers: found };
}

/** A signed manifest that follows its files. */
export interface ManifestSource {
  /**
   * The manifest in force: read again when one of its files changed, or one that says who may sign.
   * @throws ConfigurationError also when its time is over, and for an older one than was in force
   */
  readonly read: () => SignedManifest;
  readonly file: string;
}

/** Milliseconds after which signatures are judged again though no file changed: certificates end, and phases of a policy begin. */
const judgedFor = 60_000;

export interface ManifestSourceOptions {
  /** Bundles over one statement, each with one signature. */
  readonly files: readonly string[];
  readonly signers: SignerFiles;
  readonly now?: (() => Date) | undefined;
  /** Told of the manifest that is in force first, and of each other one. */
  readonly onManifest?: ((signed: SignedManifest) => void) | undefined;
}

const sameManifest = (one: SignedManifest, other: SignedManifest): boolean =>
  one.manifest.digest === other.manifest.digest &&
  one.signers.map(signerText).join('\0') === other.signers.map(signerText).join('\0');

/** Reads a signed manifest, now and when it changes. @throws ConfigurationError when it cannot be used now */
export function manifestSource(options: ManifestSourceOptions): ManifestSource {
  const { files, signers: signerFiles, now = () => new Date(), onManifest } = options;
  const [file = ''] = files;
  let told: SignedManifest | undefined;
  let known: { readonly facts: string; readonly at: Date; readonly signed: SignedManifest } | undefined;
  let watched: readonly string[] = files;
  let newest = 0;

  function readAnew(at: Date): SignedManifest {
    known = undefined;
    const facts = factsOf(watched); // before anything is read, so that no change falls between
    const signers = readSigners(signerFiles);
    const signed = readSignedManifest(files, signers, at);
    if (signed.issued.getTime() < newest)
      throw new ManifestError(file, refusal('manifest-older', 'it was issued before the one that was in force'));
    newest = signed.issued.getTime();
    const all = [...files, ...signers.files];
    known = { facts: all.join('\0') === watched.join('\0') ? facts : '', at, signed };
    watched = all;
    if (told === undefined || !sameManifest(told, signed)) onManifest?.(signed);
    told = signed;
    return signed;
  }

  function read(): SignedManifest {
    const at = now();
    const age = known === undefined ? judgedFor : at.getTime() - known.at.getTime();
    if (known === undefined || age < 0 || age >= judgedFor || factsOf(watched) !== known.facts) return readAnew(at);
    const inForce = judgeTime(known.signed, at);
    if (!inForce.ok) throw new ManifestError(file, inForce);
    return known.signed;
  }

  readAnew(now());
  return { read, file };
}
