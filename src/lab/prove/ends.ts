// Twins and controls are texts of other models with a small mechanical change, so that their parts are identical by construction.
import { type Edit, ManifestError } from './model.ts';

/** @throws ManifestError for a text that is not there exactly once */
export function edited(text: string, edits: readonly Edit[], id: string): string {
  return edits.reduce((before, { find, put }) => {
    const parts = before.split(find);
    if (parts.length === 2) return parts.join(put);
    const shown = JSON.stringify(find);
    throw new ManifestError(
      `model ${id}: edits: expected the text ${shown} once in its parts, found it ${parts.length - 1} times`,
    );
  }, text);
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

/** A process of a generated part, up to its last line. */
const definition = /^let (Initiator|Responder|Transcript)(\([^)]*\) =\n(?:(?!^let )[\s\S])*?)^ {2}0\.$/gm;
const call = /(?<!let )\b(?:Initiator|Responder|Transcript)\(/g;

/** Calls of a process with a choice among the arguments: the session that the equivalence tests. */
const testedCalls = (text: string): string =>
  text.replace(call, (head, at: number) => {
    const open = at + head.length - 1;
    return text.slice(open, closing(text, open)).includes('choice[') ? `Tested${head}` : head;
  });

/**
 * The text of an equivalence as a model on traces: `choice[x, y]` is x, and each process ends with an event, `InitiatorEnds`,
 * `ResponderEnds`, `TranscriptEnds`, on (cert_i, cert_r, k_session). The session that has a choice is a process of its own,
 * equal to the other, with the event `TestedInitiatorEnds`... Nothing else changes.
 */
export function withEnds(text: string): string {
  const ending = (name: string, body: string): string =>
    [
      `event ${name}Ends(bitstring, bitstring, bitstring).`,
      `let ${name}${body}  event ${name}Ends(cert_i, cert_r, k_session);`,
      '  0.',
    ].join('\n');
  const tested = testedCalls(text);
  const doubled = tested.replace(definition, (_, name: string, body: string) =>
    [ending(name, body), '', ending(`Tested${name}`, body)].join('\n'),
  );
  return firstSide(doubled);
}
