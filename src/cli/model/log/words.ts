// What the commands of logs share: keys, bundles and what is told of them.
import { InvalidArgumentError, Option } from 'commander';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { readBounded } from '../../../node/files/files.ts';
import { print } from '../../../node/terminal/output.ts';
import type { Bytes } from '../../../octets.ts';
import type { ProvenanceRefusal } from '../../../provenance/contract.ts';
import { logBounds } from '../../../provenance/log/bounds.ts';
import { type LogCode, logCodes } from '../../../provenance/log/codes.ts';
import { entryOf } from '../../../provenance/log/entry.ts';
import { type LogPolicy, parsePolicy } from '../../../provenance/log/policy.ts';
import { bundleLimits, decodeBundle } from '../../../provenance/signature/bundle.ts';
import { reportRefusal } from '../report.ts';

/** Says why a log or a proof is refused: what the code means, then what was found. @returns 1, the exit status */
export function reportLogRefusal(
  place: string,
  refusal: ProvenanceRefusal<LogCode>,
  json: boolean | undefined,
): number {
  const { code, detail } = refusal;
  const meaning: string = logCodes[code];
  return reportRefusal(place, { ...refusal, detail: detail === undefined ? meaning : `${meaning}: ${detail}` }, json);
}

/** The entry of the bundle in a file. @throws FileError */
export function readEntry(bundle: string): Bytes {
  const envelope = decodeBundle(readBounded(bundle, bundleLimits.octets));
  if (!envelope.ok) return refuseFile(bundle, `not a bundle: ${envelope.detail ?? envelope.code}`);
  const entry = entryOf(envelope.value);
  return entry.ok ? entry.value : refuseFile(bundle, entry.detail ?? entry.code);
}

/** The policy of logs in a file. @throws FileError */
export function readLogPolicy(file: string): LogPolicy {
  const policy = parsePolicy(readBounded(file, logBounds.policy));
  return policy.ok ? policy.value : refuseFile(file, `not a policy of logs: ${policy.detail}`);
}

/** The option of the private key of a log. */
export const keyOption = (description: string): Option => new Option('--key <file>', description);

/** The line of a policy for a key, which people copy into their policies. */
export function printPolicyLine(what: 'log' | 'witness W', verifierKey: string): void {
  print('its line in a policy:');
  print(`${what} ${verifierKey}`);
}

/** The name of a log or a witness. C2SP has names without a scheme, and a log cannot be given another one later. */
export function parseLogName(word: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(word)?.[0];
  if (scheme !== undefined) throw new InvalidArgumentError(`expected a name without ${scheme}`);
  return word;
}

/** How many entries, for people. */
export const entriesText = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`);
