// Pins, as the gate of a client asks them; what they refuse goes into the record.
import { ConfigurationError } from '../../configuration.ts';
import type { ConnectionFacts, Recorder } from '../contract.ts';
import type { Guard, GuardJudgement } from '../gate/index.ts';
import type { ToolsGuard, ToolsJudgement } from '../tools/guard.ts';
import { differenceLines, differenceTitle } from '../tools/words.ts';

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

  function judgementOf(judgement: ToolsJudgement): GuardJudgement {
    const { differences } = judgement;
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
    if (!judgement.forward) return { forward: false, message: judgement.message };
    return judgement.result === undefined ? { forward: true } : { forward: true, result: judgement.result };
  }

  /** What is pinned can become unusable while a connection is open: then nothing that needs it goes through. */
  function judged(judge: () => ToolsJudgement): GuardJudgement {
    try {
      return judgementOf(judge());
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      return { forward: false, message: `refused: ${error.message}` };
    }
  }

  return {
    judges: true,
    asked: (method, params) => judged(() => guard.asked(method, params)),
    answered: (method, params, result) => judged(() => guard.answered(method, params, result)),
    notified: guard.notified,
  };
}
