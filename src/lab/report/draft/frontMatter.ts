// The front matter of the Internet-Draft: what the datatracker and kramdown-rfc need of it.
import { stringify } from 'yaml';
import type { Spec } from '../../spec/spec.ts';
import { referencesOf } from './references.ts';

/** Who hands the Internet-Draft in, and under which name. */
export interface Submission {
  /** `draft-AUTHOR-TOPIC-NN`, without an ending: at most 50 characters. */
  readonly name: string;
  readonly author: { readonly name: string; readonly organization: string; readonly email: string };
  /** Where readers find the files of this project. */
  readonly repository: string;
}

const mostCharacters = 50;

/** Placeholders, to be replaced by who hands it in. The address is of a domain that is reserved for examples. */
export const placeholder: Submission = {
  name: 'draft-contributor-cfrg-pquake-errata-00',
  author: { name: 'A. Contributor', organization: 'Organization of the contributor', email: 'contributor@example.org' },
  repository: 'https://example.org/address-of-this-repository',
};

/** Whether a name is one that the datatracker takes. @throws Error that says what is wrong */
export function requireName(name: string): string {
  if (name.length > mostCharacters)
    throw new Error(`${name} has ${name.length} characters: expected at most ${mostCharacters}`);
  if (!/^draft-[a-z0-9]+(?:-[a-z0-9]+)+-\d\d$/.test(name))
    throw new Error(`${name}: expected draft-AUTHOR-TOPIC-NN in lower-case letters, digits and hyphens`);
  return name;
}

/** `Name, Organization, email` as an author. @throws Error for another form */
export function parseAuthor(words: string): Submission['author'] {
  const [name = '', organization = '', email = '', ...rest] = words.split(',').map((part) => part.trim());
  const isEmail = /^[^\s@]+@[^\s@]+$/.test(email);
  if (name === '' || organization === '' || !isEmail || rest.length > 0)
    throw new Error(`${JSON.stringify(words)}: expected "Name, Organization, email"`);
  return { name, organization, email };
}

/** The name of a draft of this author: by the last word of the name, without accents. @throws Error as requireName */
export function nameFor(author: Submission['author']): string {
  const last = author.name.split(' ').at(-1) ?? '';
  const plain = last
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return requireName(placeholder.name.replace('contributor', plain));
}

/** The front matter for a text, between its lines of hyphens. */
export function frontMatter(spec: Spec, submission: Submission, text: string): string {
  const references = referencesOf(text, {
    PQUAKE: `I-D.${spec.protocol.draft}`,
    PROJECT: {
      title: 'PQuAKE: reference implementation, models, readings and test vectors',
      author: [{ org: 'The contributors to the project' }],
      target: submission.repository,
    },
  });
  const { author } = submission;
  const fields = {
    title: 'PQuAKE: Errata, Open Readings, Proposals and Test Vectors',
    abbrev: 'PQuAKE Errata and Vectors',
    docname: requireName(submission.name),
    category: 'info',
    ipr: 'trust200902',
    submissiontype: 'IRTF',
    consensus: false,
    v: 3,
    area: 'IRTF',
    workgroup: 'Crypto Forum',
    keyword: ['post-quantum', 'authenticated key exchange', 'KEM', 'test vectors'],
    venue: {
      group: 'Crypto Forum',
      type: 'Research Group',
      mail: 'cfrg@irtf.org',
      arch: 'https://mailarchive.ietf.org/arch/browse/cfrg/',
    },
    stand_alone: true,
    smart_quotes: false,
    pi: ['toc', 'sortrefs', 'symrefs'],
    author: [{ name: author.name, org: author.organization, email: author.email }],
    ...references,
  };
  return `---\n${stringify(fields, { lineWidth: 0, nullStr: '', aliasDuplicateObjects: false })}`;
}
