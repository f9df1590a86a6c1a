// One line on standard error that says how far the hashing of a model is. Only a terminal gets it.
import { performance } from 'node:perf_hooks';
import type { HashProgress } from '../../provenance/disk/hash.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of octets for people: `1.5 GB`, in steps of a thousand. */
export function sizeText(octets: number): string {
  let [value, unit] = [octets, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Seconds for people: `8 s`, `2 min 05 s`, `1 h 10 min`. */
function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** The line of a run: part done, files, rate and time left. @param seconds - since its beginning */
export function progressText({ octets, allOctets, files, allFiles }: HashProgress, seconds: number): string {
  const percent = allOctets === 0 ? 100 : Math.floor((100 * octets) / allOctets);
  const rate = seconds > 0 ? octets / seconds : 0;
  const left = rate > 0 ? `, ${durationText((allOctets - octets) / rate)} left` : '';
  const done = `${percent} % of ${sizeText(allOctets)}, ${files} of ${allFiles} files`;
  return `hashing: ${done}, ${sizeText(rate)}/s${left}`;
}

/** Tells progress on a terminal, and nothing elsewhere. */
export interface ProgressLine {
  readonly tell: (progress: HashProgress) => void;
  /** Removes the line. */
  readonly end: () => void;
}

/** A line that is written over itself. @param pause - the least between two lines, in milliseconds */
export function progressLine(stream: NodeJS.WriteStream = process.stderr, pause = 200): ProgressLine {
  if (!stream.isTTY) return { tell: () => {}, end: () => {} };
  const begun = performance.now();
  let [told, length] = [begun, 0];
  const write = (text: string): void => {
    stream.write(`\r${text.padEnd(length)}\r`);
    length = text.length;
  };
  return {
    tell: (progress) => {
      const now = performance.now();
      if (now - told < pause) return;
      told = now;
      write(progressText(progress, (now - begun) / 1000).slice(0, Math.max(0, (stream.columns ?? 80) - 1)));
    },
    end: () => {
      if (length > 0) write('');
    },
  };
}
