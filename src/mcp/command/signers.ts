// The options of signed manifests and models: which files, and whose signatures count.
import { type Option, Option as OptionOf } from 'commander';
import { repeatable, UsageError } from '../../node/terminal/command.ts';
import { parseExpected } from '../../node/terminal/peer/expected.ts';
import type { ModelToVerify } from '../governing/models.ts';
import type { VerifiedOptions } from '../governing/verified.ts';
import type { KnownServer } from '../tools/signed.ts';
import type { SignerFiles } from '../tools/signers.ts';

/** As the parser returns them. */
export interface ManifestWords {
  readonly manifest?: readonly string[];
  readonly manifestKey?: readonly string[];
  readonly manifestCa?: readonly string[];
  readonly manifestSigner?: readonly string[];
  readonly trustPolicy?: string;
}

/** As the parser returns them. */
export interface ModelWords {
  readonly model?: readonly string[];
  readonly modelSignature?: readonly string[];
  readonly modelKey?: readonly string[];
  readonly modelCa?: readonly string[];
  readonly modelSigner?: readonly string[];
  readonly trustPolicy?: string;
}

const nameOfSigner = 'a name that the certificate of its signer has: CN=..., URI:..., DNS:...';

export const trustPolicyOption = new OptionOf('--trust-policy <file>', 'who has to have signed them, JSON');

export const manifestOptions: readonly Option[] = [
  repeatable('--manifest <file>', 'signed: what the server declares; nothing else goes through'),
  repeatable('--manifest-key <file>', 'a public key that must have signed it, PEM'),
  repeatable('--manifest-ca <file>', 'certificates of authorities that may certify its signer, PEM'),
  repeatable('--manifest-signer <name>', nameOfSigner, parseExpected),
];

export const modelOptions: readonly Option[] = [
  repeatable('--model <path>', 'of the server: verified before it starts, and while it runs'),
  repeatable('--model-signature <file>', 'of the only model (default: <path>/model.sig, or <path>.sig for one file)'),
  repeatable('--model-key <file>', 'a public key that must have signed it, PEM'),
  repeatable('--model-ca <file>', 'certificates of authorities that may certify its signer, PEM'),
  repeatable('--model-signer <name>', nameOfSigner, parseExpected),
];

/** Whose signatures count over one kind of thing, by the words of its options. @throws UsageError */
function signersOf(
  kind: 'manifest' | 'model',
  given: Omit<SignerFiles, 'policy'>,
  policy: string | undefined,
): SignerFiles {
  const { keys, ca, names } = given;
  const isByNames = keys !== undefined || ca !== undefined;
  if (isByNames && policy !== undefined)
    throw new UsageError(`--trust-policy says who signs: without --${kind}-key and --${kind}-ca`);
  if (!isByNames && policy === undefined)
    throw new UsageError(`--${kind} needs whose signature counts: --trust-policy, --${kind}-key or --${kind}-ca`);
  if (names !== undefined && ca === undefined) throw new UsageError(`--${kind}-signer needs --${kind}-ca`);
  return policy === undefined ? given : { policy };
}

/** The signed manifest that the options ask for; undefined without one. @throws UsageError */
export function manifestOf(words: ManifestWords): Omit<NonNullable<VerifiedOptions['manifest']>, 'server'> | undefined {
  const { manifest: files, manifestKey: keys, manifestCa: ca, manifestSigner: names, trustPolicy } = words;
  if (files !== undefined) return { files, signers: signersOf('manifest', { keys, ca, names }, trustPolicy) };
  const [strange] = Object.entries({ '--manifest-key': keys, '--manifest-ca': ca, '--manifest-signer': names }).filter(
    ([, value]) => value !== undefined,
  );
  if (strange !== undefined) throw new UsageError(`${strange[0]} needs --manifest FILE`);
  return undefined;
}

/** The models that the options ask for; undefined without one. @throws UsageError */
export function modelsOf(words: ModelWords): VerifiedOptions['models'] {
  const {
    model: paths,
    modelSignature: signatures,
    modelKey: keys,
    modelCa: ca,
    modelSigner: names,
    trustPolicy,
  } = words;
  if (paths === undefined) {
    const given = { '--model-signature': signatures, '--model-key': keys, '--model-ca': ca, '--model-signer': names };
    const [strange] = Object.entries(given).filter(([, value]) => value !== undefined);
    if (strange !== undefined) throw new UsageError(`${strange[0]} needs --model PATH`);
    return undefined;
  }
  if (signatures !== undefined && paths.length > 1)
    throw new UsageError('--model-signature is for one --model; each of several has its own where it is by default');
  const models: readonly ModelToVerify[] = paths.map((path) => ({ path, signatures }));
  return { models, signers: signersOf('model', { keys, ca, names }, trustPolicy) };
}

/** All that has to be verified; undefined when nothing is asked for. @throws UsageError */
export function verifiedOf(words: ManifestWords & ModelWords, server?: KnownServer): VerifiedOptions | undefined {
  const [manifest, models] = [manifestOf(words), modelsOf(words)];
  if (manifest === undefined && models === undefined) {
    if (words.trustPolicy !== undefined)
      throw new UsageError('--trust-policy needs what it is about: --manifest or --model');
    return undefined;
  }
  return { models, manifest: manifest && { ...manifest, server } };
}
