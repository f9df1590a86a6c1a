// The cases of the primitives as they are collected; every back end of this Node has to agree on each.

import { noble } from '../../crypto/noble.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { RequirementId } from '../../generated/requirements.ts';
import { chooseSuite } from '../../node/suite.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Primitive } from './format.ts';
import { coins, vector } from './vectorOctets.ts';

type Unnamed = Primitive extends infer P
  ? P extends Primitive
    ? Omit<P, 'id' | keyof ReturnType<typeof vector>>
    : never
  : never;

const fastest = chooseSuite();
/** The back ends of this Node, noble first. */
export const backEnds: readonly Suite[] = fastest.name === 'native' ? [noble, fastest] : [noble];
/** Whether two back ends confirm each other here. */
export const isConfirmed = backEnds.length > 1;
export const empty = new Uint8Array(0);
export const text = (ascii: string): Bytes => new TextEncoder().encode(ascii);
export const some = (name: string, octets: number): Bytes => coins('primitives', name, octets);

export const cases: Primitive[] = [];
export function add(name: string, about: string, requirements: readonly RequirementId[], of: Unnamed): void {
  cases.push({ ...vector(`primitives/${name}`, about, ...requirements), ...of } as Primitive);
}

/** Octets that both back ends make. @throws Error when they do not agree */
export function agreed(what: string, make: (suite: Suite) => Bytes | undefined): string {
  const [ours, ...others] = backEnds.map(make).map((one) => (one === undefined ? undefined : toHex(one)));
  if (ours === undefined || others.some((one) => one !== ours)) throw new Error(`${what}: the back ends do not agree`);
  return ours;
}

/** Refused by every back end; fails when one accepts it. */
export function refusedByAll(what: string, make: (suite: Suite) => unknown): void {
  if (backEnds.some((suite) => make(suite))) throw new Error(`${what}: not refused by all back ends`);
}
