// Digests of earlier passes, kept in files, so that a model that did not change need not be read again. See spec/provenance/files.md for whom this protects against.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readUpTo } from '../../node/files/boundedRead.ts';
import { codeOf, reasonOf } from '../../node/files/fileErrors.ts';
import { writeOne } from '../../node/files/newFile.ts';
import { isOwn, isOwnDirectory } from '../../node/files/trust.ts';
import type { FileDigest } from '../contract.ts';
import type { ModelFiles } from './enumerate.ts';

/** The most octets of a file of the cache: of about one and a half million files of a model. */
const mostOctets = 268_435_456;

/**
 * Milliseconds. A file that changed that shortly before it was read is not kept: one that changes again within a tick of
 * the clock of its file system would have the same facts.
 */
const tooRecent = 2_000;

const [firstLine, lastWord] = ['pquake digests 1', 'sha256'];

export interface CacheOptions {
  /** A folder that is there, of this user, in which nobody else can write. Another one is not used. */
  readonly directory: string;
  /** What the results count for, such as the digest of a policy and of a bundle. With another key nothing is found. */
  readonly key: string;
  /** Told in a sentence why the cache, or a file of it, is not used. Nothing fails because of that. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A digest, and the facts of the file that had it. */
export interface KeptDigest extends FileDigest {
  readonly facts: string;
}

/** Results of earlier passes over models. */
export interface DigestCache {
  /** The digests of files whose facts are as they were, by name. The files have `facts`. */
  readonly look: (model: ModelFiles) => ReadonlyMap<string, string>;
  /** Keeps the digests of a pass that began at `began` (milliseconds since 1970), except those of files that changed shortly before. */
  readonly keep: (model: ModelFiles, digests: readonly KeptDigest[], began: number) => void;
}

const sha256 = (...texts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('hex');
};

/** Whether the content or the facts of a file changed after a time, in nanoseconds. */
const isRecent = (facts: string, latest: bigint): boolean =>
  facts
    .split(' ')
    .slice(3)
    .some((time) => BigInt(time) > latest);

/** What stands before the files: nothing of another key or model is taken. */
const headOf = (key: string, { root, isFile, name }: ModelFiles): string =>
  `${firstLine}\n${JSON.stringify([key, isFile ? join(root, name) : root])}\n`;

const lineOf = ({ digest, facts, name }: KeptDigest): string => `${digest} ${facts} ${name}\n`;

/** The lines of a file of the cache, or why it is not used. */
function bodyOf(text: string, head: string): string | { readonly against: string } {
  const end = text.lastIndexOf(`${lastWord} `);
  if (end < 0 || text.slice(end) !== `${lastWord} ${sha256(text.slice(0, end))}\n`) return { against: 'it is damaged' };
  return text.startsWith(head) ? text.slice(head.length, end) : { against: 'it is of another model or key' };
}

function entriesOf(body: string): Map<string, { readonly facts: string; readonly digest: string }> {
  const found = new Map<string, { readonly facts: string; readonly digest: string }>();
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\n', at);
    const line = body.slice(at, end);
    const [digest = '', ...facts] = line.split(' ', 6);
    const text = facts.join(' ');
    found.set(line.slice(digest.length + text.length + 2), { digest, facts: text });
    at = end + 1;
  }
  return found;
}

/** Makes a cache of digests in a folder. Nothing is read or written yet. */
export function digestCache({ directory, key, onNote = () => undefined }: CacheOptions): DigestCache {
  const fileOf = (head: string): string => join(directory, `${sha256(head)}.digests`);
  const isUsable = (): boolean => {
    if (isOwnDirectory(directory)) return true;
    onNote(`${directory}: the cache is not used: not a folder of this user in which nobody else can write`);
    return false;
  };
  const attempt = <T>(file: string, run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') onNote(`${file}: not used: ${reasonOf(error)}`);
      return undefined;
    }
  };

  function look(model: ModelFiles): ReadonlyMap<string, string> {
    const known = new Map<string, string>();
    const head = headOf(key, model);
    const file = fileOf(head);
    if (!isUsable()) return known;
    const content = attempt(file, () => readUpTo(file, mostOctets, { plain: true }));
    if (content === undefined) return known;
    const body = isOwn(content.status) ? bodyOf(content.octets.toString(), head) : { against: 'it is of another user' };
    if (typeof body !== 'string') {
      onNote(`${file}: not used: ${body.against}`);
      return known;
    }
    const entries = entriesOf(body);
    for (const { name, facts } of model.files) {
      const entry = entries.get(name);
      if (entry !== undefined && entry.facts === facts) known.set(name, entry.digest);
    }
    return known;
  }

  function keep(model: ModelFiles, digests: readonly KeptDigest[], began: number): void {
    const latest = BigInt(began - tooRecent) * 1_000_000n;
    const head = headOf(key, model);
    const file = fileOf(head);
    if (!isUsable()) return;
    const old = digests.filter(({ facts }) => facts !== '' && !isRecent(facts, latest));
    const text = `${head}${old.map(lineOf).join('')}`;
    const content = Buffer.from(`${text}${lastWord} ${sha256(text)}\n`);
    if (content.length > mostOctets) onNote(`${file}: not written: more than ${mostOctets} octets`);
    else attempt(file, () => writeOne(directory, { file, content, mode: 0o600, replace: true }, () => undefined, true));
  }

  return { look, keep };
}
