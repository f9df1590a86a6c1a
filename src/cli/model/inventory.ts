// `pquake model inventory`: what of a tree is signed how, and what is due by when.
import { Argument } from 'commander';
import { type CommandDefinition, parsed } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { parseTime } from '../../node/terminal/words.ts';
import { type Inventory, inventory, type ListedModel } from '../../provenance/disk/inventory.ts';
import { algorithmTable } from '../../provenance/signature/algorithms.ts';
import { daysLeft, type RoadMap, roadMaps } from '../../provenance/signature/roadMaps.ts';

interface InventoryOptions extends JsonOptions {
  readonly at?: Date;
}

/** Files without a signature that are told one by one. */
const mostTold = 100;

interface Due {
  readonly roadMap: RoadMap['id'];
  readonly until: string;
  readonly daysLeft: number;
}

/** By when a model needs a post-quantum signature; nothing where it has one. */
const dueOf = ({ state }: ListedModel, now: Date): readonly Due[] =>
  state === 'hybrid' || state === 'post-quantum'
    ? []
    : roadMaps.map((one) => ({ roadMap: one.id, until: one.signatures, daysLeft: daysLeft(one, now) }));

const daysText = (days: number): string => (days < 0 ? `${-days} days ago` : `in ${days} days`);

function tellModel(model: ListedModel, now: Date): void {
  const { path, state, missing, signatures, files } = model;
  print(`${path}: ${state}${missing.length === 0 ? '' : ', incomplete'}, ${files} ${files === 1 ? 'file' : 'files'}`);
  for (const { file, algorithm, by } of signatures)
    print(`  ${file}: ${algorithm === undefined ? 'unknown algorithm' : algorithmTable[algorithm].title}, by ${by}`);
  for (const one of missing)
    print(`  missing: the signature of ${algorithmTable[one].title} that the statement requires`);
  for (const { roadMap, until, daysLeft: days } of dueOf(model, now))
    print(`  due: a post-quantum signature until ${until}, ${daysText(days)} (${roadMap})`);
}

function tell({ models, unreadable, unsigned, isCut }: Inventory, now: Date): void {
  for (const one of models) tellModel(one, now);
  for (const { file, code, detail } of unreadable) print(`${file}: no signature of a model: ${code}: ${detail}`);
  for (const file of unsigned.slice(0, mostTold)) print(`${file}: not signed`);
  if (unsigned.length > mostTold) print(`${unsigned.length - mostTold} more files are not signed`);
  if (isCut) print('there is more than is walked: not everything is listed');
  print(`${models.length} signed, ${unsigned.length} files not signed; nothing was verified`);
}

function runInventory(folder: string, { json, at = new Date() }: InventoryOptions): number {
  const found = inventory(folder);
  if (!json) tell(found, at);
  else {
    const models = found.models.map((one) => ({ ...one, due: dueOf(one, at) }));
    printJson({
      ok: true,
      ...found,
      models,
      unsignedFiles: found.unsigned.length,
      unsigned: found.unsigned.slice(0, mostTold),
      roadMaps,
    });
  }
  return 0;
}

const roadMapLines = roadMaps.map(({ id, scope, signatures }) => `  ${id.padEnd(13)} ${signatures}  ${scope}`);

/** The command `model inventory`. */
export const inventoryCommand: CommandDefinition = {
  words: 'inventory',
  arguments: [new Argument('<folder>', 'a tree of models and files')],
  description: 'list which models of a tree are signed, how, and by when they need a post-quantum signature',
  options: [
    parsed('--at <time>', 'the time to count days from, such as 2026-06-01 (default: now)', parseTime),
    jsonOption,
  ],
  notes: `
A model is classical, hybrid (a classical and a post-quantum signature) or post-quantum. A
classical one is due by the road maps, whose last days for signatures are:
${roadMapLines.join('\n')}
Nothing is verified: who signed is what the signatures say.`,
  examples: ['model inventory models', 'model inventory /srv/models --json'],
  action: runInventory,
};
