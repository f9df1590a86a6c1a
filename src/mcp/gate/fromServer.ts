// What the server sends: answers show what the peer may see, and requests reach the peer within limits.
import type { Message } from '../contract.ts';
import { ambiguityToHost } from './ambiguity.ts';
import { asMaySee } from './change.ts';
import { deniedMessage, errorCodes, errorTo, type Id } from './codes.ts';
import type { Action, GuardJudgement } from './contract.ts';
import type { Outcome } from './entries.ts';
import { idIn, memberOf } from './json.ts';
import type { Outstanding } from './outstanding.ts';
import { answer, deny, drop, encode, forward, type GateState } from './state.ts';

export function fromServer(state: GateState): (message: Message, octets: Uint8Array) => Promise<Action> {
  const { parts, limits, recorded, ofPeer, ofServer } = state;
  const { mayUse = () => true, guard, serverMay = () => true } = parts;
  const isGoverned = parts.decide !== undefined;
  const isGuarded = guard?.judges === true;

  /** What is wrong with a message that a host could read otherwise than the guard. */
  function faultOf(message: Message, octets: Uint8Array): string | undefined {
    const ambiguity = isGuarded ? ambiguityToHost(message, octets) : undefined;
    return ambiguity && `it can be read in two ways: ${ambiguity}`;
  }

  function judged({ method, params }: Outstanding, message: Message, octets: Uint8Array): GuardJudgement {
    const fault = faultOf(message, octets);
    if (fault !== undefined) return { forward: false, message: `the answer of the server is refused: ${fault}` };
    const { result } = message;
    return guard === undefined || result === undefined ? { forward: true } : guard.answered(method, params, result);
  }

  function outcomeOf({ result, error }: Message, judgement: GuardJudgement): Outcome {
    const code = judgement.forward ? memberOf(error, 'code') : errorCodes.denied;
    if (typeof code === 'number') return { error: code };
    return memberOf(result, 'isError') === true ? { toolError: true } : {};
  }

  /**
   * The answer to a request of the peer. One that nobody waits for may be the list that was asked for under the same id before; or one for a
   * host that takes the id "1" for 1, or has asked what has not come here yet.
   */
  async function answered(id: Id, message: Message, octets: Uint8Array): Promise<Action> {
    const request = ofPeer.take(id);
    if (request === undefined || request.cancelled) return isGoverned || isGuarded ? drop : forward(octets);
    const judgement = judged(request, message, octets);
    const isRecorded = await recorded.answered(id, outcomeOf(message, judgement));
    const refused = (words: string): Action => forward(encode(errorTo(id, errorCodes.denied, words)));
    if (!isRecorded) return refused(state.explain(deny('record-unavailable')));
    if (!judgement.forward) return refused(judgement.message);
    const { result = message['result'] } = judgement;
    const told = result === message['result'] ? message : Object.assign({}, message, { result });
    const sent = told === message ? octets : encode(told);
    return forward(isGoverned ? asMaySee(sent, told, request.method, mayUse) : sent);
  }

  /** A request of the server: for a model, a person, a list of folders. */
  function request(id: Id, method: string, octets: Uint8Array): Action {
    const isFull = ofServer.count(state.now().getTime()) >= limits.serverRequests;
    if (!serverMay(method) || ofServer.has(id) || isFull) return answer(errorTo(id, errorCodes.denied, deniedMessage));
    ofServer.add({ id, method });
    return forward(octets);
  }

  return async (message, octets) => {
    const { id: given, method, params } = message;
    const id = idIn(given);
    if (typeof method !== 'string' && id !== undefined) return await answered(id, message, octets);
    const fault = faultOf(message, octets);
    if (fault !== undefined)
      return id === undefined
        ? drop
        : answer(errorTo(id, errorCodes.invalidRequest, `the request is refused: ${fault}`));
    if (typeof method === 'string' && id !== undefined) return request(id, method, octets);
    if (typeof method === 'string') guard?.notified(method);
    const cancelled = method === 'notifications/cancelled' ? idIn(memberOf(params, 'requestId')) : undefined;
    if (cancelled !== undefined) ofServer.cancel(cancelled, state.now().getTime());
    return forward(octets);
  };
}
