// The tables of models/README.md and models/mutants.md: claims, readings and mutants, with the verdicts that provers gave.

import { channelMutants } from '../models/channel/mutants.ts';
import { loadClaims } from '../models/claims.ts';
import { mutants } from '../mutants/index.ts';
import { type Assembled, assemble, type LedgerEntry, loadManifest, readLedger } from '../prove/index.ts';
import { table } from '../spec/text.ts';
import { code, queryLink } from './links.ts';

/** A query of a model, with its verdict. */
export interface Asked {
  /** The model that asks it. */
  readonly id: string;
  readonly base: string;
  /** `default`, `readings/bound`, `mutants/no-ss_e`... */
  readonly protocol: string;
  readonly tool: string;
  readonly set: string;
  readonly title: string;
  /** The files of the model, its query files included; the file of the query. Relative to models/. */
  readonly parts: readonly string[];
  readonly source: string;
  readonly query: Assembled['queries'][number];
  /** The prover's answer on exactly this text; undefined when it was not asked. */
  readonly verdict: string | undefined;
  /** The bound on the probability that a proof by CryptoVerif fails. */
  readonly bound: string | undefined;
  /** Who ran the prover on exactly this text, when and on what; with which version, for how long. */
  readonly run: LedgerEntry['run'] | undefined;
  readonly version: string | undefined;
  readonly seconds: number | undefined;
}

function askedOf(assembled: Assembled, entry: LedgerEntry | undefined): Asked[] {
  const { model, queries, digest, sources } = assembled;
  const [base = '', variant] = model.id.split('@');
  const protocol = variant?.replace(/^(readings|schedules|mutants|controls)\./, '$1/') ?? 'default';
  const record = entry?.digest === digest ? entry : undefined;
  return queries.map((query) => ({
    id: model.id,
    base,
    protocol,
    tool: model.tool,
    set: model.set,
    title: model.title,
    parts: [...model.parts, ...model.queries],
    source: sources.get(query.id) ?? '',
    query,
    verdict: record?.queries.find(({ id }) => id === query.id)?.verdict,
    bound: record?.queries.find(({ id }) => id === query.id)?.bound,
    run: record?.run,
    version: record?.version,
    seconds: record?.seconds,
  }));
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];
const verdictOf = ({ verdict }: Asked): string => verdict ?? 'not recorded';

/** Claim by claim, the queries of the default reading that answer it. */
function claimRows(asked: readonly Asked[]): string[][] {
  const ofDefault = asked.filter(({ protocol, query }) => protocol === 'default' && !query.reachability);
  return loadClaims().map(({ id, name, says }) => {
    const by = (tool: string): string => {
      const proved = ofDefault.filter((one) => one.tool === tool && one.query.claims.includes(id));
      return unique(
        proved.filter(({ verdict }) => verdict === 'true').map(({ query }) => queryLink(tool, query.id)),
      ).join(', ');
    };
    return [id, `${name}: ${says}`, by('proverif'), by('cryptoverif'), by('verifpal')];
  });
}

/** Models whose attacks are told in models/further.md, and not in models/README.md: how their ids begin. */
const attacksFurther = ['states.', 'healing.'];
export const isToldFurther = ({ base }: Asked): boolean => attacksFurther.some((begin) => base.startsWith(begin));

/** A row for each attack, with every query that it is told of. */
const attackRows = (asked: readonly Asked[]): string[][] => {
  const told = asked.filter(
    (one) => one.protocol === 'default' && one.query.attack !== undefined && !isToldFurther(one),
  );
  const attacks = new Map<string, Map<string, string>>();
  for (const { base, tool, query } of told) {
    const attack = (query.attack ?? '').trim().replaceAll('\n', ' ');
    const of = attacks.get(attack) ?? new Map<string, string>();
    attacks.set(attack, of);
    if (!of.has(query.id)) of.set(query.id, `${queryLink(tool, query.id)} in ${code(base)}`);
  }
  return [...attacks].map(([attack, of]) => [[...of.values()].join('; '), attack]);
};

const grouped = (asked: readonly Asked[]): Map<string, Asked[]> => {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) groups.set(one.protocol, [...(groups.get(one.protocol) ?? []), one]);
  return groups;
};

/** A verdict that differs from that of the same query on the default reading; of a query asked of no default, one that is not true. */
export function differs(one: Asked, asked: readonly Asked[]): boolean {
  const before = asked.find(
    ({ protocol, base, query }) => protocol === 'default' && base === one.base && query.id === one.query.id,
  );
  return before === undefined ? one.verdict !== 'true' : before.verdict !== one.verdict;
}

const listed = (asked: readonly Asked[]): string =>
  asked.map((one) => `${code(one.query.id)} (${code(one.base)}): ${verdictOf(one)}`).join('; ');

/** The number of queries asked of a protocol, and those with another verdict than for the default reading. */
export function verdictsOf(asked: readonly Asked[], protocol: string): { asked: number; different: string } {
  const ofIt = asked.filter((one) => one.protocol === protocol);
  const different = ofIt.filter((one) => differs(one, asked));
  return { asked: ofIt.length, different: different.length === 0 ? 'none' : listed(different) };
}

const readingRows = (asked: readonly Asked[]): (string | number)[][] =>
  [...grouped(asked).keys()]
    .filter((protocol) => /^(readings|schedules)\//.test(protocol))
    .map((protocol) => {
      const told = verdictsOf(asked, protocol);
      return [code(protocol), told.asked, told.different];
    });

function mutantRows(asked: readonly Asked[]): string[][] {
  const groups = grouped(asked);
  const all = [...mutants, ...channelMutants.map(({ id, title }) => ({ id, breaks: `the channel: ${title}` }))];
  return all.map(({ id, breaks }) => {
    const ofIt = groups.get(`mutants/${id}`) ?? [];
    const caught = ofIt.filter((one) => differs(one, asked));
    const [{ title = 'no model' } = {}] = ofIt;
    return [code(id), breaks, caught.length > 0 ? listed(caught) : `nothing: ${title}`];
  });
}

/** Every query of every model of a directory, with the verdict recorded for exactly this text. */
export function loadAsked(directory: string): readonly Asked[] {
  const ledger = readLedger(directory);
  return loadManifest(directory).flatMap((model) => askedOf(assemble(model), ledger.get(model.id)));
}

/** The tables, by the name of their marker. */
export function modelTables(asked: readonly Asked[]): Readonly<Record<string, string>> {
  return {
    claims: table(
      ['claim', 'what is claimed', 'ProVerif: proved', 'CryptoVerif: proved', 'Verifpal: no attack found'],
      claimRows(asked),
    ),
    attacks: table(['query', 'the attack'], attackRows(asked)),
    readings: table(['protocol', 'queries asked', 'verdicts other than for the default reading'], readingRows(asked)),
  };
}

/** The table of models/mutants.md. */
export const mutantTables = (asked: readonly Asked[]): Readonly<Record<string, string>> => ({
  mutants: table(['mutant', 'what is broken', 'caught by'], mutantRows(asked)),
});
