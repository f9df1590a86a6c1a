// The roles of the CryptoVerif files against those of the code: the steps of both, and every difference, which must be one that
// models/cryptoverif/deviations.yaml lists with its reason.
import type { Term } from '../../algebra/terms.ts';
import { blankComments } from '../prove/blocks.ts';
import { processText, stepsOf } from './cryptoverifSteps.ts';
import { expression, outputsOf } from './formulas.ts';
import { honestExchange } from './honestExchange.ts';
import { type ExploredRole, exploreRole, type Line, type Protocol } from './roles.ts';
import type { Symbols } from './symbols.ts';

/** Steps of the code that a file does not have, and those that it has in their place. */
export interface Deviation {
  /** The last step before them that both have; `the start` when there is none. */
  readonly after: string;
  readonly without: readonly string[];
  readonly with: readonly string[];
}

/** The role of the code that a process runs; `exchange`: both roles, as an eavesdropper sees them. */
export type Played = 'initiator' | 'responder' | 'exchange';

const coinsOf = (input: readonly unknown[]): string | undefined => {
  const [first] = input as readonly [(Partial<Term> & { readonly coins?: Term }) | undefined];
  return first?.coins?.label ?? first?.label;
};

/** Functions of the key schedule, whose formulas are compared on their own: here only with which arguments they are called. */
const called: Readonly<Record<string, RegExp>> = {
  k_hid: /^expand_32\(extract\((\w+), (?:concat2\((\w+), text_HID\)|text_HID)\), empty\)$/,
  h_i: /^hash\(concat3\((.*)\)\)$/,
  h_r: /^hash\(concat3\((.*)\)\)$/,
  S: /^concat5\((.*)\)$/,
};

const mac = (text: string): string => text.replace(/^mac\((\w+), concat2\((.*)\)\)$/, 'mac($1, $2)');

function operationSteps(line: Extract<Line, { line: 'operation' }>, explored: Explored, whole: Whole): string[] {
  const { operation, input, output } = line.operation;
  const { names } = explored;
  const drawn = ['generateKeyPair', 'encapsulate', 'initialVector'].includes(operation)
    ? [`draw ${coinsOf(input) ?? ''}`]
    : [];
  if (operation === 'cut') {
    return [
      `${outputsOf(output)
        .map((term) => names.of(term))
        .join(', ')} = keys(S)`,
    ];
  }
  const made = outputsOf(output).flatMap((term): string[] => {
    const name = names.of(term);
    const computed = !['name', 'variable', 'message', 'open', 'certifiedKey', 'slice'].includes(term.symbol);
    if (name === undefined || name === 'okm' || !computed) return [];
    const text = expression(term, names);
    const pattern = called[name];
    const [, ...of] = pattern?.exec(text) ?? [];
    if (pattern === undefined || of.length === 0) return [`${name} = ${mac(text)}`];
    return [`${name} = ${name}(${whole(of.filter((one) => one !== undefined).join(', '))})`];
  });
  return [...drawn, ...made];
}

type Explored = Omit<ExploredRole, 'role'>;
/** Writes messages as their fields. */
type Whole = (list: string) => string;

function guardSteps({ guard: of }: Extract<Line, { line: 'guard' }>, { names }: Explored): string[] {
  const name = (term: Term): string => names.of(term) ?? expression(term, names);
  switch (of.guard) {
    case 'open':
    case 'unframe':
      return [`${name(of.result)} = ${expression(of.result, names)}`];
    case 'certificate':
      return [
        `check certificate(${name(of.certificate)})`,
        `${name(of.result)} = certifiedKey(${name(of.certificate)})`,
      ];
    case 'confirm':
      return [`check ${name(of.received)} = ${mac(expression(of.expected, names))}`];
    case 'accept':
      return [`check accept(${name(of.peer)})`];
  }
}

