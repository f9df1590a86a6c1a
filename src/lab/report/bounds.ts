// The tables of models/bounds.md: the recorded bounds of CryptoVerif's proofs, and what they come to in numbers.
import { channelLimits, channelSizes } from '../../generated/channel.ts';
import { type Bound, evaluated, type Factor, readBound } from '../prove/probability.ts';
import type { Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import { agents, assumed, assumedQuantum, certificates, work } from './boundAssumptions.ts';
import { modelLink, queryLink } from './links.ts';
import type { Asked } from './models.ts';

/** The kinds of the specification whose sizes stand below the line. */
const kindOf: Readonly<Record<string, string>> = {
  kemsec: 'SharedSecret',
  ss_t: 'SharedSecret',
  session_t: 'SessionKey',
  key_t: 'HidingKey',
  iv_t: 'InitialVector',
};

/** Sessions of each kind, by the name of the parameter, where there are so many in all of a kind. */
function parameter(name: string, sessions: number): number {
  if (name === 't') return work;
  if (name === 'N_H' || name === 'N_H1') return work;
  if (name === 'N_A') return agents;
  if (name === 'N_Ia' || name === 'N_Ra') return sessions / agents;
  if (name === 'N_C') return certificates;
  if (name === 'N_sealed' || name === 'N_opened') return channelLimits.recordsBeforeRatchet;
  if (/^(N_(I|R|TI|TR|IR|K|run|coin|dec)|n'?)$/.test(name)) return sessions;
  throw new Error(`no number is assumed for ${name}`);
}

/** The lemma takes the place of the assumption P_seal. */
type Lemma = (sealed: number, opened: number) => number;

function value(
  bound: Bound,
  spec: Spec,
  sessions: Readonly<Record<string, number>> | number,
  lemma: Lemma,
  taken = assumed,
): number {
  const factor = ({ kind, name, of }: Factor): number => {
    if (kind === 'size') {
      const octets = spec.kinds[kindOf[name] ?? '']?.octets;
      if (octets === undefined) throw new Error(`no size is known for ${name}`);
      return 2 ** (8 * octets);
    }
    if (kind === 'parameter')
      return typeof sessions === 'number' ? parameter(name, sessions) : parameterOf(sessions, name);
    if (/^(max)?length$/.test(name)) return 1;
    const numbers = of.map((one) => value(one, spec, sessions, lemma, taken));
    if (name === 'P_seal') return lemma(numbers[1] ?? 1, numbers[2] ?? 1);
    const found = taken[name];
    if (found === undefined) throw new Error(`nothing is assumed of ${name}`);
    return found.value(...numbers);
  };
  return evaluated(bound, factor);
}

const parameterOf = (given: Readonly<Record<string, number>>, name: string): number =>
  given[name] ?? parameter(name, 1);

/** A power of two that is not less, to a tenth of a bit; `none` for 1 and more. */
function power(probability: number): string {
  const exponent = Math.ceil(10 * Math.log2(probability)) / 10;
  return exponent >= 0 ? 'none' : `2^${exponent.toFixed(1)}`;
}

const counts = [2 ** 20, 2 ** 40, 2 ** 60];

/** AES-256-GCM under many keys with random initial vectors (draft-irtf-cfrg-aead-limits, section on many keys): q sealed, v tried. */
function manyKeys(keys: number): number {
  const most = channelLimits.recordsBeforeRatchet;
  const long = channelSizes.mostContent / 16 + 1;
  return ((keys * most + keys) * long * (most * long)) / 2 ** 127 + 2 ** -48;
}

/** The id of a model without random oracles begins with this; that of the model with them has the rest. */
const oracleFree = 'cryptoverif-post-quantum-';

/** Proofs without random oracles beside those with them. */
function oracleTables(proved: readonly Asked[], spec: Spec): Readonly<Record<string, string>> {
  const none: Lemma = () => 1;
  const row = ({ id, tool, query, bound = '' }: Asked) => {
    const before = `cryptoverif-${id.slice(oracleFree.length)}`;
    const other = proved.find((one) => one.id === before && one.query.id === query.id);
    if (other?.bound === undefined) throw new Error(`${id}: ${query.id}: there is no bound with random oracles`);
    const at = (text: string, count: number, taken = assumed): string =>
      power(value(readBound(text), spec, count, none, taken));
    const numbers = counts.map((count) => `${at(other.bound ?? '', count)}, ${at(bound, count)}`);
    const link = `${queryLink(tool, query.id)} in ${modelLink(id)}`;
    return {
      bounds: [link, `\`${other.bound}\``, `\`${bound}\``],
      numbers: [link, ...numbers],
      quantum: [link, ...counts.map((count) => at(bound, count, assumedQuantum))],
    };
  };
  const rows = proved.filter(({ id }) => id.startsWith(oracleFree) && !id.includes('@')).map(row);
  const sessions = counts.map((count) => `2^${Math.log2(count)} sessions`);
  return {
    oracles: table(
      ['query', 'with random oracles', 'without'],
      rows.map(({ bounds }) => bounds),
    ),
    oracleNumbers: table(
      ['query', ...sessions.map((text) => `${text}: with, without`)],
      rows.map(({ numbers }) => numbers),
    ),
    quantum: table(
      ['query', ...sessions],
      rows.map(({ quantum }) => quantum),
    ),
    quantumAssumptions: table(
      ['probability', 'is taken to be', 'as'],
      Object.entries(assumedQuantum).map(([name, { formula, because }]) => [`\`${name}\``, `\`${formula}\``, because]),
    ),
  };
}

/** The tables, by the name of their marker. */
export function boundTables(asked: readonly Asked[], spec: Spec): Readonly<Record<string, string>> {
  const proved = asked.filter(({ bound }) => bound !== undefined);
  const lemmaBound = readBound(proved.find(({ query }) => query.id === 'sealing-psk')?.bound ?? '1');
  const none: Lemma = () => 1;
  const lemma: Lemma = (sealed, opened) => value(lemmaBound, spec, { n: sealed, "n'": opened }, none);
  const rows = proved.map(({ id, tool, query, bound = '' }) => ({
    link: `${queryLink(tool, query.id)} in ${modelLink(id)}`,
    bound,
  }));
  return {
    ...oracleTables(proved, spec),
    bounds: table(
      ['query', 'bound'],
      rows.map(({ link, bound }) => [link, `\`${bound}\``]),
    ),
    numbers: table(
      ['query', ...counts.map((count) => `2^${Math.log2(count)} sessions`)],
      rows.map(({ link, bound }) => [
        link,
        ...counts.map((count) => power(value(readBound(bound), spec, count, lemma))),
      ]),
    ),
    channel: table(
      ['bound', ...counts.map((count) => `2^${Math.log2(count)} keys`)],
      [['`(q + v) l B / 2^127 + 2^-48`', ...counts.map((count) => power(manyKeys(count)))]],
    ),
    assumptions: table(
      ['probability', 'is taken to be', 'as'],
      Object.entries(assumed).map(([name, { formula, because }]) => [`\`${name}\``, `\`${formula}\``, because]),
    ),
    sizes: table(
      ['type', 'size', 'is'],
      Object.entries(kindOf).map(([name, kind]) => [
        `\`|${name}|\``,
        `2^${8 * (spec.kinds[kind]?.octets ?? 0)}`,
        spec.kinds[kind]?.description ?? '',
      ]),
    ),
  };
}
