// A protocol as Verifpal 1.1 text: both principals, every message between them, every check. What the attacker is, the
// authority, application data and queries stand beside it.

import type { Term } from '../../algebra/terms.ts';
import type { Message, MessageName } from '../../generated/messages.ts';
import { otherRole, type Role } from '../../role.ts';
import { upper } from '../spec/text.ts';
import { allLines, outputsOf } from './formulas.ts';
import { type ExploredRole, exploreRole, type Line, type Protocol } from './roles.ts';
import { roleSuffix, type Symbols } from './symbols.ts';

/** The form in which a protocol is written. */
export interface VerifpalForm {
  readonly psk: boolean;
  /** The attacker cannot replace pk_e and ct_e. */
  readonly guarded: boolean;
}

/** One role, and its lines. */
interface Side {
  readonly form: VerifpalForm;
  readonly symbols: Symbols;
  readonly explored: ExploredRole;
  readonly lines: Line[];
  readonly written: Set<string>;
}

const messageNumber = (symbols: Symbols, name: MessageName): string => symbols.message(name).slice(1);

/** Verifpal has one space of names: values that both sides compute get a suffix, values that travel do not. */
function spoken({ symbols, explored }: Side, name: string): string {
  const travels = messageTypes.some((type) => symbols.fields(type).includes(name));
  const own = [`cert_${roleSuffix[explored.role]}`, `sk_${roleSuffix[explored.role]}`, 'ss_pre', 'sk_e'];
  const drawnHere = /^r_[eir]$/.test(name);
  const local = travels || own.includes(name) || drawnHere ? name : `${name}_${roleSuffix[explored.role]}`;
  return local.toLowerCase();
}

const messageTypes: readonly MessageName[] = [
  ...(['initiatorHello', 'responderHello', 'initiatorCertificate', 'responderCertificate'] as const),
  ...(['initiatorEncapsulation', 'responderEncapsulation'] as const),
  ...(['initiatorConfirmation', 'responderConfirmation'] as const),
];

/** Verifpal concatenates two to five values. */
function concat(parts: readonly string[]): string {
  if (parts.length <= 5) return parts.length === 1 ? (parts[0] ?? '') : `CONCAT(${parts.join(', ')})`;
  return concat([concat(parts.slice(0, 5)), ...parts.slice(5)]);
}

/** A term in Verifpal's primitives; a part that has a name becomes that name. */
function write(side: Side, term: Term, top = false): string {
  const name = side.explored.names.of(term);
  const part = (index: number): string => write(side, term.parts[index] as Term);
  if (!top && name !== undefined && term.symbol !== 'message') return spoken(side, name);
  switch (term.symbol) {
    case 'name':
    case 'variable':
      return spoken(side, term.label);
    case 'empty':
      return 'nil';
    case 'text':
      return `label_${term.label.toLowerCase().replace(/\W/g, '_')}`;
    case 'header':
      return `hdr_${messageNumber(side.symbols, term.label as MessageName)}`;
    case 'message':
      return concat([
        `hdr_${messageNumber(side.symbols, term.label as MessageName)}`,
        ...term.parts.map((_, at) => part(at)),
      ]);
    case 'concat':
      return concat(term.parts.map((_, at) => part(at)));
    case 'hash':
      return hash(side, term);
    case 'mac':
      return `MAC(${part(0)}, ${part(1)})`;
    case 'expand':
      return keys(side, term);
    case 'seal':
      return `AEAD_ENC(${part(0)}, ${part(3)}, ${associated(side, term)})`;
    case 'open':
      return `AEAD_DEC(${part(0)}, ${part(3)}, ${associated(side, term)})?`;
    case 'decapsulationKey':
    case 'pad': // lengths are not in the model
    case 'unpad':
      return part(0);
    case 'encapsulationKey':
      return `PUBKEY(${part(0)})`;
    case 'decapsulate':
      return `KEM_DECAP(${part(1)}, ${part(0)})`;
    default:
      throw new Error(`no Verifpal primitive for ${term.symbol}`);
  }
}

/** A hash of a concatenation is a hash of its parts. */
function hash(side: Side, term: Term): string {
  const [of] = term.parts;
  const parts = of?.symbol === 'concat' ? of.parts : [of];
  return parts.length <= 5
    ? `HASH(${parts.map((part) => write(side, part as Term)).join(', ')})`
    : `HASH(${write(side, of as Term)})`;
}

