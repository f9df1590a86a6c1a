// A transport of the SDK on which a guard looks at each request and at its result, on either side.
import type { JSONRPCMessage, MessageExtraInfo, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import type { Json, Message } from '../contract.ts';
import { type Id, idOf, kindOf } from './message.ts';
import { cancelledBy } from './places.ts';

/** What a guard says of a request or a result. `message` is for who asked. */
export type Guarded =
  /** `result` takes the place of the one that came. */
  { readonly forward: true; readonly result?: Json } | { readonly forward: false; readonly message: string };

/** Looks at what is asked of a server, and at what it answers. */
export interface MessageGuard {
  readonly asked: (method: string, params: Json | undefined) => Guarded;
  readonly answered: (method: string, params: Json | undefined, result: Json) => Guarded;
  /** About a notification of the server. */
  readonly notified: (method: string) => void;
}

/** Code of the answer to a request that is refused: an implementation's own, by the specification. */
export const refusedCode = -32_010;

interface Asked {
  readonly method: string;
  readonly params: Json | undefined;
}

const refusal = (id: Id, message: string): Message => ({ jsonrpc: '2.0', id, error: { code: refusedCode, message } });

/** Judges the messages of one connection. A text is why a request is refused; undefined: nothing goes on. */
function judgeOf(guard: MessageGuard) {
  const underWay = new Map<Id, Asked>();
  return {
    /** What the client sends. */
    fromClient: (message: Message): Message | string => {
      const [id, withdrawn] = [idOf(message), cancelledBy(message)];
      if (withdrawn !== undefined) underWay.delete(withdrawn);
      const { method, params } = message;
      if (kindOf(message) !== 'request' || id === undefined || typeof method !== 'string') return message;
      const judgement = guard.asked(method, params);
      if (!judgement.forward) return judgement.message;
      underWay.set(id, { method, params });
      return message;
    },
    /** What the server sends. An answer that nobody waits for could be taken for another one. */
    fromServer: (message: Message): Message | undefined => {
      const [kind, id] = [kindOf(message), idOf(message)];
      if (kind === 'notification') guard.notified(String(message['method']));
      if (kind !== 'result' && kind !== 'error') return message;
      const asked = id === undefined ? undefined : underWay.get(id);
      if (id === undefined || asked === undefined) return kind === 'error' && id === undefined ? message : undefined;
      underWay.delete(id);
      const { result } = message;
      if (result === undefined) return message;
      const judgement = guard.answered(asked.method, asked.params, result);
      if (!judgement.forward) return refusal(id, judgement.message);
      return judgement.result === undefined ? message : Object.assign({}, message, { result: judgement.result });
    },
  };
}

/**
 * Puts a guard on a transport. A request that it refuses is answered with an error and goes no further; a result that it refuses is one too.
 * @param side - who has the transport
 */
export function guardedTransport(inner: Transport, guard: MessageGuard, side: 'client' | 'server'): Transport {
  const { fromClient, fromServer } = judgeOf(guard);
  const deliver = (message: Message, extra?: MessageExtraInfo): void =>
    outer.onmessage?.(message as unknown as JSONRPCMessage, extra);
  const send = (message: Message, options?: TransportSendOptions): Promise<void> =>
    inner.send(message as unknown as JSONRPCMessage, options);

  async function sent(message: Message, options: TransportSendOptions | undefined): Promise<void> {
    if (side === 'server') {
      const judged = fromServer(message);
      if (judged !== undefined) await send(judged, options);
      return;
    }
    const judged = fromClient(message);
    const id = idOf(message);
    if (typeof judged !== 'string') await send(judged, options);
    else if (id !== undefined) setImmediate(() => deliver(refusal(id, judged)));
  }

  function came(message: Message, extra: MessageExtraInfo | undefined): void {
    if (side === 'client') {
      const judged = fromServer(message);
      if (judged !== undefined) deliver(judged, extra);
      return;
    }
    const judged = fromClient(message);
    const id = idOf(message);
    if (typeof judged !== 'string') deliver(judged, extra);
    else if (id !== undefined) send(refusal(id, judged)).catch((error: Error) => outer.onerror?.(error));
  }

  const outer: Transport = {
    start: () => {
      inner.onclose = () => outer.onclose?.();
      inner.onerror = (error) => outer.onerror?.(error);
      inner.onmessage = (message, extra) => came(message as unknown as Message, extra);
      return inner.start();
    },
    send: (message, options) => sent(message as unknown as Message, options),
    close: () => inner.close(),
  };
  return outer;
}
