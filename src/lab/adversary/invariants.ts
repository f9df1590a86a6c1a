// The claims of the draft, as invariants: they must hold of every world, whatever the adversary did.
import type { Term } from '../../algebra/terms.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { isIdentityFailure, type Session, transcriptOf } from './session.ts';
import { agents, authority, type World } from './world.ts';

export interface Invariant {
  readonly id: string;
  /** The claim of the draft that it states (spec/claims.yaml). */
  readonly claims: readonly string[];
  readonly requirements: readonly RequirementId[];
  readonly says: string;
  /** Says what is wrong; undefined when nothing is. */
  readonly violated: (world: World) => string | undefined;
}

const named = ({ number, role, agent }: Session): string => `session ${number} (${agent}, ${role})`;

/** The honest agent whose certificate a session was shown, if it is one. */
function honestPeer(w: World, { peer }: Session): string | undefined {
  return agents.find((agent) => {
    const [identity, key] = peer?.parts ?? [];
    return identity === w.terms.name(agent) && key?.parts[0]?.parts[0] === w.staticKey(agent);
  });
}

/** A certificate that was forged with the authority's key counts as that of the agent whose name it has: the leak excuses it. */
function claimedPeer(w: World, { peer }: Session): string | undefined {
  return agents.find((agent) => peer?.parts[0] === w.terms.name(agent));
}

const before = (leaked: number | undefined, then: number): boolean => leaked !== undefined && leaked < then;

/** Whether the peer of a session had lost its key before the session completed: then nothing is promised. */
function isExcused(w: World, session: Session, peer: string): boolean {
  const at = session.completedAt ?? Number.POSITIVE_INFINITY;
  const { agents: corrupted, authority, coins, states } = w.leaks;
  const own = coins.has(session.number) || states.has(session.number);
  return own || before(corrupted.get(peer), at) || before(authority, at);
}

const completed = (w: World): Session[] => w.sessions.filter(({ completedAt }) => completedAt !== undefined);
const sameTranscript = (one: Session, other: Session): boolean => {
  const [mine, theirs] = [transcriptOf(one), transcriptOf(other)];
  return mine !== undefined && theirs !== undefined && mine.every((term, at) => term === theirs[at]);
};

/** The runs of the other role that an agent confirmed, in the same session and with the same key. */
const partners = (w: World, session: Session, peer: string): Session[] =>
  w.sessions.filter(
    (other) =>
      other.role !== session.role &&
      other.agent === peer &&
      other.confirmedAt !== undefined &&
      other.peer === session.certificate &&
      other.certificate === session.peer &&
      other.sessionKey === session.sessionKey &&
      sameTranscript(session, other),
  );

