// Reads the report of a Stryker run and writes its score into properties/README.md. Fails when a survivor in src/protocol is
// not explained there.
import { readFileSync, writeFileSync } from 'node:fs';
import { fillTables, table } from '../src/lab/spec/text.ts';

const report = 'reports/mutation.json';
const readme = 'properties/README.md';
const folders = ['src/protocol', 'src/wire', 'src/certificate', 'src/channel'] as const;
const explained: (typeof folders)[number] = 'src/protocol';

interface Mutant {
  readonly mutatorName: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number } };
}

/** The members that are read of a report in the format of mutation-testing-report-schema. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;
}

/** A mutant and the file that it is in. */
interface Located extends Mutant {
  readonly file: string;
}

const isKilled = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const isSurvivor = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';
const place = ({ file, location, mutatorName }: Located): string => `${file}:${location.start.line} ${mutatorName}`;

/** The mutants of a folder that were judged; those that could not be run count neither way. */
function judged({ files }: Report, folder: string): Located[] {
  const mutants = Object.entries(files)
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, { mutants }]) => mutants.map((mutant) => ({ ...mutant, file })))
    .filter((mutant) => isKilled(mutant) || isSurvivor(mutant));
  if (mutants.length === 0) throw new Error(`${report} tells nothing of ${folder}: was it a run over a part?`);
  return mutants;
}

/** A line of the table: folder, mutants, killed, survived, score. */
function row(folder: string, mutants: readonly Mutant[]): (string | number)[] {
  const killed = mutants.filter(isKilled).length;
  const score = `${((100 * killed) / mutants.length).toFixed(1)} %`;
  return [`\`${folder}\``, mutants.length, killed, mutants.length - killed, score];
}

function main(): void {
  const run = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const rows = folders.map((folder) => row(folder, judged(run, folder)));
  const text = readFileSync(readme, 'utf8');
  const mutationScore = table(['folder', 'mutants', 'killed', 'survived', 'score'], rows);
  writeFileSync(readme, fillTables(readme, text, { mutationScore }));
  const unexplained = judged(run, explained)
    .filter((mutant) => isSurvivor(mutant) && !text.includes(`\`${place(mutant)}\``))
    .map(place);
  process.exitCode = unexplained.length === 0 ? 0 : 1;
  for (const one of unexplained) console.error(`${one} survived, and ${readme} does not say why`);
}

main();
