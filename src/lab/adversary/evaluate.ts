import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import type { Term } from '../../algebra/terms.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { MessageName } from '../../generated/messages.ts';
import { type Bytes, concat } from '../../octets.ts';
import { encodeHeader } from '../../wire/frame.ts';

/** The octets of the terms that no operation of the suite makes. */
export interface Meaning {
  /** The octets of a name: coins, secrets, identities. */
  readonly name: (label: string) => Bytes;
  readonly certificate: (identity: Bytes, encapsulationKey: Bytes, issuer: string) => Bytes;
  /** Octets of the data of a message that carries something sealed: its header tells them. */
  readonly dataOctets: (type: MessageName) => number;
}

const ascii = (text: string): Bytes => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The octets that a term stands for. @throws TypeError for a term with a variable in it, or one that has no octets */
export function evaluator(suite: Suite, meaning: Meaning): (term: Term) => Bytes {
  const known = new Map<Term, Bytes>();

  function header(type: MessageName, parts: readonly Bytes[]): Bytes {
    return encodeHeader(type, parts.length === 0 ? meaning.dataOctets(type) : concat(...parts).length);
  }

  function encapsulation(term: Term, part: 'ciphertext' | 'sharedSecret'): Bytes {
    const [pk, coins] = term.parts.map(octets);
    const result = pk && coins && suite.encapsulate(pk as never, coins);
    if (!result) throw new TypeError(`no octets for ${part}: the key fails the modulus check`);
    return result[part];
  }

  function made(term: Term): Bytes {
    const part = (index: number): Bytes => octets(term.parts[index] as Term);
    switch (term.symbol) {
      case 'name':
        return meaning.name(term.label);
      case 'empty':
        return new Uint8Array();
      case 'text':
        return ascii(term.label);
      case 'octet':
        return Uint8Array.of(Number.parseInt(term.label, 16));
      case 'concat':
        return concat(...term.parts.map(octets));
      case 'hash':
        return suite.hash(part(0));
      case 'mac':
        return suite.mac(part(0), part(1));
      case 'extract':
        return suite.extract(part(0), part(1));
      case 'expand':
        return suite.expand(part(0), part(1), Number(term.label));
      case 'slice':
        return part(0).slice(...(term.label.split('-').map(Number) as [number, number]));
      case 'header':
        return header(term.label as MessageName, []);
      case 'message':
        return concat(header(term.label as MessageName, term.parts.map(octets)), ...term.parts.map(octets));
      case 'encapsulationKey':
        return suite.generateKemKey(octets((term.parts[0] as Term).parts[0] as Term)).encapsulationKey;
      case 'ciphertext':
      case 'sharedSecret':
        return encapsulation(term, term.symbol);
      case 'decapsulate':
        return suite.generateKemKey(octets((term.parts[1] as Term).parts[0] as Term)).decapsulate(part(0) as never);
      case 'length':
        return bytesDerivation(suite).derivation.length(part(0), Number(term.label));
      case 'pad':
        return bytesDerivation(suite).derivation.pad(part(0), Number(term.label));
      case 'first':
        return part(0).subarray(0, Number(term.label));
      case 'rest':
        return part(0).subarray(Number(term.label));
      case 'seal':
        return suite.seal(part(0) as never, part(1) as never, part(2), part(3) as never);
      case 'certificate':
        return meaning.certificate(part(0), part(1), (term.parts[2] as Term).label);
      default:
        throw new TypeError(`a term ${term.symbol} stands for no octets`);
    }
  }

  function octets(term: Term): Bytes {
    const before = known.get(term) ?? made(term);
    known.set(term, before);
    return before;
  }
  return octets;
}
