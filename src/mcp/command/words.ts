// Words of command lines that are about servers of HTTP.
import { InvalidArgumentError } from 'commander';

/** A URL, as it stands. */
export function parseUrl(word: string): URL {
  if (!URL.canParse(word)) throw new InvalidArgumentError('Expected a URL, such as http://127.0.0.1:3000/mcp.');
  return new URL(word);
}

/** The name of a header, in small letters. */
export function parseHeaderName(word: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(word))
    throw new InvalidArgumentError('Expected the name of a header, such as authorization.');
  return word.toLowerCase();
}
