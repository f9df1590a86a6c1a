// What the server sends: answers show what the peer may see, and requests reach the peer within limits.
import type { Message } from '../contract.ts';
import { asMaySee } from './change.ts';
import { deniedMessage, errorCodes, errorTo, type Id } from './codes.ts';
import type { Action, ToolsJudgement } from './contract.ts';
import { idIn, memberOf } from './json.ts';
import type { Outstanding } from './outstanding.ts';
import { answer, deny, drop, encode, forward, type GateState } from './state.ts';

export function fromServer(state: GateState): (message: Message, octets: Uint8Array) => Promise<Action> {
  const { parts, limits, recorded, ofPeer, ofServer } = state;
  const { mayUse = () => true, tools, serverMay = () => true } = parts;
  const isGoverned = parts.decide !== undefined;

  async function judged({ method, cursor }: Outstanding, { result }: Message): Promise<ToolsJudgement> {
    if (tools === undefined || method !== 'tools/list' || result === undefined) return { ok: true };
    return await tools(result, cursor);
  }

  /** The answer to a request of the peer. One that nobody waits for may be the list that was asked for under the same id before. */
  async function answered(id: Id, message: Message, octets: Uint8Array): Promise<Action> {
    const request = ofPeer.take(id);
    if (request === undefined || request.cancelled) return isGoverned ? drop : forward(octets);
    const judgement = await judged(request, message);
    const code = judgement.ok ? memberOf(message['error'], 'code') : errorCodes.denied;
    const isRecorded = await recorded.answered(id, typeof code === 'number' ? code : undefined);
    const refused = (words: string): Action => forward(encode(errorTo(id, errorCodes.denied, words)));
    if (!isRecorded) return refused(state.explain(deny('record-unavailable')));
    if (!judgement.ok) return refused(judgement.message);
    return forward(isGoverned ? asMaySee(octets, message, request.method, mayUse) : octets);
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
    const cancelled = method === 'notifications/cancelled' ? idIn(memberOf(params, 'requestId')) : undefined;
    if (cancelled !== undefined) ofServer.cancel(cancelled, state.now().getTime());
    return forward(octets);
  };
}
