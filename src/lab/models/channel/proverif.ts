// A channel as ProVerif text: its key schedule, and for each role and direction a process for each place of the stream.
import type { Term } from '../../../algebra/terms.ts';
import { isFilled, type RecordName, recordTable } from '../../../generated/channel.ts';
import type { Role } from '../../../role.ts';
import { upper } from '../../spec/text.ts';
import { headOf } from '../formulas.ts';
import { called, type Formula, formulasOf, type Named, spelled } from './formulas.ts';
import type { ChannelProtocol } from './mutants.ts';
import { type Alternative, type ChannelRun, type Node, type Place, runChannel, type Values } from './run.ts';

const roles = ['initiator', 'responder'] as const satisfies readonly Role[];
interface Context {
  readonly protocol: ChannelProtocol;
  readonly run: ChannelRun;
  readonly formulas: readonly Formula[];
  readonly role: Role;
}

/** By the name of a form: how many roots a model has, secrets under a root, and records under a key. */
export const channelForms: Readonly<Record<string, Place>> = {
  first: { epoch: 1, generation: 1, sequence: 1 },
  records: { epoch: 1, generation: 1, sequence: 3 },
  ratchet: { epoch: 1, generation: 2, sequence: 2 },
  switch: { epoch: 2, generation: 1, sequence: 1 },
};

const names = {
  sends: (role: Role): string => `${upper(role)}Out`,
  receives: (role: Role): string => `${upper(role)}In`,
};
const suffix = ({ epoch, generation, sequence }: Place): string => `_${epoch}_${generation}_${sequence}`;
const placeTerm = ({ epoch, generation, sequence }: Place): string => `place(${epoch}, ${generation}, ${sequence})`;
const typed = (list: readonly string[]): string => list.map((one) => `${one}: bitstring`).join(', ');
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
const isStart = ({ generation, sequence }: Place): boolean => generation === 0 && sequence === 0;

const outParameters = ['cid', 'secret_d', 'chain', 'exporter', 'k_session', 'plan'] as const;
const inParameters = ['cid', 'first', 'commitment', 'secret_d', 'chain', 'exporter', 'k_session'] as const;
/** The values of a place by their names in its process. */
const namedBy = ({ secret, chain, exporter }: Values): Named =>
  new Map([
    [secret, 'secret_d'],
    [chain, 'chain'],
    [exporter, 'exporter'],
  ]);

const write = ({ formulas }: Context, values: Values, term: Term, record?: Term): string =>
  called(term, formulas, record === undefined ? namedBy(values) : new Map([...namedBy(values), [record, 'record']]));

const isWithin = ({ run: { bounds } }: Context, { epoch, generation, sequence }: Place): boolean =>
  epoch < bounds.epoch && generation < bounds.generation && sequence < bounds.sequence;

const constantOf = (type: RecordName): string => `record_${type}`;
const isEnd = ({ next }: Alternative): boolean => next === undefined;
const continues = (node: Node, { next }: Alternative): boolean =>
  next !== undefined && next.place.epoch === node.place.epoch && next.place.generation === node.place.generation;

const event = (role: Role, name: string, place: Place, ...values: readonly string[]): string =>
  `event ${upper(role)}${name}(${['cid', placeTerm(place), ...values].join(', ')});`;

function goOnSending(context: Context, node: Node, { next }: Alternative): string {
  if (next === undefined || !isWithin(context, next.place)) return '0';
  const of = (term: Term): string => write(context, node.values, term);
  const rest = [of(next.secret), of(next.chain), of(next.exporter), 'k_session', 'rest'];
  return `${names.sends(context.role)}${suffix(next.place)}(${['cid', ...rest].join(', ')})`;
}

function sealing(context: Context, node: Node, one: Alternative): string[] {
  const { role } = context;
  const said = isEnd(one)
    ? event(role, 'Closes', node.place)
    : continues(node, one)
      ? event(role, 'Sends', node.place, 'record', 'data')
      : event(role, 'MovesOn', node.place);
  const sealed = event(role, 'Seals', node.place, 'secret_d', 'record');
  const named = one.types.length === 1 && !isFilled(one.types[0] as RecordName) ? undefined : one.record;
  return [
    ...(named === undefined ? [`let record = ${spelled(one.record)} in`] : []),
    said,
    sealed,
    ...one.output.map((term) => `out(c, ${write(context, node.values, term, one.record)});`),
    goOnSending(context, node, one),
  ];
}

