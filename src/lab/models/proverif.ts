import type { Term } from '../../algebra/terms.ts';
import type { Message } from '../../generated/messages.ts';
import { waitingStates } from '../../protocol/machine.ts';
import { declaredByChannels } from './channel/proverif.ts';
import { exporting } from './exporter.ts';
import { allLines, type Definition, functionName, functionsOf, headOf, outputsOf } from './formulas.ts';
import { honestExchange } from './honestExchange.ts';
import { drawnBy, type Form, honestProcess, roleProcess } from './proverifProcess.ts';
import { type ExploredRole, exploreRole, type Protocol } from './roles.ts';
import type { Symbols } from './symbols.ts';
import { toldProcesses } from './told.ts';

/** A form for each state in which a role awaits a message: a second process of the role shows what the state holds. */
const revealing = waitingStates.map(
  (state) => [`reveals-${state}`, { observed: true, drawFirst: true, reveals: state }] as const,
);

/** The forms by name; files are named after them. */
export const forms: Readonly<Record<string, Omit<Form, 'psk'>>> = {
  ...Object.fromEntries(revealing),
  traces: { observed: true, drawFirst: true },
  continued: { observed: true, drawFirst: true, continued: true },
  'traces-late': { observed: true, drawFirst: false },
  equivalence: { observed: false, drawFirst: false },
  exports: { observed: true, drawFirst: true, shows: true },
  'deniability-initiator': { observed: false, drawFirst: false, told: { by: 'initiator' } },
  'deniability-responder': { observed: false, drawFirst: false, told: { by: 'responder' } },
  'deniability-initiator-guessing': { observed: false, drawFirst: false, told: { by: 'initiator', guessing: true } },
  'deniability-responder-guessing': { observed: false, drawFirst: false, told: { by: 'responder', guessing: true } },
};

/** What takes the parts of messages apart, with what it takes apart. A store of certificates holds every one: no digest is unknown. */
function framingDeclarations(term: Term): readonly (readonly [string, string])[] {
  const head = headOf(term);
  const destructor = (rules: string): readonly [string, string] => [
    head,
    `fun ${head}(bitstring): bitstring reduc ${rules}.`,
  ];
  const pair = ['concat2', 'fun concat2(bitstring, bitstring): bitstring [data].'] as const;
  const octet = (name: string) => [name, `const ${name}: bitstring [data].`] as const;
  switch (term.symbol) {
    case 'pad':
      return [[head, `fun ${head}(bitstring): bitstring [data].`]];
    case 'unpad':
      return [
        [`padded_${term.label}`, `fun padded_${term.label}(bitstring): bitstring [data].`],
        destructor(`forall x: bitstring; ${head}(padded_${term.label}(x)) = x`),
      ];
    case 'first':
      return [pair, destructor(`forall x: bitstring, y: bitstring; ${head}(concat2(x, y)) = x`)];
    case 'rest':
      return [pair, destructor(`forall x: bitstring, y: bitstring; ${head}(concat2(x, y)) = y`)];
    case 'certificateIn': {
      const follows = `forall x: bitstring; ${head}(concat2(octet_00, x)) = x`;
      const named = `forall x: bitstring; ${head}(concat2(octet_01, hash(x))) = x [private]`;
      return [pair, octet('octet_00'), octet('octet_01'), destructor(`${follows} otherwise ${named}`)];
    }
    default:
      return [];
  }
}

/** Functions whose arity, or constant, the protocol determines. */
function declarations(roles: readonly ExploredRole[], exported: readonly Term[], texts: readonly string[]): string[] {
  const declared = new Map<string, string>();
  const visit = (term: Term): void => {
    const head = headOf(term);
    const { symbol, parts } = term;
    const types = parts.map(() => 'bitstring').join(', ');
    if (symbol === 'concat') declared.set(head, `fun ${head}(${types}): bitstring [data].`);
    if (symbol === 'text' || symbol === 'header' || symbol === 'octet')
      declared.set(head, `const ${head}: bitstring [data].`);
    for (const [name, declaration] of framingDeclarations(term)) declared.set(name, declaration);
    if (symbol === 'expand' || symbol === 'slice' || symbol === 'length')
      declared.set(head, `fun ${head}(${types}): bitstring.`);
    parts.forEach(visit);
  };
  for (const { lines } of roles) {
    for (const line of allLines(lines)) {
      if (line.line === 'operation') outputsOf(line.operation.output).forEach(visit);
      if (line.line !== 'guard') continue;
      if (line.guard.guard === 'confirm') [line.guard.expected, line.guard.received].forEach(visit);
      if (line.guard.guard === 'unframe') visit(line.guard.result);
    }
  }
  exported.forEach(visit);
  for (const label of new Set(roles.flatMap((role) => drawnBy(role).foreign))) {
    declared.set(label, `free ${label}: bitstring [private].`);
  }
  const isDestructor = (declaration: string): boolean => declaration.includes(' reduc ');
  const all = [...declared.values()].sort();
  const destructors = all.filter((one) => isDestructor(one) && uses(one, texts));
  return [...all.filter((one) => !isDestructor(one) && uses(one, [...texts, ...destructors])), ...destructors];
}

