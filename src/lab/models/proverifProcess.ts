// The roles of a protocol as ProVerif processes, line by line as the state machines took them.
import type { Guard } from '../../algebra/symbolic.ts';
import type { Term } from '../../algebra/terms.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import type { StateName } from '../../protocol/machine.ts';
import type { Role } from '../../role.ts';
import { upper } from '../spec/text.ts';
import { exporting } from './exporter.ts';
import { allLines, callOf, type Definition, definitionOf, expression, outputsOf } from './formulas.ts';
import { type ExploredRole, isSilent, type Line } from './roles.ts';
import { roleSuffix, type Symbols } from './symbols.ts';

/** The form in which a protocol is written. */
export interface Form {
  /** With a pre-shared secret. */
  readonly psk: boolean;
  /** For queries on traces: events, and tables of the values that may leak. Equivalences have neither. */
  readonly observed: boolean;
  /** Draws every fresh value at the start of a role. Drawing where it is used costs time and gains precision. */
  readonly drawFirst: boolean;
  /** Shows the identifier of the session once the key is released, as a program prints it. */
  readonly shows?: true;
  /** One role has a second process beside, whose sessions show in this state what it declares as its secrets. */
  readonly reveals?: StateName;
  /** A role that releases the key goes on, in a process that a part before defines. */
  readonly continued?: boolean;
  /** Transcripts as one value, told by whoever had this role, or by a simulator in it; `guessing`: of a broken one. */
  readonly told?: { readonly by: Role; readonly guessing?: true };
}

export interface Context {
  readonly symbols: Symbols;
  readonly form: Form;
  readonly explored: Omit<ExploredRole, 'role'> & { readonly role?: ExploredRole['role'] };
  readonly functions: readonly Definition[];
  /** The lines that this branch has already. */
  readonly defined: Set<string>;
  /** The process whose sessions show a state. Its events have names of their own. */
  readonly revealed?: true;
}

export const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** An expression; its function, where it has one, is called. */
function call(context: Context, term: Term, top: boolean): string {
  const text = expression(term, context.explored.names, top);
  const known = context.functions.find(({ body }) => body === text);
  return known === undefined ? text : callOf(known);
}

/** Randomness of a role: the values that a leak would give away; that of hedged coins is known at once. */
const drawn: Readonly<Record<string, 'ephemerals' | 'coins' | 'known' | undefined>> = {
  sk_e: 'ephemerals',
  r_e: 'ephemerals',
  r_i: 'coins',
  r_r: 'coins',
  IV_i: undefined,
  IV_r: undefined,
  randomness_i: 'known',
  randomness_r: 'known',
};

/** The randomness that a coin is, or is derived from: of a hedged coin what is extracted, not the static key. */
function randomnessOf(coins: Term): Term[] {
  if (coins.symbol === 'name') return [coins];
  const [key] = coins.symbol === 'expand' ? coins.parts : [];
  return key?.symbol === 'extract' ? key.parts.filter(({ symbol }) => symbol === 'name') : [];
}

const coinsOf = (line: Line): Term[] =>
  line.line === 'operation'
    ? line.operation.input.flatMap((input) => {
        const coins = (input as { coins?: Term } | undefined)?.coins;
        return coins === undefined ? [] : randomnessOf(coins);
      })
    : [];

/** The names that a role draws itself, and those that it was given. */
export function drawnBy(explored: Pick<ExploredRole, 'lines'>): { own: string[]; foreign: string[] } {
  const labels = [
    ...new Set(
      allLines(explored.lines)
        .flatMap(coinsOf)
        .map(({ label }) => label),
    ),
  ];
  return { own: labels.filter((label) => label in drawn), foreign: labels.filter((label) => !(label in drawn)) };
}

function draw(context: Context, label: string): string[] {
  const table = drawn[label];
  if (table === 'known') return [`new ${label}: bitstring;`, `out(c, ${label});`];
  const leak = context.form.observed && table !== undefined ? [`insert ${table}(sid, ${label});`] : [];
  return [`new ${label}: bitstring;`, ...leak];
}

