// models.yaml and manifests/*.yaml: the models, and their variants under other protocols.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../limits.ts';
import { readBounded } from '../../node/files/files.ts';
import { readYaml } from './blocks.ts';
import { type Answer, ManifestError, type Model, type Prover, type Tool } from './model.ts';
import { answerOf, check, type ManifestData } from './schema.ts';

type ModelData = ManifestData['models'][number];
type VariantData = NonNullable<ManifestData['variants']>[number];

const defaultSeconds = 300;
const defaultProtocol = 'default';

type Words = Readonly<Record<string, boolean | 'unproved'>>;

const answers = (words: Words = {}): Record<string, Answer> =>
  Object.fromEntries(Object.entries(words).map(([id, word]) => [id, answerOf(word)]));

/** What is the same for every model of a manifest. */
interface Shared {
  readonly directory: string;
  readonly provers: Readonly<Partial<Record<Tool, Prover>>>;
}

function modelOf(data: ModelData, { directory, provers }: Shared): Model {
  const { id, tool, set, title, parts, protocol = defaultProtocol, queries = [], only, seconds, ends, edits } = data;
  return {
    directory,
    id,
    tool,
    set,
    title,
    queries,
    parts: parts.map((part) => part.replaceAll('{protocol}', protocol)),
    ...(only === undefined ? {} : { only }),
    expect: answers(data.expect),
    attack: data.attack ?? {},
    confirmed: data.confirmed ?? {},
    seconds: seconds ?? defaultSeconds,
    ...(provers[tool] === undefined ? {} : { prover: provers[tool] }),
    ...(edits === undefined ? {} : { edits }),
    ...(ends === undefined ? {} : { ends }),
  };
}

const pick = <T>(from: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));

/** The base under another protocol; of its queries only those that the variant names. */
function variantOf(base: ModelData, variant: VariantData, shared: Shared): Model {
  const { same = [], ...given } = variant.of[base.id] ?? {};
  const kept = Array.isArray(same) ? same : [];
  const only = [...Object.keys(given), ...kept];
  const told = pick(variant.attack ?? {}, only);
  const { protocol, set, title, seconds = base.seconds } = variant;
  const id = `${base.id}@${protocol.replaceAll('/', '.')}`;
  const model = modelOf(
    { ...base, id, set, title, protocol, only, ...(seconds === undefined ? {} : { seconds }) },
    shared,
  );
  return {
    ...model,
    expect: { ...pick(model.expect, kept), ...answers(given as Words) },
    attack: { ...pick(model.attack, kept), ...told },
    confirmed: { ...pick(model.confirmed, kept), ...pick(variant.confirmed ?? {}, only) },
  };
}

/** Models that name another one, as models of their own: `ID.completes`, of the same parts, and the problems of their names. */
function twinsOf({ models, twins = [] }: ManifestData): ModelData[] {
  return twins.flatMap(({ of, ...given }) =>
    models
      .filter(({ id }) => of.includes(id))
      .map(({ id, tool, title, parts }) => ({
        ...given,
        id: `${id}.completes`,
        tool,
        title: `what completes in: ${title}`,
        parts,
      })),
  );
}

/** `ID@controls.NAME`: the text of a model with something broken. */
function controlsOf({ controls = [] }: ManifestData, bases: readonly ModelData[], shared: Shared): Model[] {
  return controls.flatMap(({ name, of, title, edits, expect, same = [], seconds }) =>
    bases
      .filter(({ id }) => of.includes(id))
      .map((base): Model => {
        const { expect: before = {}, attack: _, ...rest } = base;
        const limit = seconds ?? base.seconds;
        const asked = [...Object.keys(expect), ...same];
        return modelOf(
          {
            ...rest,
            id: `${base.id}@controls.${name}`,
            set: 'full',
            title,
            edits,
            only: asked,
            expect: { ...pick(before, same), ...expect },
            ...(limit === undefined ? {} : { seconds: limit }),
          },
          shared,
        );
      }),
  );
}

