// Identity hiding of a tested role: two agents that are alike, A and B, of which the tested one is A (or B), and P, its peer.
import type { Role } from '../../role.ts';
import { type Cell, type Element, membersOf } from './elements.ts';
import { type Change, changed, otherRole, processOf } from './roleText.ts';
import type { Asked, Sources } from './texts.ts';
import { authorityAndSecret, phaseOf, processText, valuesOf } from './tracesText.ts';

/** The messages of a role that a tester goes by: its sealed certificate, its encapsulation, its confirmation. */
const sentBy = {
  initiator: { certificate: 'm3', encapsulation: 'm5', confirmation: 'm7' },
  responder: { certificate: 'm4', encapsulation: 'm6', confirmation: 'm8' },
} as const;

/** How a text differs from the equivalence. */
interface Form {
  /** The tested agent: `choice[..]` of two, or A. */
  readonly tested: (one: string, other: string) => string;
  readonly ends: boolean;
  readonly tester: boolean;
  readonly declarations: Asked['declarations'];
}

/** The processes that leak, or say something: an honest handshake for a passive adversary, one of each side for an active one. */
function processes({ equivalence }: Sources, { lattice, set }: Cell, { ends, tester }: Form): string[] {
  const { role, timing } = lattice;
  const [own, peer] = [role, otherRole(role)];
  const leaked = membersOf(set);
  const write = (of: string, change: Omit<Change, 'timing'>): string =>
    changed(processText(equivalence, of), { ...change, timing });
  const shown = (message: string): [string, string] => [message, `Shows(empty, empty, ${message})`];
  const { certificate, encapsulation, confirmation } = sentBy[own];
  const ofPassive = tester ? [certificate, confirmation].map(shown) : [];
  const reflected = tester ? [[encapsulation, `Shows(e_cert_i, e_cert_r, ${encapsulation})`]] : [];
  const ofOther = tester ? [shown(sentBy[peer].encapsulation)] : [];
  const [ofOwn, ofPeer] = [valuesOf('own', own, leaked), valuesOf('peer', peer, leaked)];
  if (lattice.property === 'hiding-passive') {
    const change = { leaks: [...ofOwn, ...ofPeer], shows: Object.fromEntries([...ofPassive, ...ofOther]), ends };
    return [write('Transcript', { name: 'Heard', ...change })];
  }
  return [
    write(processOf(peer), { name: processOf(peer) }),
    write(processOf(own), {
      name: 'Tested',
      leaks: ofOwn,
      shows: Object.fromEntries([...ofPassive, ...reflected]),
      ends,
    }),
    write(processOf(peer), { name: 'Peer', leaks: ofPeer, shows: Object.fromEntries(ofOther) }),
  ];
}

/** What runs: for a passive adversary any number of honest handshakes; for an active one the tested session, and the other role. */
function running({ property, role }: Cell['lattice'], tested: Form['tested']): string[] {
  const target = `${tested('certA', 'certB')}, ${tested('skA', 'skB')}`;
  if (property === 'hiding-passive') {
    const sides = role === 'initiator' ? [target, 'certP, skP'] : ['certP, skP', target];
    return [`(!Heard(${sides.join(', ')}, ss_pre))`];
  }
  const other = processOf(otherRole(role));
  const background = [
    ['Peer', 'P'],
    [other, 'A'],
    [other, 'B'],
  ].map(([name, agent]) => `(!in(c, expected: bitstring); ${name}(cert${agent}, sk${agent}, ss_pre, expected))`);
  return [`(in(c, expected: bitstring); Tested(${target}, ss_pre, expected))`, ...background];
}

/**
 * The tester checks what the attacker hands it: a secret key that decapsulates what the peer encapsulated; coins that make it again,
 * or what the agent encapsulated when its own certificate came back to it; a key that opens the sealed certificate; or the
 * inputs of the confirmation that was sent.
 */
