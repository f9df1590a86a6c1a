// The stage on which a script plays: the connection, the peer's standard input and output, and the timers.
import type { Duplex } from 'node:stream';
import type { ChannelProgress } from '../../../channel/channel.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Case } from '../case.ts';
import type { Forger, Part } from '../channel/forger.ts';
import type { ChannelObservation } from '../channel/judge.ts';
import type { ChannelPart, RecordCounts, Stage } from '../channel/script.ts';
import type { Patience } from './conversation.ts';
import { type Collected, collected, compared } from './octets.ts';
import type { Application } from './peer.ts';
import { Left, waiting } from './waiting.ts';
import { reset, sleep, wire } from './wire.ts';

/** A stage, and what those around the script need of it. */
export interface Playing {
  readonly stage: Stage;
  /** Goes on from the handshake: what the tester still has to send, and what came behind the peer's last message. */
  readonly begin: (held: Bytes, rest: Bytes) => void;
  readonly type: (data: Bytes) => void;
  /** The peer has delivered something. */
  readonly changed: () => void;
  /** Whether the peer ends the connection in so many milliseconds. */
  readonly closing: (milliseconds: number) => Promise<boolean>;
  /** What came until now was under way when the fault was. */
  readonly forgive: () => void;
  readonly hangUpGently: (milliseconds: number) => Promise<void>;
  readonly observed: () => Omit<ChannelObservation, 'problem' | 'unsupported'>;
}

/** Sets the stage for a case, with a channel that has just been opened. */
export function staging(
  stream: Duplex,
  application: Application,
  forging: Forger,
  test: Case & { readonly channel: ChannelPart },
  { patience, limits }: { readonly patience: Patience; readonly limits: RecordCounts },
  output: Collected,
): Playing {
  const { channel } = forging;
  const came = collected();
  const data = compared();
  const delivers = collected();
  const kept: Part[] = [];
  let ratchets = 0;
  let holding = false;
  let peerHasClosed = false;
  let epochs = 0;
  let begun = 0;
  let faulted = false;
  let sentAfter = 0;
  let closed: ChannelObservation['closed'];

  /** What the tester's channel says of the peer. */
  const wrong = (): string | undefined => {
    const { failure } = channel.standing();
    if (failure === undefined || faulted) return undefined;
    if (failure.code === 'truncated') return 'it ended the connection before it closed its direction';
    return `what it sent is not right: ${failure.code}: ${failure.message}`;
  };
  const { changed, until: untilIt, holdsIn } = waiting(2 * patience.deadline, wrong);
  const until = (holds: () => boolean, undone: string): Promise<void> =>
    untilIt(() => holds() || (faulted && closed !== undefined), undone);
  const line = wire(stream, test.segments ?? ((octets) => [octets]), patience.quiet);

  async function put(octets: Bytes): Promise<void> {
    let done = false;
    void line.put(octets).then(() => {
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
      if (one.event === 'data') data.came(one.data);
      else if (one.event === 'ratcheted' && one.direction === 'received') ratchets += 1;
      else if (one.event === 'peerClosed') peerHasClosed = true;
      else if (one.event === 'rehandshaken') epochs = one.epoch;
    }
  }

  function receive(chunk: Bytes): void {
    came.add(chunk);
    if (faulted) sentAfter += chunk.length;
    const progress = channel.receive(chunk);
    take(progress);
    const parts = forging.parts(progress);
    if (holding) kept.push(...parts);
    else if (parts.length > 0) void line.put(sealed(parts));
    changed();
  }

  const over = (how: 'end' | 'reset') => (): void => {
    closed ??= how;
    take(channel.endOfInput());
    changed();
  };

  /** Waits for something that a conforming peer may leave undone: then the case does not apply to it. */
  const applying = (holds: () => boolean, undone: string, unless: string | undefined): Promise<void> =>
    until(holds, undone).catch((error: unknown) => {
      throw unless === undefined || wrong() !== undefined ? error : new Left('unsupported', unless);
    });

  const delivered = (): Promise<void> =>
    until(() => output.length() >= delivers.length(), `it did not deliver all of ${delivers.length()} octets`);
  const type = (octets: Bytes): void => {
    data.given(octets);
    if (application.input.writable) application.input.write(octets);
  };

  async function heard(): Promise<void> {
    await until(data.isWhole, `it did not send all of ${data.length()} octets that its application gave it`);
    const at = data.wrongAt();
    if (at !== undefined)
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
    limits,
    received: came.octets,
    ratchets: () => ratchets,
    send: async (octets, padding) => {
      delivers.add(octets);
      await act(channel.send(octets, padding));
    },
    act,
    put: async (octets, more = new Uint8Array()) => {
      delivers.add(more);
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
    begin: (held, rest) => {
      line.withNext(held);
      stream.on('data', receive);
      stream.on('end', over('end')).on('close', over('end')).on('error', over('reset'));
      if (rest.length > 0) receive(rest);
      stream.resume();
    },
    type,
    changed,
    closing: (milliseconds) => holdsIn(milliseconds, () => closed !== undefined),
    forgive: () => {
      sentAfter = 0;
    },
    hangUpGently: async (milliseconds) => {
      stream.end();
      await holdsIn(milliseconds, () => closed !== undefined);
    },
    observed: () => ({ faulted, closed, sentAfter, delivers: delivers.octets() }),
  };
}