/** Whether a declared name is used. */
function uses(declaration: string, texts: readonly string[]): boolean {
  const [, name = ''] = /^\w+ (\w+)/.exec(declaration) ?? [];
  return texts.some((text) => text.split(/\W+/).includes(name));
}

/** Events of the sessions that show a state: those of theories/proverif/base.pvl, under names of their own. */
function revealedEvents(): string[] {
  const declared = (name: string, count: number): string[] =>
    (['Initiator', 'Responder'] as const).map(
      (role) => `event Revealed${role}${name}(${Array(count).fill('bitstring').join(', ')}).`,
    );
  return [
    '(* Sessions that show a state say what the others say, under names of their own: so queries tell them apart. *)',
    'event RevealedInitiatorOffers(bitstring, bitstring).',
    'event RevealedResponderOffers(bitstring, bitstring, bitstring).',
    ...['Derives', 'Confirms', 'Completes', 'Releases', 'Accepts'].flatMap((name) => declared(name, 3)),
  ];
}

const messageNames = (roles: readonly ExploredRole[]): Message<Term>[] =>
  roles.flatMap(({ lines }) => allLines(lines).flatMap((line) => (line.line === 'receive' ? [line.message] : [])));

/** A protocol's functions and roles as ProVerif text. */
export function proverif(symbols: Symbols, protocol: Protocol, form: Form): string {
  const roles = (['initiator', 'responder'] as const).map((role) => exploreRole(symbols, protocol, role, form.psk));
  const functions = functionsOf(roles);
  const exported = form.shows ? exporting() : [];
  const messages = new Map(messageNames(roles).map((message) => [symbols.message(message.type), message.type]));
  const constructors = [...messages].sort().map(([number, type]) => {
    const types = symbols.fields(type).map(() => 'bitstring');
    const comment = `(* ${number}: ${symbols.fields(type).join(', ')} (section ${symbols.section(type)}) *)`;
    return `fun ${type}(${types.join(', ')}): bitstring [data]. ${comment}`;
  });
  const letfunOf = (one: Definition): string => {
    const parameters = one.parameters.map((name) => `${name}: bitstring`).join(', ');
    return `letfun ${functionName(one)}(${parameters}) =\n  ${one.body}.`;
  };
  const letfuns = functions.map(letfunOf);
  const exports = exported.map(({ definition }) => letfunOf(definition));
  const processes =
    form.told === undefined
      ? roles.map((explored) => roleProcess({ symbols, form, explored, functions, defined: new Set() }))
      : toldProcesses({ symbols, form, functions, told: form.told }, protocol);
  if (!form.observed && form.told === undefined) {
    const explored = honestExchange(symbols, protocol, form.psk);
    processes.push(honestProcess({ symbols, form, explored, functions, defined: new Set() }));
  }
  const revealed = roles.filter(({ lines }) =>
    allLines(lines).some((line) => line.line === 'receive' && line.state === form.reveals && line.secrets.length > 0),
  );
  for (const explored of revealed)
    processes.push(roleProcess({ symbols, form, explored, functions, defined: new Set(), revealed: true }));
  const before = form.continued === true ? declaredByChannels() : [];
  return `${[
    `(* ${protocol.title}; ${form.psk ? 'with' : 'without'} a pre-shared secret.`,
    '   Generated by `npm run generate` from a run of src/protocol on terms. Do not edit. *)',
    '',
    '(* Messages: version, type and length are the constructor (section 4). *)',
    ...constructors,
    '',
    '(* What the key schedule is made of; the operations are in theories/. *)',
    ...declarations(
      roles,
      exported.map(({ term }) => term),
      [...letfuns, ...exports, ...processes],
    ).filter((one) => !before.includes(one)),
    '',
    '(* Key schedule (sections 3.1 to 3.5). *)',
    ...letfuns,
    '',
    ...(exports.length === 0 ? [] : ['(* The exporter; a session is shown by its identifier. *)', ...exports, '']),
    ...(revealed.length === 0 ? [] : [...revealedEvents(), '']),
    ...processes.flatMap((text) => [text, '']),
  ].join('\n')}`;
}
