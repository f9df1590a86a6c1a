// The Internet-Draft: spec/ambiguities.yaml, spec/proposals.yaml, spec/claims.yaml, recorded verdicts and vectors in the form of kramdown-rfc.
import type { Spec } from '../../spec/spec.ts';
import { loadAmbiguities } from '../ambiguities.ts';
import type { Asked } from '../models.ts';
import { frontMatter, type Submission } from './frontMatter.ts';
import { paragraph, requireAscii, source } from './markdown.ts';
import { proposalSection } from './proposals.ts';
import { readingSections } from './readings.ts';
import { cited } from './references.ts';
import { securitySection } from './security.ts';
import { loadVectors, vectorSection } from './vectors.ts';

export { nameFor, parseAuthor, placeholder, requireName, type Submission } from './frontMatter.ts';

/** Where the Internet-Draft of a name stands in the repository. */
export const draftFile = (name: string): string => `spec/draft/${name}.md`;

const paragraphs = (...texts: readonly string[]): string => texts.map((text) => paragraph(cited(text))).join('\n\n');

const abstract = paragraphs(
  'PQuAKE is a post-quantum authenticated key exchange from key encapsulation. This document collects what a complete implementation and ' +
    'formal models found in its specification: errors, passages with more than one reading, claims that hold under conditions, and weaknesses ' +
    'with proposed repairs. It gives text for each, and test vectors with every intermediate value.',
);

const introduction = (spec: Spec): string =>
  [
    '# Introduction {#introduction}',
    paragraphs(
      `{{PQUAKE}}, version ${spec.protocol.version} of the protocol, was implemented from its text alone in {{PROJECT}}. Wherever two readers could differ, the ` +
        'reading was named, made executable, and given to provers. This document is what came of it, for the authors of {{PQUAKE}} and for those who ' +
        'implement it: {{errata}} has slips, {{readings}} what is left open, {{claims}} what is claimed too broadly, {{proposals}} repairs of ' +
        'weaknesses, and {{vectors}} test vectors.',
      'To cross-check an implementation, begin with the default readings and the key schedules of {{key-schedules}}, go on to {{handshake}} and ' +
        '{{handshake-psk}}, and then to the files of {{PROJECT}}. Where a value differs, the first one that does tells the reading: k_hid that of {{a-02}}, h_i ' +
        'that of {{a-01}}, k_session with equal hashes that of {{a-06}}, C_i alone that of {{a-07}}.',
      'Sections of {{PQUAKE}} are named by their numbers. What it says is told in the words of this document. Texts are proposed under the heading ' +
        '"Proposed text"; elsewhere nothing here changes the protocol.',
    ),
  ].join('\n\n');

const conventions = [
  '# Conventions and Definitions {#conventions}',
  '{::boilerplate bcp14-tagged}',
  paragraphs(
    'Names are those of {{PQUAKE}}. In formulas, SHA-384 is that of FIPS 180-4, HMAC that of RFC 2104 with SHA-384, Extract and Expand are those of ' +
      'RFC 5869 with SHA-384, and KEM is ML-KEM-1024 of FIPS 203; Enc is AES-256 in the mode GCM of NIST SP 800-38D. Lengths are in octets.',
  ),
  source('pseudocode', [
    'a || b     concatenation',
    'm1 ... m8  the messages of types 1 to 8, whole, header included',
    'data(m)    a message without its header of four octets',
    'header     the header of the message that is sealed',
    '""         no octets',
    '"HID"      the octets of these characters in ASCII',
    'ss_pre     the pre-shared secret',
    'h_i, h_r   the transcript hashes; a formula for h_i with m1, m3, m5',
    '           is that for h_r with m2, m4, m6',
  ]),
  paragraphs(
    'A verdict is the answer of a prover: true (proved), false (an attack was found), or unproved. A query whose name begins with "reach" asks that ' +
      'something never happens, and false is its good answer. A model with "@mutants" in its name is the protocol with a part taken away, and false ' +
      'there shows what the part is for; one with "@readings" is an alternative reading.',
  ),
].join('\n\n');

const end = [
  '# IANA Considerations {#iana}',
  'This document has no IANA actions.',
  '--- back',
  '# Acknowledgments {#acknowledgments}\n{:numbered="false"}',
  paragraphs(
    'The authors of {{PQUAKE}} designed the protocol. Whoever hands this document in replaces this sentence by thanks to those who reviewed it.',
  ),
].join('\n\n');

/**
 * The text of the Internet-Draft, for who hands it in.
 * @throws Error that says what is wrong, in the sources or in the submission
 */
export function draftText(spec: Spec, asked: readonly Asked[], submission: Submission): string {
  const ambiguities = loadAmbiguities(spec);
  const body = [
    '--- abstract',
    abstract,
    '--- middle',
    introduction(spec),
    conventions,
    readingSections(spec, ambiguities, asked),
    proposalSection(spec.proposals),
    vectorSection(spec, loadVectors()),
    securitySection(asked),
    end,
  ].join('\n\n');
  // An author's name may have other letters (RFC 7997): it stands in the front matter alone.
  return `${frontMatter(spec, submission, body)}\n${requireAscii(body, submission.name)}\n`;
}
