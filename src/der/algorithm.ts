// AlgorithmIdentifier (RFC 5280, section 4.1.1.2) without parameters, which RFC 9881, RFC 9909 and RFC 9935 want absent. Keys on
// elliptic curves alone name their curve (RFC 5480).
import { kemTable, signatureTable } from '../generated/suites.ts';
import { type Bytes, concat, same } from '../octets.ts';
import { type Der, encodeObjectIdentifier, expectTag, objectIdentifier, sequence, tags } from './der.ts';
import { DerError, malformed } from './derError.ts';
import { named, ofSuites } from './objectIdentifierNames.ts';

/** An algorithm that may stand in an AlgorithmIdentifier. */
export interface Algorithm {
  readonly name: string;
  readonly oid: string;
  /** The object identifier of the curve, of a key on one. */
  readonly curve?: string | undefined;
}

function identifierOctets(oid: string): Bytes {
  const identifier = encodeObjectIdentifier(oid);
  return concat(Uint8Array.of(tags.objectIdentifier, identifier.length), identifier);
}

/** The one encoding of an AlgorithmIdentifier, contents only. */
const algorithmContents = (oid: string, curve?: string): Bytes =>
  curve === undefined ? identifierOctets(oid) : concat(identifierOctets(oid), identifierOctets(curve));

const known: ReadonlyMap<string, Bytes> = new Map(
  [...Object.values(kemTable), ...Object.values(signatureTable)].map(({ oid }) => [oid, algorithmContents(oid)]),
);

const isOf = (contents: Bytes, { oid, curve }: Omit<Algorithm, 'name'>): boolean =>
  same(contents, known.get(oid) ?? algorithmContents(oid, curve));

/** Whether an element is the AlgorithmIdentifier of this algorithm, without parameters. */
export const isAlgorithm = ({ tag, contents }: Der, oid: string): boolean =>
  tag === tags.sequence && isOf(contents, { oid });

/**
 * Algorithms from before FIPS 203 and FIPS 204, by the beginning of their object identifiers: those that IBM gave to
 * CRYSTALS, and of the table of the IETF's hackathon, which OQS, Bouncy Castle and others used.
 */
const earlier = {
  '1.3.6.1.4.1.2.267.1.': 'Dilithium, round 2',
  '1.3.6.1.4.1.2.267.5.': 'Kyber, round 2',
  '1.3.6.1.4.1.2.267.7.': 'Dilithium, round 3',
  '1.3.6.1.4.1.2.267.8.': 'Kyber, round 3',
  '1.3.6.1.4.1.2.267.11.': 'Dilithium with AES, round 3',
  '1.3.6.1.4.1.2.267.12.': 'the draft of ML-DSA',
  '1.3.6.1.4.1.22554.5.6.': 'Kyber or the draft of ML-KEM',
} as const;

function earlierOf(oid: string): string {
  const [, name] = Object.entries(earlier).find(([beginning]) => oid.startsWith(beginning)) ?? [];
  return name === undefined ? '' : ` (${name}, from before FIPS 203 and 204: another algorithm; make a new key)`;
}

/**
 * The algorithm of an AlgorithmIdentifier, one of those that may stand there.
 * @param hint - says more of an algorithm that may not stand there, by its object identifier
 * @throws DerError `wrong-algorithm` for another one, `malformed` for parameters and for anything else
 */
export function readAlgorithm<T extends Algorithm>(
  element: Der | undefined,
  among: readonly T[],
  what: string,
  hint: (oid: string) => string | undefined = () => undefined,
): T {
  const { contents } = expectTag(element, tags.sequence, what);
  const one = among.find((awaited) => isOf(contents, awaited));
  if (one !== undefined) return one;
  const [identifier, ...parameters] = sequence(element, what);
  const oid = objectIdentifier(identifier, what);
  if (!among.some((awaited) => awaited.oid === oid)) {
    const names = among.map(({ name }) => name).join(' or ');
    const other = hint(oid);
    const found = `found ${named(oid)}${earlierOf(oid)}${other === undefined ? ofSuites(oid) : ''}`;
    throw new DerError('wrong-algorithm', `${what}: ${found}, expected ${names}${other ?? ''}`);
  }
  if (among.some((awaited) => awaited.oid === oid && awaited.curve !== undefined))
    throw new DerError(
      'wrong-algorithm',
      `${what}: ${named(oid)} with other parameters than the curves of the profile`,
    );
  return malformed(parameters.length > 0 ? `${what}: parameters, which must be absent` : `${what}: not DER`);
}
