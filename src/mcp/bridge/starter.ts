// Starts servers within the limits. Each start and end is told, and recorded.
import type { ConnectionFacts, RecordedEvent } from '../contract.ts';
import { accountOf } from '../policy/usage.ts';
import type { NoMessage } from '../transport/splitMessages.ts';
import { type ServerCommand, type ServerProcess, startServer } from './child.ts';
import { environmentOf, type Variable } from './environment.ts';
import type { Link } from './lines.ts';
import type { Places } from './places.ts';
import { tellLines } from './stderr.ts';
import { wordsOf } from './words.ts';

/** Why a connection has no server. */
export interface NoServer {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly facts: ConnectionFacts;
}

/** The server of a connection, or why it has none. */
export type Provided =
  | NoServer
  | {
      readonly ok: true;
      readonly link: Link;
      readonly onPeerEnd: () => void;
      readonly noMessage: (error: NoMessage['error']) => void;
    };

export interface ProviderParts extends ServerCommand {
  readonly variables: readonly Variable[];
  readonly places: Places;
  readonly shared: boolean;
  readonly longest: number;
  readonly grace: number;
  readonly note: (line: string) => void;
  readonly recorded: (event: RecordedEvent) => Promise<boolean>;
}

/** A server that was started, and told of. */
export type Started = { readonly ok: true; readonly server: ServerProcess } | NoServer;

export interface Starter {
  /** @param forPeer - whether it is for this peer alone, whose name it is told */
  readonly start: (facts: ConnectionFacts, forPeer: boolean) => Promise<Started>;
  /** Ends the servers that run, and waits for nothing. */
  readonly endServers: () => void;
  /** Ends all servers. */
  readonly close: () => Promise<void>;
}

export function starter(parts: ProviderParts): Starter {
  const { command, words, variables, places, grace, note, recorded } = parts;
  const running = new Set<ServerProcess>();

  async function start(facts: ConnectionFacts, forPeer: boolean): Promise<Started> {
    const refused = (code: string, message: string): Started => ({ ok: false, code, message, facts });
    const { principal } = facts;
    const place = places.take(forPeer && principal !== undefined ? accountOf(principal) : undefined);
    if (!place.ok) return refused(place.code, 'no further server is started now');
    const env = environmentOf(variables, forPeer ? facts.principal : undefined);
    let server: ServerProcess;
    try {
      server = await startServer({ command, words, env, grace });
    } catch (error) {
      place.leave();
      return refused('server-not-started', wordsOf(error));
    }
    running.add(server);
    const { process } = server;
    const of = forPeer ? `connection ${facts.connection}: ` : '';
    note(`${of}started process ${process}: ${command}`);
    tellLines(server.errors, `[${process}] `, note);
    server.exited.then(async (exit) => {
      running.delete(server);
      place.leave();
      note(`${of}process ${process} ended: ${exit.signal ?? `status ${exit.status}`}`);
      await recorded({ event: 'exited', ...facts, process, ...exit });
    });
    const isRecorded = await recorded({ event: 'spawned', ...facts, command: [command, ...words], process });
    if (isRecorded) return { ok: true, server };
    server.stop();
    return refused('record-unavailable', 'the start of a server could not be recorded');
  }

  const endServers = (): void => {
    for (const server of running) server.stop();
  };

  return {
    start,
    endServers,
    close: async () => {
      endServers();
      await Promise.all([...running].map(({ exited }) => exited));
    },
  };
}

/** Tells the first lines that are no messages, then counts. */
export function noMessages(prefix: string, note: (line: string) => void): (error: NoMessage['error']) => void {
  let seen = 0;
  return ({ message }) => {
    seen += 1;
    if (seen <= 5) note(`${prefix}on standard output of the server: ${message}`);
    if (seen === 5) note(`${prefix}further such lines are not told`);
  };
}
