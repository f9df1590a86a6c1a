import { toNotation, toTypeScript } from './formula.ts';
import type { Axis, Derivation, MessageSpec, Parameter, Spec } from './spec.ts';

const banner = '// Generated from spec/ by `npm run generate`. Do not edit.\n\n';
const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(' | ');
const literal = (value: unknown): string => JSON.stringify(value);

function bounds(spec: Spec, kind: string): { minimum: number; maximum: number } {
  const { octets, minimum = 0, maximum = spec.protocol.maximumDataOctets } = spec.kinds[kind] ?? {};
  return octets === undefined ? { minimum, maximum } : { minimum: octets, maximum: octets };
}

function dataBounds(spec: Spec, message: MessageSpec): { minimum: number; maximum: number } {
  const all = message.fields.map(({ kind }) => bounds(spec, kind));
  const sum = (key: 'minimum' | 'maximum'): number => all.reduce((total, one) => total + one[key], 0);
  return { minimum: sum('minimum'), maximum: Math.min(sum('maximum'), spec.protocol.maximumDataOctets) };
}

export function kinds(spec: Spec): string {
  const types = Object.entries(spec.kinds).map(([name, { octets, minimum, description, source, secret }]) => {
    const size = octets === undefined ? `at least ${minimum} octets` : `${octets} octets`;
    return `/** ${description}: ${size}${secret ? ', secret' : ''} (${source}). */\nexport type ${name}<O> = Kind<O, '${name}'>;`;
  });
  return `${banner}declare const kind: unique symbol;

/** An octet string \`O\` that is known to be of kind \`K\`; so that swapped arguments do not typecheck. */
export type Kind<O, K extends string> = O & { readonly [kind]: K };

${types.join('\n\n')}
`;
}

export function constants(spec: Spec): string {
  const { version, draft, headerOctets } = spec.protocol;
  const oids = Object.entries(spec.objectIdentifiers).map(
    ([name, { oid, source }]) => `/** ${source} */ ${name}: '${oid}'`,
  );
  return `${banner}/** The protocol version of every message (section 4.1). */
export const protocolVersion = ${version};

/** The draft that this code implements. */
export const draft = '${draft}';

/** Octets of a message header: version, type, length (section 4.1). */
export const headerOctets = ${headerOctets};

/** Sizes in octets of the mandatory suite (section 1.2). */
export const sizes = ${literal(spec.sizes)} as const;

/** Object identifiers of the certificate profile (section 4.4). */
export const objectIdentifiers = { ${oids.join(', ')} } as const;
`;
}

export function messages(spec: Spec): string {
  const used = [...new Set(spec.messages.flatMap(({ fields }) => fields.map(({ kind }) => kind)))].sort();
  const types = spec.messages.map(
    ({
      name,
      title,
      type,
      sender,
      step,
      section,
      fields,
    }) => `/** ${title}: type ${type}, from the ${sender}, step ${step} (section ${section}). */
export interface ${upper(name)}<O> {
  readonly type: '${name}';
${fields.map(({ name: field, symbol, kind }) => `  /** \`${symbol}\` */\n  readonly ${field}: ${kind}<O>;`).join('\n')}
}`,
  );
  const union = (sender?: string): string =>
    spec.messages
      .filter((message) => sender === undefined || message.sender === sender)
      .map(({ name }) => `${upper(name)}<O>`)
      .join(' | ');
  return `${banner}import type { ${used.join(', ')} } from './kinds.ts';

${types.join('\n\n')}

/** The messages of the initiator, in order. */
export type InitiatorMessage<O> = ${union('initiator')};

/** The messages of the responder, in order. */
export type ResponderMessage<O> = ${union('responder')};

/** Every message of the protocol (section 4). */
export type Message<O> = InitiatorMessage<O> | ResponderMessage<O>;

/** The name of a message. */
export type MessageName = Message<unknown>['type'];
`;
}

