// What holds for a peer as long as it is connected: how often it authenticates again, how much it may do.
import type { Assurance, Principal } from '../contract.ts';
import type { Duration, PolicyDocument } from './document.ts';
import { hold, type Subject, subjectOf, whoConditions } from './who.ts';

/** Milliseconds. Absent: never. */
export interface Reauthentication {
  /** Since it authenticated the last time. */
  readonly every?: number;
  /** Since its last request, or since it authenticated where that was later. */
  readonly idle?: number;
}

/** The most that a peer may do, all its connections together. */
export interface Limits {
  /** Requests in a minute on average, and as many at once after a pause. */
  readonly callsPerMinute: number;
  /** Requests without an answer yet. */
  readonly concurrent: number;
  /** One message. */
  readonly messageOctets: number;
}

/** For those of whom a policy says nothing else: after AAL3 of NIST SP 800-63B-4, 12 hours, and 15 minutes without a request. */
export const defaultReauthentication = { every: '12h', idle: '15m' } as const;
export const defaultLimits: Limits = { callsPerMinute: 600, concurrent: 16, messageOctets: 4_194_304 };

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `12h`; infinite for `never`. */
export const milliseconds = (duration: Duration): number =>
  duration === 'never'
    ? Number.POSITIVE_INFINITY
    : Number(duration.slice(0, -1)) * (units[duration.slice(-1)] ?? Number.NaN);

/** What a policy says of peers beside its rules. */
export interface Terms {
  readonly limitsFor: (principal: Principal) => Limits;
  readonly reauthenticationFor: (principal: Principal) => Reauthentication;
}

/** Compiles them. Of several entries that fit a peer, the strictest value counts; without one that of all peers. */
export function termsOf(document: PolicyDocument, asserted: ReadonlyMap<string, Assurance>): Terms {
  const entries = (document.peers ?? []).map((entry) => ({
    ...entry,
    who: whoConditions<Subject>(entry.who, 'permit'),
  }));
  const all = { ...defaultLimits, ...document.limits };
  const allTimes = { ...defaultReauthentication, ...document.reauthenticate };
  const fitting = (principal: Principal) => {
    const subject = subjectOf(principal, asserted);
    return entries.filter(({ who }) => hold(who, subject));
  };
  const strictest = (values: readonly (number | undefined)[], otherwise: number): number => {
    const stated = values.filter((value) => value !== undefined);
    return stated.length === 0 ? otherwise : Math.min(...stated);
  };
  const finite = (name: keyof Reauthentication, value: number): Reauthentication =>
    Number.isFinite(value) ? { [name]: value } : {};
  return {
    limitsFor: (principal) => {
      const limits = fitting(principal).map((entry) => entry.limits);
      const least = (name: keyof Limits): number =>
        strictest(
          limits.map((one) => one?.[name]),
          all[name],
        );
      return {
        callsPerMinute: least('callsPerMinute'),
        concurrent: least('concurrent'),
        messageOctets: least('messageOctets'),
      };
    },
    reauthenticationFor: (principal) => {
      const times = fitting(principal).map(({ reauthenticate }) => reauthenticate);
      const least = (name: keyof Reauthentication): number => {
        const stated = times
          .map((one) => one?.[name])
          .map((one) => (one === undefined ? undefined : milliseconds(one)));
        return strictest(stated, milliseconds(allTimes[name]));
      };
      return { ...finite('every', least('every')), ...finite('idle', least('idle')) };
    },
  };
}

/** Why what a rule permits has to wait for the peer to authenticate again; `undefined` when it has not. */
export function staleness(
  { every, idle }: Reauthentication,
  { principal, time, lastActive }: { readonly principal: Principal; readonly time: Date; readonly lastActive?: Date },
): 'authentication-too-old' | 'idle-too-long' | undefined {
  const authenticated = principal.authenticated.getTime();
  if (every !== undefined && time.getTime() - authenticated > every) return 'authentication-too-old';
  const active = Math.max(authenticated, lastActive?.getTime() ?? authenticated);
  return idle !== undefined && time.getTime() - active > idle ? 'idle-too-long' : undefined;
}
