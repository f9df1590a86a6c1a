// Negative controls: cells that hold for the protocol, and are broken for a mutant. They show that the texts can see an attack.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Asking, ask } from './ask.ts';
import type { AllSettled, Status } from './deduce.ts';
import { statuses } from './deduce.ts';
import { cellNamed } from './elements.ts';
import { appendRecord, problemOf, type Recorded, readRecord } from './record.ts';
import { readSources, type Sources } from './texts.ts';

export interface Control {
  /** The mutant, as generated in the form of the cell. */
  readonly protocol: string;
  readonly cell: string;
}

export const controls: readonly Control[] = [
  { protocol: 'mutants/hiding-key-without-ss_e', cell: 'hiding-passive.initiator.before:psk' },
  { protocol: 'mutants/hiding-key-without-ss_e', cell: 'hiding-passive.responder.after:psk' },
  { protocol: 'mutants/no-ss_e', cell: 'secrecy.initiator.after:own-static+peer-static' },
  { protocol: 'mutants/no-ss_i', cell: 'secrecy.initiator.before:psk' },
  { protocol: 'mutants/no-ss_r', cell: 'agreement.responder.before:psk' },
];

export const controlsFile = (directory: string): string => join(directory, 'lattice/controls.jsonl');

/** The sources of a mutant. It is generated in one form, which is the one that the cell needs. */
export function sourcesOf(directory: string, { protocol, cell }: Control): Sources {
  return cell.startsWith('hiding')
    ? readSources(directory, 'default', protocol)
    : readSources(directory, protocol, 'default');
}

const isOf =
  ({ protocol, cell }: Control) =>
  (entry: Recorded): boolean =>
    entry.protocol === protocol && entry.cell === cell;

/** Asks about the controls that are not recorded, or of other texts now. */
export async function askControls(directory: string, asking: Asking): Promise<Recorded[]> {
  const known = [...readRecord(controlsFile(directory)).values()];
  const asked: Recorded[] = [];
  for (const control of controls) {
    const sources = sourcesOf(directory, control);
    const entry = known.find(isOf(control));
    const cell = cellNamed(control.cell);
    const isFresh = entry !== undefined && problemOf(sources, entry, asking.found.version) === undefined;
    if (isFresh || cell === undefined) continue;
    const found = await ask({ ...asking, sources }, cell);
    if (found === undefined) break;
    const recorded = { ...found, protocol: control.protocol };
    appendRecord(controlsFile(directory), recorded);
    asked.push(recorded);
  }
  return asked;
}

function problemOfControl(directory: string, control: Control, known: readonly Recorded[], version?: string): string[] {
  const name = `control ${control.protocol}, ${control.cell}`;
  const entry = known.find(isOf(control));
  if (entry === undefined) return [`${name}: not recorded`];
  const problem = problemOf(sourcesOf(directory, control), entry, version);
  if (problem !== undefined) return [`${name}: ${problem}`];
  return entry.outcome === 'broken' ? [] : [`${name}: ${entry.outcome}, and should be broken`];
}

const statusOf = (all: AllSettled, name: string): Status | undefined => {
  const cell = cellNamed(name);
  return cell === undefined ? undefined : statuses(all, cell.lattice).get(cell.set);
};

/** What is wrong with the controls, a line each: each is to be broken for the mutant, and not for the protocol. */
export function controlProblems(directory: string, all: AllSettled, version: string | undefined): string[] {
  if (!existsSync(controlsFile(directory))) return ['lattice/controls.jsonl is not there'];
  const known = [...readRecord(controlsFile(directory)).values()];
  const broken = controls.filter(({ cell }) => statusOf(all, cell)?.is === 'broken');
  return [
    ...controls.flatMap((control) => problemOfControl(directory, control, known, version)),
    ...broken.map(({ cell }) => `control ${cell}: it is broken for the protocol too, so it shows nothing`),
  ];
}