function decoder(spec: Spec, message: MessageSpec): string {
  const { minimum, maximum } = dataBounds(spec, message);
  let offset = 0;
  const parts = message.fields.map(({ name, kind }, index) => {
    const last = index === message.fields.length - 1;
    const { maximum: octets } = bounds(spec, kind);
    const slice = `data.subarray(${offset}${last ? '' : `, ${offset + octets}`}) as ${kind}<Uint8Array>`;
    offset += octets;
    return `${name}: ${slice}`;
  });
  const fits =
    minimum === maximum ? `data.length === ${minimum}` : `data.length >= ${minimum} && data.length <= ${maximum}`;
  return `  ${message.name}: (data: Uint8Array): Decoded<${upper(message.name)}<Uint8Array>> =>
    ${fits} ? { ok: true, value: { type: '${message.name}', ${parts.join(', ')} } } : wrongLength,`;
}

export function codec(spec: Spec): string {
  const used = [...new Set(spec.messages.flatMap(({ fields }) => fields.map(({ kind }) => kind)))].sort();
  const rows = spec.messages.map((message) => {
    const { name, title, type, sender, step, section } = message;
    return `  ${name}: ${literal({ title, type, sender, step, section, ...dataBounds(spec, message) })},`;
  });
  const encoders = spec.messages.map(
    ({ name, fields }) =>
      `    case '${name}':\n      return [${fields.map(({ name: field }) => `message.${field}`).join(', ')}];`,
  );
  return `${banner}import type { ${used.join(', ')} } from './kinds.ts';
import type { Message, MessageName, ${spec.messages.map(({ name }) => upper(name)).join(', ')} } from './messages.ts';

/** What each message is: type octet, sender, step, section, and the octets that its data may have. */
export const messageTable = {
${rows.join('\n')}
} as const;

/** The messages in the order of their type octets. */
export const messageNames = ${literal(spec.messages.map(({ name }) => name))} as const satisfies readonly MessageName[];

/** A message, or the failure code that its octets deserve. */
export type Decoded<M> =
  | { readonly ok: true; readonly value: M }
  | { readonly ok: false; readonly code: 'wrong-version' | 'unexpected-message' | 'wrong-length' };

const wrongLength = { ok: false, code: 'wrong-length' } as const;

/** The fields of a message, in the order of the wire. */
export function fieldsOf<O>(message: Message<O>): readonly O[] {
  switch (message.type) {
${encoders.join('\n')}
  }
}

/** From the data of a message to its fields: views of exactly the octets given, none left over. */
export const decodeData = {
${spec.messages.map((message) => decoder(spec, message)).join('\n')}
} as const satisfies Record<MessageName, (data: Uint8Array) => Decoded<Message<Uint8Array>>>;
`;
}

export function failures(spec: Spec): string {
  const rows = spec.failures.map(
    ({ code, abort, section, requirements, meaning }) =>
      `  '${code}': ${literal({ abort, section, requirements, meaning })},`,
  );
  return `${banner}import type { RequirementId } from './requirements.ts';

/** The stable code of a local failure (sections 3, 3.6). */
export type FailureCode = ${quoted(spec.failures.map(({ code }) => code))};

interface FailureRow {
  readonly abort: 'at once' | 'after confirmation';
  readonly section: string;
  readonly requirements: readonly RequirementId[];
  readonly meaning: string;
}

/** What each failure means, when the handshake is aborted for it, and the requirements that it serves. */
export const failureTable: Readonly<Record<FailureCode, FailureRow>> = {
${rows.join('\n')}
};
`;
}

export function requirements(spec: Spec): string {
  return `${banner}/** An id of spec/requirements.yaml. */
export type RequirementId = ${quoted(spec.requirements.map(({ id }) => id))};
`;
}

const typeOf = ({ kind, message, number }: Parameter): string => {
  if (message) return 'Message<O>';
  if (number) return 'number';
  return kind === undefined || kind === 'Octets' ? 'O' : `${kind}<O>`;
};
const resultOf = (result: string): string => (result === 'Octets' ? 'O' : `${result}<O>`);
const scope = (parameters: readonly Parameter[]): string => parameters.map(({ name }) => name).join(', ');
const record = (parameters: readonly Parameter[]): string =>
  parameters
    .map(
      (one) =>
        `/** \`${one.symbol}\` */\n  readonly ${one.name}${one.optional ? '?' : ''}: ${typeOf(one)}${one.optional ? ' | undefined' : ''};`,
    )
    .join('\n');

