// Secrecy and agreement of a tested session: agents whose sessions are tested, and agents that they are tested with.
import type { Role } from '../../role.ts';
import { type Cell, type Element, membersOf, type Timing } from './elements.ts';
import { changed, otherRole, type ProtocolText, processOf, randomnessOf } from './roleText.ts';
import type { Asked, Sources } from './texts.ts';

/** Where what leaks later begins. */
export const phaseOf = (timing: Timing): string => (timing === 'before' ? '' : 'phase 1; ');

/** The random values of a side that leak. */
export function valuesOf(side: 'own' | 'peer', role: Role, leaked: readonly Element[]): string[] {
  const parts = (['ephemeral', 'coins'] as const).filter((part) => leaked.includes(`${side}-${part}`));
  return parts.map((part) => randomnessOf[role][part]);
}

/** A text of a protocol's process. @throws Error where there is none */
export function processText({ processes }: ProtocolText, name: string): string {
  const text = processes.get(name);
  if (text === undefined) throw new Error(`the generated protocol has no process ${name}`);
  return text;
}

const head = `
(* Agents of two kinds, any number of each, each in both roles, with anyone: those whose sessions are tested (own), and those
   with whom they are tested (peer). All share one secret ss_pre. The authority certifies any key under any dishonest name. *)
free ss_pre: bitstring [private].
fun own(bitstring): bitstring [data].
fun peer(bitstring): bitstring [data].
`;

interface Agent {
  readonly side: 'own' | 'peer';
  readonly processes: readonly [string, string];
  readonly leaks: string;
}

const agentText = ({ side, processes, leaks }: Agent): string => `
let ${side === 'own' ? 'Own' : 'Peer'}() =
  new a: bitstring; new sk: bitstring;
  let cert = certificate(honest(${side}(a)), encapsulationKey(sk)) in
  out(c, cert);
  ( ${processes.map((name) => `(!in(c, expected: bitstring); ${name}(cert, sk, ss_pre, expected))`).join('\n  | ')}${leaks} ).
`;

const variables = `sid: bitstring, sid': bitstring, a: bitstring, ka: bitstring, b: bitstring, kb: bitstring,
  pk_e: bitstring, ct_e: bitstring, h_i: bitstring, h_r: bitstring, ss: bitstring, k: bitstring`;

/** The tested session: an agent of the one kind with one of the other. */
function sessionOf(role: Role): string {
  const certificates = ['certificate(honest(own(a)), ka)', 'certificate(honest(peer(b)), kb)'];
  const ordered = role === 'initiator' ? certificates : certificates.reverse();
  return `session(${ordered.join(', ')}, pk_e, ct_e, h_i, h_r, ss)`;
}

function declarationsOf({ lattice: { property, role, timing } }: Cell): Asked['declarations'] {
  const session = sessionOf(role);
  const completes = `event(${processOf(role)}Completes(sid, ${session}, k))`;
  const confirms = `event(${processOf(otherRole(role))}Confirms(sid', ${session}, k))`;
  const questions = {
    secrecy: `${completes} && attacker(k)${timing === 'after' ? ' phase 1' : ''}`,
    agreement: `inj-${completes} ==> inj-${confirms}`,
  };
  if (property !== 'secrecy' && property !== 'agreement') throw new Error(`${property} is no question on traces`);
  return {
    [property]: `query ${variables};\n  ${questions[property]}.`,
    completes: `query ${variables};\n  ${completes} && ${confirms}.`,
  };
}

/** Secrecy or agreement, and that the tested session completes with the peer that it names. */
export function tracesText({ theories, traces }: Sources, cell: Cell): Asked {
  const { role, timing } = cell.lattice;
  const leaked = membersOf(cell.set);
  const phase = phaseOf(timing);
  const [own, peer] = [processOf(role), processOf(otherRole(role))];
  const plain = ['Initiator', 'Responder'].map((name) => changed(processText(traces, name), { name }));
  const leaking = (
    [
      ['own', role],
      ['peer', otherRole(role)],
    ] as const
  ).flatMap(([side, of]) => {
    const leaks = valuesOf(side, of, leaked);
    const name = `${side === 'own' ? 'Own' : 'Peer'}${processOf(of)}`;
    return leaks.length === 0
      ? []
      : [{ side, name, text: changed(processText(traces, processOf(of)), { name, leaks, timing }) }];
  });
  const runOf = (side: 'own' | 'peer', name: string): string => leaking.find((one) => one.side === side)?.name ?? name;
  const keyOf = (side: 'own' | 'peer'): string =>
    leaked.includes(`${side}-static`) ? `\n  | (${phase}out(c, sk))` : '';
  const agents: Agent[] = [
    { side: 'own', processes: [runOf('own', own), peer], leaks: keyOf('own') },
    { side: 'peer', processes: [runOf('peer', peer), own], leaks: keyOf('peer') },
  ];
  const declarations = declarationsOf(cell);
  const text = [
    theories,
    traces.head,
    ...plain,
    ...leaking.map((one) => one.text),
    head,
    ...agents.map(agentText),
    '',
    ...Object.values(declarations),
    '',
    `process\n  ${['(!Own())', '(!Peer())', ...authorityAndSecret(leaked, phase)].join('\n| ')}`,
    '',
  ].join('\n');
  return { text, declarations };
}

/** The authority, which always certifies dishonest names, and what leaks of it and of the pre-shared secret. */
export function authorityAndSecret(leaked: readonly Element[], phase: string): string[] {
  return [
    '(!in(c, (name: bitstring, key: bitstring)); out(c, certificate(dishonest(name), key)))',
    ...(leaked.includes('authority')
      ? [`(${phase}!in(c, (id: bitstring, key: bitstring)); out(c, certificate(id, key)))`]
      : []),
    ...(leaked.includes('psk') ? [`(${phase}out(c, ss_pre))`] : []),
  ];
}
