// Plays a case of the channel with a peer: the handshake, the script on a stage, and what is to be seen after it.
import type { Duplex } from 'node:stream';
import { channelLimits } from '../../../generated/channel.ts';
import type { ReadingChoice } from '../../../generated/keySchedule.ts';
import type { Handshake, Progress } from '../../../handshake/handshake.ts';
import type { Session } from '../../../handshake/session.ts';
import { type Bytes, concat } from '../../../octets.ts';
import type { Case } from '../case.ts';
import { forger } from '../channel/forger.ts';
import { handshakeWith } from '../channel/handshakes.ts';
import type { ChannelObservation } from '../channel/judge.ts';
import type { ChannelPart, RecordCounts } from '../channel/script.ts';
import { type Material, peerName } from '../material.ts';
import type { Patience } from './conversation.ts';
import { afterDeadline } from './deadline.ts';
import { collected } from './octets.ts';
import type { Application } from './peer.ts';
import { type Playing, staging } from './stage.ts';
import { Left } from './waiting.ts';

export interface PlayOptions {
  readonly material: Material;
  readonly reading: ReadingChoice;
  readonly patience: Patience;
  /** How many records may come under one key; by default as the specification has it. */
  readonly limits?: RecordCounts | undefined;
}

/** A handshake that completed: octets that came behind it, and a message of the tester's that still waits. */
interface Met {
  readonly session: Session;
  readonly rest: Bytes;
  readonly held: Bytes;
}

/** Runs the handshake. With `joined` the tester's last message is held for what follows it, unless the peer waits for it. */
function meet(stream: Duplex, handshake: Handshake, joined: boolean, { deadline, quiet }: Patience): Promise<Met> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let held: Bytes = new Uint8Array();
    let release: NodeJS.Timeout | undefined;
    let callOff: () => void = () => {};

    const done = (then: () => void): void => {
      callOff();
      clearTimeout(release);
      stream.off('data', onData).off('end', onEnd).off('close', onEnd);
      stream.pause();
      then();
    };
    const fail = (why: string): void => done(() => reject(new Left('failed', `before the channel: ${why}`)));
    const onEnd = (): void => fail('it closed the connection in the handshake');
    const letGo = (): void => {
      const octets = held;
      held = new Uint8Array();
      stream.write(octets);
    };

    /** The messages for one write; the last one of all is kept back. */
    function due(messages: Progress['send']): Bytes {
      sent += messages.length;
      const last = sent === 4 && joined ? messages.at(-1) : undefined;
      if (last !== undefined) {
        held = last.octets;
        release = setTimeout(letGo, quiet);
      }
      return concat(...messages.filter((one) => one !== last).map(({ octets }) => octets));
    }

    function take({ send, outcome }: Progress): void {
      const octets = due(send);
      callOff();
      if (outcome.status === 'awaiting')
        callOff = afterDeadline(2 * deadline, () => fail(`its message ${outcome.message} did not come`));
      else if (outcome.status === 'failed') fail(`${outcome.failure.code}: ${outcome.failure.message}`);
      else done(() => resolve({ session: outcome.session, rest: outcome.rest, held }));
      if (octets.length > 0) stream.write(octets); // what it answers may come before this returns
    }

    const onData = (chunk: Uint8Array): void => take(handshake.receive(chunk));
    stream.on('data', onData).on('end', onEnd).on('close', onEnd);
    take(handshake.start());
  });
}

/** Octets that the peer's application sends after a fault. None of them may come. */
const afterFault = new Uint8Array(64).fill(0x61);

/** After the fault: the peer has to close. One that does not at once is given something to send. */
async function breakingOff(
  { closing, forgive, type }: Playing,
  busy: boolean,
  { quiet, deadline }: Patience,
): Promise<void> {
  const atOnce = await closing(quiet);
  if (busy) forgive();
  if (atOnce) return;
  type(afterFault);
  await closing(deadline);
}

/** What was seen, and what the peer delivered until now. */
export interface Played {
  readonly seen: ChannelObservation;
  readonly output: () => Bytes;
}

/** Plays a case until nothing more can be observed, then closes the connection. */
export async function play(
  stream: Duplex,
  application: Application,
  test: Case & { readonly channel: ChannelPart },
  { material, reading, patience, limits = channelLimits }: PlayOptions,
): Promise<Played> {
  const output = collected();
  let playing: Playing | undefined;
  const deliver = (chunk: Uint8Array): void => {
    output.add(chunk);
    playing?.changed();
  };
  application.input.on('error', () => {}); // the peer has ended
  application.output.on('data', deliver).on('error', () => {});
  stream.on('error', () => {}); // a reset is followed by `close`
  const left: { failed?: string; unsupported?: string } = {};
  try {
    const outer = handshakeWith(test, material.tester, material, reading, peerName);
    const { session, rest, held } = await meet(stream, outer, test.channel.joined === true, patience);
    const identity = test.channel.innerIdentity?.(material) ?? material.tester;
    const { suite } = material;
    const innerHandshake = (accept: Parameters<typeof handshakeWith>[4]): Handshake =>
      handshakeWith(test, identity, material, reading, accept);
    playing = staging(
      stream,
      application,
      forger({ session, suite, innerHandshake }),
      test,
      { patience, limits },
      output,
    );
    playing.begin(held, rest);
    await test.channel.script(playing.stage);
    const { expected } = test;
    if (expected.outcome === 'breaks off') await breakingOff(playing, expected.busy === true, patience);
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    left[error.verdict] = error.message;
  }
  application.input.end();
  if (left.failed === undefined && test.expected.outcome === 'carries') await playing?.hangUpGently(patience.quiet);
  stream.destroy();
  const observed = playing?.observed() ?? {
    faulted: false,
    closed: undefined,
    sentAfter: 0,
    delivers: new Uint8Array(),
  };
  return { seen: { ...observed, problem: left.failed, unsupported: left.unsupported }, output: output.octets };
}
