// What can be wrong between statements that are each believed: they contradict each other, their times, or the direction of descent.
import type { Json } from '../../json/readJson.ts';
import { timeText } from '../../time.ts';
import type { Origin } from '../statement/origin.ts';
import type { Believed } from './evidence.ts';
import type { LinkFailure } from './lineage.ts';

/** A statement of origin that is believed. */
export type BelievedOrigin = Extract<Believed, { kind: 'origin' }>;

/** JSON whose members are sorted, so that equal values have equal texts. */
function canonical(value: unknown): string {
  if (value instanceof Date) return canonical(timeText(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value as Json) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

/** What two statements of origin may not say differently. Who ran it, and byproducts, may differ: a build can be repeated. */
const parts: Readonly<Record<string, (origin: Origin) => unknown>> = {
  'the training parameters': ({ parameters }) => parameters,
  'the inputs': ({ dependencies }) => dependencies.map((one) => canonical(one)).sort(),
  'the builder': ({ builder }) => builder.id,
  'the times': ({ started, finished }) => [started ?? null, finished ?? null],
};

/** How a statement of origin contradicts the first one of the same model, if it does. */
export function contradiction(first: BelievedOrigin, other: BelievedOrigin): LinkFailure | undefined {
  const differing = Object.entries(parts)
    .filter(([, part]) => canonical(part(first.value)) !== canonical(part(other.value)))
    .map(([name]) => name);
  if (differing.length === 0) return undefined;
  return {
    code: 'contradicting-origins',
    detail: `${differing.join(', ')} differ between ${first.given.source} and ${other.given.source}`,
  };
}

/** A child that was begun, or else finished, before its parent was finished. Times that are not stated are not judged. */
export function timeOrder(child: Origin, parent: Origin): LinkFailure | undefined {
  const [begun, ready] = [child.started ?? child.finished, parent.finished ?? parent.started];
  if (begun === undefined || ready === undefined || begun >= ready) return undefined;
  return {
    code: 'time-order',
    detail: `the model was made from ${timeText(begun)}, its parent was ready at ${timeText(ready)}`,
  };
}

/**
 * The links that close a cycle, when links are followed from the root in their order. Without recursion: a lineage may be long.
 * @param next - for each node the links to its parents: number of the link, and node
 */
export function closingCycles(
  root: string,
  next: ReadonlyMap<string, readonly { readonly link: number; readonly to: string }[]>,
): number[] {
  const closing: number[] = [];
  const [open, done] = [new Set([root]), new Set<string>()];
  const stack = [{ node: root, at: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const found = next.get(top.node)?.[top.at];
    top.at += 1;
    if (found === undefined) {
      open.delete(top.node);
      done.add(top.node);
      stack.pop();
    } else if (open.has(found.to)) closing.push(found.link);
    else if (!done.has(found.to)) {
      open.add(found.to);
      stack.push({ node: found.to, at: 0 });
    }
  }
  return closing;
}
