// assumptions.yaml: every statement of the models that assumes something, with the files that may hold it, and the reason.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { readYaml } from './blocks.ts';
import type { Assembled, Model } from './model.ts';
import { type AssumptionsData, check } from './schema.ts';
import { assumptionsOf } from './statements.ts';

export type Assumption = AssumptionsData['assumptions'][number];

export const assumptionsFile = 'assumptions.yaml';
const head = `# What the models assume: equations, rewrite rules, private and invertible constructors, assumptions on primitives, macros of
# a prover's library, what an attacker cannot do. Each with the files that may hold it, and the reason. \`prove --recorded\` refuses
# a model with another one. \`prove --pin\` adds what is new, without a reason, which a person writes, and drops what is gone.
# Comments and layout do not count. Definitions and invertible constructors of generated/ are compared with the code instead.
`;

/** @returns undefined where the file is not there @throws ManifestError for another form: an entry without a reason is one */
export function loadAssumptions(directory: string): readonly Assumption[] | undefined {
  const file = join(directory, assumptionsFile);
  if (!existsSync(file)) return undefined;
  return check('assumptions', readYaml(readBounded(file, limits.document).toString('utf8'), file), file).assumptions;
}

// `npm run generate -- --check` compares these with a run of the code.
const definition = /^(?:letfun\b|(?:fun|const)\b[^[]*\[data\]\.$)/;
const isGenerated = (file: string): boolean => file.startsWith('generated/');

/** The files of a model that hold a statement; none when it stands in none of them whole. */
const placesOf = (model: Model, line: string, read: (file: string) => readonly string[]): string[] =>
  [...model.parts, ...model.queries].filter((file) => read(file).includes(line));

/** A statement, and where it stands: a file, or the id of the model when it stands in no file whole. */
export interface Found {
  readonly line: string;
  readonly file: string;
}

/** Every statement of the assembled texts that has to be listed: a text is what its prover gets. */
export function foundIn(assembled: readonly Assembled[]): Found[] {
  const known = new Map<string, readonly string[]>();
  const found = new Map<string, Found>();
  for (const { model, text } of assembled) {
    const read = (file: string): readonly string[] => {
      const lines = known.get(file) ?? linesOf(join(model.directory, file), model);
      known.set(file, lines);
      return lines;
    };
    for (const line of assumptionsOf(text, model.tool)) {
      const files = placesOf(model, line, read);
      const listed = definition.test(line) ? files.filter((file) => !isGenerated(file)) : files;
      const places = files.length === 0 ? [`model ${model.id}`] : listed;
      for (const file of places) found.set(`${file} ${line}`, { line, file });
    }
  }
  return [...found.values()];
}

const linesOf = (file: string, { tool }: Model): string[] =>
  assumptionsOf(readBounded(file, limits.document).toString('utf8'), tool);

const isListed = ({ line, file }: Found, list: readonly Assumption[]): boolean =>
  list.some((one) => one.in.includes(file) && one.lines.includes(line));

/** Statements that are in no entry for their file. */
export const unlisted = (found: readonly Found[], list: readonly Assumption[]): string[] =>
  found
    .filter((one) => !isListed(one, list))
    .map(({ line, file }) => `${file}: ${assumptionsFile} does not list for this file: ${line}`);

/** Lines and files of entries that no model has any more. */
export const gone = (found: readonly Found[], list: readonly Assumption[]): string[] =>
  list.flatMap((one) => [
    ...one.lines
      .filter((line) => !found.some((other) => other.line === line && one.in.includes(other.file)))
      .map((line) => `${assumptionsFile} lists what no model has: ${line}`),
    ...one.in
      .filter((file) => !found.some((other) => other.file === file && one.lines.includes(other.line)))
      .map((file) => `${assumptionsFile} lists ${file}, which has none of the lines listed for it`),
  ]);

/** The list for what is found: entries keep what is there; what is new follows, one entry for the same files, without a reason. */
export function relisted(found: readonly Found[], list: readonly Assumption[]): Assumption[] {
  const kept = list.flatMap((one) => {
    const here = found.filter(({ line, file }) => one.lines.includes(line) && one.in.includes(file));
    const lines = one.lines.filter((line) => here.some((other) => other.line === line));
    const files = one.in.filter((file) => here.some((other) => other.file === file));
    return lines.length === 0 ? [] : [{ why: one.why, in: files, lines }];
  });
  const added = new Map<string, { why: string; in: string[]; lines: string[] }>();
  const fresh = found.filter((one) => !isListed(one, kept));
  for (const line of new Set(fresh.map((one) => one.line))) {
    const files = fresh.filter((one) => one.line === line).map(({ file }) => file);
    const entry = added.get(files.join(' ')) ?? { why: '', in: files, lines: [] };
    entry.lines.push(line);
    added.set(files.join(' '), entry);
  }
  return [...kept, ...added.values()];
}

/** The list as it is written. */
export const assumptionsText = (list: readonly Assumption[]): string =>
  head + stringify({ assumptions: list }, { lineWidth: 120 });
