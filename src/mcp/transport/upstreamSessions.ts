// Whose a session of the upstream server is. Its id is a name, not a proof: only the peer that began it uses it.
import type { Principal } from '../contract.ts';

/** The header of a session's id. */
export const sessionHeader = 'mcp-session-id';

export interface Sessions {
  /** Notes that a session was begun for a peer. The first one keeps it. */
  readonly begun: (id: string, peer: Principal) => void;
  readonly isOf: (id: string, peer: Principal) => boolean;
  readonly ended: (id: string) => void;
}

/** A peer is who its certificates say it is, so that a renewed one is the same peer. */
const nameOf = ({ names, authorities }: Principal): string => JSON.stringify([authorities, names]);

/** Sessions that are remembered. */
export const mostSessions = 10_000;

/** Remembers the sessions that were used last. @param most sessions; a peer whose session was forgotten begins anew, as the protocol has it */
export function sessions(most = mostSessions): Sessions {
  const owners = new Map<string, string>();
  return {
    begun: (id, peer) => {
      if (!owners.has(id)) owners.set(id, nameOf(peer));
      for (const oldest of owners.keys()) {
        if (owners.size <= most) break;
        owners.delete(oldest);
      }
    },
    isOf: (id, peer) => {
      const owner = owners.get(id);
      if (owner === undefined || owner !== nameOf(peer)) return false;
      owners.delete(id);
      owners.set(id, owner);
      return true;
    },
    ended: (id) => {
      owners.delete(id);
    },
  };
}
