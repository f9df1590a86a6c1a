// How many servers run, and how fast new ones are started.

export interface PlaceLimits {
  /** Servers at a time. */
  readonly servers: number;
  /** Of them for one peer, so that none takes all. Default half of them, and no fewer than one. */
  readonly perPeer?: number | undefined;
  /** Starts in a second; as many at once. */
  readonly startsPerSecond: number;
}

export const defaultPlaces: PlaceLimits = { servers: 32, startsPerSecond: 20 };

/** Why there is no place for a server. */
export type NoPlace = 'too-many-servers' | 'too-many-servers-of-peer' | 'too-many-starts';

export interface Places {
  /** Takes a place, which `leave` gives back. @param peer - for whom, where it is for one */
  readonly take: (
    peer?: string,
  ) => { readonly ok: true; readonly leave: () => void } | { readonly ok: false; readonly code: NoPlace };
}

/** @param now - milliseconds of a clock that only goes on */
export function places({ servers, perPeer, startsPerSecond }: PlaceLimits, now: () => number): Places {
  const mostOfPeer = perPeer ?? Math.max(1, Math.floor(servers / 2));
  const ofPeers = new Map<string, number>();
  let [taken, allowance, since] = [0, startsPerSecond, now()];
  return {
    take: (peer) => {
      const time = now();
      allowance = Math.min(startsPerSecond, allowance + ((time - since) / 1_000) * startsPerSecond);
      since = time;
      if (taken >= servers) return { ok: false, code: 'too-many-servers' };
      const own = peer === undefined ? 0 : (ofPeers.get(peer) ?? 0);
      if (own >= mostOfPeer) return { ok: false, code: 'too-many-servers-of-peer' };
      if (allowance < 1) return { ok: false, code: 'too-many-starts' };
      allowance -= 1;
      taken += 1;
      if (peer !== undefined) ofPeers.set(peer, own + 1);
      let isLeft = false;
      const leave = (): void => {
        if (isLeft) return;
        isLeft = true;
        taken -= 1;
        if (peer === undefined) return;
        const rest = (ofPeers.get(peer) ?? 1) - 1;
        if (rest === 0) ofPeers.delete(peer);
        else ofPeers.set(peer, rest);
      };
      return { ok: true, leave };
    },
  };
}