function problemsOf(
  { models, variants = [], twins = [], controls = [] }: ManifestData,
  bases: readonly ModelData[],
  ids: readonly string[],
): string[] {
  const known = new Map(bases.map((model) => [model.id, model]));
  const named = [
    ...twins.flatMap(({ of }) => of.filter((id) => !models.some((model) => model.id === id))),
    ...controls.flatMap(({ of }) => of.filter((id) => !known.has(id))),
  ];
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `the model id ${id} is there twice`);
  const misplaced = bases.filter(({ tool, queries }) => queries !== undefined && tool !== 'proverif');
  const ofNothing = variants.flatMap(({ protocol, of }) =>
    Object.keys(of).flatMap((id) => {
      const base = known.get(id);
      if (base === undefined) return [`variant ${protocol}: of: there is no model ${id}`];
      if (base.parts.some((part) => part.includes('{protocol}'))) return [];
      return [`variant ${protocol}: of: no part of ${id} has {protocol}, so that the variant would be the same model`];
    }),
  );
  const unasked = variants.flatMap(({ protocol, of, attack = {} }) => {
    const asked = Object.values(of).flatMap(({ same, ...given }) => [
      ...Object.keys(given),
      ...(Array.isArray(same) ? same : []),
    ]);
    const ids = Object.keys(attack).filter((id) => !asked.includes(id));
    return ids.map((id) => `variant ${protocol}: attack: no query ${id} is asked`);
  });
  return [
    ...twice,
    ...misplaced.map(({ id }) => `model ${id}: queries are for ProVerif; expected them in the parts`),
    ...named.map((id) => `twins or controls: of: there is no model ${id}`),
    ...ofNothing,
    ...unasked,
  ];
}

const fileOf = (directory: string): string => join(directory, 'models.yaml');

const readOne = (file: string): ManifestData =>
  check('manifest', readYaml(readBounded(file, limits.document).toString('utf8'), file), file);

/** The other manifests of a directory, by name: `manifests/*.yaml`. */
function others(directory: string): string[] {
  const folder = join(directory, 'manifests');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return names.sort().map((name) => join(folder, name));
}

/** The manifests of a directory, as one. Provers stand in models.yaml alone. */
function readManifest(directory: string): ManifestData {
  const file = fileOf(directory);
  if (!existsSync(file)) throw new ManifestError(`${file} is not there: expected the manifest of the models`);
  const first = readOne(file);
  const more = others(directory).map((path) => {
    const { provers, ...data } = readOne(path);
    if (provers !== undefined) throw new ManifestError(`${path}: provers: expected them in ${file} alone`);
    return data;
  });
  return {
    ...first,
    models: [first, ...more].flatMap(({ models }) => models),
    variants: [first, ...more].flatMap(({ variants = [] }) => variants),
    twins: [first, ...more].flatMap(({ twins = [] }) => twins),
    controls: [first, ...more].flatMap(({ controls = [] }) => controls),
    excuses: [first, ...more].flatMap(({ excuses = [] }) => excuses),
  };
}

export type Excuse = NonNullable<ManifestData['excuses']>[number];

/** The queries for which the manifest has no negative control, and says why. */
export const loadExcuses = (directory: string): readonly Excuse[] => readManifest(directory).excuses ?? [];

/**
 * Reads `models.yaml` of a directory, and `manifests/*.yaml` beside it.
 * @returns every model, and after them the variants, in the order of the file
 * @throws ManifestError with a line for each problem; the parts themselves are read by `assemble`
 */
export function loadManifest(directory: string): Model[] {
  const file = fileOf(directory);
  const data = readManifest(directory);
  const every = [...data.models, ...twinsOf(data)];
  const shared = { directory, provers: data.provers ?? {} };
  const bases = new Map(every.map((model) => [model.id, model]));
  const variants = (data.variants ?? []).flatMap((variant) =>
    Object.keys(variant.of).flatMap((id) => {
      const base = bases.get(id);
      return base === undefined ? [] : [variantOf(base, variant, shared)];
    }),
  );
  const models = [...every.map((model) => modelOf(model, shared)), ...controlsOf(data, every, shared), ...variants];
  const problems = problemsOf(
    data,
    every,
    models.map(({ id }) => id),
  );
  if (problems.length > 0) throw new ManifestError(problems.map((problem) => `${file}: ${problem}`).join('\n'));
  return models;
}