function firstOf<T>(items: readonly T[], wrong: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = wrong(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A state that leaks shows the key of its session, to whichever side; it shows nothing of any other session. */
const stateLeaked = (w: World, session: Session): boolean =>
  w.sessions.some((other) => w.leaks.states.has(other.number) && (other === session || sameTranscript(session, other)));

/** When the ephemeral secret of a session is known, static keys that leak later show its key: forward secrecy rests on that secret. */
function ephemeralLeaked(w: World, session: Session): boolean {
  const matching = w.sessions.filter((other) => other === session || sameTranscript(session, other));
  return matching.some(({ number }) => w.leaks.ephemerals.has(number));
}

function secrecy(w: World): string | undefined {
  return firstOf(completed(w), (session) => {
    const peer = honestPeer(w, session);
    if (peer === undefined || isExcused(w, session, peer)) return undefined;
    if (stateLeaked(w, session) || (ephemeralLeaked(w, session) && w.leaks.agents.has(peer))) return undefined;
    const known = session.sessionKey !== undefined && w.knowledge.derives(session.sessionKey);
    return known ? `the adversary derives k_session of ${named(session)}` : undefined;
  });
}

function agreement(w: World): string | undefined {
  return firstOf(completed(w), (session) => {
    const peer = claimedPeer(w, session);
    if (peer === undefined || isExcused(w, session, peer)) return undefined;
    const count = partners(w, session, peer).length;
    return count === 1 ? undefined : `${named(session)} completed with ${peer}, which confirmed ${count} such sessions`;
  });
}

const pairs = <T>(items: readonly T[]): [T, T][] =>
  items.flatMap((one, index) => items.slice(index + 1).map((other): [T, T] => [one, other]));

function uniqueKey(w: World): string | undefined {
  return firstOf(pairs(completed(w)), ([one, other]) => {
    const same = one.role === other.role && one.sessionKey === other.sessionKey;
    return same ? `${named(one)} and ${named(other)} completed with one key` : undefined;
  });
}

function sameKeySameSession(w: World): string | undefined {
  return firstOf(pairs(completed(w)), ([one, other]) => {
    if (one.role === other.role || one.sessionKey !== other.sessionKey) return undefined;
    const agreed = sameTranscript(one, other) && one.peer === other.certificate && other.peer === one.certificate;
    return agreed ? undefined : `${named(one)} and ${named(other)} have one key but are not in one session`;
  });
}

function noReplay(w: World): string | undefined {
  return firstOf(pairs(completed(w)), ([one, other]) => {
    const replayed = one.role === other.role && sameTranscript(one, other);
    return replayed ? `${named(one)} and ${named(other)} completed with the same messages` : undefined;
  });
}

/** `pk_e` and `ct_e` of a session are offered by no other one of its role. */
function freshEphemerals(w: World): string | undefined {
  const offered = (session: Session): Term | undefined =>
    session.view.get(session.role === 'initiator' ? 'initiatorHello' : 'responderHello');
  return firstOf(pairs(w.sessions), ([one, other]) => {
    const same = one.role === other.role && offered(one) !== undefined && offered(one) === offered(other);
    return same ? `${named(one)} and ${named(other)} offered the same ephemeral value` : undefined;
  });
}

const releasedRight = (w: World): string | undefined =>
  firstOf(w.sessions, (session) => {
    const { releasedAt, confirmedAt, completedAt, expected, peer, certificate } = session;
    if (releasedAt === undefined) return undefined;
    if (confirmedAt === undefined || completedAt === undefined) return `${named(session)} released its key unconfirmed`;
    if (peer === certificate) return `${named(session)} released its key to its own certificate`;
    const asExpected = expected === undefined || peer?.parts[0] === w.terms.name(expected);
    return asExpected ? undefined : `${named(session)} released its key to a peer that it did not expect`;
  });

const identitiesLate = (w: World): string | undefined =>
  firstOf(w.sessions, (session) => {
    const early = isIdentityFailure(session.failure) && session.confirmedAt === undefined;
    return early ? `${named(session)} ended for identity before it had confirmed` : undefined;
  });

const silent = (w: World): string | undefined =>
  firstOf(w.sessions, (session) => {
    const spoke = session.spokeAfterFailure;
    return spoke ? `${named(session)} sent a message after it had failed` : undefined;
  });

/** Who speaks second shows its certificate only after it has verified one that the authority signed, the peer's. */
const secondShowsLast = (w: World): string | undefined => {
  const { schedule } = w.setting.variant;
  if (schedule === 'eager') return undefined;
  return firstOf(w.sessions, (session) => {
    const { role, seenWhenShown: seen } = session;
    if (role === schedule.first || seen === undefined) return undefined;
    if (seen === 'none') return `${named(session)} showed its certificate before it had the peer’s`;
    const signed = seen.parts[2] === w.terms.name(authority);
    return signed ? undefined : `${named(session)} showed its certificate to one that the authority did not sign`;
  });
};

/**
 * So an adversary that can show no certificate learns no name from agents that speak second, with or without a pre-shared secret. Who
 * speaks first shows its certificate to anyone, and one that was seen can be shown to the next: nobody has proved possession yet.
 */
function namesOfSecond(w: World): string | undefined {
  const { schedule } = w.setting.variant;
  if (schedule === 'eager' || w.certificates().length > 0 || w.leaks.authority !== undefined) return undefined;
  if (w.sessions.some(({ role }) => role === schedule.first)) return undefined;
  return firstOf<string>(agents, (agent) =>
    w.knowledge.derives(w.terms.name(agent))
      ? `the adversary has no certificate, and learnt the name ${agent}`
      : undefined,
  );
}

/** The names of unlisted agents stay unknown to an adversary that has no secret, does not interfere, and learns no static key. */
function namesHidden(w: World): string | undefined {
  const { setting, leaks } = w;
  const secret = setting.preSharedSecret === 'secret' && leaks.preSharedSecret === undefined;
  const { size } = leaks.states;
  const quiet = !w.interfered() && leaks.ephemerals.size === 0 && size === 0;
  if ((!secret && !quiet) || size > 0 || leaks.authority !== undefined) return undefined;
  const unlisted = agents.filter((agent) => !setting.listed.includes(agent));
  return firstOf<string>(unlisted, (agent) =>
    w.knowledge.derives(w.terms.name(agent) as Term) ? `the adversary learnt the name ${agent}` : undefined,
  );
}

/** The invariants; each is killed by a mutant (properties/). */
export const invariants: readonly Invariant[] = [
  {
    id: 'secrecy',
    claims: ['C1', 'C3'],
    requirements: ['PQ-P-39'],
    says: 'k_session of a completed session stays secret, whatever leaks later, unless the peer’s static key or the authority leaked before, or coins or a state of the session',
    violated: secrecy,
  },
  {
    id: 'agreement',
    claims: ['C2', 'C5'],
    requirements: ['PQ-P-37'],
    says: 'a completed session has exactly one partner that confirmed the same messages, certificates and key, even if one’s own static key leaked',
    violated: agreement,
  },
  {
    id: 'unique-key',
    claims: ['C4', 'C6'],
    requirements: [],
    says: 'no two sessions of one role complete with one key',
    violated: uniqueKey,
  },
  {
    id: 'same-key-same-session',
    claims: ['C2', 'C5'],
    requirements: [],
    says: 'who has the same key has the same messages and certificates',
    violated: sameKeySameSession,
  },
  {
    id: 'no-replay',
    claims: ['C6'],
    requirements: [],
    says: 'no two sessions of one role complete with the same messages',
    violated: noReplay,
  },
  {
    id: 'fresh-ephemerals',
    claims: ['C4'],
    requirements: [],
    says: 'no two sessions of one role offer the same pk_e or ct_e',
    violated: freshEphemerals,
  },
  {
    id: 'released-right',
    claims: ['C2', 'C3'],
    requirements: ['PQ-P-05', 'PQ-P-07', 'PQ-P-39'],
    says: 'a key is released after both confirmations only, to the expected peer, not to oneself',
    violated: releasedRight,
  },
  {
    id: 'identities-late',
    claims: ['C8'],
    requirements: ['PQ-3-10', 'PQ-P-06', 'PQ-P-08'],
    says: 'no session ends for identity before it has confirmed',
    violated: identitiesLate,
  },
  {
    id: 'silence',
    claims: [],
    requirements: ['PQ-3-04', 'PQ-3-11'],
    says: 'nothing is sent after a failure',
    violated: silent,
  },
  {
    id: 'names-hidden',
    claims: ['C7', 'C8'],
    requirements: ['PQ-3.2-04'],
    says: 'names stay unknown to who only listens, and to who does not have the pre-shared secret',
    violated: namesHidden,
  },
  {
    id: 'second-shows-last',
    claims: ['C8'],
    requirements: ['PQ-P-12'],
    says: 'with a schedule in which one role speaks first, the other shows its certificate only after it has verified the peer’s',
    violated: secondShowsLast,
  },
  {
    id: 'names-of-second',
    claims: ['C8'],
    requirements: ['PQ-P-12'],
    says: 'with such a schedule, names of agents that speak second stay unknown to who can show no certificate of the authority',
    violated: namesOfSecond,
  },
];

/** The first invariant that does not hold, and what is wrong; `only` asks for one invariant. */
export function violation(
  world: World,
  only?: string,
): { readonly invariant: Invariant; readonly what: string } | undefined {
  for (const invariant of invariants) {
    const what = only === undefined || only === invariant.id ? invariant.violated(world) : undefined;
    if (what !== undefined) return { invariant, what };
  }
  return undefined;
}
