// YAML of files: in time that grows with their length, and with nothing told but what is wrong first.
import { isScalar, parseDocument, visit } from 'yaml';

/** A text that is no YAML, or says the same key twice. */
export class YamlError extends Error {}

/** Where an offset is, as people count. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** Reads one document; keys are strings, each once in its mapping. @throws YamlError that says where */
export function parseYaml(text: string): unknown {
  // The library draws the place of every error and compares every key with every other one, which takes time without bound.
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', stringKeys: true, uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw new YamlError(`${error.message} at ${placeOf(text, error.pos[0])}`);
  visit(document, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (keys.has(name)) throw new YamlError(`the key ${String(name)} comes twice`);
        keys.add(name);
      }
    },
  });
  try {
    return document.toJS();
  } catch (failure) {
    throw new YamlError(failure instanceof Error ? failure.message : 'unreadable');
  }
}