/** The steps of a role of the code, when every check succeeds. */
function codeSteps(explored: Explored, symbols: Symbols): string[] {
  const fieldsOf = (message: string): readonly string[] => {
    const type = types.find((one) => symbols.message(one) === message);
    return type === undefined ? [message] : symbols.fields(type);
  };
  const whole: Whole = (list) =>
    list
      .split(', ')
      .map((one) => {
        const fields = fieldsOf(one);
        return fields.length === 1 ? fields[0] : `(${fields.join(', ')})`;
      })
      .join(', ');
  function step(line: Line): string[] {
    switch (line.line) {
      case 'receive':
        return symbols.fields(line.message.type).map((field) => `in ${field}`);
      case 'send':
        return symbols.fields(line.message.type).map((field) => `out ${field}`);
      case 'release':
        return [`release ${explored.names.of(line.sessionKey)}`];
      case 'operation':
        return operationSteps(line, explored, whole);
      case 'guard':
        return [...guardSteps(line, explored), ...line.then.flatMap(step)];
    }
  }
  return explored.lines.flatMap(step);
}

const types = [
  ...(['initiatorHello', 'responderHello', 'initiatorCertificate', 'responderCertificate'] as const),
  ...(['initiatorEncapsulation', 'responderEncapsulation'] as const),
  ...(['initiatorConfirmation', 'responderConfirmation'] as const),
];

/** Longest common subsequences of all ends of two lists. */
function common(one: readonly string[], other: readonly string[]): number[][] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      const row = lengths[i] as number[];
      const below = lengths[i + 1] as number[];
      row[j] = one[i] === other[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}

/** The differences between the steps of the code and those of a file, in order. */
export function deviationsOf(code: readonly string[], file: readonly string[]): Deviation[] {
  const lengths = common(code, file);
  const found: { after: string; without: string[]; with: string[] }[] = [];
  let [i, j, after] = [0, 0, 'the start'];
  const open = () => {
    const last = found.at(-1);
    if (last?.after === after) return last;
    const made = { after, without: [], with: [] };
    found.push(made);
    return made;
  };
  while (i < code.length || j < file.length) {
    if (i < code.length && code[i] === file[j]) {
      after = code[i] ?? '';
      i += 1;
      j += 1;
    } else if (i < code.length && (j >= file.length || (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0))) {
      open().without.push(code[i] ?? '');
      i += 1;
    } else {
      open().with.push(file[j] ?? '');
      j += 1;
    }
  }
  return found;
}

/** The differences between a process of a CryptoVerif text and the role of a protocol that it runs. */
export function roleDeviations(
  symbols: Symbols,
  protocol: Protocol,
  text: string,
  name: string,
  role: Played,
): Deviation[] {
  const steps = stepsOf(processText(blankComments(text), name));
  if (role !== 'exchange') {
    return deviationsOf(codeSteps(exploreRole(symbols, protocol, role, true), symbols), steps);
  }
  // Both peers compute most values: once is enough for an eavesdropper.
  const code = new Set(codeSteps(honestExchange(symbols, protocol, false), symbols));
  return deviationsOf([...code], steps);
}

/** The names of the processes that a text defines, in order. */
export const processesOf = (text: string): string[] =>
  [...blankComments(text).matchAll(/^let (\w+)\(/gm)].map(([, name = '']) => name);

/** Where a text starts a process, and how often: `! N_I initiator(hf2, pk_r)`. */
export function runsOf(text: string, name: string): string[] {
  const pieces = blankComments(text).split(`${name}(`);
  return pieces.slice(1).flatMap((rest, at) => {
    const before = (pieces[at] ?? '').slice(-60);
    if (/[\w']$/.test(before) || before.endsWith('let ')) return [];
    const [replicated = ''] = /! \w+ $/.exec(before) ?? [];
    return [`${replicated}${name}(${rest.slice(0, closing(rest) + 1)}`.replaceAll(/\s+/g, ' ')];
  });
}

/** The bracket that closes one which was opened before a text. */
function closing(text: string): number {
  let depth = 1;
  let at = -1;
  while (depth > 0 && at < text.length) {
    at += 1;
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
  }
  return at;
}
