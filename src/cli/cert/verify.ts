// `pquake cert verify`: validates the path of a certificate in a file, as a handshake does.
import { Argument, Option } from 'commander';
import { parseIntermediate } from '../../certificate/authority.ts';
import type { CertificateCode } from '../../certificate/codes.ts';
import { allLeniencies, type Leniency } from '../../certificate/leniency.ts';
import { parseSignerCertificate } from '../../certificate/parse.ts';
import { parseRevocationList } from '../../certificate/revocationList.ts';
import { parseTrustAnchor } from '../../certificate/trustAnchor.ts';
import { trustStore } from '../../certificate/trustStore.ts';
import { certificateValidator } from '../../certificate/validate.ts';
import { ConfigurationError } from '../../configuration.ts';
import { type Checked, checkAll, passed, reasonOf, refused } from '../../failure.ts';
import { signatureTable } from '../../generated/suites.ts';
import { explained } from '../../handshake/certificateFailure.ts';
import { readDer, readDers, type TrustFiles } from '../../node/files/files.ts';
import { type CommandDefinition, parsed, required, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption, lenientOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseTime } from '../../node/terminal/words.ts';
import type { Bytes } from '../../octets.ts';

interface VerifyOptions extends TrustFiles, SuiteOptions, JsonOptions {
  readonly at?: Date;
}

interface Block {
  readonly file: string;
  readonly der: Bytes;
}

/** The blocks of files, each with the name of its file. @throws ConfigurationError for a file that cannot be read */
const blocksOf = (files: readonly string[], label: string): Block[] =>
  files.flatMap((file) => readDers([file], label).map((der) => ({ file, der })));

/** Reads all blocks. The detail of a refusal names the file and the option that gave it. */
const checkBlocks = <T>(
  blocks: readonly Block[],
  option: string,
  read: (der: Bytes) => Checked<T, CertificateCode>,
): Checked<readonly T[], CertificateCode> =>
  checkAll(blocks, ({ file, der }) => {
    const checked = read(der);
    return checked.ok ? checked : refused(checked.code, `${file} (${option}): ${reasonOf(checked)}`);
  });

/** Validates the certificate of a file. @throws ConfigurationError for a file that cannot be read */
function judge(leafFile: string, options: VerifyOptions): Checked<readonly Leniency[], CertificateCode> {
  const suite = suiteOf(options);
  const leaf = readDer(leafFile, 'CERTIFICATE');
  const { ca, intermediates = [], crl = [], requireCrl, at = new Date(), lenient = [] } = options;
  const anchorOctets = blocksOf(ca, 'CERTIFICATE');
  const intermediateOctets = blocksOf(intermediates, 'CERTIFICATE');
  const listOctets = blocksOf(crl, 'X509 CRL');
  const trustAnchors = checkBlocks(anchorOctets, '--ca', (der) => parseTrustAnchor(suite, der, lenient));
  if (!trustAnchors.ok) return trustAnchors;
  const between = checkBlocks(intermediateOctets, '--intermediates', (der) => parseIntermediate(suite, der, lenient));
  if (!between.ok) return between;
  const lists = checkBlocks(listOctets, '--crl', (der) => parseRevocationList(der, suite.algorithms, lenient));
  if (!lists.ok) return lists;
  const store = trustStore({
    trustAnchors: trustAnchors.value,
    intermediates: between.value,
    revocationLists: lists.value,
    revocation: requireCrl ? 'required' : 'if-present',
    lenient,
  });
  if (!store.ok) return store;
  const validate = certificateValidator({ trustAnchors: store.value, time: at, algorithms: suite.algorithms });
  const validated = validate(leaf);
  if (!validated.ok && parseSignerCertificate(leaf, Object.values(signatureTable)).ok)
    return refused(validated.code, 'this is the certificate of a signer: pquake model verify --ca judges it');
  if (!validated.ok) return validated;
  const used = [validated.value, ...trustAnchors.value, ...between.value].flatMap(({ leniencies }) => leniencies);
  return passed([...new Set(used)]);
}

/** Says which leniencies would permit a certificate that was refused without any. */
function noteLeniencies(leafFile: string, options: VerifyOptions): void {
  if (options.lenient !== undefined) return;
  const again = judge(leafFile, { ...options, lenient: allLeniencies });
  if (again.ok) note(`pquake: RFC 5280 permits it, and so does --lenient: ${again.value.join(', ')}`);
}

/** @returns the exit status: 0 when the certificate is valid, 1 when not, 2 when a file cannot be read */
function tellVerdict(leafFile: string, options: VerifyOptions): number {
  let verdict: Checked<readonly Leniency[], CertificateCode>;
  try {
    verdict = judge(leafFile, options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (options.json) printJson({ ok: false, code: 'configuration', message: error.message });
    note(`pquake: ${error.message}`);
    return 2;
  }
  if (verdict.ok) {
    const lenient = verdict.value;
    if (options.json) printJson(lenient.length === 0 ? { ok: true } : { ok: true, lenient });
    else print(lenient.length === 0 ? 'valid' : `valid; permitted: ${lenient.join(', ')}`);
    return 0;
  }
  const { code } = verdict;
  const message = explained(verdict);
  if (options.json) printJson({ ok: false, code, message });
  else print(`refused: ${code}: ${message}`);
  noteLeniencies(leafFile, options);
  return 1;
}

/** An option with several values also takes a leaf that follows it. The leaf is then its last value. */
function filesOf(leaf: string | undefined, options: VerifyOptions): Partial<TrustFiles> & { readonly leaf?: string } {
  if (leaf !== undefined) return { leaf };
  const lists = { ca: options.ca, intermediates: options.intermediates ?? [], crl: options.crl ?? [] };
  const several = Object.entries(lists).filter(([, files]) => files.length > 1);
  const [[name, files] = [undefined, []], ...others] = several;
  const last = files.at(-1);
  return name === undefined || others.length > 0 || last === undefined
    ? {}
    : { leaf: last, [name]: files.slice(0, -1) };
}

function runVerify(word: string | undefined, options: VerifyOptions): number {
  const { leaf, ...files } = filesOf(word, options);
  if (leaf === undefined) throw new UsageError("missing required argument 'leaf'");
  return tellVerdict(leaf, { ...options, ...files });
}

/** The command `cert verify`. */
export const verifyCommand: CommandDefinition = {
  words: 'verify',
  arguments: [new Argument('[leaf]', 'the certificate of a peer, PEM')],
  usage: '<leaf> --ca <file...> [options]',
  description: 'judge the certificate of a peer as a handshake would; the status is 0 when it is valid, else 1',
  options: [
    ...suiteOptions,
    required(
      new Option(
        '--ca <file...>',
        'certificates of authorities, the trust anchors, PEM; one or more, may be given again',
      ),
    ),
    new Option(
      '--intermediates <file...>',
      'certificates of authorities under them, PEM; one or more, may be given again',
    ),
    new Option('--crl <file...>', 'revocation lists, PEM, or folders of them; one or more, may be given again'),
    new Option('--require-crl', 'refuse certificates of issuers without a revocation list'),
    lenientOption,
    parsed('--at <time>', 'the time to judge by, such as 2026-06-01T12:00:00Z (default: now)', parseTime),
    jsonOption,
  ],
  examples: [
    'cert verify pki/bob.pem --ca pki/ca.pem',
    'cert verify pki/bob.pem --ca pki/ca.pem --crl pki/ca.crl --require-crl --at 2026-06-01T12:00:00Z --json',
  ],
  action: runVerify,
};
