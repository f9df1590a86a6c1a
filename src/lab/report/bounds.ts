// The tables of models/bounds.md: the recorded bounds of CryptoVerif's proofs, and what they come to in numbers.
import { channelLimits, channelSizes } from '../../generated/channel.ts';
import { type Bound, evaluated, type Factor, readBound } from '../prove/probability.ts';
import type { Spec } from '../spec/spec.ts';
import { table } from '../spec/text.ts';
import { modelLink, queryLink } from './links.ts';
import type { Asked } from './models.ts';

/** Powers of two that are assumed. */
const work = 2 ** 100;
const agents = 2 ** 10;
const certificates = 2 ** 30;
const blocks = 2 ** 10;
const security = 2 ** -256;
const failure = 2 ** -174.8;

/** The kinds of the specification whose sizes stand below the line. */
const kindOf: Readonly<Record<string, string>> = {
  kemsec: 'SharedSecret',
  ss_t: 'SharedSecret',
  session_t: 'SessionKey',
  key_t: 'HidingKey',
  iv_t: 'InitialVector',
};

/** What is assumed of a probability: its arguments as numbers, the adversary's time first; and the words for the page. */
interface Assumed {
  readonly value: (...of: readonly number[]) => number;
  readonly formula: string;
  readonly because: string;
}

const equalCiphertexts = (n: number): number => n ** 2 / 2 ** 257;
const gcm = (n: number): number => work * security + (n * blocks) ** 2 / 2 ** 129;

const kem: Assumed = {
  value: (_, n = 1) => n * (work * security + failure) + equalCiphertexts(n),
  formula: 'n (T / 2^256 + 2^-174.8) + n^2 / 2^257',
  because:
    'ML-KEM-1024 is of NIST category 5; decapsulation fails as FIPS 203 says; equal ciphertexts come from equal 32 octets',
};
const anonymous: Assumed = {
  value: (_, n = 1) => 4 * n * work * security + n * failure + equalCiphertexts(n),
  formula: '4 n T / 2^256 + n 2^-174.8 + n^2 / 2^257',
  because:
    'twice the sum of IND-CCA2 and IK-CCA2 for each challenge; that ciphertexts hide their key rests on the same lattice problem',
};
const hkdf: Assumed = {
  value: (_, n = 1) => (work + n) * security,
  formula: '(T + n) / 2^256',
  because: 'HKDF with SHA-384: a shared secret of 32 octets is searched, or guessed',
};
const guess: Assumed = {
  value: () => security,
  formula: '2^-256',
  because: 'keys and ciphertexts of ML-KEM come from 32 octets that are drawn',
};

const assumed: Readonly<Record<string, Assumed>> = {
  P_kem: kem,
  P_ind_cca2: kem,
  P_ind_cpa: kem,
  P_ind_ik_cca2: anonymous,
  P_ind_ik_cpa: anonymous,
  P_pk: guess,
  P_ct: guess,
  P_sig: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'ML-DSA-87 is of NIST category 5',
  },
  P_mac: {
    value: (_, _n, tried = 0) => (work + tried) / 2 ** 384,
    formula: "(T + n') / 2^384",
    because: 'HMAC-SHA-384: a key of 48 octets is searched, or a value of 48 octets guessed',
  },
  P_kdf: {
    value: () => work ** 2 / 2 ** 384,
    formula: 'T^2 / 2^384',
    because: 'collisions of HMAC-SHA-384 by the birthday bound',
  },
  P_commit: {
    value: () => work ** 2 / 2 ** 256,
    formula: 'T^2 / 2^256',
    because: 'collisions of its first 32 octets by the birthday bound',
  },
  P_H: {
    value: () => work ** 2 / 2 ** 384,
    formula: 'T^2 / 2^384',
    because: 'collisions of SHA-384 by the birthday bound',
  },
  P_prf: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'the key of kdf_1 has 256 bits of entropy: ss_e, or an ss_pre of 32 random octets',
  },
  P_J: { value: () => work * security, formula: 'T / 2^256', because: 'SHAKE256 with z, 32 octets, before its input' },
  P_dual: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'HMAC-SHA-384 as a dual PRF: its key is ss_h, 32 octets, or 64 octets of randomness',
  },
  P_extract: {
    value: () => work / 2 ** 384,
    formula: 'T / 2^384',
    because: 'HMAC-SHA-384: the key k_h has 48 octets',
  },
  P_expand: {
    value: () => work / 2 ** 384,
    formula: 'T / 2^384',
    because: 'HMAC-SHA-384: the key of a coin has 48 octets',
  },
  P_hkdf_i: hkdf,
  P_hkdf_r: hkdf,
  P_hkdf_i_or_r: hkdf,
  P_hkdf_e: hkdf,
  P_enc: {
    value: (_, n = 1) => gcm(n),
    formula: 'T / 2^256 + (B n)^2 / 2^129',
    because:
      'AES-256-GCM: a key searched, or two of its blocks told from random ones; B = 2^10 blocks, a certificate of 16 kB',
  },
  P_ctxt: {
    value: (_, n = 1, tried = 0) => gcm(n + tried) + (blocks * tried) / 2 ** 128,
    formula: "T / 2^256 + (B (n + n'))^2 / 2^129 + B n' / 2^128",
    because: 'AES-256-GCM: as above, or a tag of 16 octets hit by one of the openings',
  },
};

/** The longest sequence of quantum operations: the middle one of the three that NIST named (2^40, 2^64, 2^96). */
const depth = 2 ** 64;
const search = 4 * depth ** 2 * security;

const quantumHkdf: Assumed = {
  value: (_, n = 1) => search + n * security,
  formula: '4 D^2 / 2^256 + n / 2^256',
  because: 'a shared secret of 32 octets is searched by Grover’s algorithm, or guessed',
};

/** The same for an adversary with a quantum computer, of the probabilities in the proofs without random oracles. */
const assumedQuantum: Readonly<Record<string, Assumed>> = {
  P_kem: {
    value: (_, n = 1) => n * (search + failure) + equalCiphertexts(n),
    formula: 'n (4 D^2 / 2^256 + 2^-174.8) + n^2 / 2^257',
    because: 'ML-KEM-1024 is of NIST category 5: no easier than a search for a key of AES-256, by Grover’s algorithm',
  },
  P_pk: guess,
  P_ct: guess,
  P_sig: {
    value: () => search,
    formula: '4 D^2 / 2^256',
    because: 'ML-DSA-87 is of NIST category 5, as above',
  },
  P_mac: {
    value: (_, _n, tried = 0) => (4 * depth ** 2 + tried) / 2 ** 384,
    formula: "(4 D^2 + n') / 2^384",
    because: 'HMAC-SHA-384: a key of 48 octets is searched by Grover’s algorithm, or a value of 48 octets guessed',
  },
  P_H: {
    value: () => depth ** 3 / 2 ** 384,
    formula: 'D^3 / 2^384',
    because: 'collisions of SHA-384 by the algorithm of Brassard, Hoyer and Tapp, its memory not counted',
  },
  P_hkdf_i: quantumHkdf,
  P_hkdf_r: quantumHkdf,
  P_hkdf_i_or_r: quantumHkdf,
  P_hkdf_e: quantumHkdf,
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
