// The section on test vectors: two handshakes value by value, and the key schedule of each reading in short, from spec/vectors/v1.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex } from '../../../octets.ts';
import type { Spec } from '../../spec/spec.ts';
import { counted, table } from '../../spec/text.ts';
import type {
  FileOf,
  Handshake,
  Identity,
  Index,
  KeySchedule,
  Side,
  Values,
  WireMessage,
} from '../../vectors/format.ts';
import { list, paragraph, source } from './markdown.ts';
import { cited } from './references.ts';

/** The files that the section quotes. */
export interface Vectors {
  readonly index: Index;
  readonly identities: FileOf<'identities'>;
  readonly handshakes: FileOf<'handshakes'>;
  readonly keySchedule: FileOf<'key-schedule'>;
}

/** The published vectors. */
export function loadVectors(): Vectors {
  const read = (name: string): unknown => JSON.parse(readFileSync(`spec/vectors/v1/${name}.json`, 'utf8'));
  return {
    index: read('index') as Index,
    identities: read('identities') as FileOf<'identities'>,
    handshakes: read('handshakes') as FileOf<'handshakes'>,
    keySchedule: read('key-schedule') as FileOf<'key-schedule'>,
  };
}

/** Values of more octets stand as their digest. */
const mostOctets = 192;
const digitsOfLine = 64;

const digits = (hex: string): string[] =>
  Array.from(
    { length: Math.ceil(hex.length / digitsOfLine) },
    (_, line) => `  ${hex.slice(line * digitsOfLine, (line + 1) * digitsOfLine)}`,
  );
const digest = (hex: string): string => createHash('sha384').update(fromHex(hex)).digest('hex');

/** A value with its name: whole, or its length and its SHA-384. */
function value(name: string, hex: string): string[] {
  const octets = hex.length / 2;
  if (octets === 0) return [`${name}: empty`];
  if (octets <= mostOctets) return [`${name} (${counted(octets)}):`, ...digits(hex)];
  return [`${name} (${counted(octets)}), its SHA-384:`, ...digits(digest(hex))];
}

const block = (...lines: readonly (readonly string[])[]): string => source('test-vectors', lines.flat());

const needed = <T extends { readonly id: string }>(cases: readonly T[], id: string): T => {
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`the vectors have no ${id}: run \`npm run vectors\``);
  return found;
};

function identity(one: Identity): string {
  const keys = one.type === 'authority' ? 'ML-DSA-87 seed' : 'ML-KEM-1024 seed, d || z';
  return block([`${one.id.split('/').at(-1)}:`], value(keys, one.seed), value('certificate', one.certificate));
}

const side = (role: string, { identity: id, coins }: Side): string[] => [
  `${role}: ${id.split('/').at(-1)}, with the coins`,
  ...Object.entries(coins).flatMap(([name, hex]) => value(name, hex)),
];

/** A block for each message. */
const messages = (spec: Spec, sent: readonly WireMessage[]): string[] =>
  sent.map(({ type, octets }) => {
    const { title = '' } = spec.messages.find((one) => one.type === type) ?? {};
    const header = octets.slice(0, 2 * spec.protocol.headerOctets);
    return block([`${title}, header ${header}`], value(`m${type}`, octets));
  });

/** All values between the encapsulated secrets and the confirmation values, a block for each derivation. */
function schedule(values: Values): string[] {
  const { kdf_1, kdf_2 } = values;
  const of = (...names: readonly (keyof Values)[]): string[] =>
    names.flatMap((name) => value(name, values[name] as string));
  return [
    block(of('ss_e', 'ss_i', 'ss_r')),
    block(
      value('kdf_1 salt', kdf_1.salt),
      value('kdf_1 IKM', kdf_1.IKM),
      value('kdf_1 PRK', kdf_1.PRK),
      value('kdf_1 info', kdf_1.info),
      [`kdf_1 L: ${kdf_1.L}`],
      of('k_hid'),
    ),
    block(of('h_i', 'h_r', 'S')),
    block(
      value('kdf_2 salt', kdf_2.salt),
      ['kdf_2 IKM: S'],
      value('kdf_2 PRK', kdf_2.PRK),
      value('kdf_2 info', kdf_2.info),
      [`kdf_2 L: ${kdf_2.L}`],
      value('kdf_2 OKM', kdf_2.OKM),
    ),
    block(of('k_C_i', 'k_C_r', 'k_session')),
    block(value('input of C_i and C_r', values.confirmationInput), of('C_i', 'C_r')),
  ];
}

