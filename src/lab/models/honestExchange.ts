// An honest handshake on terms, as a passive adversary sees it: both roles of one protocol, each message as the other sent it.

import { certificateTerm, decapsulationKeyTerm, symbolicAlgebra, trusting } from '../../algebra/symbolic.ts';
import { type Term, termStore } from '../../algebra/terms.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import type { Message } from '../../generated/messages.ts';
import { machine } from '../../protocol/machine.ts';
import type { Effect } from '../../protocol/transition.ts';
import { otherRole, type Role } from '../../role.ts';
import { type ExploredRole, type Line, type Protocol, parametersOf } from './roles.ts';
import { namesFor, roleSuffix, type Symbols } from './symbols.ts';

const roles = ['initiator', 'responder'] as const satisfies readonly Role[];

/** The handshake as one sequence of operations and messages; it ends when there is no message left to deliver. */
export function honestExchange(symbols: Symbols, protocol: Protocol, psk: boolean): Omit<ExploredRole, 'role'> {
  const terms = termStore();
  const names = namesFor();
  const lines: Line[] = [];
  const issuer = terms.name('authority');
  const record = (operation: Operation): void => {
    lines.push({ line: 'operation', operation });
    symbols.nameOperation(names, operation);
  };
  const algebra = traced(symbolicAlgebra(terms, trusting(issuer)), record);
  const reading = symbols.naming(names, protocol.reading);
  const peers = roles.map((role) => {
    const suffix = roleSuffix[role];
    const decapsulationKey = decapsulationKeyTerm(terms, terms.name(`sk_${suffix}`));
    const { encapsulationKey } = decapsulationKey;
    const identity = terms.name(`id_${suffix}`);
    const certificate = certificateTerm(terms, { identity, encapsulationKey, issuer });
    names.set(certificate, `cert_${suffix}`);
    names.set(encapsulationKey, `pk_${suffix}`);
    const parameters = parametersOf(terms, algebra, { ...protocol, reading }, role, psk, {
      certificate,
      decapsulationKey,
    });
    return { role, peer: machine(role, parameters) };
  });

  const underway: { readonly to: Role; readonly message: Message<Term> }[] = [];
  const say = (from: Role, effects: readonly Effect<Term>[]): void => {
    const to = otherRole(from);
    for (const effect of effects) {
      if (effect.effect !== 'send') continue;
      symbols.nameMessage(names, terms, effect.message);
      lines.push({ line: 'send', message: effect.message });
      underway.push({ to, message: effect.message });
    }
  };
  for (const { role, peer } of peers) say(role, peer.start());
  for (let next = underway.shift(); next !== undefined; next = underway.shift()) {
    const { to, message } = next;
    for (const { role, peer } of peers) if (role === to) say(role, peer.take(message));
  }
  return { terms, names, lines };
}
