// What the Internet-Draft cites. Names of documents in the texts become citations, and each document cited is declared.
import { outsideCode } from './markdown.ts';

/** An entry of the front matter: nothing for what kramdown-rfc finds by its name, else its description. */
type Entry = null | string | Readonly<Record<string, unknown>>;

const nist = { org: 'National Institute of Standards and Technology' };
const publication = (title: string, date: string, series: string, number: string, doi: string): Entry => ({
  title,
  author: [nist],
  date,
  seriesinfo: { [series]: number, DOI: doi },
  target: `https://doi.org/${doi}`,
});
const fips = (number: string, title: string, date: string, doi = `10.6028/NIST.FIPS.${number}`): Entry =>
  publication(title, date, 'FIPS', number, doi);
const program = (title: string, target: string): Entry => ({ title, author: [{ org: 'The authors' }], target });

/** Documents that are no RFC. */
const described: Readonly<Record<string, Entry>> = {
  FIPS180: fips('180-4', 'Secure Hash Standard (SHS)', '2015-08'),
  FIPS203: fips('203', 'Module-Lattice-Based Key-Encapsulation Mechanism Standard', '2024-08'),
  FIPS204: fips('204', 'Module-Lattice-Based Digital Signature Standard', '2024-08'),
  'SP800-38D': publication(
    'Recommendation for Block Cipher Modes of Operation: Galois/Counter Mode (GCM) and GMAC',
    '2007-11',
    'NIST SP',
    '800-38D',
    '10.6028/NIST.SP.800-38D',
  ),
  PROVERIF: program('ProVerif: Cryptographic protocol verifier in the formal model', 'https://proverif.inria.fr'),
  CRYPTOVERIF: program(
    'CryptoVerif: Cryptographic protocol verifier in the computational model',
    'https://cryptoverif.inria.fr',
  ),
  VERIFPAL: program('Verifpal: Cryptographic Protocol Analysis for Students and Engineers', 'https://verifpal.com'),
};

/**
 * Documents that a reader needs in order to implement the proposed texts, or to recompute the vectors. RFC 2119 and RFC 8174 are
 * not among them: the boilerplate of BCP 14 declares them, and kramdown-rfc warns of what is declared twice.
 */
const normative = new Set([
  ...['PQUAKE', 'RFC2104', 'RFC5280', 'RFC5869', 'RFC9881', 'RFC9935'],
  ...['FIPS180', 'FIPS203', 'FIPS204', 'SP800-38D'],
]);

/** Puts citations in the place of names of documents and of entries: `RFC 5869`, `FIPS 203`, `A-05`. */
export const cited = (text: string): string =>
  outsideCode(text, (plain) =>
    plain
      .replace(/\bRFC (\d{3,5})\b/g, '{{RFC$1}}')
      .replace(/\bFIPS 180-4\b/g, '{{FIPS180}}')
      .replace(/\bFIPS (20[34])\b/g, '{{FIPS$1}}')
      .replace(/\bNIST SP 800-38D\b/g, '{{SP800-38D}}')
      .replace(/\bA-(\d\d)\b/g, '{{a-$1}}'),
  );

/** A citation in a text: of a document or, in lower case, of a section. */
const citation = /\{\{([^{}]+)\}\}/g;

/** The documents that a text cites, each once, in order. */
const citedIn = (text: string): string[] => {
  const found = [...text.matchAll(citation)].map(([, name = '']) => name).filter((name) => !/^[a-z]/.test(name));
  return [...new Set(found)].sort();
};

function entryOf(name: string, others: Readonly<Record<string, Entry>>): Entry {
  if (/^RFC\d+$/.test(name)) return null;
  const entry = others[name] ?? described[name];
  if (entry === undefined) throw new Error(`the Internet-Draft cites ${name}, which is not described`);
  return entry;
}

/**
 * The references of the front matter for a text.
 * @param others descriptions of documents that depend on the draft itself
 * @throws Error for a document that nothing describes
 */
export function referencesOf(
  text: string,
  others: Readonly<Record<string, Entry>>,
): { readonly normative: Readonly<Record<string, Entry>>; readonly informative: Readonly<Record<string, Entry>> } {
  const names = citedIn(text);
  const declared = (some: readonly string[]): Readonly<Record<string, Entry>> =>
    Object.fromEntries(some.map((name) => [name, entryOf(name, others)]));
  return {
    normative: declared(names.filter((name) => normative.has(name))),
    informative: declared(names.filter((name) => !normative.has(name))),
  };
}