/** HKDF-Extract and HKDF-Expand are one primitive of Verifpal. */
function keys(side: Side, expand: Term): string {
  const [prk, info] = expand.parts;
  if (prk?.symbol !== 'extract') throw new Error('Verifpal: a key is expanded that was not extracted');
  const [salt, ikm] = prk.parts;
  return `HKDF(${[salt, ikm, info].map((part) => write(side, part as Term)).join(', ')})`;
}

/** The initial vector is authenticated with the associated data: Verifpal has no place for it. */
function associated(side: Side, sealed: Term): string {
  const [, vector, data] = sealed.parts;
  const written = [vector, data].map((part) => write(side, part as Term)).filter((one) => one !== 'nil');
  return concat(written);
}

function once(side: Side, names: readonly string[], line: string): string[] {
  const fresh = names.filter((name) => !side.written.has(name));
  if (fresh.length === 0) return [];
  for (const name of names) side.written.add(name);
  return [line];
}

function operation(side: Side, { operation: of }: Extract<Line, { line: 'operation' }>): string[] {
  const { names } = side.explored;
  const outputs = outputsOf(of.output);
  const coins = (of.input[0] as { coins?: Term } | undefined)?.coins;
  const drawn = coins === undefined ? [] : once(side, [coins.label], `generates ${spoken(side, coins.label)}`);
  if (of.operation === 'encapsulate') {
    const [ciphertext, secret] = outputs.map((term) => spoken(side, names.of(term) ?? ''));
    for (const term of outputs) side.written.add(names.of(term) ?? '');
    const key = write(side, (of.input[0] as { encapsulationKey: Term }).encapsulationKey);
    return [...drawn, `${secret}, ${ciphertext} = KEM_ENCAP(${key}, ${spoken(side, coins?.label ?? '')})`];
  }
  if (of.operation === 'cut') {
    const suffix = roleSuffix[side.explored.role];
    const [first, second, third] = outputs.map((term) => names.of(term) ?? '_');
    const parts = [first, second].map((name) => spoken(side, name ?? '_'));
    if (third !== 'k_session') throw new Error('Verifpal: the session key is expected third');
    return [`${parts.join(', ')}, k_derived_${suffix} = ${write(side, of.input[0] as Term, true)}`];
  }
  const defined = outputs.flatMap((term) => {
    const name = names.of(term);
    const plain = name !== undefined && !['name', 'variable', 'open', 'certifiedKey', 'message'].includes(term.symbol);
    if (!plain || name === 'okm' || side.written.has(name)) return [];
    return once(side, [name], `${spoken(side, name)} = ${write(side, term, true)}`);
  });
  return [...drawn, ...defined];
}

function guard(side: Side, { guard: of }: Extract<Line, { line: 'guard' }>): string[] {
  const own = roleSuffix[side.explored.role];
  const peer = roleSuffix[otherRole(side.explored.role)];
  switch (of.guard) {
    case 'open':
    case 'unframe':
      return [`${spoken(side, side.explored.names.of(of.result) ?? '')} = ${write(side, of.result, true)}`];
    case 'certificate':
      return [
        `id_${peer}_${own}, pk_${peer}_${own}, sig_${peer}_${own} = SPLIT(cert_${peer}_${own})?`,
        `_ = SIGNVERIF(pk_ca, CONCAT(id_${peer}_${own}, pk_${peer}_${own}), sig_${peer}_${own})?`,
      ];
    case 'confirm':
      return [`_ = ASSERT(${write(side, of.expected)}, ${write(side, of.received)})?`];
    case 'accept':
      return [`_ = ASSERT(id_${peer}_${own}, id_${peer})?`];
  }
}

/** A role's lines in order, when every check succeeds. */
const straight = (lines: readonly Line[]): Line[] =>
  lines.flatMap((line) => (line.line === 'guard' ? [line, ...straight(line.then)] : [line]));

/** The lines of a role from here to its next message from outside. */
function segment(side: Side): Line[] {
  const end = side.lines.findIndex(({ line }, index) => index > 0 && line === 'receive');
  return side.lines.splice(0, end < 0 ? side.lines.length : end);
}

