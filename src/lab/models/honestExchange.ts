// An honest handshake on terms, as a passive adversary sees it: both roles of one protocol, each message as the other sent it.

import { certificateTerm, decapsulationKeyTerm, symbolicAlgebra, trusting } from '../../algebra/symbolic.ts';
import { termStore } from '../../algebra/terms.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import { machine } from '../../protocol/machine.ts';
import type { Role } from '../../role.ts';
import { exchange } from '../deniability/exchange.ts';
import { type ExploredRole, type Line, type Protocol, parametersOf } from './roles.ts';
import { namesFor, roleSuffix, type Symbols } from './symbols.ts';

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
  const peerOf = (role: Role) => {
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
    return machine(role, parameters);
  };
  const peers = { initiator: peerOf('initiator'), responder: peerOf('responder') };

  exchange(peers, (_, effect) => {
    if (effect.effect !== 'send') return;
    symbols.nameMessage(names, terms, effect.message);
    lines.push({ line: 'send', message: effect.message });
  });
  return { terms, names, lines };
}