function alternatives({ axis, symbols, result, parameters, alternatives: all }: Axis): string {
  const rows = all.map(({ name, formula, present, absent }) => {
    const optional = parameters.find((one) => one.optional)?.name;
    const show = (value: typeof formula): string => (value === undefined ? '' : toNotation(value, parameters));
    const doc = formula === undefined ? `\`${show(present)}\`, without it \`${show(absent)}\`` : `\`${show(formula)}\``;
    const body =
      formula === undefined && present !== undefined && absent !== undefined
        ? `(${optional} === undefined ? ${toTypeScript(absent)} : ${toTypeScript(present)})`
        : toTypeScript(formula ?? 'empty');
    const names = scope(parameters.filter((one) => body.includes(one.name)));
    const cast = result === 'Octets' ? '' : ` as ${resultOf(result)}`;
    const a = body.includes('a.') ? 'a' : '_';
    const argument = names === '' ? '' : `, { ${names} }: ${upper(axis)}Arguments<O>`;
    return `  /** ${doc} */\n  '${name}': <O>(${a}: Derivation<O>${argument}) => ${body}${cast},`;
  });
  return `/** The readings of ${symbols.join(', ')}; the first is the default. */
export const ${axis}Alternatives = {\n${rows.join('\n')}\n} as const satisfies Record<string, Reading['${axis}']>;`;
}

function derivation({ name, symbols, section, says, parameters, cut, result = 'Octets', formula }: Derivation): string {
  const head = `/** \`${symbols.join(', ')}\` = \`${toNotation(formula, parameters)}\` (section ${section}). ${says} */`;
  const input = `a: Derivation<O>, { ${scope(parameters)} }: { ${record(parameters)} }`;
  if (cut === undefined) {
    const cast = result === 'Octets' ? '' : ` as ${resultOf(result)}`;
    return `${head}\nexport const ${name} = <O>(${input}): ${resultOf(result)} => ${toTypeScript(formula)}${cast};`;
  }
  const casts = cut.map((part, index) => `${part.name}: parts[${index}] as ${part.kind}<O>`).join(', ');
  const shape = cut.map((part) => `/** \`${part.symbol}\` */ readonly ${part.name}: ${part.kind}<O>`).join('; ');
  return `${head}
export function ${name}<O>(${input}): { ${shape} } {
  const parts = a.cut(${toTypeScript(formula)}, [${cut.map(({ octets }) => octets).join(', ')}]);
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
    }) => `/** Inputs of \`${symbols.join('`, `')}\`. ${says} (section ${section}) */
export interface ${upper(axis)}Arguments<O> { ${record(parameters)} }`,
  );
  const functions = spec.readings.map(
    ({ axis, symbols, result }) => `  /** \`${symbols.join('`, `')}\` */
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
  return `${banner}import type { ${used.join(', ')} } from './kinds.ts';
import type { Message } from './messages.ts';

/** The operations that the key schedule is made of; every algebra has them. Lengths in octets. */
export interface Derivation<O> {
  /** The empty octet string. */
  readonly empty: O;
  /** ASCII text as octets. */
  text(ascii: string): O;
  /** One octet. */
  octet(value: number): O;
  /** Concatenation, \`||\`. */
  concat(...parts: readonly O[]): O;
  /** SHA-384 (FIPS 180-4) of the concatenation of the parts: 48 octets. */
  hash(...parts: readonly O[]): O;
  /** HMAC-SHA-384 (RFC 2104): 48 octets. */
  mac(input: { readonly key: O; readonly message: O }): O;
  /** HKDF-Extract with SHA-384 (RFC 5869): 48 octets. */
  extract(input: { readonly salt: O; readonly ikm: O }): O;
  /** HKDF-Expand with SHA-384 (RFC 5869): \`length\` octets. */
  expand(input: { readonly prk: O; readonly info: O; readonly length: number }): O;
  /** Cuts octets into consecutive parts of the given lengths, which sum up to the whole. */
  cut(octets: O, lengths: readonly number[]): readonly O[];
  /** A message whole: header and data (section 4.1). */
  message(message: Message<O>): O;
  /** The data of a message, without its header. */
  data(message: Message<O>): O;
}

${axes.join('\n\n')}

/** The few functions in which the draft is ambiguous, or which it leaves open. */
export interface Reading {
${functions.join('\n')}
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
export const readingOf = (choice: ReadingChoice): Reading => ({ ${lookup} });

${spec.derivations.map(derivation).join('\n\n')}
`;
}
