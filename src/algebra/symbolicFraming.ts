// The parts of messages on terms, for the proposals. What it abstracts: the store of certificates holds every certificate.
import { type Checked, passed, refused } from '../failure.ts';
import type { Certificate } from '../generated/kinds.ts';
import type { Framing } from './algebra.ts';
import type { Term, Terms } from './terms.ts';

/** Which way a check goes that the terms leave open. */
type Decide = (
  guard:
    | { readonly guard: 'unframe'; readonly framed: Term; readonly result: Term }
    | { readonly guard: 'confirm'; readonly expected: Term; readonly received: Term },
) => boolean;

/** The framing on terms. */
export function symbolicFraming(terms: Terms, decide: Decide): Framing<Term> {
  const { make, concat } = terms;

  function unframed<T extends Term>(symbol: 'unpad' | 'certificateIn', framed: Term, label: string): Checked<T> {
    const result = make<T>(symbol, [framed], label);
    const opens = framed.undetermined && decide({ guard: 'unframe', framed, result });
    return opens ? passed(result) : refused('certificate-malformed');
  }

  function certificateIn(framed: Term): Checked<Certificate<Term>> {
    const [form, ...content] = framed.symbol === 'concat' ? framed.parts : [];
    if (form?.symbol !== 'octet') return unframed('certificateIn', framed, '');
    const certificate = concat(content);
    if (form.label === '00') return passed(certificate as Certificate<Term>);
    const [hashed] = certificate.parts;
    const known = form.label === '01' && certificate.symbol === 'hash' && hashed !== undefined;
    return known ? passed(hashed as Certificate<Term>) : refused('certificate-untrusted');
  }

  function commits(expected: Term, received: Term): Checked<true> {
    const open = expected.undetermined || received.undetermined;
    const equal = expected === received || (open && decide({ guard: 'confirm', expected, received }));
    return equal ? passed(true) : refused('decryption-failed');
  }

  return {
    join: ({ first, rest }) => concat([first, rest]),
    split: ({ octets, first }) => {
      const [head, ...rest] = octets.symbol === 'concat' ? octets.parts : [];
      if (head !== undefined) return [head, concat(rest)];
      return [make('first', [octets], String(first)), make('rest', [octets], String(first))];
    },
    unpad: ({ padded, multiple }) => {
      const [octets] = padded.parts;
      const same = padded.symbol === 'pad' && padded.label === String(multiple);
      return same && octets !== undefined ? passed(octets) : unframed('unpad', padded, String(multiple));
    },
    commits: ({ expected, received }) => commits(expected, received),
    certificateIn: ({ framed }) => certificateIn(framed),
  };
}