function written(side: Side, lines: readonly Line[]): string[] {
  const { role } = side.explored;
  const suffix = roleSuffix[role];
  return lines.flatMap((line): string[] => {
    if (line.line === 'operation') return operation(side, line);
    if (line.line === 'guard') return guard(side, line);
    if (line.line !== 'release') return [];
    const okm = allLines(side.explored.lines).flatMap((one) =>
      one.line === 'operation' && one.operation.operation === 'cut' ? [one.operation.input[0] as Term] : [],
    );
    // The key again, under a name of its own: queries about it are asked after the checks.
    return [`_, _, k_session_${suffix} = ${write(side, okm[0] as Term, true)}`];
  });
}

const block = (role: Role, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`principal ${upper(role)}[`, ...lines.map((line) => `\t${line}`), ']', ''];

function sent({ symbols, explored, form }: Side, { type }: Message<Term>): string[] {
  const hello = type === 'initiatorHello' || type === 'responderHello';
  const bracket = (field: string): string => (form.guarded && hello ? `[${field}]` : field);
  const fields = symbols.fields(type).map((field) => bracket(field.toLowerCase()));
  return [
    `// message ${messageNumber(symbols, type)}, ${type} (section ${symbols.section(type)})`,
    `${upper(explored.role)} -> ${upper(otherRole(explored.role))}: ${fields.join(', ')}`,
    '',
  ];
}

function enrolment(side: Side, psk: boolean, constants: readonly string[]): string[] {
  const own = roleSuffix[side.explored.role];
  const peer = roleSuffix[otherRole(side.explored.role)];
  return [
    `knows public ${constants.join(', ')}`,
    ...(psk ? ['knows private ss_pre'] : []),
    '// enrolment, before any session: sk_ca is used for nothing but the certificate',
    `knows private sk_ca, sk_${own}, id_${own}, id_${peer}`,
    `pk_${own} = PUBKEY(sk_${own})`,
    `sig_${own} = SIGN(sk_ca, CONCAT(id_${own}, pk_${own}))`,
    `cert_${own} = CONCAT(id_${own}, pk_${own}, sig_${own})`,
  ];
}

/** Both roles, in the order in which messages reach them: each message is delivered once the one before it was. */
function conversation(sides: Readonly<Record<Role, Side>>, psk: boolean, constants: readonly string[]): string[] {
  const text: string[] = [];
  const underway: Role[] = [];
  const turn = (role: Role, head: readonly string[]): void => {
    const side = sides[role];
    const lines = segment(side);
    text.push(...block(role, [...head, ...written(side, lines)]));
    for (const line of lines) {
      if (line.line !== 'send') continue;
      text.push(...sent(side, line.message));
      underway.push(otherRole(role));
    }
  };
  turn('initiator', enrolment(sides.initiator, psk, constants));
  let head = enrolment(sides.responder, psk, constants);
  for (let next = underway.shift(); next !== undefined; next = underway.shift()) {
    turn(next, next === 'responder' ? head : []);
    if (next === 'responder') head = [];
  }
  return text;
}

/** A protocol as Verifpal text. */
export function verifpal(symbols: Symbols, protocol: Protocol, form: VerifpalForm): string {
  const { psk, guarded } = form;
  const side = (role: Role): Side => {
    const explored = exploreRole(symbols, protocol, role, psk);
    return { form, symbols, explored, lines: straight(explored.lines), written: new Set() };
  };
  const text = (constants: readonly string[]): string[] =>
    conversation({ initiator: side('initiator'), responder: side('responder') }, psk, constants);
  const used = [
    ...new Set(
      text([])
        .join('\n')
        .match(/\b(hdr_\d|label_\w+)\b/g) ?? [],
    ),
  ].sort();
  return [
    `// ${protocol.title}; ${psk ? 'with' : 'without'} a pre-shared secret.`,
    '// Generated by `npm run generate` from a run of src/protocol on terms. Do not edit.',
    '// Values that both sides compute end in _i or _r; the header of message n is hdr_n.',
    ...(guarded ? ['// The ephemeral exchange is honest: pk_e and ct_e arrive as they were sent.'] : []),
    '',
    ...text(used),
  ].join('\n');
}
