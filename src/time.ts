const form = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|[+-](\d\d):(\d\d)))?$/;

/**
 * The time that a text states: a date (`2026-06-01`, its first moment in UTC) or a time with its zone
 * (`2026-06-01T12:00:00Z`, RFC 3339; seconds may be left out). Unlike `Date`, it knows how many days a month has.
 * @returns `undefined` for a text of another form, and for a day or time that does not exist
 */
export function timeOf(text: string): Date | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', ahead = '0', minutesAhead = '0'] =
    form.exec(text) ?? [];
  if (year === undefined) return undefined;
  const [at, length] = [Number(month), new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()];
  if (at < 1 || at > 12 || Number(year) < 100 || Number(day) < 1 || Number(day) > length) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(ahead) > 23 || Number(minutesAhead) > 59) return undefined;
  return new Date(text);
}

/** RFC 3339, to the second, in UTC. */
export const timeText = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
