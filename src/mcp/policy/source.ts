// Reads the text of a policy: YAML in which nothing is said twice or by reference, up to a bound. Every refusal names the line.
import { readFileSync } from 'node:fs';
import type { Schema } from '@cfworker/json-schema';
import { type Document, isAlias, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { type FaultFinder, faultFinder, type Path, shownPath, shownValue } from '../../json/schemaFault.ts';
import { hasUnseen } from '../../json/unseen.ts';
import { refuseFile } from '../../node/files/fileErrors.ts';
import type { PolicyDocument } from './document.ts';

/** The most octets of a policy file, and how deep its collections may stand inside of each other. */
export const policyBounds = { octets: 1_048_576, depth: 64 } as const;

/** A policy as it was read, and how to refuse a part of it. */
export interface PolicySource {
  readonly document: PolicyDocument;
  /** @param path - the names and numbers that lead to the part. @throws FileError with its line */
  readonly refuse: (path: Path, reason: string) => never;
}

const schemaFile = new URL('../../../spec/schema/mcp-policy.schema.json', import.meta.url);
let known: FaultFinder | undefined;
/** The judge of the schema of policies. */
const policyFault: FaultFinder = (value) => {
  known ??= faultFinder(JSON.parse(readFileSync(schemaFile, 'utf8')) as Schema, forms);
  return known(value);
};

/** The words of a file. @throws FileError for what is not UTF-8 */
function textOf(file: string, octets: Uint8Array): string {
  if (octets.length > policyBounds.octets)
    return refuseFile(file, `${octets.length} octets; expected at most ${policyBounds.octets}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return refuseFile(file, 'not UTF-8; expected YAML in UTF-8');
  }
}

/** Refuses what makes a file mean something else than it seems to: aliases, tags, keys that are no words, unseen characters. */
function checkNodes(node: unknown, path: Path, refuse: PolicySource['refuse']): void {
  if (path.length > policyBounds.depth) refuse(path.slice(0, 4), `more than ${policyBounds.depth} levels deep`);
  if (isAlias(node)) refuse(path, 'found an alias (*), expected the value itself: aliases and anchors are not read');
  if (!isNode(node)) return;
  if ('anchor' in node && node.anchor !== undefined)
    refuse(path, 'found an anchor (&): aliases and anchors are not read');
  if (node.tag !== undefined) refuse(path, `found the tag ${shownValue(node.tag)}, expected a value without a tag`);
  if (isScalar(node)) {
    const { value } = node;
    if (typeof value === 'string' && hasUnseen(value, path.at(-1)))
      refuse(path, 'found a character that is not seen (a control, a format, half of a character), expected none');
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      const word = isScalar(key) ? key.value : undefined;
      if (typeof word !== 'string' || hasUnseen(word)) refuse(path, 'found a key that is not a word, expected words');
      checkNodes(value, [...path, word], refuse);
    }
  } else if (isCollection(node)) for (const [at, item] of node.items.entries()) checkNodes(item, [...path, at], refuse);
}

/** What the patterns of the schema ask for, by the field. */
const forms: Readonly<Record<string, string>> = {
  id: 'letters, digits, ".", "_" and "-", at most 64, the first a letter or digit',
  every: 'a time such as 30s, 15m, 12h, 7d, or never',
  idle: 'a time such as 30s, 15m, 12h, 7d, or never',
};

function parse(file: string, text: string, lines: LineCounter): Document {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: true,
      stringKeys: true,
      version: '1.2',
    });
  } catch (error) {
    if (error instanceof RangeError) return refuseFile(file, `more than ${policyBounds.depth} levels deep`);
    throw error;
  }
}

/**
 * Reads the octets of a policy file.
 * @throws FileError with the line, what was found, and what was expected
 */
export function readSource(file: string, octets: Uint8Array): PolicySource {
  const lines = new LineCounter();
  const yaml = parse(file, textOf(file, octets), lines);
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const lineOf = (path: Path): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const parts = path.slice(0, length);
      const holder = length === 1 ? yaml.contents : yaml.getIn(parts.slice(0, -1), true);
      const key = isMap(holder)
        ? holder.items.find((pair) => isScalar(pair.key) && pair.key.value === parts.at(-1))?.key
        : undefined;
      const node = isNode(key) ? key : yaml.getIn(parts.map(numbered), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const refuse = (path: Path, reason: string): never => {
    const place = shownPath(path);
    return refuseFile(file, `line ${lineOf(path)}: ${place === '' ? '' : `${place}: `}${reason}`);
  };
  const [fault] = [...yaml.errors, ...yaml.warnings];
  if (fault !== undefined) return refuseFile(file, `line ${lineAt(fault.pos[0])}: ${fault.message}`);
  checkNodes(yaml.contents, [], refuse);
  const document: unknown = yaml.toJS({ maxAliasCount: 0 });
  const wrong = policyFault(document);
  if (wrong !== undefined) refuse(wrong.path, wrong.reason);
  return { document: document as PolicyDocument, refuse };
}

const numbered = (part: string | number): string | number =>
  typeof part === 'string' && /^\d+$/.test(part) ? Number(part) : part;
