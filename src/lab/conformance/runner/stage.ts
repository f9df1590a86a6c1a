// The stage on which a script plays: the connection, the peer's standard input and output, and the timers.
import type { Duplex } from 'node:stream';
import type { ChannelProgress } from '../../../channel/channel.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Case, Piece } from '../case.ts';
import type { Forger, Part } from '../channel/forger.ts';
import type { ChannelObservation } from '../channel/judge.ts';
import type { ChannelPart, Stage } from '../channel/script.ts';
import { seconds } from '../judge.ts';
import type { Patience } from './conversation.ts';
import { afterDeadline } from './deadline.ts';
import type { Application } from './peer.ts';

/** Ends a script: what the peer did not do, or why the case does not apply to it. */
export class Left extends Error {
  readonly verdict: 'failed' | 'unsupported';
  constructor(verdict: 'failed' | 'unsupported', message: string) {
    super(message);
    this.verdict = verdict;
  }
}

/** A stage, and what those around the script need of it. */
export interface Playing {
  readonly stage: Stage;
  /** Goes on from the handshake: what the tester still has to send, and what came behind the peer's last message. */
  readonly begin: (held: Bytes, rest: Bytes) => void;
  readonly type: (data: Bytes) => void;
  /** Whether the peer ends the connection in so many milliseconds. */
  readonly closing: (milliseconds: number) => Promise<boolean>;
  /** What came until now was under way when the fault was. */
  readonly forgive: () => void;
  readonly hangUpGently: (milliseconds: number) => Promise<void>;
  readonly observed: () => Omit<ChannelObservation, 'problem' | 'unsupported'>;
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sets the stage for a case, with a channel that has just been opened. */
export function staging(
  stream: Duplex,
  application: Application,
  forging: Forger,
  test: Case & { readonly channel: ChannelPart },
  patience: Patience,
  output: () => Bytes,
): Playing {
  const { channel } = forging;
  const watchers = new Set<() => void>();
  const came: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  const typed: Uint8Array[] = [];
  const kept: Part[] = [];
  let delivers: Bytes = new Uint8Array();
  let held: Bytes = new Uint8Array();
  let holding = false;
  let peerHasClosed = false;
  let epochs = 0;
  let begun = 0;
  let faulted = false;
  let sentAfter = 0;
  let closed: ChannelObservation['closed'];
  let writing: Promise<void> = Promise.resolve();

  const changed = (): void => {
    for (const watch of [...watchers]) watch();
  };

  function write(octets: Bytes): Promise<void> {
    return new Promise((resolve) => {
      if (!stream.writable) resolve();
      // A write may never complete when the peer does not read. What waits for the peer ends the case then.
      else stream.write(octets, () => setImmediate(resolve));
    });
  }

  async function perform(piece: Piece): Promise<void> {
    if (piece instanceof Uint8Array) await write(piece);
    else if (typeof piece !== 'string') await sleep(piece.pause === 'quiet' ? patience.quiet : piece.pause);
  }

  /** Puts octets on the wire behind those that wait. A peer that does not read holds them up. */
  function queue(octets: Bytes): Promise<void> {
    const all = concat(held, octets);
    held = new Uint8Array();
    const pieces = test.segments?.(all) ?? [all];
    writing = writing.then(async () => {
      for (const piece of pieces) await perform(piece);
    });
    return writing;
  }

  async function put(octets: Bytes): Promise<void> {
    let done = false;
    void queue(octets).then(() => {
      done = true;
      changed();
    });
    await until(() => done, 'it did not read what was sent to it');
  }

  const sealed = (parts: readonly Part[]): Bytes =>
    concat(...parts.flatMap((part) => edit?.(part, forging) ?? [forging.seal(part)]));

  async function act(progress: ChannelProgress): Promise<void> {
    take(progress);
    const octets = sealed(forging.parts(progress));
    if (octets.length > 0) await put(octets);
  }

  /** What a call of the channel told. */
  function take({ events }: ChannelProgress): void {
    for (const one of events) {
      if (one.event === 'data') data.push(one.data);
      else if (one.event === 'peerClosed') peerHasClosed = true;
      else if (one.event === 'rehandshaken') epochs = one.epoch;
    }
  }

  function receive(chunk: Bytes): void {
    came.push(chunk);
    if (faulted) sentAfter += chunk.length;
    const progress = channel.receive(chunk);
    take(progress);
    const parts = forging.parts(progress);
    if (holding) kept.push(...parts);
    else if (parts.length > 0) void queue(sealed(parts));
    changed();
  }

  const over = (how: 'end' | 'reset') => (): void => {
    closed ??= how;
    take(channel.endOfInput());
    changed();
  };

  /** What the tester's channel says of the peer. */
  const wrong = (): string | undefined => {
    const { failure } = channel.standing();
    if (failure === undefined || faulted) return undefined;
    if (failure.code === 'truncated') return 'it ended the connection before it closed its direction';
    return `what it sent is not right: ${failure.code}: ${failure.message}`;
  };

  function until(holds: () => boolean, undone: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (then: () => void): void => {
        callOff();
        watchers.delete(check);
        then();
      };
      const fail = (why: string): void => end(() => reject(new Left('failed', why)));
      const callOff = afterDeadline(2 * patience.deadline, () => {
        check();
        if (watchers.has(check)) fail(`${undone} in ${seconds(2 * patience.deadline)}`);
      });
      const check = (): void => {
        const fault = wrong();
        if (holds() || (faulted && closed !== undefined)) end(resolve);
        else if (fault !== undefined) fail(fault);
      };
      watchers.add(check);
      check();
    });
  }

  /** Waits for something that a conforming peer may leave undone: then the case does not apply to it. */
  const applying = (holds: () => boolean, undone: string, unless: string | undefined): Promise<void> =>
    until(holds, undone).catch((error: unknown) => {
      throw unless === undefined || wrong() !== undefined ? error : new Left('unsupported', unless);
    });

  const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);
  const delivered = (): Promise<void> =>
    until(() => output().length >= delivers.length, `it did not deliver all of ${delivers.length} octets`);
  const type = (octets: Bytes): void => {
    typed.push(octets);
    if (application.input.writable) application.input.write(octets);
  };

  async function heard(): Promise<void> {
    const length = lengthOf(typed);
    await until(() => lengthOf(data) >= length, `it did not send all of ${length} octets that its application gave it`);
    const [found, expected] = [concat(...data), concat(...typed)];
    const at = found.findIndex((octet, i) => octet !== expected[i]);
    if (at >= 0)
      throw new Left('failed', `octet ${at} of the data that it sent is not the one that its application gave it`);
  }

  async function begin(): Promise<void> {
    begun += 1;
    const wanted = begun;
    if (test.peer === 'responder') {
      await act(channel.startHandshake());
      return;
    }
    await act(channel.requestHandshake());
    const started = (): boolean => channel.standing().innerHandshake !== 'possible' || epochs >= wanted;
    await applying(started, '', 'it starts no inner handshake when it is asked for one');
  }

  const stage: Stage = {
    peer: test.peer,
    channel,
    forger: forging,
    received: () => concat(...came),
    send: async (octets, padding) => {
      delivers = concat(delivers, octets);
      await act(channel.send(octets, padding));
    },
    act,
    put: async (octets, more = new Uint8Array()) => {
      delivers = concat(delivers, more);
      await put(octets);
    },
    fault: async (octets) => {
      faulted = true;
      await put(octets);
    },
    faulty: () => {
      faulted = true;
      changed();
    },
    type,
    endTyping: () => void application.input.end(),
    delivered,
    heard,
    peerClosed: (unless) =>
      applying(() => peerHasClosed, 'it did not close its direction when its application did', unless),
    begin,
    switched: () =>
      until(
        () => epochs >= begun && channel.standing().innerHandshake !== 'under way',
        'the inner handshake did not complete with a switch',
      ),
    hold: () => {
      holding = true;
    },
    letGo: async () => {
      holding = false;
      const octets = sealed(kept.splice(0));
      if (octets.length > 0) await put(octets);
    },
    until,
    pause: () => sleep(patience.quiet),
    hangUp: (how) => {
      faulted = true;
      if (how === 'end') stream.end();
      else reset(stream);
    },
    fail: (why) => {
      throw new Left('failed', why);
    },
  };

  const edit = test.channel.edit?.(stage);

  return {
    stage,
    begin: (waiting, rest) => {
      held = waiting;
      stream.on('data', receive);
      stream.on('end', over('end')).on('close', over('end')).on('error', over('reset'));
      if (rest.length > 0) receive(rest);
      stream.resume();
    },
    type,
    closing: async (milliseconds) => {
      if (closed !== undefined) return true;
      return await new Promise((resolve) => {
        const end = (result: boolean): void => {
          callOff();
          watchers.delete(check);
          resolve(result);
        };
        const check = (): void => {
          if (closed !== undefined) end(true);
        };
        const callOff = afterDeadline(milliseconds, () => end(closed !== undefined));
        watchers.add(check);
      });
    },
    forgive: () => {
      sentAfter = 0;
    },
    hangUpGently: async (milliseconds) => {
      stream.end();
      if (closed === undefined)
        await Promise.race([until(() => closed !== undefined, ''), sleep(milliseconds)]).catch(() => {});
    },
    observed: () => ({ faulted, closed, sentAfter, delivers }),
  };
}

/** Ends a connection so that the other side sees an error, where the transport can. */
function reset(stream: Duplex): void {
  if ('resetAndDestroy' in stream && typeof stream.resetAndDestroy === 'function') stream.resetAndDestroy();
  else stream.destroy();
}
