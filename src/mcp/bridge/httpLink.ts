// A server of Streamable HTTP as one on standard streams: lines go in as requests of HTTP, and what it answers comes out as lines.
import { Readable, Writable } from 'node:stream';
import { splitMessages } from '../transport/splitMessages.ts';
import { type HttpClientParts, httpClient } from './httpClient.ts';
import type { Link } from './lines.ts';

const newline = Buffer.from('\n');

/** A message on one line: JSON has ends of lines only between its tokens. */
function onOneLine(octets: Buffer): Buffer {
  if (!octets.includes(0x0a) && !octets.includes(0x0d)) return octets;
  return Buffer.from(octets.map((octet) => (octet === 0x0a || octet === 0x0d ? 0x20 : octet)));
}

interface Filled {
  readonly source: Readable;
  /** Fulfilled when more may be given. */
  readonly give: (octets: Buffer) => Promise<void>;
  readonly finish: () => void;
}

/** A source that is filled no faster than it is read. */
function filled(onClose: () => void): Filled {
  const takers: (() => void)[] = [];
  let isOver = false;
  const wake = (): void => {
    for (const taker of takers.splice(0)) taker();
  };
  const source = new Readable({
    read: wake,
    destroy: (error, done) => {
      isOver = true;
      wake();
      onClose();
      done(error);
    },
  });
  return {
    source,
    give: async (octets) => {
      if (isOver || source.push(Buffer.concat([octets, newline]))) return;
      await new Promise<void>((resolve) => void takers.push(resolve));
    },
    finish: () => {
      if (!isOver) source.push(null);
      isOver = true;
    },
  };
}

/** Makes the link. The lines that go in passed a gate. */
export function httpLink(parts: Omit<HttpClientParts, 'give' | 'lost'>): Link {
  const { source, give, finish } = filled(() => client.end());
  const client = httpClient({ ...parts, give: (octets) => give(onOneLine(octets)), lost: finish });
  const splitter = splitMessages({ longest: 2 * parts.longest }); // what a gate adds may make it longer

  async function send(): Promise<void> {
    for (let one = splitter.next(); one !== undefined; one = splitter.next()) if (one.ok) await client.send(one);
  }

  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      splitter.push(chunk);
      send().then(() => done(), done);
    },
    final: (done) => {
      const look = (): void => {
        if (client.waiting() > 0 && !source.destroyed) setTimeout(look, 20);
        else {
          client.end();
          finish();
        }
      };
      look();
      done();
    },
  });
  const cut = (): void => {
    client.end();
    source.destroy();
    sink.destroy();
  };
  return { source, sink, cut };
}
