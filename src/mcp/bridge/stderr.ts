// What a server writes to its standard error, as lines of ours: so many in a second, so long each.
import type { Readable } from 'node:stream';

/** `lines` in `window` milliseconds, of `characters` each. */
export const stderrBounds = { lines: 50, characters: 2_000, window: 1_000 } as const;

/**
 * Tells the lines of a stream, each behind a prefix. All is read, so that the server never waits; what is too much is counted.
 * @param now - milliseconds
 */
export function tellLines(source: Readable, prefix: string, note: (line: string) => void, now = performance.now): void {
  let [rest, since, told, left] = ['', 0, 0, 0];
  const tellLeft = (): void => {
    if (left > 0) note(`${prefix}${left} lines or parts of lines were left out`);
    left = 0;
  };
  const tell = (line: string): void => {
    const time = now.call(performance);
    if (time - since >= stderrBounds.window) {
      [since, told] = [time, 0];
      tellLeft();
    }
    if (told >= stderrBounds.lines) left += 1;
    else note(prefix + line);
    told += 1;
  };
  source.setEncoding('utf8');
  source.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line.replace(/\r$/, '').slice(0, stderrBounds.characters));
    if (rest.length > stderrBounds.characters) {
      tell(rest.slice(0, stderrBounds.characters));
      rest = '';
    }
  });
  source.on('error', () => {});
  source.once('close', () => {
    if (rest !== '') tell(rest);
    tellLeft();
  });
}
