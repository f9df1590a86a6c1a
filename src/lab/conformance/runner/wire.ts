// The tester's direction of a connection that goes on with a channel: octets in turn, cut as a case wants them.
import type { Duplex } from 'node:stream';
import { type Bytes, concat } from '../../../octets.ts';
import type { Piece } from '../case.ts';

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export interface Wire {
  /** Octets that go out with the next ones. */
  readonly withNext: (octets: Bytes) => void;
  /** Puts octets behind those that wait. Resolves when the transport has taken them: never, when the peer does not read. */
  readonly put: (octets: Bytes) => Promise<void>;
}

/** `quiet` is the length of a pause that has no other. */
export function wire(stream: Duplex, cut: (octets: Bytes) => readonly Piece[], quiet: number): Wire {
  let held: Bytes = new Uint8Array();
  let writing: Promise<void> = Promise.resolve();

  function write(octets: Bytes): Promise<void> {
    return new Promise((resolve) => {
      if (!stream.writable) resolve();
      else stream.write(octets, () => setImmediate(resolve));
    });
  }

  async function perform(piece: Piece): Promise<void> {
    if (piece instanceof Uint8Array) await write(piece);
    else if (typeof piece !== 'string') await sleep(piece.pause === 'quiet' ? quiet : piece.pause);
  }

  return {
    withNext: (octets) => {
      held = octets;
    },
    put: (octets) => {
      const pieces = cut(concat(held, octets));
      held = new Uint8Array();
      writing = writing.then(async () => {
        for (const piece of pieces) await perform(piece);
      });
      return writing;
    },
  };
}

/** Ends a connection so that the other side sees an error, where the transport can. */
export function reset(stream: Duplex): void {
  if ('resetAndDestroy' in stream && typeof stream.resetAndDestroy === 'function') stream.resetAndDestroy();
  else stream.destroy();
}
