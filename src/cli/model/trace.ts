// `pquake model trace`: where a model came from, by signed statements, and which links fail.
import { Option } from 'commander';
import { writeFiles } from '../../node/files/files.ts';
import { type CommandDefinition, parsed, repeatable, UsageError } from '../../node/terminal/command.ts';
import { note, print } from '../../node/terminal/output.ts';
import { parseExpected } from '../../node/terminal/peer/expected.ts';
import { parseTime } from '../../node/terminal/words.ts';
import { expectedNames, judgeByPolicy, type StatementTrust } from '../../provenance/disk/givenStatements.ts';
import { eitherOf, policyAuthorities } from '../../provenance/disk/policyTrust.ts';
import { traceModel } from '../../provenance/disk/traceModel.ts';
import { readSignerAuthorities } from '../../provenance/keys/authorities.ts';
import { readVerifyingKey } from '../../provenance/keys/files.ts';
import { readTrustPolicy } from '../../provenance/keys/trustPolicyFile.ts';
import { type DrawingFormat, drawingFormats, drawLineage } from '../../provenance/lineage/drawing/draw.ts';
import type { Lineage } from '../../provenance/lineage/lineage.ts';
import type { TrustPolicy } from '../../provenance/trust/policy.ts';
import { type HashingOptions, hashingOptions, modelArgument } from './options.ts';
import { progressLine } from './progress.ts';
import { reportRefusal, withRefusals } from './report.ts';

type Judge = NonNullable<StatementTrust['judge']>;

interface TraceCommandOptions extends HashingOptions {
  readonly publicKey?: readonly string[];
  readonly ca?: readonly string[];
  readonly crl?: readonly string[];
  readonly expect?: readonly string[];
  readonly policy?: string;
  readonly statements?: readonly string[];
  readonly signature?: string;
  readonly at?: Date;
  readonly format: DrawingFormat;
  readonly out?: string;
  readonly force?: boolean;
}

function judgeOf(
  policy: TrustPolicy | undefined,
  expect: readonly string[] | undefined,
  time: Date,
): Judge | undefined {
  if (policy !== undefined) return judgeByPolicy(policy, time);
  return expect === undefined || expect.includes('anyone') ? undefined : expectedNames(expect);
}

function trustOf({
  publicKey = [],
  ca,
  crl,
  expect,
  policy: file,
  at = new Date(),
}: TraceCommandOptions): StatementTrust {
  if (publicKey.length === 0 && ca === undefined && file === undefined)
    throw new UsageError('who may sign is said by --public-key <file>, --ca <file> or --policy <file>');
  if (expect !== undefined && (ca === undefined || file !== undefined))
    throw new UsageError('--expect needs the authorities that certify names, --ca, and no --policy');
  if (crl !== undefined && ca === undefined) throw new UsageError('--crl needs the authorities that sign it: --ca');
  const policy = file === undefined ? undefined : readTrustPolicy(file);
  const own = ca && readSignerAuthorities({ ca, crl });
  const others = policy && policyAuthorities(policy);
  return {
    keys: [...publicKey.map((one) => readVerifyingKey(one)), ...(policy?.keys ?? [])],
    authorities: own && others ? eitherOf(own, others) : (own ?? others),
    time: at,
    judge: judgeOf(policy, expect, at),
  };
}

function tell(drawing: string, { out, force = false }: TraceCommandOptions): void {
  if (out !== undefined) writeFiles([{ file: out, content: drawing, mode: 0o644 }], force);
  else for (const line of drawing.trimEnd().split('\n')) print(line);
}

/** What is in a drawing that went to a file: else a failure would end without a word. */
function tellWhere(out: string, { links }: Lineage): void {
  const codes = links.flatMap(({ failures }) => failures.map(({ code }) => code));
  const fail = codes.length === 1 ? 'a link fails' : `links fail in ${codes.length} ways`;
  note(`wrote ${out}: ${codes.length === 0 ? 'every link holds' : `${fail}: ${[...new Set(codes)].join(', ')}`}`);
}

async function runTrace(path: string, options: TraceCommandOptions): Promise<number> {
  const { format, statements, signature, ignore, workers } = options;
  const json = format === 'json';
  return await withRefusals(json, async () => {
    const trust = trustOf(options);
    const progress = progressLine();
    try {
      const onProgress = progress.tell;
      const traced = await traceModel(path, { trust, statements, signature, ignore, workers, onProgress });
      progress.end();
      if (!traced.ok) return reportRefusal(path, traced, json);
      tell(drawLineage(traced.value, format), options);
      if (options.out !== undefined) tellWhere(options.out, traced.value);
      return traced.value.ok ? 0 : 1;
    } finally {
      progress.end();
    }
  });
}

/** The command `model trace`. */
export const traceCommand: CommandDefinition = {
  words: 'trace',
  arguments: [modelArgument],
  usage: '<path> (--public-key <file> | --ca <file> | --policy <file>) [options]',
  description: 'say and draw where a model came from, by signed statements, and which links fail',
  options: [
    repeatable('--public-key <file>', 'a key whose statements are believed, PEM'),
    repeatable('--ca <file>', 'certificates of authorities that may certify signers, PEM'),
    new Option('--crl <file...>', 'revocation lists, PEM, or folders of them; one or more, may be given again'),
    repeatable(
      '--expect <name>',
      'a name that the certificate of each signer has: CN=..., URI:..., DNS:...',
      parseExpected,
    ),
    new Option('--policy <file>', 'a trust policy: who may sign what, and how many must'),
    repeatable('--statements <place>', 'a statement, or a folder of them, about models that this one was made from'),
    new Option('--signature <file>', 'the signature of the model, if it is not where sign puts it'),
    parsed('--at <time>', 'the time to judge certificates by, such as 2026-06-01T12:00:00Z (default: now)', parseTime),
    new Option('--format <format>', 'how it is drawn').choices(drawingFormats).default('text'),
    new Option('--out <out>', 'where the drawing goes (default: standard output)'),
    new Option('--force', 'replace a drawing that is there'),
    ...hashingOptions('that is left out'),
  ],
  notes: `
The status is 0 when every link holds, else 1. Statements are looked for in <path>.provenance and
in the folders of that ending beside it. What is stated beyond a link that fails is not followed.`,
  examples: [
    'model trace llama-v2 --public-key release.key.pub',
    'model trace llama-v2 --public-key release.key.pub --statements llama-v1.provenance --format svg --out lineage.svg',
  ],
  action: runTrace,
};
