// Twins and controls are texts of other models with a small mechanical change, so that their parts are identical by construction.
import type { Edit } from './model.ts';

/** A text after edits, and the edits that did not fit. */
interface Edited {
  readonly text: string;
  /** A line for each edit that was left out, as its text is not there exactly once. */
  readonly unfit: readonly string[];
}

/**
 * Replaces each `find`, which must be there exactly once. An edit that does not fit is left out and told: the text that it was
 * written for has changed since, so nothing that is recorded of it counts.
 */
export function edited(text: string, edits: readonly Edit[]): Edited {
  return edits.reduce(
    (before: Edited, { find, put }): Edited => {
      const parts = before.text.split(find);
      if (parts.length === 2) return { text: parts.join(put), unfit: before.unfit };
      const shown = JSON.stringify(find);
      const line = `edits: expected the text ${shown} once in its parts, found it ${parts.length - 1} times`;
      return { text: before.text, unfit: [...before.unfit, line] };
    },
    { text, unfit: [] },
  );
}

/** Index of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const sign = text[at] ?? '';
    if ('(['.includes(sign)) depth += 1;
    if (')]'.includes(sign)) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** Index of the comma between the two sides of a choice whose bracket is at `open`. */
function comma(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== ',') {
    at = '(['.includes(text[at] ?? '') ? closing(text, at) + 1 : at + 1;
  }
  return at;
}

/** Every `choice[x, y]` becomes x. */
function firstSide(text: string): string {
  const at = text.indexOf('choice[');
  if (at < 0) return text;
  const open = at + 'choice'.length;
  const first = text.slice(open + 1, comma(text, open)).trim();
  return firstSide(text.slice(0, at) + first + text.slice(closing(text, open) + 1));
}

const processes = ['Initiator', 'Responder', 'Transcript'] as const;
const call = /\b(?:Initiator|Responder|Transcript)\(/g;
const lastLine = '  0.';

/** Replaces each process of a generated part, from its `let` up to its last line. */
function eachDefinition(text: string, write: (name: string, body: string) => string): string {
  const lines = text.split('\n');
  const written: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const name = processes.find((one) => line.startsWith(`let ${one}(`));
    const next = lines.findIndex((one, i) => i > at && one.startsWith('let '));
    const end = name === undefined ? -1 : lines.indexOf(lastLine, at);
    if (name === undefined || end < 0 || (next >= 0 && end > next)) written.push(line);
    else {
      const body = [line.slice(`let ${name}`.length), ...lines.slice(at + 1, end), ''].join('\n');
      written.push(write(name, body));
      at = end;
    }
  }
  return written.join('\n');
}

/** Calls of a process with a choice among the arguments: the session that the equivalence tests. */
const testedCalls = (text: string): string =>
  text.replace(call, (head, at: number) => {
    if (text.slice(0, at).endsWith('let ')) return head;
    const open = at + head.length - 1;
    return text.slice(open, closing(text, open)).includes('choice[') ? `Tested${head}` : head;
  });

/** Whether a process runs one of the generated ones; to define it is not to run it. */
export const callsRole = (text: string): boolean =>
  [...text.matchAll(call)].some(({ index }) => !text.slice(0, index).endsWith('let '));

/** Where no role runs, keys alone are what the equivalence is about: the process says when it ends. */
function withProcessEnd(text: string): string {
  const process = text.trimEnd();
  if (callsRole(text) || !process.endsWith(')')) return text;
  return `event ProcessEnds().\n${process};\n  event ProcessEnds()\n`;
}

/**
 * The text of an equivalence as a model on traces: `choice[x, y]` is x, and each process ends with an event, `InitiatorEnds`,
 * `ResponderEnds`, `TranscriptEnds`, on (cert_i, cert_r, k_session). The session that has a choice is a process of its own,
 * equal to the other, with the event `TestedInitiatorEnds`... A process that runs no role has the event `ProcessEnds` after its last
 * output. Nothing else changes.
 */
export function withEnds(text: string): string {
  const ending = (name: string, body: string): string =>
    [
      `event ${name}Ends(bitstring, bitstring, bitstring).`,
      `let ${name}${body}  event ${name}Ends(cert_i, cert_r, k_session);`,
      '  0.',
    ].join('\n');
  const tested = testedCalls(withProcessEnd(text));
  const doubled = eachDefinition(tested, (name, body) =>
    [ending(name, body), '', ending(`Tested${name}`, body)].join('\n'),
  );
  return firstSide(doubled);
}
