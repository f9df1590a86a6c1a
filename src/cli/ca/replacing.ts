// What `ca init` and `ca restore` say of an authority that they replace.
import { Option } from 'commander';
import { note } from '../../node/terminal/output.ts';

/** The option that replaces an authority. */
export const forceOption: Option = new Option(
  '--force',
  'replace an authority that is there; its files are kept beside, as ca.key.replaced-1 and so on',
);

/** The members of the JSON for files that were kept. */
export const keptMembers = (replaced: readonly string[]): { readonly replaced?: readonly string[] } =>
  replaced.length === 0 ? {} : { replaced };

/** Says where the files of the authority before are, on standard error. */
export function noteKept(replaced: readonly string[]): void {
  if (replaced.length > 0) note(`pquake: the authority that was there is kept: ${replaced.join(', ')}`);
}
