// The key schedule of a channel as functions, and its terms as calls of them.
import type { RecordAlgebra } from '../../../algebra/records.ts';
import type { Term, Terms } from '../../../algebra/terms.ts';
import { directionOf } from '../../../generated/channel.ts';
import {
  channelChain,
  channelCommitment,
  channelExporter,
  channelSecret,
  nextRoot,
  nextSecret,
  recordIv,
  recordKey,
} from '../../../generated/channelKeys.ts';
import type { ChannelChain, ChannelRoot, ChannelSecret, SessionKey } from '../../../generated/kinds.ts';
import { headOf } from '../formulas.ts';

/** `key_of(secret) = expand_32(secret, text_key)`: a formula over named terms. */
export interface Formula {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Term;
}

/** The formulas of the key schedule, in the algebra of a channel. A fault can leave one of them nothing but a parameter. */
export function formulasOf(terms: Terms, a: RecordAlgebra<Term>): Formula[] {
  const root = terms.name('root') as ChannelRoot<Term>;
  const secret = terms.name('secret_d') as ChannelSecret<Term>;
  const chain = terms.name('chain') as ChannelChain<Term>;
  const sessionKey = terms.name('k_session') as SessionKey<Term>;
  const ofDirections = Object.values(directionOf).map((direction): [string, string[], Term] => [
    `secret_${direction}_of`,
    ['root'],
    channelSecret(a, { root, direction: a.text(direction) }),
  ]);
  const all: [string, string[], Term][] = [
    ...ofDirections,
    ['chain_of', ['root'], channelChain(a, { root })],
    ['exporter_of', ['root'], channelExporter(a, { root })],
    ['commitment_of', ['secret_d'], channelCommitment(a, { secret })],
    ['key_of', ['secret_d'], recordKey(a, { secret })],
    ['iv_of', ['secret_d'], recordIv(a, { secret })],
    ['next_of', ['secret_d'], nextSecret(a, { secret })],
    ['root_of', ['chain', 'k_session'], nextRoot(a, { chain, sessionKey })],
  ];
  const formulas = all.map(([name, parameters, body]) => ({ name, parameters, body }));
  return formulas.filter(({ body }) => body.symbol !== 'name');
}

/** A term in which some subterms have names; those stand for them. */
export type Named = ReadonlyMap<Term, string>;

const plain = (term: Term, parts: readonly string[]): string =>
  parts.length === 0 ? headOf(term) : `${headOf(term)}(${parts.join(', ')})`;

/** A term without calls. */
export const spelled = (term: Term): string => plain(term, term.parts.map(spelled));

/** What the parameters of a formula are in a term; undefined when the term is not of its form. */
function matched(pattern: Term, term: Term, parameters: readonly string[]): Map<string, Term> | undefined {
  if (pattern.symbol === 'name' && parameters.includes(pattern.label)) return new Map([[pattern.label, term]]);
  if (pattern.symbol !== term.symbol || pattern.label !== term.label || pattern.parts.length !== term.parts.length)
    return undefined;
  const found = new Map<string, Term>();
  for (const [at, part] of pattern.parts.entries()) {
    const inner = matched(part, term.parts[at] as Term, parameters);
    if (inner === undefined) return undefined;
    for (const [name, value] of inner) {
      if (found.has(name) && found.get(name) !== value) return undefined;
      found.set(name, value);
    }
  }
  return found;
}

/** A term as calls of formulas. */
export function called(term: Term, formulas: readonly Formula[], named: Named): string {
  const name = named.get(term);
  if (name !== undefined) return name;
  for (const { name: head, parameters, body } of formulas) {
    const values = matched(body, term, parameters);
    if (values !== undefined) {
      return `${head}(${parameters.map((one) => called(values.get(one) as Term, formulas, named)).join(', ')})`;
    }
  }
  return plain(
    term,
    term.parts.map((part) => called(part, formulas, named)),
  );
}
