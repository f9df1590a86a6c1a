import { existsSync } from 'node:fs';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { readBounded, writeFiles } from '../../../node/files/files.ts';
import { type CommandDefinition, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { type AddedEntries, addToLog, readLogKey } from '../../../provenance/disk/logFiles.ts';
import { readCosigner } from '../../../provenance/disk/logKeys.ts';
import { logBounds } from '../../../provenance/log/bounds.ts';
import { parseProof, proofFileOf } from '../../../provenance/log/proof.ts';
import { withRefusals } from '../report.ts';
import { entriesText, keyOption, readEntry, reportLogRefusal } from './words.ts';

interface AddOptions extends PassphraseOptions, JsonOptions {
  readonly key: string;
}

/** Refuses to replace a file that is no proof of this log. @throws FileError */
function refuseOtherProof(file: string, origin: string): void {
  if (!existsSync(file)) return;
  const proof = parseProof(readBounded(file, logBounds.proof));
  if (!proof.ok || proof.value.read.origin !== origin)
    refuseFile(file, `exists already, and is no proof of ${origin}; move it away`);
}

function writeProofs(bundles: readonly string[], { logged }: AddedEntries): void {
  for (const [at, bundle] of bundles.entries()) {
    const content = logged[at]?.proof ?? new Uint8Array();
    writeFiles([{ file: proofFileOf(bundle), content, mode: 0o644 }], true);
  }
}

async function add(directory: string, bundles: readonly string[], options: AddOptions): Promise<number> {
  const { key: keyFile, json } = options;
  const entries = bundles.map(readEntry);
  const key = readLogKey(directory);
  for (const bundle of bundles) refuseOtherProof(proofFileOf(bundle), key.name);
  const log = await withPassphrases(options, (access) => readCosigner(keyFile, key, access));
  const done = await addToLog({ directory, entries, log });
  log.wipe();
  if (!done.ok) return reportLogRefusal(directory, done, json);
  const { origin, size, added, logged } = done.value;
  writeProofs(bundles, done.value);
  const shown = bundles.map((bundle, at) => ({ bundle, index: logged[at]?.index ?? 0, proof: proofFileOf(bundle) }));
  if (json) printJson({ ok: true, origin, size, added, entries: shown });
  else {
    for (const { bundle, index, proof } of shown) print(`${bundle} is entry ${index} of ${origin}; wrote ${proof}`);
    print(`${origin} has ${entriesText(size)}, ${added} of them new`);
  }
  return 0;
}

/** The command `model log add`. */
export const logAddCommand: CommandDefinition = {
  words: 'add <directory> <bundle...>',
  description: 'append bundles to a log, sign its checkpoint, and write BUNDLE.tlog-proof beside each',
  options: [required(keyOption('the private key of the log')), passphraseOption('of the key'), jsonOption],
  notes:
    '\nA log says that a signature was there, not that it is right: model verify says that. A bundle that is in the log already gets a new proof.',
  examples: [
    'model log add log model.sig --key log.key',
    'model log add log model.sig model.pq.sig --key log.key --json',
  ],
  action: (directory: string, bundles: readonly string[], options: AddOptions) =>
    withRefusals(options.json, () => add(directory, bundles, options)),
};
