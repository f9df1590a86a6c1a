// What happens to each message between a peer and a server: judged on its body, recorded, and passed on as it came where that can be.
import { errorCodes, errorTo } from './codes.ts';
import type { Gate, GateParts } from './contract.ts';
import { fromPeer } from './fromPeer.ts';
import { fromServer } from './fromServer.ts';
import { isEndless } from './methods.ts';
import { gateState } from './state.ts';

/**
 * Makes the gate of one connection. It has no sockets, clocks or files of its own. Octets have to be those of the message, which the reader
 * checked: one object of JSON-RPC 2.0, no name of a member twice, text in UTF-8.
 */
export function gate(parts: GateParts): Gate {
  const state = gateState(parts);
  const { ofPeer } = state;
  return {
    fromPeer: fromPeer(state),
    fromServer: fromServer(state),
    noMessage: () => state.violated(),
    serverLost: (reason) => {
      state.lost = reason;
      const waiting = ofPeer.waiting();
      for (const { id } of waiting) ofPeer.take(id);
      return waiting.map(({ id }) => errorTo(id, errorCodes.unreachable, reason));
    },
    drain: () => {
      state.isDraining = true;
    },
    waiting: () => ofPeer.waiting().filter(({ method }) => !isEndless(method)).length,
    close: () => {
      if (parts.underWay === undefined) ofPeer.clear();
    },
  };
}
