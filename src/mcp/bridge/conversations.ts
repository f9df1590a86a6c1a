// Gates for peers that speak HTTP. A session of 2025-11-25 goes over several connections: what one of them asks is answered on another.
// Without a session a connection stands for itself.
import type { Message } from '../contract.ts';
import { type Action, errorCodes, errorTo, type Gate, type Id, type UnderWay, underWay } from '../gate/index.ts';
import { memberOf } from '../gate/json.ts';
import { versionIn } from '../gate/methods.ts';
import type { AnswerJudgement, Exchange, ExchangeEnd, ExchangeJudgement } from '../transport/exchange.ts';
import { isAnswer } from '../transport/message.ts';
import type { Framed } from '../transport/splitMessages.ts';

/** A session: its requests without an answer, whatever the connection. */
interface Session {
  readonly underWay: UnderWay;
  /** The message before, so that each is judged when those before it have been. */
  turn: Promise<unknown>;
  /** Ends the wait for the answers that a client may still fetch. */
  readonly late: Map<Id, NodeJS.Timeout>;
}

export interface ConversationParts {
  /** Sessions that are remembered, of all peers. */
  readonly most: number;
  /** Milliseconds for which an answer may be fetched. */
  readonly patience: number;
  readonly note: (line: string) => void;
}

/** The exchanges of one connection. */
export interface Conversation extends Pick<Gate, 'drain' | 'waiting'> {
  readonly exchange: (session: string | undefined) => Exchange;
  readonly close: () => void;
}

export interface Conversations {
  /** @param onEnd - a gate ends the connection */
  readonly begin: (gateFor: (shared: Pick<Session, 'underWay'>) => Gate, onEnd: (code: string) => void) => Conversation;
  readonly close: () => void;
}

/** Sessions that one connection carries at a time: those that it used last. */
export const mostGates = 64;

const sessionOf = (): Session => ({ underWay: underWay(), turn: Promise.resolve(), late: new Map() });

function forget({ underWay: { ofPeer, ofServer }, late }: Session): void {
  for (const timer of late.values()) clearTimeout(timer);
  late.clear();
  ofPeer.clear();
  ofServer.clear();
}

/** Judges one after the other. */
function inTurn<T>(session: Session, judge: () => Promise<T>): Promise<T> {
  const judged = session.turn.then(judge);
  session.turn = judged.catch(() => {});
  return judged;
}

/** 2026-07-28 has a status of HTTP for one error that a gate answers with. */
function statusOf(answer: Message, { message }: Framed): { readonly status?: number } {
  const isUnknown = memberOf(answer['error'], 'code') === errorCodes.methodNotFound;
  return isUnknown && versionIn(message['params']) !== undefined ? { status: 404 } : {};
}

function judgementOf(action: Action, asked: Framed, onEnd: (code: string) => void): ExchangeJudgement {
  switch (action.do) {
    case 'forward':
      return { forward: true, octets: action.octets };
    case 'answer':
      return { forward: false, answer: action.message, ...statusOf(action.message, asked) };
    case 'drop':
      return { forward: false };
    case 'end':
      onEnd(action.code);
      return { forward: false, end: true, ...(action.message && { answer: action.message }) };
  }
}

function answerJudgementOf(action: Action): AnswerJudgement {
  switch (action.do) {
    case 'forward':
      return { octets: action.octets };
    case 'answer':
      return { back: action.message };
    case 'drop':
    case 'end':
      return {};
  }
}

interface ExchangeParts extends Pick<ConversationParts, 'patience' | 'note'> {
  readonly gate: Gate;
  readonly session: Session;
  readonly onEnd: (code: string) => void;
  /** The server knows the session no more. */
  readonly onSessionOver: () => void;
}

function exchangeOf({ gate, session, patience, note, onEnd, onSessionOver }: ExchangeParts): Exchange {
  const { late } = session;
  let asked: Id | undefined; // has no answer
  let code: number = errorCodes.unreachable; // of an error that says of no request that it is about it

  /** The request has no answer any more: it is recorded so, and its id is free. */
  const abandon = async (id: Id, why: number): Promise<void> => {
    const message = errorTo(id, why, '');
    await gate.fromServer(message, Buffer.from(JSON.stringify(message)));
  };

  const settle = (id: Id): void => {
    if (id === asked) asked = undefined;
    clearTimeout(late.get(id));
    late.delete(id);
  };

  return {
    asked: async (framed) => {
      const { message, octets, kind, id } = framed;
      const action = await inTurn(session, () => gate.fromPeer(message, octets));
      if (action.do === 'forward' && kind === 'request') asked = id;
      return judgementOf(action, framed, onEnd);
    },
    answered: async (framed) => {
      const { message, octets, kind, id } = framed;
      if (isAnswer(framed) && id !== undefined) settle(id);
      const { error } = message;
      if (kind === 'error' && id === undefined) code = (error as { readonly code: number }).code;
      return answerJudgementOf(await gate.fromServer(message, octets));
    },
    noAnswer: (why) => {
      note(`the server sent what is no message: ${why}`);
      return undefined;
    },
    over: async ({ resumable, sessionOver }: ExchangeEnd) => {
      const id = asked;
      asked = undefined;
      if (sessionOver) onSessionOver();
      if (id === undefined) return;
      if (!resumable || sessionOver) await abandon(id, code);
      else {
        const end = (): void => {
          late.delete(id);
          abandon(id, code).catch(() => {});
        };
        late.set(id, setTimeout(end, patience).unref());
      }
    },
  };
}

export function conversations({ most, patience, note }: ConversationParts): Conversations {
  const sessions = new Map<string, Session>();

  function over(id: string): void {
    const session = sessions.get(id);
    if (session === undefined) return;
    sessions.delete(id);
    forget(session);
  }

  /** The session of an id that the front has found to be of the peer. */
  function sessionFor(id: string): Session {
    const session = sessions.get(id) ?? sessionOf();
    sessions.delete(id);
    sessions.set(id, session);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= most) break;
      over(oldest);
    }
    return session;
  }

  function begin(gateFor: (shared: Pick<Session, 'underWay'>) => Gate, onEnd: (code: string) => void): Conversation {
    const own = sessionOf();
    const ownGate = gateFor(own);
    const gates = new Map<Session, Gate>([[own, ownGate]]);
    let isDraining = false;

    function gateOf(session: Session): Gate {
      const gate = gates.get(session) ?? gateFor(session);
      if (isDraining) gate.drain();
      gates.delete(session);
      gates.set(session, gate);
      for (const oldest of gates.keys()) {
        if (gates.size <= mostGates) break;
        if (oldest !== own) gates.delete(oldest);
      }
      return gate;
    }

    return {
      exchange: (id) => {
        const session = id === undefined ? own : sessionFor(id);
        const onSessionOver = (): void => {
          gates.delete(session);
          if (id !== undefined) over(id);
        };
        return exchangeOf({ ...{ session, patience, note, onEnd, onSessionOver }, gate: gateOf(session) });
      },
      drain: () => {
        isDraining = true;
        for (const gate of gates.values()) gate.drain();
      },
      waiting: () => [...gates.values()].reduce((sum, gate) => sum + gate.waiting(), 0),
      close: () => {
        forget(own);
        gates.clear();
      },
    };
  }

  return {
    begin,
    close: () => {
      for (const session of sessions.values()) forget(session);
      sessions.clear();
    },
  };
}
