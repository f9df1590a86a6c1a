// Server-sent events, block by block, each with the octets that came (WHATWG HTML, 9.2).

/** What stands between two empty lines: one event, or a comment. */
export interface EventBlock {
  /** With the empty line that ends it. */
  readonly octets: Buffer;
  /** The text of its `data`; undefined without one that is a message: with none, empty, or of another type of event. */
  readonly data: string | undefined;
  /** Its `id`. */
  readonly id: string | undefined;
  /** Its `retry`: milliseconds before a client asks again for what it missed. */
  readonly retry: number | undefined;
}

/** A block is longer than the limit. */
export class EventTooLong extends Error {
  override readonly name = 'EventTooLong';
  readonly code = 'event-too-long';

  constructor(longest: number) {
    super(`an event has more than ${longest} octets`);
  }
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d];
const lineEnd = /\r\n|\n|\r/;

interface Field {
  readonly name: string;
  readonly value: string;
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  if (colon < 0) return { name: line, value: '' };
  const value = line.slice(colon + 1);
  return { name: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value };
}

const linesOf = (octets: Buffer): readonly string[] =>
  octets
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(lineEnd);

function blockOf(octets: Buffer): EventBlock {
  const fields = linesOf(octets).map(fieldOf);
  const last = (name: string): string | undefined => fields.findLast((field) => field.name === name)?.value;
  const data = fields.flatMap(({ name, value }) => (name === 'data' ? [value] : [])).join('\n');
  const type = last('event') ?? '';
  const retry = last('retry') ?? '';
  return {
    octets,
    data: data === '' || (type !== '' && type !== 'message') ? undefined : data,
    id: last('id'),
    retry: /^\d+$/.test(retry) ? Number(retry) : undefined,
  };
}

/** The block with other data: with none when there is nothing to tell, so that only its id counts. */
export function withData({ octets }: EventBlock, data: string | undefined): Buffer {
  const kept = linesOf(octets).filter((line) => line !== '' && fieldOf(line).name !== 'data');
  const lines = data === undefined ? [] : data.split(lineEnd).map((line) => `data: ${line}`);
  return Buffer.from(`${[...kept, ...lines].join('\n')}\n\n`);
}

/** Where the first block of some octets ends: behind an empty line. 0: it has not ended. */
function endOfBlock(octets: Buffer, from: number): number {
  let isEmpty = false; // whether nothing stands on the line so far, and a line ended before it
  for (let at = from; at < octets.length; at += 1) {
    const octet = octets[at];
    if (octet !== lineFeed && octet !== carriageReturn) {
      isEmpty = false;
      continue;
    }
    // A carriage return is the end of a line by itself, or with the line feed behind it, which may not have come yet.
    if (octet === carriageReturn && at + 1 === octets.length) return 0;
    if (octet === carriageReturn && octets[at + 1] === lineFeed) at += 1;
    if (isEmpty) return at + 1;
    isEmpty = true;
  }
  return 0;
}

/** Splits a stream of events. Takes chunks as they come. @throws EventTooLong (as a rejection) @param longest octets of a block */
export async function* eventsOf(source: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<EventBlock> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of source) {
    const next = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    parts.push(next);
    held += next.length;
    // Only a line end in it, or just before it, can end a block.
    const seam = parts.length > 1 ? parts[parts.length - 2]?.at(-1) : undefined;
    const mayEnd = next.includes(lineFeed) || next.includes(carriageReturn) || seam === carriageReturn;
    if (mayEnd) {
      let octets = Buffer.concat(parts);
      for (let end = endOfBlock(octets, 0); end > 0; end = endOfBlock(octets, 0)) {
        yield blockOf(octets.subarray(0, end));
        octets = octets.subarray(end);
      }
      [parts, held] = [octets.length === 0 ? [] : [octets], octets.length];
    }
    if (held > longest) throw new EventTooLong(longest);
  }
}