/** The values that both sides of a session must agree on. */
const session = ({ psk }: Form): string => `session(cert_i, cert_r, pk_e, ct_e, h_i, h_r, ${psk ? 'ss_pre' : 'empty'})`;

const nameOf = ({ explored, revealed }: Context): string =>
  `${revealed === true ? 'Revealed' : ''}${upper(explored.role ?? '')}`;

const event = (context: Context, name: string, values: readonly string[]): string[] =>
  context.form.observed ? [`event ${nameOf(context)}${name}(sid, ${values.join(', ')});`] : [];

const sessionEvent = (context: Context, name: string): string[] =>
  event(context, name, [session(context.form), 'k_session']);

/** Events when a message is sent: the claims that the other side's completion is checked against. */
function announce(context: Context, { type }: Message<Term>): string[] {
  const own = context.explored.role;
  const said: Partial<Record<MessageName, () => string[]>> = {
    initiatorHello: () => event(context, 'Offers', ['pk_e']),
    responderHello: () => event(context, 'Offers', ['pk_e', 'ct_e']),
    [`${own}Confirmation`]: () => sessionEvent(context, 'Confirms'),
  };
  return said[type]?.() ?? [];
}

function send(context: Context, message: Message<Term>): string[] {
  const { symbols } = context;
  const name = symbols.message(message.type);
  return [
    ...define(context, context.explored.terms.message(message)),
    ...announce(context, message),
    ...(context.form.told === undefined ? [`out(c, ${name});`] : []),
  ];
}

/** In the state that is revealed, the secrets that it declares. */
function shown(
  { form, explored, revealed }: Context,
  { state, secrets }: Extract<Line, { line: 'receive' }>,
): string[] {
  if (revealed !== true || state !== form.reveals) return [];
  const held = secrets.map((secret) => expression(secret, explored.names, false));
  return [`out(c, ${held.length === 1 ? held.join() : `(${held.join(', ')})`}); (* ${state} *)`];
}

function receive({ symbols, defined }: Context, { type }: Message<Term>): string[] {
  const name = symbols.message(type);
  const fields = symbols.fields(type);
  for (const field of [name, ...fields]) defined.add(field);
  const pattern = fields.map((field) => `${field}: bitstring`).join(', ');
  return [`in(c, ${name}: bitstring); let ${type}(${pattern}) = ${name} in`];
}

function define(context: Context, term: Term): string[] {
  const { explored, defined } = context;
  const { name } = definitionOf(term, explored.names);
  if (defined.has(name)) return [];
  defined.add(name);
  return [`let ${name} = ${call(context, term, true)} in`];
}

function operation(context: Context, line: Extract<Line, { line: 'operation' }>): string[] {
  const { form, explored, defined } = context;
  const { operation: name, output } = line.operation;
  const late = form.drawFirst ? [] : coinsOf(line).filter(({ label }) => label in drawn);
  const fresh = late.flatMap(({ label }) => {
    if (defined.has(label)) return [];
    defined.add(label);
    return draw(context, label);
  });
  const known = outputsOf(output).filter((term) => {
    const guarded = ['open', 'certifiedKey', 'unpad', 'certificateIn'].includes(term.symbol);
    return !guarded && term.symbol !== 'name' && term.symbol !== 'variable' && explored.names.of(term) !== undefined;
  });
  const lines = [...fresh, ...known.flatMap((term) => define(context, term))];
  return name === 'cut' ? [...lines, ...sessionEvent(context, 'Derives')] : lines;
}

function condition(context: Context, guard: Guard): string {
  switch (guard.guard) {
    case 'open':
    case 'unframe':
    case 'certificate':
      return define(context, guard.result).join(' ').replace(/ in$/, '');
    case 'confirm':
      return `if ${expression(guard.received, context.explored.names, false)} = ${call(context, guard.expected, false)}`;
    case 'accept':
      return `if ${['own', 'peer'].map((side) => expression(guard[side as 'own'], context.explored.names, false)).join(' <> ')} && accepts(expected, ${expression(guard.peer, context.explored.names, false)})`;
  }
}

