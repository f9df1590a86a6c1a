// The processes of a generated protocol, with what leaks of a session given out, and with what a query needs to be said.
import type { Role } from '../../role.ts';
import { upper } from '../spec/text.ts';
import type { Timing } from './elements.ts';

export const processOf = (role: Role): string => upper(role);
export const otherRole = (role: Role): Role => (role === 'initiator' ? 'responder' : 'initiator');

/** The random values of a session that may leak, as the generated text names them. */
export const randomnessOf = {
  initiator: { ephemeral: 'sk_e', coins: 'r_i' },
  responder: { ephemeral: 'r_e', coins: 'r_r' },
} as const satisfies Record<Role, Record<'ephemeral' | 'coins', string>>;

/** A generated protocol, taken apart. */
export interface ProtocolText {
  /** Messages and key schedule. */
  readonly head: string;
  /** The text of each process, by its name. */
  readonly processes: ReadonlyMap<string, string>;
}

const start = /^let (Initiator|Responder|Transcript)\(/gm;

/** Takes a generated protocol apart. @throws Error where a process does not end as the generator ends it */
export function takeApart(text: string): ProtocolText {
  const starts = [...text.matchAll(start)];
  const processes = starts.map(({ 1: name = '', index }, at): [string, string] => {
    const body = text.slice(index, starts[at + 1]?.index).trimEnd();
    if (!body.endsWith('\n  0.')) throw new Error(`the process ${name} does not end with a line 0.`);
    return [name, body];
  });
  return { head: text.slice(0, starts[0]?.index), processes: new Map(processes) };
}

/** How a process is changed. */
export interface Change {
  readonly name: string;
  /** The random values given out. */
  readonly leaks?: readonly string[];
  readonly timing?: Timing;
  /** Messages announced by an event before they are sent: by name, the event. */
  readonly shows?: Readonly<Record<string, string>>;
  /** Whether the process says at its end that it got there. */
  readonly ends?: boolean;
}

const given: Readonly<Record<Timing, (value: string) => string>> = {
  before: (value) => `out(c, ${value});`,
  after: (value) => `( (phase 1; out(c, ${value})) | (`,
};

const withoutLine = (lines: readonly string[], line: string): string[] => {
  const rest = lines.filter((one) => one !== line);
  if (rest.length !== lines.length - 1) throw new Error(`expected the line once: ${line.trim()}`);
  return rest;
};

/**
 * A process with other leaks: each value that leaks is drawn first, and given out at once or in phase 1. The tables of the
 * generated text, which a scenario of other models reads, are not filled.
 * @throws Error where the generated text does not have the values or messages asked for
 */
export function changed(text: string, { name, leaks = [], timing = 'before', shows = {}, ends }: Change): string {
  const [head = '', ...all] = text.split('\n').filter((line) => !/^ {2}insert (?:ephemerals|coins)\(/.test(line));
  const kept = leaks.reduce((lines, value) => withoutLine(lines, `  new ${value}: bitstring;`), all);
  const shown = Object.entries(shows).reduce((lines, [message, event]) => {
    const at = lines.indexOf(`  out(c, ${message});`);
    if (at < 0) throw new Error(`${name} sends no message ${message}`);
    return lines.toSpliced(at, 0, `  event ${event};`);
  }, kept);
  const drawn = leaks.map((value) => `  new ${value}: bitstring; ${given[timing](value)}`);
  const closing = timing === 'after' ? ') )'.repeat(leaks.length) : '';
  const end = [...(ends === true ? ['  event Ends(cert_i, cert_r);'] : []), `  0${closing}.`];
  return [head.replace(/^let \w+/, `let ${name}`), ...drawn, ...shown.slice(0, -1), ...end, ''].join('\n');
}
