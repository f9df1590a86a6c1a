// Parses YAML of files in time that grows with their length, and tells of the first fault only.
import { isScalar, parseDocument, visit } from 'yaml';

/** The text is no YAML, or has a key twice. */
export class YamlError extends Error {}

/** The place of an offset, as people count. */
function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

// The same blocks stand in many models: what was read is kept, and each caller gets a copy.
const readBefore = new Map<string, unknown>();
const mostKept = 4_096;

/** Reads one document. Keys are strings, each once in its mapping. @throws YamlError with the place */
export function parseYaml(text: string): unknown {
  if (!readBefore.has(text)) {
    if (readBefore.size >= mostKept) readBefore.clear();
    readBefore.set(text, read(text));
  }
  return structuredClone(readBefore.get(text));
}

function read(text: string): unknown {
  // The library draws the place of every error, and compares every key with every other one: both take unbounded time.
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
