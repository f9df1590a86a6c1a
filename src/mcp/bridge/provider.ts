// Gives each connection the server that it speaks with.
import type { Governed } from './governance.ts';
import type { Link } from './lines.ts';
import { sharedServer } from './shared.ts';
import { noMessages, type Provided, type ProviderParts, starter } from './starter.ts';

export interface Provider {
  readonly serverFor: (connection: Governed) => Promise<Provided>;
  /** Ends the servers that run, and waits for nothing. */
  readonly endServers: () => void;
  /** Ends all servers. */
  readonly close: () => Promise<void>;
}

export function providerOf(parts: ProviderParts): Provider {
  const { start, endServers, close } = starter(parts);
  if (parts.shared) {
    const joined = sharedServer(parts, { start });
    return { close, endServers, serverFor: joined };
  }
  return {
    close,
    endServers,
    serverFor: async ({ principal, authenticateAgain: _, ...facts }) => {
      const started = await start({ ...facts, principal: principal() }, true);
      if (!started.ok) return started;
      const { server } = started;
      const link: Link = { source: server.output, sink: server.input, cut: server.stop };
      const noMessage = noMessages(`[${server.process}] `, parts.note);
      return { ok: true, link, onPeerEnd: server.stop, noMessage };
    },
  };
}
