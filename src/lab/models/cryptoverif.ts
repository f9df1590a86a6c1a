// The CryptoVerif models are written by hand; their key schedule must be that of the code. Each holds it once, between two comment
// lines; the formulas there are compared with those of a run of the state machines on terms.
import { blankComments } from '../prove/blocks.ts';
import { type Definition, functionsOf } from './formulas.ts';
import { exploreRole, type Protocol } from './roles.ts';
import type { Symbols } from './symbols.ts';

const edges = { start: '(* key schedule *)\n', end: '(* end of key schedule *)' } as const;

/** The text between the two comment lines. */
function keyScheduleIn(text: string): string | undefined {
  const start = text.indexOf(edges.start) + edges.start.length;
  const end = text.indexOf(edges.end, start);
  return start < edges.start.length || end < 0 ? undefined : text.slice(start, end);
}

/** Formulas of terms in CryptoVerif's notation: kdf_1, kdf_2 and the injections are symbols of their own there. */
const notation: readonly (readonly [RegExp, string])[] = [
  [/^expand_32\(extract\((.*)\), empty\)$/, 'kdf_1($1)'],
  [/^expand_144\(extract\(empty, (.*)\), empty\)$/, 'kdf_2($1)'],
  [/concat2\(ss_e, text_HID\)/, 'concat_HID(ss_e)'],
  [/text_HID/, 'HID'],
  [/concat5\(/, 'concat_S('],
  [/^mac\((\w+), concat2\((.*)\)\)$/, 'mac(concat_C($2), $1)'],
];

const written = ({ body }: Definition): string =>
  notation.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), body);

/** The formulas that a CryptoVerif model may state, by name; those of k_hid with and without a pre-shared secret. */
export function expectedFormulas(symbols: Symbols, protocol: Protocol): Map<string, readonly string[]> {
  const of = (psk: boolean): Map<string, Definition> => {
    const roles = (['initiator', 'responder'] as const).map((role) => exploreRole(symbols, protocol, role, psk));
    return new Map(functionsOf(roles).map((one) => [one.name, one]));
  };
  const [withSecret, without] = [of(true), of(false)];
  const body = (from: Map<string, Definition>, name: string): string => {
    const definition = from.get(name);
    if (definition === undefined) throw new Error(`the run on terms has no ${name}`);
    return written(definition);
  };
  const hash = (name: 'h_i' | 'h_r'): string[] => {
    const messages = withSecret.get(name)?.parameters.join(', ');
    return [`${name}(${messages})`, `H(messages_${name.slice(2)}(${messages}))`];
  };
  const parts = ['k_C_i', 'k_C_r', 'k_session'].sort(
    (one, other) => octets(withSecret.get(one)) - octets(withSecret.get(other)),
  );
  return new Map([
    ['k_hid', [body(withSecret, 'k_hid'), body(without, 'k_hid')]],
    ['h_i', hash('h_i')],
    ['h_r', hash('h_r')],
    ['S', [body(withSecret, 'S')]],
    ['C_i', [body(withSecret, 'C_i')]],
    ['C_r', [body(withSecret, 'C_r')]],
    ['keys', [`keys(${parts.join(', ')})`, `cut(${body(withSecret, 'okm').replace('(S)', '(hf2, s)')})`]],
  ]);
}

/** The offset of a part of the derived key. */
const octets = (definition: Definition | undefined): number =>
  Number(/octets_(\d+)_/.exec(definition?.body ?? '')?.[1]);

/** A formula of a model. */
export interface Stated {
  readonly name: string;
  readonly formula: string;
}

/** The formulas of the key schedule of a CryptoVerif model. @throws Error when it has no key schedule */
export function statedFormulas(file: string, text: string): Stated[] {
  const keySchedule = keyScheduleIn(text);
  if (keySchedule === undefined)
    throw new Error(`${file}: no block between (* key schedule *) and (* end of key schedule *)`);
  const plain = keySchedule.replace(/\s+/g, ' ');
  const letfuns = plain.split('letfun ').flatMap((piece) => {
    const [, name, formula = ''] = /^(\w+)\([^()]*\)\s*= (.*)$/.exec(piece) ?? [];
    const [first = '', ...more] = `${formula} `.split('. ');
    return name === undefined || more.length === 0 ? [] : [{ name: name.replace(/_of$/, ''), formula: first.trim() }];
  });
  const hashes = [...plain.matchAll(/\(\* ((h_[ir])\([^()]*\)) \*\)/g)].map(([, formula = '', name = '']) => ({
    name,
    formula,
  }));
  const keys = [...plain.matchAll(/\(\* (?:keys|three)(\([^()]*\))/g)].map(([, all = '']) => ({
    name: 'keys',
    formula: `keys${all}`,
  }));
  return [...letfuns, ...hashes, ...keys];
}

/** What the lemma on sealing states, or what another file assumes of it; and the declarations of what it speaks about. */
export interface Sealing {
  readonly left: string;
  readonly right: string;
  readonly declarations: readonly string[];
}

/** The types and the injection that the statement `sealing` speaks of. */
const ofSealing = ['psk_t', 'ss_t', 'key_t', 'iv_t', 'cert_t', 'sealed_t', 'ikm_t', 'concat_HID'];

/** A text up to the full stop that ends its first statement: white space or nothing follows it. */
function firstStatement(text: string): string {
  let at = text.indexOf('.');
  while (at >= 0 && !/^(?:\s|$)/.test(text.slice(at + 1, at + 2))) at = text.indexOf('.', at + 1);
  return at < 0 ? text : text.slice(0, at);
}

/** The statement `sealing` of a CryptoVerif model. @throws Error when it has none */
export function sealingOf(file: string, text: string): Sealing {
  const plain = blankComments(text);
  const head = 'equiv(sealing(k_hid))';
  const [, statement] = plain.split(head, 2);
  const [left, ...others] = statement === undefined ? [] : firstStatement(statement).split('<=(');
  const [, right] = others.length === 1 ? (others[0] ?? '').split(')=>') : [];
  if (left === undefined || right === undefined) throw new Error(`${file}: there is no equivalence sealing(k_hid)`);
  // The lemma calls k_hid by its name; the others have it written out.
  const side = (of: string): string =>
    of
      .replace(/^ \[manual\]/, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/k_hid\(ss_pre, ([\w']+)\)/g, 'kdf_1(ss_pre, concat_HID($1))')
      .trim();
  const declarations = [...plain.matchAll(/^(?:type|fun) (\w+)/gm)]
    .filter(([, name = '']) => ofSealing.includes(name))
    .map(({ index }) => plain.slice(index, plain.indexOf('.', index) + 1).replaceAll(/\s+/g, ' '))
    .sort();
  return { left: side(left), right: side(right), declarations };
}
