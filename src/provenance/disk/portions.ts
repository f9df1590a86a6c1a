// Divides the files of a model into pieces of work for threads.
import type { ModelFile } from './walk.ts';

/** Files of this size and more are a piece each. */
const largeOctets = 4_194_304;

/** The most small files of a piece, and the octets at which it is full. */
const [mostTogether, fullOctets] = [256, 8_388_608];

/** Places of files in the list of files, in ascending order. */
export type Portion = readonly number[];

/**
 * The pieces of work: first the large files, the largest first, so that no thread begins one when the others end; then
 * small files together, in the order of names, as they lie near each other. Files that are not wanted are in none.
 */
export function portionsOf(files: readonly ModelFile[], isWanted: (at: number) => boolean): readonly Portion[] {
  const octetsAt = (at: number): number => files[at]?.octets ?? 0;
  const large: number[] = [];
  const small: number[][] = [];
  let [together, octets]: [number[], number] = [[], 0];
  for (const at of files.keys()) {
    if (!isWanted(at)) continue;
    if (octetsAt(at) >= largeOctets) {
      large.push(at);
      continue;
    }
    if (together.length === mostTogether || octets >= fullOctets) [together, octets] = [[], 0];
    if (together.length === 0) small.push(together);
    together.push(at);
    octets += octetsAt(at);
  }
  large.sort((one, other) => octetsAt(other) - octetsAt(one) || one - other);
  return [...large.map((at) => [at]), ...small];
}

/** Whether all pieces together are so little work that a thread would take longer to start: one piece of small files. */
export const isLittle = (files: readonly ModelFile[], [only, ...more]: readonly Portion[]): boolean =>
  only !== undefined && more.length === 0 && only.every((at) => (files[at]?.octets ?? 0) < largeOctets);