function testerText(role: Role, phase: string): string {
  const isInitiator = role === 'initiator';
  const [sealed, own, encapsulated, confirmation] = isInitiator
    ? [
        'initiatorCertificate',
        'initiatorEncapsulation',
        'responderEncapsulation',
        'initiatorConfirmation(C_i_of(k_C_i_of(okm), h_i, h_r))',
      ]
    : [
        'responderCertificate',
        'responderEncapsulation',
        'initiatorEncapsulation',
        'responderConfirmation(C_r_of(k_C_r_of(okm), h_i, h_r))',
      ];
  const secrets = isInitiator ? 'ss_e, ss, sharedSecret(key, r)' : 'ss_e, sharedSecret(key, r), ss';
  return `
let Tester(cert: bitstring) =
  let key = certifiedKey(cert) in
  ${phase}( (in(c, (sk: bitstring, ct: bitstring));
    if encapsulationKey(sk) = key && decapsulate(ct, sk) <> rejected(ct, sk) then event Names(cert, ${encapsulated}(ct)))
  | (in(c, r: bitstring); event Names(cert, ${encapsulated}(ciphertext(key, r))))
  | (in(c, r: bitstring); event Names(cert, ${own}(ciphertext(key, r))))
  | (in(c, (k_hid: bitstring, IV: bitstring, e_cert: bitstring));
    if open(k_hid, IV, empty, e_cert) = cert then event Names(cert, ${sealed}(IV, e_cert)))
  | (in(c, (ss_e: bitstring, ss: bitstring, h_i: bitstring, h_r: bitstring, r: bitstring));
    let okm = okm_of(S_of(${secrets}, h_i, h_r)) in
    event Names(cert, ${confirmation})) ).
`;
}

const events = `
event Ends(bitstring, bitstring).           (* the tested session ends: cert_i, cert_r *)
event Shows(bitstring, bitstring, bitstring). (* the last: a message of the tested session that tells of the tested agent if the
   others are equal; they are the two sealed certificates, for what the agent encapsulates, else empty *)
event Names(bitstring, bitstring).          (* the tester names an agent, by a message *)
event IsTarget(bitstring).                  (* the agent that is tested *)
`;

function hidingText(sources: Sources, cell: Cell, form: Form): Asked {
  const { role, timing } = cell.lattice;
  const leaked: readonly Element[] = membersOf(cell.set);
  const phase = phaseOf(timing);
  const keys = [
    ...(leaked.includes('own-static') ? [`(${phase}out(c, (skA, skB)))`] : []),
    ...(leaked.includes('peer-static') ? [`(${phase}out(c, skP))`] : []),
  ];
  const testers = form.tester ? ['(!Tester(certA))', '(!Tester(certB))'] : [];
  const parts = [...running(cell.lattice, form.tested), ...testers, ...keys, ...authorityAndSecret(leaked, phase)];
  const text = [
    sources.theories,
    sources.equivalence.head,
    ...(form.ends || form.tester ? [events] : []),
    ...processes(sources, cell, form),
    ...(form.tester ? [testerText(role, phase)] : []),
    ...Object.values(form.declarations),
    `
process
  new a: bitstring; new b: bitstring; new p: bitstring;
  new skA: bitstring; new skB: bitstring; new skP: bitstring;
  let certA = certificate(honest(a), encapsulationKey(skA)) in
  let certB = certificate(honest(b), encapsulationKey(skB)) in
  let certP = certificate(honest(p), encapsulationKey(skP)) in
  new ss_pre: bitstring;
  out(c, (certA, certB, certP));${form.tester ? '\n  event IsTarget(certA);' : ''}
  ( ${parts.join('\n  | ')} )
`,
  ].join('\n');
  return { text, declarations: form.declarations };
}

const choice: Form['tested'] = (one, other) => `choice[${one}, ${other}]`;
const first: Form['tested'] = (one) => one;
const names = 'event(Names(cert, m)) && event(Shows(x, x, m))';

/** Nobody tells A from B. */
export const equivalenceText = (sources: Sources, cell: Cell): Asked =>
  hidingText(sources, cell, { tested: choice, ends: false, tester: false, declarations: { hiding: '' } });

/** The processes of the equivalence on its first side: the tested session ends. */
export const completesText = (sources: Sources, cell: Cell): Asked =>
  hidingText(sources, cell, {
    tested: first,
    ends: true,
    tester: false,
    declarations: {
      completes: `query x: bitstring, kx: bitstring, y: bitstring, ky: bitstring;
  event(Ends(certificate(honest(x), kx), certificate(honest(y), ky))).`,
    },
  });

/** The tester names A by a message of the tested session, never B; the tested session ends. */
export const attackText = (sources: Sources, cell: Cell): Asked =>
  hidingText(sources, cell, {
    tested: first,
    ends: true,
    tester: true,
    declarations: {
      attack: `query cert: bitstring, x: bitstring, m: bitstring; ${names} && event(IsTarget(cert)).`,
      sound: `query cert: bitstring, x: bitstring, m: bitstring; ${names} ==> event(IsTarget(cert)).`,
      completes: `query x: bitstring, kx: bitstring, y: bitstring, ky: bitstring;
  event(Ends(certificate(honest(x), kx), certificate(honest(y), ky))).`,
    },
  });