function sendingProcess(context: Context, node: Node): string[] {
  const { role } = context;
  const others = node.alternatives.filter((one) => !continues(node, one));
  const [same] = node.alternatives.filter((one) => continues(node, one));
  if (same === undefined) throw new Error('no record leaves a direction where it is');
  const branches = others.flatMap((one, at) => [
    `${at === 0 ? '' : ') else '}if step = ${spelled(one.record)} then (`,
    ...indent(sealing(context, node, one)),
  ]);
  return [
    `let ${names.sends(role)}${suffix(node.place)}(${typed(outParameters)}) =`,
    ...indent([
      ...leaking(context, node, 'LeaksSending', node.leak, [node.place]),
      `| (let planned(step: bitstring, rest: bitstring) = plan in`,
      ...indent([
        'new data: bitstring;',
        ...branches,
        ') else let record = record_data((step, data)) in (',
        ...indent(sealing(context, node, same)),
        ')).',
      ]),
    ]),
  ];
}

/** The memory of a direction, for who asks. */
function leaking(context: Context, node: Node, name: string, terms: readonly Term[], at: readonly Place[]): string[] {
  const shown = [...new Set(terms.map((term) => write(context, node.values, term)))];
  return [
    `(in(c, =${name === 'LeaksSending' || at.length === 1 ? 'leak' : 'leakLater'});`,
    ...indent([...at.map((place) => event(context.role, name, place)), `out(c, (${shown.join(', ')})))`]),
  ];
}

function goOnReceiving(context: Context, node: Node, { next }: Alternative): string {
  if (next === undefined || !isWithin(context, next.place)) return '0';
  const of = (term: Term): string => write(context, node.values, term);
  const secret = of(next.secret);
  const begins = next.place.epoch === node.place.epoch ? ['first', 'commitment'] : [];
  const rest = [...begins, secret, of(next.chain), of(next.exporter), 'k_session'];
  return `${names.receives(context.role)}${suffix(next.place)}(${['cid', ...rest].join(', ')})`;
}

function opening(context: Context, node: Node, one: Alternative): string[] {
  const { role } = context;
  const said = isEnd(one)
    ? [event(role, 'Ends', node.place)]
    : continues(node, one)
      ? [event(role, 'Delivers', node.place, 'record')]
      : [];
  return [...said, goOnReceiving(context, node, one)];
}

/** What comes before records under a root. */
function committing(context: Context, node: Node): string[] {
  if (!isStart(node.place)) return [];
  const { commitment } = node;
  const guard =
    commitment === undefined ? [] : [`if commitment = ${write(context, node.values, commitment.expected)} then`];
  return ['in(c, commitment: bitstring);', ...guard, 'let first = secret_d in'];
}

function receivingProcess(context: Context, node: Node): string[] {
  const { role, protocol } = context;
  const others = node.alternatives.filter((one) => !continues(node, one));
  const [same] = node.alternatives.filter((one) => continues(node, one));
  if (same === undefined || node.opened === undefined) throw new Error('no record leaves a direction where it is');
  const branches = others.flatMap((one, at) => [
    `${at === 0 ? '' : ') else '}if record = ${spelled(one.record)} then (`,
    ...indent(opening(context, node, one)),
  ]);
  const { place } = node;
  const cut = event(role, protocol.endsWithTransport === true ? 'Ends' : 'IsCut', place);
  const begun = isStart(place) ? ['cid', 'secret_d', 'chain', 'exporter', 'k_session'] : inParameters;
  const late = node.lateLeak;
  const next = { epoch: place.epoch + 1, generation: 0, sequence: 0 };
  return [
    `let ${names.receives(role)}${suffix(place)}(${typed(begun)}) =`,
    ...indent([
      ...leaking(context, node, 'LeaksReceiving', node.leak, [place]),
      ...(late === undefined ? [] : ['|', ...leaking(context, node, 'LeaksReceiving', late, [place, next])]),
      '| (',
      ...indent([
        ...committing(context, node),
        'in(c, octets: bitstring);',
        'if octets = transportEnds then (',
        `  ${cut} 0`,
        `) else let record = ${write(context, node.values, node.opened)} in`,
        event(role, 'Opens', place, 'first', 'commitment', 'octets', 'record'),
        ...branches,
        ') else let record_data(content: bitstring) = record in (',
        ...indent(opening(context, node, same)),
        ')).',
      ]),
    ]),
  ];
}

/** A process that only starts another one at the first place under a root. */
interface Entry {
  readonly process: string;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly node: Node;
  /** The terms that it is told. */
  readonly given: Named;
  readonly output?: readonly Term[];
}

function entry({ formulas }: Context, { process, name, parameters, node, given, output = [] }: Entry): string[] {
  const { secret, chain, exporter } = node.values;
  const values = [secret, chain, exporter].map((term) => called(term, formulas, given));
  const rest = parameters.includes('plan') ? ['k_session', 'plan'] : ['k_session'];
  return [
    '',
    `let ${process}${name}(${typed(parameters)}) =`,
    ...output.map((term) => `  out(c, ${called(term, formulas, given)});`),
    `  ${process}${suffix(node.place)}(${['cid', ...values, ...rest].join(', ')}).`,
  ];
}