/** Writes the completion: once on a branch, after both confirmations and before the identity is judged. */
function completed(context: Context): string[] {
  const { defined } = context;
  if (defined.has('completed') || !defined.has('k_session')) return [];
  defined.add('completed');
  return sessionEvent(context, 'Completes');
}

const goesOn = ({ form, explored }: Context): string[] =>
  form.continued === true ? [`${upper(explored.role ?? '')}Continues(sid, expected, ${session(form)}, k_session)`] : [];

/** Hands the key to the application. */
function released(context: Context): string[] {
  const peer = context.explored.role === 'initiator' ? 'cert_r' : 'cert_i';
  const events = [
    ...completed(context),
    ...event(context, 'Accepts', ['expected', peer]),
    ...sessionEvent(context, 'Releases'),
  ];
  const shown = context.form.shows ? [`out(c, ${callOf(exporting()[0].definition)});`] : [];
  return [...events, ...shown, ...goesOn(context)];
}

function guarded(context: Context, { guard, then, otherwise }: Extract<Line, { line: 'guard' }>): string[] {
  const elseContext = { ...context, defined: new Set(context.defined) };
  const test = condition(context, guard);
  const binding = test.startsWith('let ');
  const before = guard.guard === 'accept' ? completed(context) : [];
  const body = process(context, then);
  if (isSilent(otherwise)) return [...before, `${test} ${binding ? 'in' : 'then'}`, ...body];
  const rest = process(elseContext, otherwise);
  return [...before, `${test} ${binding ? 'in' : 'then'} (`, ...indent(body), ') else (', ...indent(rest), ')'];
}

function written(context: Context, line: Line): string[] {
  switch (line.line) {
    case 'receive':
      return [...shown(context, line), '', ...receive(context, line.message)];
    case 'operation':
      return operation(context, line);
    case 'send':
      return send(context, line.message);
    case 'release':
      return released(context);
    case 'guard':
      return guarded(context, line);
  }
}

/** The lines of a process; the last one ends it. */
export const process = (context: Context, lines: readonly Line[]): string[] =>
  end(lines.flatMap((line) => written(context, line)));

const end = (written: readonly string[]): string[] =>
  /;$|^$|( in| then)$/.test(written.at(-1) ?? '') ? [...written, '0'] : [...written];

/** Lines as a text, without blanks at their ends. */
export const trimmed = (lines: readonly string[]): string => lines.map((line) => line.trimEnd()).join('\n');

/** An honest handshake as one process that publishes what the network sees: for a passive adversary. */
export function honestProcess(context: Context): string {
  const parameters = ['cert_i', 'sk_i', 'cert_r', 'sk_r', 'ss_pre'];
  for (const name of parameters) context.defined.add(name);
  const body = trimmed(indent(process(context, context.explored.lines)));
  return `let Transcript(${parameters.map((name) => `${name}: bitstring`).join(', ')}) =\n${body}.`;
}

export function roleProcess(context: Context & { readonly explored: ExploredRole }): string {
  const { explored, form, defined } = context;
  const suffix = roleSuffix[explored.role];
  // Every form has the same parameters, so that a scenario fits them all.
  const parameters = [`cert_${suffix}`, `sk_${suffix}`, 'ss_pre', 'expected'];
  for (const parameter of parameters) defined.add(parameter);
  const { own } = drawnBy(explored);
  const early = form.drawFirst ? own.flatMap((label) => draw(context, label)) : [];
  const start = form.observed ? ['new sid: bitstring;', ...early] : [];
  const body = trimmed(indent([...start, ...process(context, explored.lines)]));
  const name = context.revealed === true ? 'Revealed' : upper(explored.role);
  const head = `let ${name}(${parameters.map((name) => `${name}: bitstring`).join(', ')}) =`;
  return `${head}\n${body}.`;
}
