// The parts that most faulty chains share: a trust anchor, an intermediate, and faults that become chains.
import type { Bytes } from '../../octets.ts';
import {
  below,
  editedAuthority,
  extensions,
  type Issuing,
  leaf,
  certificatePaths as paths,
  root,
} from './certificates.ts';
import type { Chain } from './chain.ts';

/** A faulty chain; members that its group has in common may be absent. */
export type Fault = Omit<Chain, 'requirement' | 'anchors'> & Partial<Chain>;

export const anchor = root('Root');
export const one = below(anchor, 'One');

/** The intermediate with another extension in the place of one. */
export const replacedInOne = (identifier: Bytes, ...by: readonly Bytes[]): Issuing =>
  editedAuthority(one, anchor, paths.extensions, extensions({ without: identifier, with: by }));

/** A leaf under an intermediate that the library would not let issue. It is signed with the intermediate's key, in its name. */
export const under = (intermediate: Issuing): Pick<Chain, 'leaf' | 'intermediates'> => ({
  leaf: leaf(one),
  intermediates: [intermediate.der],
});

/** Faults as chains, with the members that they have in common. */
export const chainsOf = (common: Pick<Chain, 'requirement' | 'code'>, faults: readonly Fault[]): readonly Chain[] =>
  faults.map((fault) => ({ anchors: [anchor.der], ...common, ...fault }));
