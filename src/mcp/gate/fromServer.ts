// What the server sends: answers show what the peer may see, and requests reach the peer within limits.
import type { Json, Message } from '../contract.ts';
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

  const judged = ({ method, params }: Outstanding, result: Json | undefined): GuardJudgement =>
    guard === undefined || result === undefined ? { forward: true } : guard.answered(method, params, result);

  function outcomeOf({ result, error }: Message, judgement: GuardJudgement): Outcome {
    const code = judgement.forward ? memberOf(error, 'code') : errorCodes.denied;
    if (typeof code === 'number') return { error: code };
    return memberOf(result, 'isError') === true ? { toolError: true } : {};
  }

  /** The answer to a request of the peer. One that nobody waits for may be the list that was asked for under the same id before. */
  async function answered(id: Id, message: Message, octets: Uint8Array): Promise<Action> {
    const request = ofPeer.take(id);
    if (request === undefined || request.cancelled) return isGoverned ? drop : forward(octets);
    const judgement = judged(request, message['result']);
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
    if (typeof method === 'string' && id !== undefined) return request(id, method, octets);
    if (id !== undefined) return await answered(id, message, octets);
    if (typeof method === 'string') guard?.notified(method);
    const cancelled = method === 'notifications/cancelled' ? idIn(memberOf(params, 'requestId')) : undefined;
    if (cancelled !== undefined) ofServer.cancel(cancelled, state.now().getTime());
    return forward(octets);
  };
}
