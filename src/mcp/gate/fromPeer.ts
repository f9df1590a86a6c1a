// What the peer sends: requests are decided on their body, recorded, and passed on as they came.
import type { AccessRequest, Decision, DenyReason, Json, Message } from '../contract.ts';
import { ambiguityOf, claimsPeer, hasOtherMeta } from './ambiguity.ts';
import { withPeer } from './change.ts';
import { errorCodes, errorTo, type Id } from './codes.ts';
import type { Action, EndCode, GateParts } from './contract.ts';
import { argumentsDigestOf, traceOf } from './entries.ts';
import { idIn, memberOf } from './json.ts';
import { isKnownNotification, listings, type Subject, subjectsOf } from './methods.ts';
import { answer, type Denial, deny, drop, forward, type GateState } from './state.ts';

/** The decision where there is no policy. */
const ungoverned: Decision = { allowed: true, rule: 'no policy' };

/** Reasons after which the peer has nothing more to expect of its connection. */
const endings: Partial<Record<DenyReason, EndCode>> = {
  'certificate-expired': 'certificate-expired',
  'certificate-revoked': 'certificate-revoked',
};

/** A method that the policy cannot be asked about. Its sender may know that: it says nothing of the policy. */
const unknownMethod = deny('no-rule', 'unknown method');

/** Reasons that authenticating again takes away. */
const stale: ReadonlySet<DenyReason> = new Set(['authentication-too-old', 'idle-too-long']);

/** A request that came. */
interface Asked {
  readonly id: Id;
  readonly method: string;
  readonly message: Message;
  readonly octets: Uint8Array;
}

/** A decision, and what it was made about: the thing that was denied, or else the first that has a name. */
interface Decided {
  readonly decision: Decision;
  readonly subject: Subject;
}

/** What is wrong with a request, whoever sends it. Its sender is told, as it can mend it. */
function faultOf({ id, message, octets }: Asked, { ofPeer, isJudged, parts }: GateState): string | undefined {
  if (claimsPeer(message)) return 'a key in _meta is reserved for the other side';
  if (parts.identityInMeta === true && hasOtherMeta(message)) return '_meta is not an object';
  if (ofPeer.has(id)) return 'the id is that of a request that may still be answered';
  const ambiguity = isJudged ? ambiguityOf(message, octets) : undefined;
  return ambiguity && `it can be read in two ways: ${ambiguity}`;
}

/** What the limits of a connection deny. */
function beyondLimits({ octets }: Asked, { isDraining, limits, ofPeer, now }: GateState): Denial | undefined {
  if (isDraining) return deny('shutting-down');
  if (octets.length > limits.messageOctets) return deny('size', 'limits');
  if (ofPeer.count(now().getTime()) >= limits.requests) return deny('concurrency', 'limits');
  return undefined;
}

/** Asks the policy about each thing that a request is about: all have to be allowed. */
function decisionOf(asked: Asked, state: GateState, lastActive: Date | undefined): Decided {
  const { principal, decide } = state.parts;
  const { method, message } = asked;
  const found = subjectsOf(method, message['params']);
  const subjects = typeof found === 'string' ? [] : found;
  const subject = subjects.find(({ name }) => name !== undefined) ?? {};
  const beyond = beyondLimits(asked, state);
  if (beyond !== undefined) return { decision: beyond, subject };
  if (decide === undefined) return { decision: ungoverned, subject };
  if (found === 'unknown') return { decision: unknownMethod, subject };
  let last: Decision = deny('no-rule', 'unclear parameters');
  for (const one of subjects) {
    const request: AccessRequest = { principal: principal(), method, ...one, time: state.now() };
    last = decide(lastActive === undefined ? request : { ...request, lastActive });
    if (!last.allowed) return { decision: last, subject: one };
  }
  return { decision: last, subject };
}

/** Who the peer is, as a server is told. */
function shownPrincipal(principal: GateParts['principal']): Json {
  const { identity, names, authorities, notAfter, certificateDigest, channelBinding, authenticated } = principal();
  return {
    ...{ identity, names, authorities, certificateDigest, channelBinding },
    notAfter: notAfter.toISOString(),
    authenticated: authenticated.toISOString(),
  };
}

