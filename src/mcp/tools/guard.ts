// What a client lets through of the declarations of a server: what was approved, and nothing else. Pure: the gate asks it about every message.
import { reasonOf } from '../../failure.ts';
import { type DenyReason, isObject, type Json, type JsonObject } from '../contract.ts';
import { bounds } from './bounds.ts';
import { without } from './canonical.ts';
import { addedOf, type Difference, differencesOfInstructions, differencesOfPart, isRefused } from './differences.ts';
import {
  type Declared,
  declarationsOf,
  instructionsOf,
  type Manifest,
  manifestWith,
  type Part,
  parts,
} from './manifest.ts';
import { confusions, labelOf, type Pins, pinsOf, type ServerIdentity } from './pins.ts';
import { differenceTitle } from './words.ts';

/** What becomes of a message. */
export type ToolsJudgement =
  /** `result` is absent when it goes on as it came. `differences` are told and recorded. */
  | { readonly forward: true; readonly result?: Json; readonly differences: readonly Difference[] }
  | {
      readonly forward: false;
      readonly reason: Extract<DenyReason, 'tool-changed'>;
      /** For the person on this side. */
      readonly message: string;
      readonly differences: readonly Difference[];
    };

export interface GuardOptions {
  readonly identity: ServerIdentity;
  /** The pins of now. */
  readonly pins: () => Pins;
  /** What becomes of a server of which nothing was approved: `pin` approves what it shows first, once it has shown all. */
  readonly firstUse: 'pin' | 'refuse';
  /** What is refused when declarations differ: everything of the server, or those declarations alone. */
  readonly refuse: 'server' | 'changed';
  /** Approves what was shown first. What it throws refuses the message. */
  readonly pin: (manifest: Manifest) => void;
}

/** One connection to a server. */
export interface ToolsGuard {
  /** About a request to the server, before it is sent. */
  readonly asked: (method: string, params: Json | undefined) => ToolsJudgement;
  /** About the result of a request, before it goes on. */
  readonly answered: (method: string, params: Json | undefined, result: Json) => ToolsJudgement;
  /** About a notification of the server. */
  readonly notified: (method: string) => void;
}

const lists: Readonly<Record<string, Part>> = { 'tools/list': 'tools', 'prompts/list': 'prompts' };
const uses: Readonly<Record<string, Part>> = { 'tools/call': 'tools', 'prompts/get': 'prompts' };
const changed: Readonly<Record<string, Part>> = {
  'notifications/tools/list_changed': 'tools',
  'notifications/prompts/list_changed': 'prompts',
};
/** The requests whose result has the instructions of the server, one of each era. */
const introductions = ['initialize', 'server/discover'];

/** A declaration that was shown and refused. */
interface Refused {
  readonly declared: Declared;
  readonly differences: readonly Difference[];
}

/** What this connection has seen of a part. */
interface Standing {
  /** The pages of a list so far. */
  readonly seen: readonly Declared[];
  readonly pages: number;
  /** The cursor of the next page; `undefined` when all pages have come, or when the list has changed since. */
  readonly next: string | undefined;
  /** What was shown and not refused: may be used though nothing is pinned yet. */
  readonly held: ReadonlyMap<string, Declared>;
  readonly refused: ReadonlyMap<string, Refused>;
}

const nothing: Standing = { seen: [], pages: 0, next: undefined, held: new Map(), refused: new Map() };

const pass = (differences: readonly Difference[] = []): ToolsJudgement => ({ forward: true, differences });
const deny = (why: string, differences: readonly Difference[] = []): ToolsJudgement => ({
  forward: false,
  reason: 'tool-changed',
  message: `refused: ${why}`,
  differences,
});
const textMember = (value: Json | undefined, name: string): string | undefined => {
  const member = isObject(value) ? value[name] : undefined;
  return typeof member === 'string' ? member : undefined;
};
const byName = (list: readonly Declared[]): (readonly [string, Declared])[] => list.map((one) => [one.name, one]);

