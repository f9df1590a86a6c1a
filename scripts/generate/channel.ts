import { toNotation } from '../../src/lab/spec/formula.ts';
import type { ChannelNumber, Spec } from '../../src/lab/spec/spec.ts';
import { banner, literal, quoted, table } from '../../src/lab/spec/text.ts';
import { derivation } from './keySchedule.ts';

const named = (numbers: readonly ChannelNumber[]): string =>
  numbers.map(({ name, value, text }) => `  /** ${text} */\n  ${name}: ${value},`).join('\n');

/** Records, sizes, limits and failures of the channel. */
export function channel({ channel: spec }: Spec): string {
  const rows = spec.records.map(
    ({ name, type, sender, minimum, maximum }) => `  ${name}: ${literal({ type, sender, minimum, maximum })},`,
  );
  const filled = spec.records.filter(({ maximum }) => maximum > 0).map(({ name }) => name);
  const shapes = spec.records.map(
    ({ name, maximum }) => `{ readonly type: '${name}'${maximum > 0 ? '; readonly content: O' : ''} }`,
  );
  const types = spec.records.map(({ name, type }) => `    case ${type}:\n      return '${name}';`);
  const failures = spec.failures.map(
    ({ code, section, requirements, meaning }) => `  '${code}': ${literal({ section, requirements, meaning })},`,
  );
  return `${banner}import type { RequirementId } from './requirements.ts';

/** The begin of the labels under which keys are exported from a root (spec/channel.md, section 1): no application exports under one. */
export const channelLabels = ${literal(spec.labels)};

/** Sizes of records in octets (spec/channel.md, section 2). */
export const channelSizes = ${literal(spec.sizes)} as const;

/** Defaults of the limits of a channel (spec/channel.md, sections 2 and 6). */
export const channelLimits = {
${named(spec.limits)}
} as const;

/** What records cost a peer of its allowance (spec/channel.md, section 6). */
export const channelCosts = {
${named(spec.costs)}
} as const;

/** The direction of what a role sends (spec/channel.md, section 1). */
export const directionOf = ${literal(Object.fromEntries(spec.directions.map(({ sender, name }) => [sender, name])))} as const;

/** The name of a type of record. */
export type RecordName = ${quoted(spec.records.map(({ name }) => name))};

/** A record with content. */
export type FilledName = ${quoted(filled)};

/** A record as it was opened, or is to be sealed: its type, and its content where the type has some. */
export type ChannelRecord<O> = ${shapes.join(' | ')};

/** Every type of record: its octet, who may send it, and the octets of its content. */
export const recordTable = {
${rows.join('\n')}
} as const satisfies Record<RecordName, { type: number; sender: string; minimum: number; maximum: number }>;

/** The type that an octet stands for. */
export function recordOfType(type: number): RecordName | undefined {
  switch (type) {
${types.join('\n')}
    default:
      return undefined;
  }
}

/** Whether a type has content. */
export const isFilled = (name: RecordName): name is FilledName => recordTable[name].maximum > 0;

/** The stable code of a failure of a channel (spec/channel.md, section 4). */
export type ChannelCode = ${quoted(spec.failures.map(({ code }) => code))};

interface ChannelFailureRow {
  readonly section: string;
  readonly requirements: readonly RequirementId[];
  readonly meaning: string;
}

/** Every failure of a channel: the section of spec/channel.md, the requirements that it serves, and its meaning. */
export const channelFailureTable: Readonly<Record<ChannelCode, ChannelFailureRow>> = {
${failures.join('\n')}
};
`;
}

/** The formulas of the channel, as functions on the contract of key schedules. */
export function channelKeys(spec: Spec): string {
  const everything = JSON.stringify(spec.channel.derivations);
  const used = Object.keys({ ...spec.kinds, ...spec.channel.kinds })
    .filter((kind) => everything.includes(`"${kind}"`))
    .sort();
  return `${banner}import type { Derivation } from '../algebra/derivation.ts';
import type { ${used.join(', ')} } from './kinds.ts';

${spec.channel.derivations.map(derivation).join('\n\n')}
`;
}

const numberTable = (numbers: readonly ChannelNumber[]): string =>
  table(
    ['name', 'value', 'is'],
    numbers.map(({ name, value, text }) => [`\`${name}\``, value.toLocaleString('en'), text]),
  );

/** The generated tables of spec/channel.md, by the name of their marker. */
export function channelTables({ channel: spec }: Spec): Readonly<Record<string, string>> {
  const octets = (result = ''): string | number => spec.kinds[result]?.octets ?? '';
  return {
    keys: table(
      ['value', 'is', 'octets', 'note'],
      spec.derivations.map(({ symbols, formula, parameters, result, says }) => [
        symbols.map((symbol) => `\`${symbol}\``).join(', '),
        `\`${toNotation(formula, parameters)}\``,
        octets(result),
        says,
      ]),
    ),
    records: table(
      ['type', 'name', 'sender', 'content', 'octets of content', 'after it'],
      spec.records.map(({ type, name, sender, minimum, maximum, content, then }) => [
        type,
        `\`${name}\``,
        sender,
        content,
        minimum === maximum ? minimum : `${minimum} to ${maximum.toLocaleString('en')}`,
        then,
      ]),
    ),
    limits: numberTable(spec.limits),
    costs: numberTable(spec.costs),
    failures: table(
      ['code', 'meaning', 'section', 'requirements'],
      spec.failures.map(({ code, meaning, section, requirements }) => [
        `\`${code}\``,
        meaning,
        section,
        requirements.join(', '),
      ]),
    ),
  };
}
