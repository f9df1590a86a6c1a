// What the example tells: what peers did, what they got, and what the record says of it.
import { readFileSync } from 'node:fs';
import type { Message } from '../contract.ts';

/** What a peer got, and what was recorded of it. */
export interface Seen {
  readonly gets: string;
  readonly record: string;
}

/** One thing that somebody did. */
export interface Row {
  readonly who: string;
  readonly does: string;
  readonly expected: Seen;
  readonly found: Seen;
  /** What is not the same in each run. */
  readonly remark?: string;
}

/** A step of the example. */
export interface Step {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Lines below the rows: differences for a person. */
  readonly lines?: readonly string[];
}

export const isAsTold = ({ expected, found }: Row): boolean =>
  expected.gets === found.gets && expected.record === found.record;

/** The entries of a record so far. */
export const entriesIn = (file: string): readonly Message[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line): Message => JSON.parse(line));

/** What an entry says of why something was permitted or not. */
export function wordsOf(entry: Message | undefined): string {
  if (entry === undefined) return 'nothing';
  const { decision, code, differences } = entry;
  if (typeof code === 'string') return code;
  if (Array.isArray(differences)) return differences.join('; ');
  if (typeof decision !== 'object' || decision === null || !('allowed' in decision)) return String(entry['event']);
  return decision['allowed'] === true ? `permitted: ${decision['rule']}` : `denied: ${decision['reason']}`;
}

/** The last entry that is about a peer, of an event. */
export const lastOf = (file: string, event: string, peer?: string): Message | undefined =>
  entriesIn(file).findLast((entry) => entry['event'] === event && (peer === undefined || entry['peer'] === peer));
