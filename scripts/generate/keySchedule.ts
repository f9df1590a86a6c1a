import { toNotation, toTypeScript } from '../../src/lab/spec/formula.ts';
import type { Axis, Formulas, Parameter, ProposedFormula, Spec } from '../../src/lab/spec/spec.ts';
import { banner, literal, quoted, upper } from '../../src/lab/spec/text.ts';

const typeOf = ({ kind, message, number }: Parameter): string => {
  if (message) return 'Message<O>';
  if (number) return 'number';
  return kind === undefined || kind === 'Octets' ? 'O' : `${kind}<O>`;
};
const resultOf = (result: string): string => (result === 'Octets' ? 'O' : `${result}<O>`);
const scope = (parameters: readonly Parameter[]): string => parameters.map(({ name }) => name).join(', ');
const shape = (members: readonly string[]): string => `{\n${members.join('\n')}\n}`;
const member = (symbol: string, name: string, type: string): string =>
  `  /** \`${symbol}\` */\n  readonly ${name}: ${type};`;
const record = (parameters: readonly Parameter[]): string =>
  shape(
    parameters.map((one) =>
      one.optional
        ? member(one.symbol, `${one.name}?`, `${typeOf(one)} | undefined`)
        : member(one.symbol, one.name, typeOf(one)),
    ),
  );

/** `h_i`, `h_r`, or the input of `C_i`, `C_r`. */
function named(symbols: readonly string[]): string {
  const [, inputOf] = /^input of (.*)$/.exec(symbols[0] ?? '') ?? [];
  const quotedSymbols = (inputOf?.split(', ') ?? symbols).map((symbol) => `\`${symbol}\``).join(', ');
  return inputOf === undefined ? quotedSymbols : `the input of ${quotedSymbols}`;
}

/** `section 4.3`, `sections 3.1, 3.4`, or nothing for what the draft does not have. */
const placed = (section: string): string =>
  section === 'none' ? '' : ` (section${section.includes(',') ? 's' : ''} ${section})`;

/** A formula, or the two for with and without what is optional: as an expression, and in the notation of the draft. */
function written(
  { formula, present, absent }: Formulas,
  parameters: readonly Parameter[],
): { body: string; doc: string } {
  if (formula !== undefined) return { body: toTypeScript(formula), doc: `\`${toNotation(formula, parameters)}\`` };
  if (present === undefined || absent === undefined) throw new Error('a formula, or both of present and absent');
  const optional = parameters.find((one) => one.optional)?.name;
  const [having, lacking] = [present, absent].map((one) => `\`${toNotation(one, parameters)}\``);
  const body = `(${optional} === undefined ? ${toTypeScript(absent)} : ${toTypeScript(present)})`;
  return { body, doc: `${having}, without it ${lacking}` };
}

function alternatives({ axis, symbols, result, parameters, alternatives: all }: Axis): string {
  const rows = all.map(({ name, ...formulas }) => {
    const { body, doc } = written(formulas, parameters);
    const names = scope(parameters.filter((one) => body.includes(one.name)));
    const cast = result === 'Octets' ? '' : ` as ${resultOf(result)}`;
    const a = body.includes('a.') ? 'a' : '_';
    const argument = names === '' ? '' : `, { ${names} }: ${upper(axis)}Arguments<O>`;
    return `  /** ${doc} */\n  '${name}': <O>(${a}: Derivation<O>${argument}) => ${body}${cast},`;
  });
  return `/** The readings of ${named(symbols)}; the first is the default. */
export const ${axis}Alternatives = ${shape(rows)} as const satisfies Record<string, Reading['${axis}']>;`;
}

/** The function of a formula with one reading. */
export function derivation({
  name,
  symbols,
  section,
  says,
  parameters,
  cut,
  result = 'Octets',
  ...formulas
}: ProposedFormula): string {
  const { body, doc } = written(formulas, parameters);
  const head = `/** ${named(symbols)} = ${doc}${placed(section)}. ${says} */`;
  const a = body.includes('a.') ? 'a' : '_';
  const input = `${a}: Derivation<O>, { ${scope(parameters)} }: ${record(parameters)}`;
  if (cut === undefined) {
    const cast = result === 'Octets' ? '' : ` as ${resultOf(result)}`;
    return `${head}\nexport const ${name} = <O>(${input}): ${resultOf(result)} => ${body}${cast};`;
  }
  const casts = cut.map((part, index) => `${part.name}: parts[${index}] as ${part.kind}<O>`).join(', ');
  const keys = shape(cut.map((part) => member(part.symbol, part.name, `${part.kind}<O>`)));
  return `${head}
export function ${name}<O>(${input}): ${keys} {
  const parts = a.cut(${body}, [${cut.map(({ octets }) => octets).join(', ')}]);
  return { ${casts} };
}`;
}

export function keySchedule(spec: Spec): string {
  const everything = JSON.stringify([spec.readings, spec.derivations]);
  const used = Object.keys(spec.kinds)
    .filter((kind) => everything.includes(`"${kind}"`))
    .sort();
  const axes = spec.readings.map(
    ({
      axis,
      symbols,
      section,
      says,
      parameters,
    }) => `/** The arguments for ${named(symbols)}${placed(section)}. ${says} */
export interface ${upper(axis)}Arguments<O> ${record(parameters)}`,
  );
  const functions = spec.readings.map(
    ({ axis, symbols, result }) => `  /** ${upper(named(symbols))} */
  readonly ${axis}: <O>(a: Derivation<O>, input: ${upper(axis)}Arguments<O>) => ${resultOf(result)};`,
  );
  const choices = spec.readings.map(
    ({ axis, alternatives: all }) => `  readonly ${axis}: ${quoted(all.map(({ name }) => name))};`,
  );
  const defaults = spec.readings.map(({ axis, alternatives: all }) => `${axis}: '${all[0]?.name}'`).join(', ');
  const lookup = spec.readings.map(({ axis }) => `${axis}: ${axis}Alternatives[choice.${axis}]`).join(', ');
  const axisTable = spec.readings.map(
    ({ axis, aliases, alternatives: all }) =>
      `  ${axis}: ${literal({ aliases, alternatives: all.map(({ name }) => name) })},`,
  );
  return `${banner}import type { Derivation } from '../algebra/derivation.ts';
import type { ${used.join(', ')} } from './kinds.ts';
import type { Message } from './messages.ts';

${axes.join('\n\n')}

/** The few functions in which the draft is ambiguous, or which it leaves open. */
export interface Reading {
${functions.join('\n')}
  /** The keys of \`kdf_2\`: no reading of the draft changes them, a proposal does. */
  readonly sessionKeys: typeof sessionKeys;
}

/** A reading by the names of its alternatives. */
export interface ReadingChoice {
${choices.join('\n')}
}

/** The reading that this project takes where nothing else is chosen. */
export const defaultChoice: ReadingChoice = { ${defaults} };

/** The axes of a reading: other names for each, and the alternatives, the default first. */
export const readingAxes = {
${axisTable.join('\n')}
} as const satisfies Record<keyof ReadingChoice, { aliases: readonly string[]; alternatives: readonly string[] }>;

${spec.readings.map(alternatives).join('\n\n')}

/** The functions of a chosen reading. */
export const readingOf = (choice: ReadingChoice): Reading => ({ ${lookup}, sessionKeys });

${spec.derivations.map(derivation).join('\n\n')}
`;
}
