// An attestation: what provers said in one run, by whom and on which machine, in a file apart from the record of verdicts.
import { existsSync, statSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { writeFiles } from '../../node/files/files.ts';
import { note } from '../../node/terminal/output.ts';
import { type LedgerEntry, runNow } from './ledger.ts';
import { ManifestError, type Tool } from './model.ts';
import type { AttestationData } from './schema.ts';
import { digestOf, type Found } from './tools.ts';

const machine = (): AttestationData['machine'] => ({
  system: `${platform()} ${release()} ${arch()}`,
  processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  node: process.versions.node,
});

/** @throws ManifestError, before hours are spent, where the file cannot be written */
export function checkPlace(file: string | undefined): void {
  if (file === undefined) return;
  if (!existsSync(dirname(file))) throw new ManifestError(`${file}: expected a file in a folder that is there`);
  if (existsSync(file) && !statSync(file).isFile()) throw new ManifestError(`${file}: expected the name of a file`);
}

/** Writes the complete runs of this call. @param by - who runs the provers; the name of the user, unless given */
export function attest(
  file: string,
  entries: readonly LedgerEntry[],
  found: ReadonlyMap<Tool, Found>,
  by?: string,
): void {
  const ran = [...found].filter(([tool]) => entries.some((entry) => entry.tool === tool));
  const attestation: AttestationData = {
    form: 'pquake-attestation-1',
    run: runNow(by),
    machine: machine(),
    executables: Object.fromEntries(ran.map(([tool, { command }]) => [tool, digestOf(command)])),
    models: [...entries].sort((one, other) => (one.model < other.model ? -1 : 1)),
  };
  const content = `${JSON.stringify(attestation, null, 2)}\n`;
  writeFiles([{ file, content, mode: 0o644 }], true);
  const queries = entries.flatMap((entry) => entry.queries).length;
  note(`${file}: ${queries} verdicts on ${entries.length} models; the record is as it was`);
}
