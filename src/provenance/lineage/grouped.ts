/** Items by a key, in their order. */
export function grouped<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const there = found.get(key);
    if (there === undefined) found.set(key, [item]);
    else there.push(item);
  }
  return found;
}
