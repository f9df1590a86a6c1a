import type { Chain } from './chain.ts';
import { differences } from './differences.ts';

/** The results of OpenSSL for every chain, by id. */
export interface Recorded {
  readonly version: string;
  readonly verdicts: Readonly<Record<string, string>>;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** Whether one of the two accepts a chain that the other refuses. */
const differs = ({ id, code }: Chain, { verdicts }: Recorded): boolean =>
  (code === undefined) !== (verdicts[id] === 'ok');

/**
 * The page beside the chains.
 * @throws Error when OpenSSL differs on a chain without a stated reason, or a reason is stated for no difference
 */
export function readme(chains: readonly Chain[], recorded: Recorded): string {
  const different = chains.filter((chain) => differs(chain, recorded));
  const unexplained = different
    .filter(({ id }) => differences[id] === undefined)
    .map(({ id, says, code }) => `\n${id} (${says}): ${code ?? 'ok'} here, ${recorded.verdicts[id]}`);
  const needless = Object.keys(differences).filter((id) => !different.some((chain) => chain.id === id));
  if (unexplained.length > 0) throw new Error(`OpenSSL differs without a stated reason: ${unexplained.join(', ')}`);
  if (needless.length > 0) throw new Error(`OpenSSL does not differ: ${needless.join(', ')}`);
  const faulty = chains.filter(({ code }) => code !== undefined);
  const verdict = ({ id }: Chain): string => recorded.verdicts[id] ?? 'unknown';
  return `# Chains

<!-- Written by \`npm run chains\` from src/lab/chains. Do not edit. -->

${chains.length - faulty.length} chains that are accepted and ${faulty.length} that are refused, each with one fault. \`index.json\` says which files
are the leaf, the trust anchors, the intermediates and the revocation lists of a chain, the time by which it is judged, whether
lists are required, the verdict (\`ok\`, or the code of the refusal) and the requirement that it serves. All signatures are
deterministic: \`npm run chains -- --check\` makes every file again, bit for bit. \`test/certificate/chains.test.ts\` holds both back
ends to the verdicts.

The same chains were judged by OpenSSL ${recorded.version} (\`X509_verify_cert\` with \`X509_V_FLAG_X509_STRICT\`, and with
\`X509_V_FLAG_CRL_CHECK_ALL\` where there are lists or lists are required; no purpose), the library that Node is built with, called
through \`node:ffi\`. It differs on ${different.length} of ${chains.length}:

${table(
  ['chain', 'what it is', 'here', `OpenSSL`, 'who is right'],
  different.map((chain) => [
    chain.id,
    chain.says,
    `\`${chain.code ?? 'ok'}\``,
    verdict(chain),
    differences[chain.id] ?? '',
  ]),
)}

## All chains

${table(
  ['chain', 'what it is', 'requirement', 'verdict', 'OpenSSL'],
  chains.map((chain) => [chain.id, chain.says, chain.requirement, `\`${chain.code ?? 'ok'}\``, verdict(chain)]),
)}
`;
}