export function fromPeer(state: GateState): (message: Message, octets: Uint8Array) => Promise<Action> {
  const { parts, recorded, ofPeer, ofServer, isJudged } = state;
  const isGoverned = parts.decide !== undefined;
  let lastActive: Date | undefined;

  function denied(id: Id, why: Denial): Action {
    if (why === unknownMethod) return answer(errorTo(id, errorCodes.methodNotFound, 'Method not found'));
    const message = errorTo(id, errorCodes.denied, state.explain(why));
    const code = endings[why.reason];
    return code === undefined ? answer(message) : { do: 'end', code, message };
  }

  /** What the policy says; where the peer has to authenticate again first, what it says then. */
  async function decided(asked: Asked): Promise<Decided> {
    const first = decisionOf(asked, state, lastActive);
    const { decision } = first;
    if (parts.authenticateAgain === undefined || decision.allowed || !stale.has(decision.reason)) return first;
    try {
      await parts.authenticateAgain();
    } catch {
      return first;
    }
    return decisionOf(asked, state, lastActive);
  }

  /** What else denies a request that the policy allows. */
  function denialOf({ method, message }: Asked): { readonly denial: Denial; readonly words?: string } | undefined {
    const judgement = parts.guard?.asked(method, message['params']);
    if (judgement?.forward === false) return { denial: deny('tool-changed', 'pins'), words: judgement.message };
    const busy = parts.meter?.begin();
    return busy === undefined ? undefined : { denial: deny(busy, 'limits') };
  }

  async function request(asked: Asked): Promise<Action> {
    const { id, method, message, octets } = asked;
    const fault = faultOf(asked, state);
    if (fault !== undefined) {
      await recorded.decided({ id, method, decision: deny('forbidden', `protocol: ${fault}`) });
      return state.violated(errorTo(id, errorCodes.invalidRequest, `the request is refused: ${fault}`));
    }
    const { decision: first, subject } = await decided(asked);
    const against = first.allowed ? denialOf(asked) : undefined;
    const decision = against?.denial ?? first;
    if (decision.allowed) lastActive = state.now(); // what is denied does not end a pause
    const name = subject.name === undefined ? {} : { name: subject.name };
    const more = { ...argumentsDigestOf(parts.record, subject.arguments), ...traceOf(message['params']) };
    const isRecorded = await recorded.decided({ id, method, decision, ...name, ...more });
    if (!decision.allowed)
      return against?.words === undefined
        ? denied(id, decision)
        : answer(errorTo(id, errorCodes.denied, against.words));
    if (!isRecorded || state.lost !== undefined) {
      parts.meter?.end();
      if (!isRecorded) return denied(id, deny('record-unavailable'));
      return answer(errorTo(id, errorCodes.unreachable, state.lost ?? ''));
    }
    // A list comes in pages; other parameters, which may be large and private, are not kept for the time of a call.
    ofPeer.add({ id, method, over: parts.meter?.end, params: listings.has(method) ? message['params'] : undefined });
    return forward(parts.identityInMeta === true ? withPeer(octets, shownPrincipal(parts.principal)) : octets);
  }

  async function notification(method: string, message: Message, octets: Uint8Array): Promise<Action> {
    const isFaulty = claimsPeer(message) || (isJudged && ambiguityOf(message, octets) !== undefined);
    const isUnknown = isGoverned && !isKnownNotification(method);
    const isLong = octets.length > state.limits.messageOctets;
    if (isFaulty || isUnknown || isLong) {
      const decision = isFaulty ? deny('forbidden', 'protocol') : isUnknown ? unknownMethod : deny('size', 'limits');
      await recorded.decided({ method, decision });
      return state.violated();
    }
    const cancelled = method === 'notifications/cancelled' ? idIn(memberOf(message['params'], 'requestId')) : undefined;
    if (cancelled !== undefined) ofPeer.cancel(cancelled, state.now().getTime());
    return state.lost === undefined ? forward(octets) : drop;
  }

  /** An answer of the peer to a request of the server. */
  function answered(id: Id | undefined, octets: Uint8Array): Action {
    const isExpected = id !== undefined && ofServer.take(id) !== undefined;
    if (isGoverned && !isExpected) return state.violated();
    return state.lost === undefined ? forward(octets) : drop;
  }

  return async (message, octets) => {
    const { id: given, method } = message;
    const id = idIn(given);
    if (typeof method !== 'string') return answered(id, octets);
    if (id !== undefined) return await request({ id, method, message, octets });
    return await notification(method, message, octets);
  };
}
