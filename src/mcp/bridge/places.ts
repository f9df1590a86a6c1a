// How many servers run, and how fast new ones are started.

export interface PlaceLimits {
  /** Servers at a time. */
  readonly servers: number;
  /** Starts in a second; as many at once. */
  readonly startsPerSecond: number;
}

export const defaultPlaces: PlaceLimits = { servers: 32, startsPerSecond: 20 };

/** Why there is no place for a server. */
export type NoPlace = 'too-many-servers' | 'too-many-starts';

export interface Places {
  /** Takes a place, which `leave` gives back. */
  readonly take: () =>
    | { readonly ok: true; readonly leave: () => void }
    | { readonly ok: false; readonly code: NoPlace };
}

/** @param now - milliseconds of a clock that only goes on */
export function places({ servers, startsPerSecond }: PlaceLimits, now: () => number): Places {
  let [taken, allowance, since] = [0, startsPerSecond, now()];
  return {
    take: () => {
      const time = now();
      allowance = Math.min(startsPerSecond, allowance + ((time - since) / 1_000) * startsPerSecond);
      since = time;
      if (taken >= servers) return { ok: false, code: 'too-many-servers' };
      if (allowance < 1) return { ok: false, code: 'too-many-starts' };
      allowance -= 1;
      taken += 1;
      let isLeft = false;
      const leave = (): void => {
        if (!isLeft) taken -= 1;
        isLeft = true;
      };
      return { ok: true, leave };
    },
  };
}
