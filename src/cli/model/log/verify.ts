import { statSync } from 'node:fs';
import { Argument, Option } from 'commander';
import { readBounded, writeFiles } from '../../../node/files/files.ts';
import { type CommandDefinition, required, UsageError } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { noteSchemes } from '../../../provenance/disk/logKeys.ts';
import { readerOf } from '../../../provenance/disk/logReaders.ts';
import { findEntry, verifyLog } from '../../../provenance/disk/logVerify.ts';
import { logBounds } from '../../../provenance/log/bounds.ts';
import type { JudgedCheckpoint, LogTrust } from '../../../provenance/log/judge.ts';
import { verifyProof } from '../../../provenance/log/proof.ts';
import { withRefusals } from '../report.ts';
import { entriesText, readEntry, readLogPolicy, reportLogRefusal } from './words.ts';

interface VerifyOptions extends JsonOptions {
  readonly policy: string;
  readonly proof?: string;
  readonly out?: string;
}

const trustOf = (file: string): LogTrust => ({
  policy: readLogPolicy(file),
  schemes: noteSchemes(),
  time: new Date(),
});

/** Tells what was verified. @returns 0, the exit status */
function tell(
  { checkpoint, witnesses, witnessed }: JudgedCheckpoint,
  index: number | undefined,
  json: boolean | undefined,
): number {
  const { origin, size } = checkpoint;
  const shown = witnesses.map(({ name, type, time }) => ({ name, algorithm: type, time: time.toISOString() }));
  if (json)
    printJson({
      ok: true,
      origin,
      size,
      index: index ?? null,
      witnessed: witnessed?.toISOString() ?? null,
      witnesses: shown,
    });
  else {
    print(
      index === undefined
        ? `${origin}: ${entriesText(size)}, all as they were signed`
        : `entry ${index} of ${origin}, which has ${entriesText(size)}`,
    );
    for (const { name, algorithm, time } of shown) print(`cosigned by ${name} (${algorithm}) at ${time}`);
  }
  return 0;
}

/** Verifies a proof from a file, without the log. */
function verifyByProof(bundle: string, proof: string, { policy, json }: VerifyOptions): number {
  const judged = verifyProof(new Uint8Array(readBounded(proof, logBounds.proof)), readEntry(bundle), trustOf(policy));
  return judged.ok
    ? tell(judged.value, judged.value.index, json)
    : reportLogRefusal(bundle, { ...judged, path: proof }, json);
}

/** Verifies a bundle in a log, and writes its proof where asked. */
async function verifyInLog(log: string, bundle: string, { policy, out, json }: VerifyOptions): Promise<number> {
  const found = await findEntry(readerOf(log), readEntry(bundle), trustOf(policy));
  if (!found.ok) return reportLogRefusal(log, found, json);
  if (out !== undefined) writeFiles([{ file: out, content: found.value.proof, mode: 0o644 }], true);
  return tell(found.value, found.value.index, json);
}

async function verify(first: string | undefined, second: string | undefined, options: VerifyOptions): Promise<number> {
  const { policy, proof, out, json } = options;
  if (first === undefined) throw new UsageError("missing required argument 'log', or 'bundle' with --proof");
  if (proof !== undefined) {
    if (second !== undefined || out !== undefined)
      throw new UsageError('--proof is verified without a log: give the bundle alone');
    return verifyByProof(first, proof, options);
  }
  if (second !== undefined) return await verifyInLog(first, second, options);
  if (out !== undefined) throw new UsageError('--out needs a bundle, whose proof is written');
  if (statSync(first, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`${first} is a file: a bundle is verified with --proof <file>, or as <log> <bundle>`);
  const judged = await verifyLog(readerOf(first), trustOf(policy));
  return judged.ok ? tell(judged.value, undefined, json) : reportLogRefusal(first, judged, json);
}

/** The command `model log verify`. */
export const logVerifyCommand: CommandDefinition = {
  words: 'verify',
  arguments: [
    new Argument('[log]', 'a directory, or a URL of http or https'),
    new Argument('[bundle]', 'the bundle that has to be in it (default: all of the log is checked)'),
  ],
  usage: '(<log> [bundle] | <bundle> --proof <file>) --policy <file> [options]',
  description: 'verify that a bundle is in a log, by a proof or by its files; or all of a log',
  options: [
    required(new Option('--policy <file>', 'the logs, witnesses and quorum that are trusted (C2SP tlog-policy)')),
    new Option('--proof <file>', 'the proof of the bundle, as model log add writes it; the log is not read'),
    new Option('--out <file>', 'writes the proof of the bundle, with the cosignatures that the log has now'),
    jsonOption,
  ],
  notes: '\nThat a bundle is in a log says nothing of its signature: model verify says that.',
  examples: [
    'model log verify model.sig --proof model.sig.tlog-proof --policy policy',
    'model log verify https://example.com/models model.sig --policy policy --out model.sig.tlog-proof',
    'model log verify log --policy policy --json',
  ],
  action: (first: string | undefined, second: string | undefined, options: VerifyOptions) =>
    withRefusals(options.json, () => verify(first, second, options)),
};
