// The security considerations: spec/claims.yaml and the recorded verdicts.
import { loadClaims } from '../../models/claims.ts';
import { proverNames } from '../links.ts';
import type { Asked } from '../models.ts';
import { list, paragraph } from './markdown.ts';
import { cited } from './references.ts';

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** The claims of the draft. Those of the channel are not about it. */
const claimsOfDraft = () => loadClaims().filter(({ id }) => id.startsWith('C'));

const citations: Readonly<Record<string, string>> = {
  proverif: '{{PROVERIF}}',
  cryptoverif: '{{CRYPTOVERIF}}',
  verifpal: '{{VERIFPAL}}',
};

/** `agreement-*` for a query of either side. */
const stem = (query: string): string => query.replace(/(^|-)(?:initiator|responder)(?=[-.]|$)/, '$1*');

/** The names, with a star in the place of the side where both are there. */
function starred(names: readonly string[]): string {
  const sides = (one: string): number => unique(names).filter((other) => stem(other) === stem(one)).length;
  return unique(names.map((one) => (sides(one) > 1 ? stem(one) : one)))
    .map((one) => `\`${one}\``)
    .join(', ');
}

/** Claim by claim, the queries of the default reading that were answered with true. */
function proved(asked: readonly Asked[]): string[] {
  const held = asked.filter(
    ({ protocol, query, verdict }) => protocol === 'default' && !query.reachability && verdict === 'true',
  );
  return claimsOfDraft().map(({ id, name, says }) => {
    const tools = Object.keys(citations).map((tool) => {
      const queries = held.filter((one) => one.tool === tool && one.query.claims.includes(id));
      const names = starred(queries.map(({ query }) => query.id));
      return names === '' ? '' : ` ${proverNames[tool]}: ${names}.`;
    });
    return `**${name}.** ${says}${tools.join('')}`;
  });
}

/** Attacks on the handshake. Left out are those on the exporter, which is this project's, and on testers of a model. */
const isOfHandshake = ({ base, query, tool }: Asked): boolean =>
  tool === 'proverif' &&
  !/^(?:exports?-|session-key-|hiding-attack-|channel-)/.test(base) &&
  query.attack !== undefined;

const flat = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** Each attack once: as it is told of the side that comes first, with the queries and models of both. */
function attacks(asked: readonly Asked[]): string[] {
  const told = asked.filter((one) => one.protocol === 'default' && isOfHandshake(one));
  const textOf = new Map<string, string>();
  const groups = new Map<string, Asked[]>();
  for (const one of told) {
    const alike = `${stem(one.query.id)} ${stem(one.base.replace(/\.(?:no)?psk$/, ''))}`;
    const attack = textOf.get(alike) ?? flat(one.query.attack ?? '');
    textOf.set(alike, attack);
    groups.set(attack, [...(groups.get(attack) ?? []), one]);
  }
  return [...groups].map(
    ([attack, group]) =>
      `${starred(group.map(({ query }) => query.id))} (${starred(group.map(({ base }) => base))}): ${attack}`,
  );
}

/** The section. */
export const securitySection = (asked: readonly Asked[]): string =>
  [
    '# Security Considerations {#security}',
    paragraph(
      'All of this document is about the security of {{PQUAKE}}. This section gives what provers say of its default reading. The models are ' +
        'in {{PROJECT}}, with the record of each verdict: which prover, of which version, said it of exactly which text.',
    ),
    '## What Was Proved {#proved}',
    paragraph(
      'The attacker is the network, takes part in any number of sessions, and has any key certified under any name that no honest agent has. Agents run ' +
        'both roles, with anyone. What else leaks, a query says. Symbolic proofs ({{PROVERIF}}) are for any number of sessions and for perfect ' +
        'primitives, weakened one at a time in models of their own. Computational proofs ({{CRYPTOVERIF}}) assume a KEM that is IND-CCA2 (for ' +
        'identities IK-CCA2 too), an AEAD that is IND-CPA and INT-CTXT, a MAC that is SUF-CMA, a collision-resistant hash, signatures that are ' +
        'UF-CMA, kdf_1 as a PRF and kdf_2 as a random oracle, a classical one. {{VERIFPAL}} searches a bounded number of sessions: it finds no ' +
        'attack, and proves nothing. A star stands for initiator and responder.',
    ),
    list(proved(asked).map(cited)),
    '## Known Attacks {#attacks}',
    paragraph(
      'Not everything holds that one might read into these claims. For each exception the query that fails, the model in which it does, and the ' +
        'attack; it is told of one side where both are alike. Where the query is an equivalence, the answer of {{PROVERIF}} is "unproved", and a ' +
        'model of its own shows the attack.',
    ),
    list(attacks(asked).map(cited)),
    '## What Follows {#consequences}',
    paragraph(
      'An implementation MUST NOT release or use k_session before it has verified the confirmation value of the peer. A pre-shared secret hides ' +
        'identities and protects nothing else in the default reading; it needs full entropy. Identities are hidden only while static keys and the ' +
        'pre-shared secret stay secret. Without a pre-shared secret, whoever shows its certificate first shows it to an active attacker.',
    ),
    paragraph(
      'The keys of {{vectors}} are public. They MUST NOT be used for anything but tests. Fixed coins are for vectors alone: a peer that draws an ' +
        'ephemeral key, an encapsulation or an initial vector twice loses what {{a-18}} and {{a-30}} tell.',
    ),
  ].join('\n\n');
