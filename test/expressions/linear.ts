// Whether a regular expression takes time in proportion to the length of any text: by the theory of automata, not by trying.
import { createRequire } from 'node:module';
import type { Expression } from './find.ts';

// The build for browsers is the checker itself; the other one looks for faster ones in processes and threads.
type Checker = typeof import('recheck');
const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as Pick<Checker, 'checkSync'>;

const parameters = { checker: 'automaton', maxNFASize: 200_000, maxRepeatCount: 100_000, timeout: 60_000 } as const;

/** The fault of an expression by itself. */
function faultOf(source: string, flags: string): string | undefined {
  const told = checkSync(source, flags, parameters);
  if (told.status === 'safe') return undefined;
  if (told.status === 'unknown') return `not shown to be linear: ${told.error.kind}`;
  return `${told.complexity.summary}, as ${told.attack.pattern.slice(0, 100)} shows`;
}

/**
 * Why an expression is not shown to be linear; `undefined` when it is. With the flag `g` it is tried again behind each match,
 * so that one behind the other has to be linear, too. Look-around and back references are never shown to be.
 */
export const whyNotLinear = ({ source, flags }: Expression): string | undefined =>
  faultOf(source, flags) ?? (/[gy]/.test(flags) ? faultOf(`(?:${source})*`, flags) : undefined);
