// Where logs are read from: a directory, or any web server that serves files.
import { join } from 'node:path';
import { passed, refused } from '../../failure.ts';
import { readUpTo } from '../../node/files/boundedRead.ts';
import { codeOf, onFile } from '../../node/files/fileErrors.ts';
import type { Bytes } from '../../octets.ts';
import type { Judged } from '../contract.ts';
import type { LogCode } from '../log/codes.ts';
import type { LogReader } from '../log/reader.ts';

const absent = ['ENOENT', 'ENOTDIR'];

/** A file of a log in a directory. @throws FileError for one that cannot be read, or is too long */
function readFile(directory: string, path: string, most: number): Judged<Bytes, LogCode> {
  const file = join(directory, path);
  return onFile(file, () => {
    try {
      return passed(new Uint8Array(readUpTo(file, most).octets));
    } catch (error) {
      if (!absent.some((code) => code === codeOf(error))) throw error;
      return refused('log-file-missing', `${file}: there is no such file of a log`);
    }
  });
}

/** Reads a log in a directory. */
export const directoryReader = (directory: string): LogReader => ({
  name: directory,
  read: async (path, most) => readFile(directory, path, most),
});

/** Until a file of a log has been read from the web, in milliseconds. */
const longestFetch = 30_000;

/** The octets of a body up to a bound; `undefined` when there are more. */
async function bodyUpTo(body: ReadableStream<Uint8Array> | null, most: number): Promise<Bytes | undefined> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  for await (const part of body ?? []) {
    parts.push(part);
    octets += part.length;
    if (octets > most) return undefined; // leaving the loop ends the transfer
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Why a request failed, in the words of the system. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : 'unknown';
}

async function fetchFile(url: string, most: number, wait: number): Promise<Judged<Bytes, LogCode>> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(wait) });
    if (response.status === 404 || response.status === 410)
      return refused('log-file-missing', `${url}: there is no such file of a log (HTTP ${response.status})`);
    if (response.status !== 200) return refused('log-unreadable', `${url}: HTTP ${response.status}; expected 200`);
    const octets = await bodyUpTo(response.body, most);
    return octets === undefined ? refused('log-unreadable', `${url}: more than ${most} octets`) : passed(octets);
  } catch (error) {
    return refused('log-unreadable', `${url}: ${reasonOf(error)}`);
  }
}

/** Whether words name a place on the web. */
export const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/**
 * Reads a log from a web server, by GET below a URL. Redirections are not followed. What is read is signed, so plain HTTP is enough to
 * find changes. @param wait - milliseconds until a file has been read
 */
export const webReader = (url: string, wait = longestFetch): LogReader => {
  const base = url.replace(/\/$/, '');
  return { name: url, read: (path, most) => fetchFile(`${base}/${path}`, most, wait) };
};

/** The reader of a place: a URL of http or https, or a directory. */
export const readerOf = (place: string): LogReader => (isUrl(place) ? webReader(place) : directoryReader(place));