function handshake(spec: Spec, one: Handshake, title: string, anchor: string): string {
  const flights = one.flights.map(({ from, types }) => `${from} ${types.map((type) => `m${type}`).join(', ')}`);
  return [
    `## ${title} {#${anchor}}`,
    paragraph(
      `\`${one.id}\` of handshakes.json. The clock of both peers shows ${one.clock}. Flights: ${flights.join('; ')}.`,
    ),
    'Inputs:',
    block(one.ss_pre === undefined ? ['ss_pre: none'] : value('ss_pre', one.ss_pre)),
    block(side('initiator', one.initiator)),
    block(side('responder', one.responder)),
    'Messages:',
    ...messages(spec, one.messages),
    'Values:',
    block(value('AD of m3', one.values.AD_i), value('AD of m4', one.values.AD_r)),
    ...schedule(one.values),
  ].join('\n\n');
}

const shortValues = ['k_hid', 'h_i', 'h_r', 'k_session', 'C_i', 'C_r'] as const;

/** The values of a reading that are not those of the default one. */
function difference(one: KeySchedule, base: KeySchedule): string {
  const different = shortValues.filter((name) => one.values[name] !== base.values[name]);
  const same = different.length === 0 ? ['as by default'] : [];
  const lines = different.flatMap((name) => value(name, one.values[name]));
  return block([`${one.id}:`], same, lines);
}

function readings(spec: Spec, cases: readonly KeySchedule[], psk: '' | '/psk'): string[] {
  const base = needed(cases, `key-schedule/default${psk}`);
  const names = spec.readings.flatMap(({ alternatives }) => alternatives.slice(1).map(({ name }) => name));
  return [
    ...(base.ss_pre === undefined ? [] : [block(value('ss_pre', base.ss_pre))]),
    block(
      [`${base.id}:`],
      shortValues.flatMap((name) => value(name, base.values[name])),
    ),
    ...names.map((name) => difference(needed(cases, `key-schedule/${name}${psk}`), base)),
  ];
}

/** The messages as a table. */
const messageTable = (spec: Spec): string =>
  table(
    ['type', 'name', 'sender', 'data', 'octets of data'],
    spec.messages.map(({ type, title, sender, fields }) => {
      const kinds = fields.map(({ kind }) => spec.kinds[kind]);
      const least = kinds.reduce((sum, kind) => sum + (kind?.octets ?? kind?.minimum ?? 0), 0);
      const fixed = kinds.every((kind) => kind?.octets !== undefined);
      const data = fields.map(({ symbol }) => symbol).join(', ');
      return [type, title.replace(/ \(.*/, ''), sender, data, fixed ? least : `at least ${least}`];
    }),
  );

/** The section. */
export function vectorSection(spec: Spec, { index, identities, handshakes, keySchedule }: Vectors): string {
  const { ss_e, ss_i, ss_r } = needed(keySchedule.cases, 'key-schedule/default').values;
  const parties = ['authority', 'alice', 'bob'].map((name) => needed(identities.cases, `identities/${name}`));
  return [
    '# Test Vectors {#vectors}',
    paragraph(
      'Octets are hexadecimal digits, 32 octets a line; line ends and indents are no part of them. Where a value has more than ' +
        `${mostOctets} octets, its length and its SHA-384 are given, and the value whole is in the files of {{PROJECT}}, which have many more ` +
        'cases: every combination of readings, certificates that are refused, and messages that make a peer abort.',
    ),
    list(
      index.files
        .filter(({ kind }) => kind !== 'channel')
        .map(
          ({ file, cases, digest: sha256 }) => `${file}: ${cases} cases, SHA-256 of its canonical JSON \`${sha256}\``,
        ),
    ),
    paragraph(cited('Canonical JSON is that of RFC 8785.')),
    paragraph(
      'The messages are those of section 4 of {{PQUAKE}}. In front of the data stand version, type and the length of the data, the last in two octets:',
    ),
    messageTable(spec),
    '## Identities {#identities}',
    paragraph(
      'An authority and two peers. Keys follow from the seeds; the signatures of the certificates are of the deterministic variant of ML-DSA. ' +
        'These keys are public, and are for tests only.',
    ),
    ...parties.map(identity),
    handshake(
      spec,
      needed(handshakes.cases, 'handshakes/default'),
      'A Handshake without a Pre-Shared Secret',
      'handshake',
    ),
    handshake(
      spec,
      needed(handshakes.cases, 'handshakes/default/psk'),
      'A Handshake with a Pre-Shared Secret',
      'handshake-psk',
    ),
    '## Key Schedules of the Readings {#key-schedules}',
    paragraph(
      'All cases have the same three secrets and the same messages; what is sealed in messages 3 and 4 is sealed by nothing here. For each ' +
        'alternative of {{readings}}, with the defaults elsewhere, only what is not as by default is shown. The alternative `header` changes the ' +
        'associated data alone.',
    ),
    block(value('ss_e', ss_e), value('ss_i', ss_i), value('ss_r', ss_r)),
    ...messages(spec, keySchedule.messages),
    'Without a pre-shared secret:',
    ...readings(spec, keySchedule.cases, ''),
    'With one:',
    ...readings(spec, keySchedule.cases, '/psk'),
  ].join('\n\n');
}
