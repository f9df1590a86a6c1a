// The statements of a model's text that assume something: what a prover takes as given, and what could make every query true.
import { blankComments } from './blocks.ts';
import type { Tool } from './model.ts';

/** A text without comments, with one space where it has any, so that its layout does not matter. */
export const squeezed = (text: string): string => text.replace(/\s+/g, ' ').trim();

// Declarations that say nothing by themselves: names, functions without equations, processes, queries. Every other one assumes.
const plain: Readonly<Record<'proverif' | 'cryptoverif', ReadonlySet<string>>> = {
  proverif: new Set(
    'channel free const type fun event table let process query weaksecret noninterf equivalence'.split(' '),
  ),
  cryptoverif: new Set('channel type fun event table param proba let process query query_equiv proof'.split(' ')),
};

/** Commands of a proof of CryptoVerif, which checks each of them. Others change settings, or assume. */
const checkedCommands = new Set(
  `all_simplify auto coll_elim crypto expand focus global_dep_anal guess guess_branch insert insert_event merge_arrays
  merge_branches move move_if_fun remove_assign replace SArename show_game simplify start_from_other_end success tag undo
  use_variable`.split(/\s+/),
);

/** Words that assume wherever they stand: they are reserved, so that no name is one of them. */
const assuming = new Set(
  `allowed_collisions assume axiom builtin clauses collision def elimtrue equation equiv expand fail-all implementation
  lemma letproba nounif noselect otherwise pred private reduc restriction select set typeConverter`.split(/\s+/),
);
const assumes = (shown: string): boolean => (shown.match(/[\w'-]+/g) ?? []).some((word) => assuming.has(word));

const quoted = /"(?:\\[\s\S]|[^"\\])*(?:"|\\?$)/g;
const masked = (text: string): string => text.replace(quoted, (one) => '_'.repeat(one.length));

/** The commands of `{ ... }` at the start of a text, and where the block ends. */
function proofOf(text: string): { commands: string[]; end: number } {
  const shown = masked(text);
  let depth = 0;
  for (const { 0: brace, index } of shown.matchAll(/[{}]/g)) {
    depth += brace === '{' ? 1 : -1;
    if (depth > 0) continue;
    const inner = { text: text.slice(text.indexOf('{') + 1, index), shown: shown.slice(shown.indexOf('{') + 1, index) };
    let at = 0;
    const commands = inner.shown.split(/[;{}]/).map((piece) => {
      const command = inner.text.slice(at, at + piece.length);
      at += piece.length + 1;
      return squeezed(command);
    });
    return { commands: commands.filter((one) => one !== ''), end: index + 1 };
  }
  return { commands: [squeezed(text)], end: text.length };
}

/** The declarations of a text without comments: each up to its full stop. A full stop between digits is a number's. */
function declarationsOf(text: string): string[] {
  const shown = masked(text);
  const isDigit = (at: number): boolean => /^\d/.test(shown.slice(at, at + 1));
  const ends = [...shown.matchAll(/\./g)]
    .filter(({ index }) => !(index > 0 && isDigit(index - 1) && isDigit(index + 1)))
    .map(({ index }) => index + 1);
  const starts = [0, ...ends];
  return starts.map((start, at) => text.slice(start, ends[at])).filter((one) => one.trim() !== '');
}

function ofDeclaration(declaration: string, tool: 'proverif' | 'cryptoverif'): string[] {
  const shown = masked(declaration);
  const [word = ''] = /[\w']+/.exec(shown) ?? [];
  if (tool === 'cryptoverif' && word === 'proof') {
    const { commands, end } = proofOf(declaration);
    const unchecked = commands.filter(
      (one) => !checkedCommands.has(/^\w+/.exec(one)?.[0] ?? '') || / assume\b/.test(one),
    );
    return [...unchecked.map((one) => `proof { ${one} }`), ...assumptionsOfText(declaration.slice(end), tool)];
  }
  const options = /^(?:free|const|type|fun|channel)$/.test(word) && shown.includes('[');
  return plain[tool].has(word) && !options && !assumes(shown) ? [] : [squeezed(declaration)];
}

const assumptionsOfText = (text: string, tool: 'proverif' | 'cryptoverif'): string[] =>
  declarationsOf(text).flatMap((one) => ofDeclaration(one, tool));

/** `WORD[...]`, up to the bracket that closes it. */
const bracketed = (text: string, word: string): string[] =>
  text
    .split(word)
    .slice(1)
    .flatMap((rest) => {
      const open = rest.startsWith('[') || rest.startsWith(' [');
      return open && rest.includes(']') ? [`${word}${rest.slice(0, rest.indexOf(']') + 1)}`] : [];
    });

/** `A -> B: x, [y]`: the messages of a Verifpal text. */
function messagesIn(text: string): string[] {
  const tokens = text.match(/\w+|->|[^\s\w]/g) ?? [];
  return tokens.flatMap((token, at) => {
    if (token !== '->' || tokens[at + 2] !== ':') return [];
    let sent = '';
    let end = at + 3;
    while (end < tokens.length) {
      const guarded = tokens[end] === '[';
      const name = tokens[guarded ? end + 1 : end] ?? '';
      sent += guarded ? `[${name}]` : name;
      end += guarded ? 3 : 1;
      if (tokens[end] !== ',') break;
      sent += ', ';
      end += 1;
    }
    return [`${tokens[at - 1]} -> ${tokens[at + 1]}: ${sent}`];
  });
}

/** Verifpal: which attacker, what it cannot replace (in brackets), and what a query is conditioned on. */
function assumptionsInLines(text: string): string[] {
  const squeezedText = squeezed(text.replace(/\/\/.*/g, ''));
  return [
    ...bracketed(squeezedText, 'attacker'),
    ...messagesIn(squeezedText)
      .filter((one) => one.includes('['))
      .map(squeezed),
    ...bracketed(squeezedText, 'precondition'),
  ];
}

/**
 * The statements that assume something, without comments and with single spaces, in the order of the text. Everything but
 * plain declarations is one: equations, rewrite rules, restrictions, axioms, lemmas, settings, macros, private or invertible
 * constructors, assumptions on primitives.
 */
export function assumptionsOf(text: string, tool: Tool): string[] {
  return tool === 'verifpal' ? assumptionsInLines(text) : assumptionsOfText(blankComments(text), tool);
}
