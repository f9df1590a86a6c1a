// `pquake model policy explain`: what a trust policy would decide about signatures, and why.
import { Option } from 'commander';
import { formOf } from '../../../certificate/peerNames.ts';
import { type CommandDefinition, parsed, repeatable, required, UsageError } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { parseTime } from '../../../node/terminal/words.ts';
import type { AlgorithmName, Signer } from '../../../provenance/contract.ts';
import { readTrustPolicy } from '../../../provenance/keys/trustPolicyFile.ts';
import { algorithmNames } from '../../../provenance/signature/algorithms.ts';
import { integrityPredicateType } from '../../../provenance/statement/integrity.ts';
import { explanationLines } from '../../../provenance/trust/explanationText.ts';
import { explainTrust, type TrustExplanation } from '../../../provenance/trust/judge.ts';
import type { TrustPolicy } from '../../../provenance/trust/policy.ts';
import type { PresentedSignature } from '../../../provenance/trust/signatures.ts';
import { withRefusals } from '../report.ts';
import { policyArgument } from './check.ts';

interface ExplainOptions extends JsonOptions {
  readonly subject: string;
  readonly predicateType: string;
  readonly signer?: readonly string[];
  readonly authority?: readonly string[];
  readonly algorithm?: AlgorithmName;
  readonly timestamp?: Date;
  readonly log?: Date;
  readonly time?: Date;
}

const isIdentifier = (word: string): boolean => /^[0-9a-f]{64}$/.test(word);

/** The names of a certificate of this one: the subject of nothing but a common name is a name, too. */
const namesOf = (name: string): string[] => (formOf(name) === 'common name' ? [name, `CN=${name}`] : [name]);

/** A signer as a command line names it: by the identifier of a key, or by a name in a certificate. */
function signerOf(word: string, { keys }: TrustPolicy, { authority, algorithm }: ExplainOptions): Signer {
  if (isIdentifier(word)) {
    const known = keys.find(({ identifier }) => identifier === word);
    return { algorithm: algorithm ?? known?.algorithm ?? 'ml-dsa-87', key: word, name: `key ${word}` };
  }
  if (authority === undefined)
    throw new UsageError(
      `${word} is a name in a certificate: name the trust anchor above it (--authority); a key is named by its identifier, 64 hexadecimal digits`,
    );
  return {
    algorithm: algorithm ?? 'ml-dsa-87',
    key: `of ${word}`,
    name: word,
    certificate: {
      names: namesOf(word),
      authorities: authority,
      digest: '',
      serialNumber: '',
      notBefore: new Date(0),
      notAfter: new Date(8_640_000_000_000_000),
    },
  };
}

function signatureOf(word: string, policy: TrustPolicy, options: ExplainOptions): PresentedSignature {
  const { timestamp, log } = options;
  return {
    signer: signerOf(word, policy, options),
    evidence: [
      ...(timestamp === undefined ? [] : [{ kind: 'timestamp' as const, time: timestamp }]),
      ...(log === undefined ? [] : [{ kind: 'log' as const, time: log }]),
    ],
  };
}

function jsonOf({ decision, signatures, requirements }: TrustExplanation, policy: TrustPolicy) {
  const { ok } = decision;
  const refused = ok ? {} : { code: decision.code, message: decision.detail ?? decision.code };
  const shown = signatures.map(({ signature: { signer }, id, refused: why, steps }) => ({
    signer: signer.name,
    algorithm: signer.algorithm,
    as: id ?? null,
    code: why?.code ?? null,
    steps,
  }));
  return { ok, ...refused, policyDigest: policy.digest, signatures: shown, requirements };
}

async function runExplain(file: string, options: ExplainOptions): Promise<number> {
  const { subject, predicateType, signer = [], time = new Date(), json } = options;
  return withRefusals(json, async () => {
    const policy = readTrustPolicy(file);
    const signers = signer.map((word) => signatureOf(word, policy, options));
    const explanation = explainTrust(policy, { subject, predicateType, signers, time });
    if (json) printJson(jsonOf(explanation, policy));
    else for (const line of explanationLines(explanation)) print(line);
    return explanation.decision.ok ? 0 : 1;
  });
}

/** The command `model policy explain`. */
export const explainPolicyCommand: CommandDefinition = {
  words: 'explain',
  arguments: [policyArgument],
  description: 'say what a trust policy decides about signatures of some signers, and why',
  options: [
    required(new Option('--subject <name>', 'the name of the model, or of what else is signed')),
    new Option('--predicate-type <uri>', 'what is said about it').default(integrityPredicateType),
    repeatable('--signer <who>', 'the identifier of a key, or a name in a certificate: URI:..., DNS:..., CN=...'),
    repeatable('--authority <name>', 'the subject of a trust anchor above these names, such as CN=Example'),
    new Option(
      '--algorithm <name>',
      'of the signatures (default: that of the key if it is known, else ml-dsa-87)',
    ).choices(algorithmNames),
    parsed('--timestamp <time>', 'the time of time-stamp tokens over the signatures', parseTime),
    parsed('--log <time>', 'the time at which a log had the signatures', parseTime),
    parsed('--time <time>', 'when the signatures are judged (default: now)', parseTime),
    jsonOption,
  ],
  notes: `
The status is 0 when the policy lets the signatures through, else 1. They are taken as verified:
nothing is verified here.`,
  examples: [
    `model policy explain trust.json --subject llama --signer ${'5b0c'.repeat(16)}`,
    "model policy explain trust.json --subject llama --signer CN=release --authority 'CN=Lab CA' --time 2032-01-01",
  ],
  action: runExplain,
};