/** Guards a connection to a server. */
export function toolsGuard(options: GuardOptions): ToolsGuard {
  const { identity, pins, firstUse, refuse, pin } = options;
  const standing = new Map<Part, Standing>();
  let instructions: string | null | undefined;
  const of = (part: Part): Standing => standing.get(part) ?? nothing;

  const denyAll = (differences: readonly Difference[]): ToolsJudgement => {
    const titles = differences.map(differenceTitle).join('; ');
    return deny(`what ${labelOf(identity)} declares is not what was approved: ${titles}`, differences);
  };

  /** What was approved of a part, by each pin of the server that has the part. */
  const approved = (part: Part): readonly (readonly Declared[])[] =>
    pinsOf(pins(), identity).flatMap(({ manifest: { [part]: list } }) => (list === undefined ? [] : [list]));

  /** Approves what was shown first. @returns why it is not approved */
  function approve(manifest: Manifest): string | undefined {
    try {
      pin(manifest);
      return undefined;
    } catch (error) {
      return `it could not be pinned: ${error instanceof Error ? error.message : 'unknown'}`;
    }
  }

  /** What differs in a page from what was approved, or, before anything is, from what was shown before. */
  function judge(part: Part, page: readonly Declared[], before: readonly Declared[]): readonly Difference[] {
    const lists = approved(part);
    const isOnPage = new Set(page.map(({ name }) => name));
    const confused = confusions(part, [...before, ...page], identity, pins()).filter(
      (one) => 'name' in one && isOnPage.has(one.name),
    );
    if (lists.length > 0) {
      const earlier = new Set(before.map(({ name }) => name));
      const ofPage = lists.flatMap((list) =>
        differencesOfPart(
          part,
          list.filter(({ name }) => !earlier.has(name)),
          page,
          false,
        ),
      );
      return [...ofPage, ...confused];
    }
    if (firstUse === 'refuse') return page.map((one) => addedOf(part, one));
    const held = of(part).held;
    const known = page.filter(({ name }) => held.has(name));
    return [...differencesOfPart(part, [...held.values()], known, false), ...confused];
  }

  function answeredList(part: Part, params: Json | undefined, result: Json): ToolsJudgement {
    const page = declarationsOf(isObject(result) ? result[part] : undefined, part);
    if (!page.ok) return deny(`${labelOf(identity)}: ${reasonOf(page)}`);
    const former = of(part);
    const [cursor, next] = [textMember(params, 'cursor'), textMember(result, 'nextCursor')];
    const isNext = cursor !== undefined && cursor === former.next;
    const isInOrder = cursor === undefined || isNext;
    if (approved(part).length === 0 && !isInOrder)
      return deny(`${labelOf(identity)}: a page of ${part} that does not follow the one before`);
    const before = isNext ? former.seen : [];
    const twice = page.value.find(({ name }) => before.some((one) => one.name === name));
    if (twice !== undefined) return deny(`${labelOf(identity)}: two ${part} of the name ${JSON.stringify(twice.name)}`);
    const seen = [...before, ...page.value];
    const pages = isNext ? former.pages + 1 : 1;
    if (seen.length > bounds.declarations || pages > bounds.pages)
      return deny(`${labelOf(identity)}: more than ${bounds.declarations} ${part}, or ${bounds.pages} pages`);

    const differences = judge(part, page.value, before);
    const against = (name: string): readonly Difference[] =>
      differences.filter((one) => isRefused(one) && 'name' in one && one.name === name);
    const bad = page.value.filter(({ name }) => against(name).length > 0);
    const kept = page.value.filter((one) => !bad.includes(one));
    const refused = new Map([
      ...(cursor === undefined ? [] : former.refused),
      ...bad.map((declared): [string, Refused] => [declared.name, { declared, differences: against(declared.name) }]),
    ]);
    const held = new Map([...former.held, ...byName(kept)]);
    const place = isInOrder ? { seen, pages, next } : { seen: former.seen, pages: former.pages, next: former.next };
    standing.set(part, { ...place, held, refused });

    const missing = isInOrder && next === undefined ? gone(part, seen) : [];
    const told = [...differences, ...missing];
    if (refuse === 'server' && refused.size > 0)
      return denyAll([...refused.values()].flatMap((one) => one.differences));
    if (isInOrder && next === undefined && approved(part).length === 0 && firstUse === 'pin') {
      const why = approve(manifestWith({ [part]: seen.filter(({ name }) => !refused.has(name)) }));
      if (why !== undefined) {
        standing.set(part, former);
        return deny(`${labelOf(identity)}: ${why}`, told);
      }
    }
    if (bad.length === 0 || !isObject(result)) return pass(told);
    const list = (result[part] as readonly JsonObject[]).filter(({ name }) => !refused.has(name as string));
    return { forward: true, result: { ...result, [part]: list }, differences: told };
  }

  const gone = (part: Part, seen: readonly Declared[]): readonly Difference[] =>
    approved(part).flatMap((list) => differencesOfPart(part, list, seen).filter((one) => one.kind === 'removed'));

  function differencesNow(text: string | null): readonly Difference[] {
    const known = pinsOf(pins(), identity).flatMap(({ manifest }) => manifest.instructions ?? []);
    const pinned = pinsOf(pins(), identity).some(({ manifest }) => manifest.instructions !== undefined);
    if (pinned) return (known.length === 0 ? [null] : known).flatMap((one) => differencesOfInstructions(one, text));
    return firstUse === 'refuse' ? differencesOfInstructions(null, text) : [];
  }

  function answeredIntroduction(result: Json): ToolsJudgement {
    const read = instructionsOf(textMember(result, 'instructions') ?? null);
    if (!read.ok) return deny(`${labelOf(identity)}: ${reasonOf(read)}`);
    instructions = read.value;
    const differences = differencesNow(read.value);
    if (differences.length > 0) {
      if (refuse === 'server' || !isObject(result)) return denyAll(differences);
      return { forward: true, result: without(result, 'instructions'), differences };
    }
    const isPinned = pinsOf(pins(), identity).some(({ manifest }) => manifest.instructions !== undefined);
    if (isPinned || firstUse === 'refuse') return pass();
    const why = approve(manifestWith({ instructions: read.value }));
    return why === undefined ? pass() : deny(`${labelOf(identity)}: ${why}`);
  }

  /** What was refused and has not been approved since. */
  const refusedStill = (part: Part): readonly Refused[] =>
    [...of(part).refused.values()].filter(({ declared: { name, contentHash } }) => {
      const lists = approved(part);
      const has = (list: readonly Declared[]): boolean =>
        list.some((one) => one.name === name && one.contentHash === contentHash);
      return lists.length === 0 || !lists.every(has);
    });

  function asked(method: string, params: Json | undefined): ToolsJudgement {
    const part = uses[method];
    if (part === undefined) return pass();
    const name = textMember(params, 'name');
    if (name === undefined) return deny(`${method} without a name`);
    const inWay =
      refuse === 'server'
        ? parts.flatMap(refusedStill)
        : refusedStill(part).filter((one) => one.declared.name === name);
    const said = refuse === 'server' && instructions !== undefined ? differencesNow(instructions) : [];
    const against = [...inWay.flatMap(({ differences }) => differences), ...said];
    if (against.length > 0) return denyAll(against);
    const lists = approved(part);
    const shown = of(part).held.get(name);
    const has = (list: readonly Declared[]): boolean =>
      list.some((one) => one.name === name && (shown === undefined || one.contentHash === shown.contentHash));
    const isKnown = lists.length > 0 ? lists.every(has) : shown !== undefined && firstUse === 'pin';
    return isKnown ? pass() : deny(`${JSON.stringify(name)} is none of the approved ${part} of ${labelOf(identity)}`);
  }

  return {
    asked,
    answered: (method, params, result) => {
      const part = lists[method];
      if (part !== undefined) return answeredList(part, params, result);
      return introductions.includes(method) ? answeredIntroduction(result) : pass();
    },
    notified: (method) => {
      const part = changed[method];
      if (part !== undefined) standing.set(part, { ...of(part), seen: [], pages: 0, next: undefined });
    },
  };
}
