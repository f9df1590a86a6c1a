// Terms as formulas over named terms, and the functions that both roles share.
import type { Term } from '../../algebra/terms.ts';
import type { Line } from './roles.ts';
import type { Names } from './symbols.ts';

/** A named value: `C_i = mac(k_C_i, concat2(h_i, h_r))`. */
export interface Definition {
  readonly name: string;
  readonly body: string;
  /** The names in the body, in order of appearance. */
  readonly parameters: readonly string[];
}

const heads: Partial<Record<Term['symbol'], (term: Term) => string>> = {
  name: ({ label }) => label,
  variable: ({ label }) => label,
  text: ({ label }) => `text_${label.replace(/\W/g, '_')}`,
  octet: ({ label }) => `octet_${label}`,
  header: ({ label }) => `header_${label}`,
  message: ({ label }) => label,
  concat: ({ parts }) => `concat${parts.length}`,
  slice: ({ label }) => `octets_${label.replace('-', '_')}`,
  expand: ({ label }) => `expand_${label}`,
  nonce: ({ label }) => `nonce_${label}`,
  record: ({ label }) => `record_${label}`,
  length: ({ label }) => `length_${label}`,
  pad: ({ label }) => `padded_${label}`,
  unpad: ({ label }) => `unpadded_${label}`,
  first: ({ label }) => `first_${label}`,
  rest: ({ label }) => `after_${label}`,
};

/** The function that makes a term. */
export const headOf = (term: Term): string => heads[term.symbol]?.(term) ?? term.symbol;

/** A term as an expression; a part that has a name becomes that name. The coins of a key pair stand for its secret key. */
export function expression(term: Term, names: Names, top = true): string {
  const name = names.of(term);
  if (!top && name !== undefined) return name;
  const [only] = term.parts;
  if (term.symbol === 'decapsulationKey' && only !== undefined) return expression(only, names, false);
  const parts = term.parts.map((part) => expression(part, names, false));
  return parts.length === 0 ? headOf(term) : `${headOf(term)}(${parts.join(', ')})`;
}

/** The names that an expression is made of. */
export function namesIn(term: Term, names: Names, top = true): string[] {
  const name = names.of(term);
  if (!top && name !== undefined) return [name];
  if (term.symbol === 'name' || term.symbol === 'variable') return [term.label];
  return [...new Set(term.parts.flatMap((part) => namesIn(part, names, false)))];
}

/** The definition of a named term. */
export const definitionOf = (term: Term, names: Names): Definition => ({
  name: names.of(term) ?? headOf(term),
  body: expression(term, names),
  parameters: namesIn(term, names),
});

const isTerm = (value: unknown): value is Term => typeof value === 'object' && value !== null && 'symbol' in value;

/** The terms that an operation returned. */
export function outputsOf(output: unknown): Term[] {
  if (isTerm(output)) return [output];
  if (typeof output !== 'object' || output === null) return [];
  return Object.values(output).flatMap(outputsOf);
}

/** Every line of a role, those of all branches. */
export const allLines = (lines: readonly Line[]): Line[] =>
  lines.flatMap((line) =>
    line.line === 'guard' ? [line, ...allLines(line.then), ...allLines(line.otherwise)] : [line],
  );

const derived: readonly Term['symbol'][] = ['hash', 'mac', 'extract', 'expand', 'slice', 'seal', 'concat'];

/**
 * The functions of a protocol: the formulas of its derived values (not received, not drawn). When two roles give one name to
 * different formulas, it has no function: the formula stands in each role.
 */
export function functionsOf(
  roles: readonly { readonly lines: readonly Line[]; readonly names: Names }[],
): Definition[] {
  const found = new Map<string, Definition | undefined>();
  for (const { lines, names } of roles) {
    for (const line of allLines(lines)) {
      if (line.line !== 'operation') continue;
      for (const term of outputsOf(line.operation.output)) {
        const name = names.of(term);
        if (name === undefined || !derived.includes(term.symbol)) continue;
        const definition = definitionOf(term, names);
        const before = found.get(name);
        const clash = found.has(name) && before?.body !== definition.body;
        found.set(name, clash ? undefined : definition);
      }
    }
  }
  return [...found.values()].filter((one) => one !== undefined && one.parameters.length > 0) as Definition[];
}

/** A function of a definition is called by the name of its value. */
export const functionName = (definition: Definition): string => `${definition.name}_of`;
export const callOf = (definition: Definition): string =>
  `${functionName(definition)}(${definition.parameters.join(', ')})`;
