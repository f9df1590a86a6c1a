// The terms that a Dolev-Yao adversary can derive, exactly: it takes apart what it has (analysis) and builds from it (synthesis).
import type { Term, Terms } from '../../algebra/terms.ts';

/** The knowledge of an adversary. It only grows. */
export interface Knowledge {
  readonly learn: (...terms: readonly Term[]) => void;
  /** Whether the adversary can make a term. */
  readonly derives: (term: Term) => boolean;
  /** Adds a term, and the parts of it that can be taken out. */
  readonly known: () => ReadonlySet<Term>;
}

const publicSymbols: ReadonlySet<Term['symbol']> = new Set(['empty', 'text', 'octet', 'header']);

/** The terms that everyone sees who has a term. A certificate shows whom it names and the key, not how it was signed. */
const openParts = ({ symbol, parts }: Term): readonly Term[] => {
  if (symbol === 'concat' || symbol === 'message' || symbol === 'pad') return parts;
  return symbol === 'certificate' ? parts.slice(0, 2) : [];
};

/** An adversary that knows nothing but the protocol. */
export function knowledge(terms: Terms): Knowledge {
  const known = new Set<Term>();
  /** What was sealed, and was not opened yet. */
  const sealed = new Set<Term>();
  /** Every sealing, opened or not, by key and then by initial vector. */
  const sealings = new Map<Term, Map<Term, number>>();
  let derived = new Map<Term, boolean>();

  function count({ parts: [key, vector] }: Term): void {
    if (key === undefined || vector === undefined) return;
    const ofKey = sealings.get(key) ?? new Map<Term, number>();
    sealings.set(key, ofKey.set(vector, (ofKey.get(vector) ?? 0) + 1));
  }

  function take(term: Term): void {
    if (known.has(term)) return;
    known.add(term);
    if (term.symbol === 'seal') {
      sealed.add(term);
      count(term);
    }
    openParts(term).forEach(take);
  }

  /** Opens everything that can be opened; a term that comes out can open more. */
  function saturate(): void {
    for (let before = -1; before !== known.size; ) {
      before = known.size;
      derived = new Map();
      for (const term of sealed) {
        const [key, vector, , message] = term.parts;
        if (key === undefined || vector === undefined || message === undefined) continue;
        if (!derives(key) && !reused(term, key, vector)) continue;
        sealed.delete(term);
        take(message);
      }
    }
  }

  /** With GCM, one known message under a key and initial vector shows every other message under the same two. */
  const reused = (term: Term, key: Term, vector: Term): boolean =>
    [...known].some((other) => {
      const [otherKey, otherVector, , message] = other.parts;
      const twin = other.symbol === 'seal' && other !== term && otherKey === key && otherVector === vector;
      return twin && message !== undefined && derives(message);
    });

  /**
   * With GCM, two sealings under a key and initial vector show the authentication key, and with it any sealing under the key becomes
   * one of another message under the same vector. The adversary is given more than that: it need not know what was sealed.
   */
  function forges([key, vector, associatedData, message]: readonly Term[]): boolean {
    if (key === undefined || vector === undefined || associatedData === undefined || message === undefined)
      return false;
    const ofKey = sealings.get(key);
    if (ofKey?.has(vector) !== true || ![...ofKey.values()].some((count) => count > 1)) return false;
    return derives(associatedData) && derives(message);
  }

  function decapsulates(pk: Term, coins: Term): boolean {
    const [key] = pk.parts;
    if (pk.symbol !== 'encapsulationKey' || key === undefined || !derives(key)) return false;
    return derives(terms.make('ciphertext', [pk, coins]));
  }

  function synthesises({ symbol, parts }: Term): boolean {
    if (publicSymbols.has(symbol)) return true;
    if (symbol === 'name' || symbol === 'variable') return false;
    if (parts.every(derives)) return true;
    if (symbol === 'seal') return forges(parts);
    const [pk, coins] = parts;
    return symbol === 'sharedSecret' && pk !== undefined && coins !== undefined && decapsulates(pk, coins);
  }

  function derives(term: Term): boolean {
    if (known.has(term)) return true;
    const before = derived.get(term);
    if (before !== undefined) return before;
    const answer = synthesises(term);
    derived.set(term, answer);
    return answer;
  }

  return {
    learn: (...learnt) => {
      const size = known.size;
      learnt.forEach(take);
      if (known.size !== size) saturate();
    },
    derives,
    known: () => known,
  };
}
