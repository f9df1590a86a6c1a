// Names of files in a statement (OMS 6.1.2), and their two orders.
import type { StatementCode } from './codes.ts';

/** Octets of a name in UTF-8: as many as systems take for a path. */
const mostNameOctets = 4_096;

const encoder = new TextEncoder();
const isTooLong = (name: string): boolean =>
  3 * name.length > mostNameOctets && encoder.encode(name).length > mostNameOctets;

/**
 * What is wrong with a name, or nothing: relative, `/` between components, none of them empty, `.` or `..`. A backslash and a drive
 * letter are refused everywhere: on Windows they lead elsewhere.
 */
export function nameFault(name: string): StatementCode | undefined {
  if (name === '' || isTooLong(name)) return 'integrity-name-empty';
  if (name.startsWith('/')) return 'integrity-name-absolute';
  if (name.includes('\\') || /^[A-Za-z]:/.test(name)) return 'integrity-name-windows';
  const components = name.split('/');
  if (components.includes('..')) return 'integrity-name-parent';
  const isPlain = !components.includes('') && !components.includes('.') && !name.includes('\0');
  return isPlain ? undefined : 'integrity-name-not-canonical';
}

/** Puts units of UTF-16 into the order of code points: halves of pairs stand for what comes after all other units. */
const weightOf = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

const slash = 0x2f;

function compareBy(weight: (unit: number) => number): (one: string, other: string) => number {
  return (one, other) => {
    const shorter = Math.min(one.length, other.length);
    for (let at = 0; at < shorter; at += 1) {
      const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
      if (left !== right) return weight(left) - weight(right);
    }
    return one.length - other.length;
  };
}

/** The order of OMS 5.2.1: by code points. */
export const byCodePoints = compareBy(weightOf);

/** The order that the official tool writes: component after component, so that `a/b` stands before `a-b`. */
export const byComponents = compareBy((unit) => (unit === slash ? -1 : weightOf(unit)));
