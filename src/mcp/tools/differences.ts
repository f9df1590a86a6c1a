// What differs between declarations that were approved and those that a server shows now: every difference, member by member.
import { isObject, type Json, type JsonObject } from '../contract.ts';
import { contentHash, sameJson, without } from './canonical.ts';
import { type Declared, type Manifest, type Part, parts } from './manifest.ts';

/** One value that differs. `from` or `to` is absent where nothing was or is there. */
export interface Change {
  /** Where: RFC 6901, from the declaration. */
  readonly pointer: string;
  readonly from?: Json;
  readonly to?: Json;
}

/** A difference. `name` is that of the declaration as the server shows it now; of a removed one, as it was approved. */
export type Difference =
  | { readonly kind: 'added'; readonly part: Part; readonly name: string; readonly changes: readonly Change[] }
  | { readonly kind: 'removed'; readonly part: Part; readonly name: string }
  | {
      readonly kind: 'changed';
      readonly part: Part;
      readonly name: string;
      /** Whether SEP-3140 calls one of the changes material. Here every change is refused. */
      readonly material: boolean;
      readonly changes: readonly Change[];
    }
  /** The same content under another name. */
  | { readonly kind: 'renamed'; readonly part: Part; readonly name: string; readonly from: string }
  /** A name that looks like one of the same server. */
  | { readonly kind: 'look-alike'; readonly part: Part; readonly name: string; readonly other: string }
  /** A name that is, or looks like, one that is pinned for another server. */
  | {
      readonly kind: 'shadows';
      readonly part: Part;
      readonly name: string;
      readonly other: string;
      /** The name of the other server for people. */
      readonly server: string;
    }
  | { readonly kind: 'instructions'; readonly changes: readonly Change[] };

const step = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The members of an object or array, by name or place. */
const membersOf = (value: JsonObject | readonly Json[]): ReadonlyMap<string, Json> => new Map(Object.entries(value));

function changesOfMembers(
  from: ReadonlyMap<string, Json>,
  to: ReadonlyMap<string, Json>,
  pointer: string,
): readonly Change[] {
  const names = [...new Set([...from.keys(), ...to.keys()])];
  return names.flatMap((name): readonly Change[] => {
    const [before, after] = [from.get(name), to.get(name)];
    const at = step(pointer, name);
    if (before !== undefined && after !== undefined) return changesOf(before, after, at);
    if (before !== undefined) return [{ pointer: at, from: before }];
    return after === undefined ? [] : [{ pointer: at, to: after }];
  });
}

/** Every change between two values. */
export function changesOf(from: Json, to: Json, pointer = ''): readonly Change[] {
  const bothObjects = isObject(from) && isObject(to);
  if (bothObjects) return changesOfMembers(membersOf(from), membersOf(to), pointer);
  if (Array.isArray(from) && Array.isArray(to)) return changesOfMembers(membersOf(from), membersOf(to), pointer);
  return sameJson(from, to) ? [] : [{ pointer, from, to }];
}

/** The members of which SEP-3140 calls every change material. */
const materialMembers = ['description', 'inputSchema', 'annotations', 'trust'];
const isMaterial = ({ pointer }: Change): boolean => materialMembers.includes(pointer.split('/', 2)[1] ?? '');

/** A digest that a declaration has under any name. */
const contentOf = ({ declaration }: Declared): string => contentHash(without(declaration, 'name'));

/** The declaration under another name that has the content of this one. */
const former = (one: Declared, candidates: readonly Declared[]): Declared | undefined => {
  const content = contentOf(one);
  return candidates.find((candidate) => contentOf(candidate) === content);
};

export const addedOf = (part: Part, { name, declaration }: Declared): Difference => ({
  kind: 'added',
  part,
  name,
  changes: changesOf({}, declaration),
});

/** What is shown of one part against what was approved. A page shows some of it: then nothing is missing yet. */
export function differencesOfPart(
  part: Part,
  approved: readonly Declared[],
  now: readonly Declared[],
  isComplete = true,
): readonly Difference[] {
  const before = new Map(approved.map((one) => [one.name, one]));
  const names = new Set(now.map(({ name }) => name));
  let gone = approved.filter(({ name }) => !names.has(name));
  const found = now.flatMap((one): readonly Difference[] => {
    const { name, declaration } = one;
    const known = before.get(name);
    if (known?.contentHash === one.contentHash) return [];
    if (known !== undefined) {
      const changes = changesOf(known.declaration, declaration);
      return [{ kind: 'changed', part, name, material: changes.some(isMaterial), changes }];
    }
    const from = former(one, gone);
    gone = gone.filter((other) => other !== from);
    return [from === undefined ? addedOf(part, one) : { kind: 'renamed', part, name, from: from.name }];
  });
  const removed = isComplete ? gone.map(({ name }): Difference => ({ kind: 'removed', part, name })) : [];
  return [...found, ...removed];
}

/** What differs in the instructions of a server. */
export function differencesOfInstructions(approved: string | null, now: string | null): readonly Difference[] {
  const changes = changesOf(approved, now);
  return changes.length === 0 ? [] : [{ kind: 'instructions', changes }];
}

/** Every difference between two manifests, in the parts that both have. */
export function differencesOf(approved: Manifest, now: Manifest): readonly Difference[] {
  const ofParts = parts.flatMap((part) => {
    const [before, after] = [approved[part], now[part]];
    return before === undefined || after === undefined ? [] : differencesOfPart(part, before, after);
  });
  const [before, after] = [approved.instructions, now.instructions];
  const more = before === undefined || after === undefined ? [] : differencesOfInstructions(before, after);
  return [...ofParts, ...more];
}

/** Whether a difference keeps a declaration from being used. What is gone cannot be used: it is told only. */
export const isRefused = ({ kind }: Difference): boolean => kind !== 'removed';