/** From the root of a handshake on; and from the switch on, for who has the values of the root before. */
function entries(context: Context, sends: readonly Node[], receives: readonly Node[]): string[] {
  const { role } = context;
  const starts = (nodes: readonly Node[]): Node[] => nodes.filter(({ place }) => isStart(place)).toReversed();
  const [outFirst, outNext] = starts(sends);
  const [inFirst, inNext] = starts(receives);
  if (outFirst === undefined || inFirst === undefined) throw new Error('no first place');
  const [sender, receiver] = [names.sends(role), names.receives(role)];
  const given: Named = new Map();
  const begins = { name: 'Begins', given };
  const first = [
    ...entry(context, { ...begins, process: sender, parameters: ['cid', 'root', 'k_session', 'plan'], node: outFirst }),
    ...entry(context, { ...begins, process: receiver, parameters: ['cid', 'root', 'k_session'], node: inFirst }),
  ];
  if (outNext === undefined || inNext === undefined) return first;
  const switches = { name: 'Switches', given: namedBy(outFirst.values) };
  const output = outFirst.alternatives
    .filter(({ types }) => types.includes('switch'))
    .flatMap((one) => one.output.slice(-1));
  const parameters = ['cid', 'chain', 'k_session'];
  return [
    ...first,
    ...entry(context, { ...switches, process: sender, parameters: [...parameters, 'plan'], node: outNext, output }),
    ...entry(context, { ...switches, process: receiver, parameters, node: inNext }),
  ];
}

/** Functions and constants of the terms, with those of the records. */
function declarations(terms: readonly Term[]): string[] {
  const declared = new Map<string, string>();
  const visit = (term: Term): void => {
    const { symbol, parts } = term;
    const of = parts.map(() => 'bitstring').join(', ');
    if (symbol === 'concat') declared.set(headOf(term), `fun ${headOf(term)}(${of}): bitstring [data].`);
    if (['text', 'octet', 'header'].includes(symbol))
      declared.set(headOf(term), `const ${headOf(term)}: bitstring [data].`);
    if (symbol === 'expand' || symbol === 'nonce') declared.set(headOf(term), `fun ${headOf(term)}(${of}): bitstring.`);
    parts.forEach(visit);
  };
  terms.forEach(visit);
  const records = (Object.keys(recordTable) as RecordName[]).map((type) =>
    isFilled(type)
      ? `fun ${constantOf(type)}(bitstring): bitstring [data].`
      : `const ${constantOf(type)}: bitstring [data].`,
  );
  return [...[...declared.values()].sort(), ...records];
}

const termsOf = ({ values, leak, alternatives, opened, commitment }: Node): Term[] => [
  ...Object.values(values as unknown as Record<string, Term>),
  ...leak,
  ...alternatives.flatMap(({ output, record }) => [...output, record]),
  ...(opened === undefined ? [] : [opened]),
  ...(commitment === undefined ? [] : [commitment.expected]),
];

const termsOfRun = (run: ChannelRun): Term[] =>
  roles.flatMap((role) => [...run.sends(role), ...run.receives(role)].flatMap(termsOf));

/** What the text of a channel declares: a handshake that stands below it has that already. */
export function declaredByChannels(): readonly string[] {
  const run = runChannel({ id: 'default', title: '' }, { epoch: 1, generation: 1, sequence: 1 });
  return declarations([...formulasOf(run.terms, run.algebra).map(({ body }) => body), ...termsOfRun(run)]);
}

/** A channel as ProVerif text. */
export function channelText(protocol: ChannelProtocol, bounds: Place): string {
  const run = runChannel(protocol, bounds);
  const formulas = formulasOf(run.terms, run.algebra);
  const explored = roles.map((role) => ({ role, sends: run.sends(role), receives: run.receives(role) }));
  const processes = explored.flatMap(({ role, sends, receives }) => {
    const context = { protocol, run, formulas, role };
    const texts = [
      ...sends.map((node) => sendingProcess(context, node)),
      ...receives.map((node) => receivingProcess(context, node)),
      entries(context, sends, receives),
    ];
    return [`(* The ${role}. *)`, ...texts.flatMap((lines) => ['', ...lines]), ''];
  });
  return [
    `(* ${protocol.title}.`,
    '   Generated by `npm run generate` from a run of src/channel on terms. Do not edit.',
    `   In each direction: roots, ${bounds.epoch}; secrets under a root, ${bounds.generation}; records under a key, ${bounds.sequence}. *)`,
    '',
    '(* What the key schedule and the records are made of; the operations are in theories/. *)',
    ...declarations([...formulas.map(({ body }) => body), ...termsOfRun(run)]),
    '',
    '(* Key schedule (spec/channel.md, section 1). *)',
    ...formulas.map(({ name, parameters, body }) => `letfun ${name}(${typed(parameters)}) =\n  ${spelled(body)}.`),
    '',
    ...processes,
  ].join('\n');
}
