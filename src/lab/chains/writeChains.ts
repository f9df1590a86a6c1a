// Writes the chains of test/certificate/chains: certificates, lists, the expected result of each, and that of OpenSSL.
//   npm run chains              write them
//   npm run chains -- --check   fail when a file there differs in one bit
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePem } from '../../keys/pem.ts';
import { note, print } from '../../node/terminal/output.ts';
import { suite, time } from './certificates.ts';
import type { Chain } from './chain.ts';
import { faultyFields } from './faultyFields.ts';
import { faultyKeys } from './faultyKeys.ts';
import { faultyNames } from './faultyNames.ts';
import { faultyPaths } from './faultyPaths.ts';
import { faultyRevocation } from './faultyRevocation.ts';
import { goodChains } from './good.ts';
import { judge } from './judge.ts';
import { openssl } from './openssl.ts';
import { type Recorded, readme } from './readme.ts';

const directory = 'test/certificate/chains';
const files = new Map<string, string>();
const names = new Map<string, string>();

/** The name of the PEM file of an element, which chains share. */
function fileOf(octets: Uint8Array, label: string, name: string): string {
  const key = Buffer.from(octets).toString('base64');
  const known = names.get(key);
  if (known !== undefined) return known;
  const taken = [...names.values()].filter((one) => one.startsWith(`${name}.`) || one.startsWith(`${name}~`)).length;
  const file = `${name}${taken === 0 ? '' : `~${taken + 1}`}.pem`;
  names.set(key, file);
  files.set(file, encodePem(label, octets));
  return file;
}

function indexed(chain: Chain): object {
  const { id, says, requirement, leaf, anchors, intermediates = [], lists = [], at = time, code } = chain;
  const found = judge(suite, { ...chain, at });
  if (found.verdict !== (code ?? 'ok'))
    throw new Error(`${id}: ${found.verdict}: ${found.reason}, not ${code ?? 'ok'}`);
  return {
    id,
    says,
    requirement,
    at: at.toISOString(),
    leaf: fileOf(leaf, 'CERTIFICATE', `${id}.leaf`),
    anchors: anchors.map((one) => fileOf(one, 'CERTIFICATE', `${id}.anchor`)),
    intermediates: intermediates.map((one) => fileOf(one, 'CERTIFICATE', `${id}.intermediate`)),
    lists: lists.map((one) => fileOf(one, 'X509 CRL', `${id}.list`)),
    revocation: chain.revocation ?? 'if-present',
    ...found,
  };
}

/** The results of OpenSSL; where it cannot be asked, those that were written down before. */
function recordedVerdicts(chains: readonly Chain[]): Recorded {
  const judge = openssl();
  const file = join(directory, 'openssl.json');
  if (typeof judge !== 'string') {
    return {
      version: judge.version,
      verdicts: Object.fromEntries(chains.map((chain) => [chain.id, judge.judge(chain)])),
    };
  }
  note(`OpenSSL's verdicts are not checked: ${judge}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const chains = [
  ...goodChains(),
  ...faultyPaths(),
  ...faultyNames(),
  ...faultyKeys(),
  ...faultyFields(),
  ...faultyRevocation(),
];
const ids = chains.map(({ id }) => id);
if (new Set(ids).size !== ids.length) throw new Error(`an id twice: ${ids.filter((id, i) => ids.indexOf(id) !== i)}`);
files.set('index.json', json(chains.map(indexed)));
const recorded = recordedVerdicts(chains);
files.set('openssl.json', json(recorded));
files.set('README.md', readme(chains, recorded));

const present = existsSync(directory) ? readdirSync(directory) : [];
const contents = (file: string): string | undefined =>
  present.includes(file) ? readFileSync(join(directory, file), 'utf8') : undefined;
const changed = [...files].filter(([file, content]) => contents(file) !== content).map(([file]) => file);
const surplus = present.filter((file) => !files.has(file));
if (process.argv.includes('--check')) {
  for (const file of [...changed, ...surplus]) note(`${directory}/${file} is another one than npm run chains writes`);
  process.exitCode = changed.length + surplus.length > 0 ? 1 : 0;
} else {
  mkdirSync(directory, { recursive: true });
  for (const file of surplus) rmSync(join(directory, file));
  for (const file of changed) writeFileSync(join(directory, file), files.get(file) ?? '');
}
const faulty = chains.filter(({ code }) => code !== undefined).length;
print(
  `${chains.length - faulty} good chains and ${faulty} faulty ones in ${files.size} files, ${changed.length} of them changed`,
);
