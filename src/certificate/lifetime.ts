// How a validity period stands at a time. No clock: times are passed in.

/** First and last second of a validity period. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** How a validity period stands at a time. */
export type Standing = 'not yet valid' | 'valid' | 'ends soon' | 'expired';

const day = 86_400_000;

/**
 * From when a period ends soon: 14 days before its end, two working weeks in which somebody sees it; of a shorter
 * period its last tenth, as a certificate of a day would always end soon otherwise.
 */
const soonFrom = ({ notBefore, notAfter }: Validity): number =>
  notAfter.getTime() - Math.min(14 * day, (notAfter.getTime() - notBefore.getTime()) / 10);

/** How a period stands at a time. */
export function standingAt(validity: Validity, time: Date): Standing {
  if (time.getTime() > validity.notAfter.getTime()) return 'expired';
  if (time.getTime() < validity.notBefore.getTime()) return 'not yet valid';
  return time.getTime() < soonFrom(validity) ? 'valid' : 'ends soon';
}

/** The milliseconds after a time until a period stands otherwise; `Infinity` when it never will. */
export function untilChange(validity: Validity, time: Date): number {
  const changes = [validity.notBefore.getTime(), soonFrom(validity), validity.notAfter.getTime() + 1];
  return Math.min(...changes.map((at) => at - time.getTime()).filter((wait) => wait > 0));
}
