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

/** `agreement-*` for the queries of both sides; else the query itself. */
const stem = (query: string): string => query.replace(/(^|-)(?:initiator|responder)(?=[-.]|$)/, '$1*');

/** Claim by claim, the queries of the default reading that were answered with true. */
function proved(asked: readonly Asked[]): string[] {
  const held = asked.filter(
    ({ protocol, query, verdict }) => protocol === 'default' && !query.reachability && verdict === 'true',
  );
  return claimsOfDraft().map(({ id, name, says }) => {
    const tools = Object.keys(citations).map((tool) => {
      const queries = held.filter((one) => one.tool === tool && one.query.claims.includes(id));
      const names = unique(queries.map(({ query }) => `\`${stem(query.id)}\``)).join(', ');
      return names === '' ? '' : ` ${proverNames[tool]}: ${names}.`;
    });
    return `**${name}.** ${says}${tools.join('')}`;
  });
}

/** Attacks on the handshake with what uses it left out: on the exporter, which {{PQUAKE}} does not have, and on testers of a model. */
const isOfHandshake = ({ base, query, tool }: Asked): boolean =>
  tool === 'proverif' &&
  !/^(?:exports?-|session-key-|hiding-attack-|channel-)/.test(base) &&
  query.attack !== undefined;

const flat = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** Each attack once: for the side that comes first, with the models in which its query fails for either side. */
function attacks(asked: readonly Asked[]): string[] {
  const told = asked.filter((one) => one.protocol === 'default' && isOfHandshake(one));
  const groups = new Map<string, { attack: string; models: string[] }>();
  for (const { base, query } of told) {
    const key = `${stem(query.id)} ${stem(base.replace(/\.n?o?psk$/, ''))}`;
    const group = groups.get(key) ?? { attack: flat(query.attack ?? ''), models: [] };
    group.models.push(base);
    groups.set(key, group);
  }
  const byAttack = new Map<string, { queries: string[]; models: string[] }>();
  for (const [key, { attack, models }] of groups) {
    const [query = ''] = key.split(' ');
    const found = byAttack.get(attack) ?? { queries: [], models: [] };
    byAttack.set(attack, { queries: [...found.queries, query], models: [...found.models, ...models] });
  }
  return [...byAttack].map(([attack, { queries, models }]) => {
    const shown = (names: readonly string[]): string =>
      unique(names.map(stem))
        .map((one) => `\`${one}\``)
        .join(', ');
    return `${shown(queries)} (${shown(models)}): ${attack}`;
  });
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
