// Pins, as the gate of a client asks them; what they refuse goes into the record.
import type { ConnectionFacts, Recorder } from '../contract.ts';
import type { Guard } from '../gate/index.ts';
import type { ToolsGuard } from '../tools/guard.ts';
import { differenceLines, differenceTitle } from '../tools/words.ts';
import { heeding } from './heeding.ts';

/** What a guard of pins needs of its surroundings. */
export interface PinsParts {
  readonly guard: ToolsGuard;
  /** The digest of what is pinned of the server; undefined when nothing is. */
  readonly digest: () => string | undefined;
  readonly facts: () => ConnectionFacts;
  readonly record?: Recorder | undefined;
  /** Takes a line for the person on this side. */
  readonly tell: (line: string) => void;
  /** A line above what differs: whose it is, and what a person can do. */
  readonly heading: string;
}

/** Tells and records what differs, each time that it does, and answers for the gate. */
export function pinsGuard({ guard, digest, facts, record, tell, heading }: PinsParts): Guard {
  let told = '';
  let standing: string | undefined;

  return heeding(guard, ({ differences }) => {
    const manifestDigest = digest();
    if (manifestDigest !== undefined && manifestDigest !== standing) {
      standing = manifestDigest;
      record?.standing({ manifestDigest });
    }
    const titles = differences.map(differenceTitle);
    if (titles.length > 0 && titles.join('\n') !== told) {
      told = titles.join('\n');
      for (const line of [heading, ...differences.flatMap(differenceLines)]) tell(line);
      record?.append({ event: 'tools', digest: manifestDigest ?? '', differences: titles, ...facts() }).catch(() => {}); // the gate records the refusal itself, and heeds that
    }
  });
}
