// The formulas of the proposals as functions, their ids, and the numbers in them that the code needs by name.
import type { Formula, ProposalSpec, Spec } from '../../src/lab/spec/spec.ts';
import { banner, literal, quoted } from '../../src/lab/spec/text.ts';
import { derivation } from './keySchedule.ts';

/** Those that change the protocol between peers. A local one is an option of its side. */
const betweenPeers = ({ kind }: ProposalSpec): boolean => kind !== 'local';

function formulaOf(spec: Spec, name: string): Formula {
  const formula = spec.proposals.flatMap(({ formulas = [] }) => formulas).find((one) => one.name === name)?.formula;
  if (formula === undefined) throw new Error(`spec/proposals.yaml has no formula ${name}`);
  return formula;
}

function sizes(spec: Spec): { commitment: number; padding: number } {
  const commitment = formulaOf(spec, 'keyCommitment');
  const padded = formulaOf(spec, 'paddedCertificate');
  if (typeof commitment === 'string' || !('expand' in commitment))
    throw new Error('keyCommitment: an expand is expected');
  if (typeof padded === 'string' || !('pad' in padded)) throw new Error('paddedCertificate: a pad is expected');
  return { commitment: Number(commitment.expand.length), padding: padded.pad.multiple };
}

export function proposals(spec: Spec): string {
  const formulas = spec.proposals.flatMap(({ formulas: some = [] }) => some);
  const text = formulas.map(derivation).join('\n\n');
  const used = Object.keys(spec.kinds)
    .filter((kind) => text.includes(`${kind}<O>`))
    .sort();
  const between = spec.proposals.filter(betweenPeers);
  const rows = between.map(({ id, title, kind }) => `  '${id}': ${literal({ title, kind })},`);
  return `${banner}import type { Derivation } from '../algebra/derivation.ts';
import type { ${used.join(', ')} } from './kinds.ts';
import type { Message } from './messages.ts';

/** A proposal that changes the protocol between peers (spec/proposals.md). */
export type ProposalId = ${quoted(between.map(({ id }) => id))};

/** What each proposal does, and whether it changes formulas alone or messages too. */
export const proposalTable = {
${rows.join('\n')}
} as const satisfies Record<ProposalId, { readonly title: string; readonly kind: 'derivation' | 'wire' }>;

/** Octets: of the commitment to a key, and of what a padded certificate is a multiple of. */
export const proposalSizes = ${literal(sizes(spec))} as const;

${text}
`;
}
