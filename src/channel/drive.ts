// Drives the transitions of a channel on octets: cuts the stream, performs what happened, wipes what a state left behind.
import { bytesRecords } from '../algebra/bytesRecords.ts';
import type { Peer } from '../certificate/peerNames.ts';
import { secretCopy, wipe } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { type ChannelCode, channelSizes } from '../generated/channel.ts';
import type { SessionKey } from '../generated/kinds.ts';
import { exporterOf } from '../handshake/exporter.ts';
import type { Session } from '../handshake/session.ts';
import { type Bytes, concat } from '../octets.ts';
import { otherRole, type Role } from '../role.ts';
import { allowance } from './allowance.ts';
import type { Channel, ChannelEvent, ChannelProgress, ChannelStanding } from './contract.ts';
import { type ChannelFailure, channelFailure, type Reason } from './failure.ts';
import { type Fed, isSameSubject, mostOctetsOf, type Running, running } from './inner.ts';
import { takePiece } from './intake.ts';
import { firstRoot } from './keys.ts';
import type { ChannelLimits, ChannelOptions, Padding } from './options.ts';
import { checkPadding, paddingOf } from './padding.ts';
import { pieces } from './pieces.ts';
import {
  type ChannelState,
  channelSecrets,
  completeInner,
  type Happening,
  innerStanding,
  openState,
  type Setting,
  type Step,
  sameKeys,
  sendClose,
  sendRecord,
  underWay,
} from './state.ts';

/** What a channel is driven with. The root is copied: the caller wipes its own. */
export interface ChannelParts {
  readonly root: Bytes;
  readonly role: Role;
  readonly peer: Peer;
  readonly suite: Suite;
  readonly padding: Padding;
  readonly limits: ChannelLimits;
  readonly options: Pick<ChannelOptions, 'innerHandshake' | 'judgePeer'>;
}

const { mostContent } = channelSizes;

/** Content cut into parts that fit into records; without content one empty part. */
function partsOf(content: Bytes): readonly Bytes[] {
  if (content.length <= mostContent) return [content];
  const count = Math.ceil(content.length / mostContent);
  return Array.from({ length: count }, (_, i) => content.subarray(i * mostContent, (i + 1) * mostContent));
}

/** Drives one side of a channel. */
export function driveChannel(parts: ChannelParts): Channel {
  const { role, suite, limits } = parts;
  const { innerHandshake, judgePeer = isSameSubject } = parts.options;
  const { algebra, retain } = bytesRecords(suite);
  const setting: Setting<Bytes> = { algebra, limits };
  const input = pieces();
  const purse = allowance(limits.allowance, limits.allowancePerSecond);
  let state: ChannelState<Bytes> = openState(algebra, role, firstRoot(parts.root as SessionKey<Bytes>));
  let { peer } = parts;
  let epoch = 0;
  let handshake: Running | undefined;
  let passedOver = 0;
  let failure: ChannelFailure | undefined;
  let wiped = false;
  let busy = false;
  let output: Bytes[] = [];
  let events: ChannelEvent[] = [];
  retain(channelSecrets(state));

  const { export: exportKey, exportPair } = exporterOf(suite, role, () => {
    if (wiped || failure !== undefined) throw new TypeError('the secrets of the channel were wiped');
    return secretCopy(state.exporter);
  });

  /** Enters a state, and wipes what only the one before held. */
  function enter(next: ChannelState<Bytes>): void {
    const before = state;
    state = next;
    if (!sameKeys(before, next)) retain(channelSecrets(next));
    if (next.inner.inner !== 'underWay' && handshake !== undefined) leaveHandshake();
  }

  function leaveHandshake(): void {
    handshake?.abandon();
    handshake = undefined;
  }

  function perform({ state: next, output: sealed, happened }: Step<Bytes>): void {
    enter(next);
    for (const octets of sealed) output.push(octets);
    for (const one of happened) happen(one);
  }

  function happen(happening: Happening<Bytes>): void {
    if (failure !== undefined) return;
    switch (happening.event) {
      case 'data':
        if (happening.data.length > 0) events.push(happening);
        return;
      case 'inner':
        feed(happening.octets, happening.begins);
        return;
      case 'passedOver':
        passedOver += happening.octets.length;
        if (passedOver > mostOctetsOf(otherRole(role))) failWith('unexpected-handshake');
        return;
      case 'requestIgnored':
        return;
      case 'handshakeRequested':
        if (innerHandshake !== undefined) events.push(happening);
        return;
      case 'peerClosed':
      case 'ratcheted':
        events.push(happening);
    }
  }

  function failWith(code: ChannelCode, reason?: Reason): void {
    failure = channelFailure(code, reason);
    leaveHandshake();
    retain([]);
  }

  const judge = (candidate: Peer): boolean => judgePeer(candidate, peer);

  /** Gives octets to the inner handshake. An error of the application's callbacks fails the channel (PQ-C-24). */
  function feed(octets: Bytes, begins: boolean): void {
    if (innerHandshake === undefined) {
      failWith('unexpected-handshake', { detail: 'none can be made here' });
      return;
    }
    try {
      if (begins) {
        handshake = running(role, innerHandshake, judge);
        handshake.start();
      }
      if (handshake !== undefined) advance(handshake.receive(octets));
    } catch (cause) {
      failWith('inner-handshake-failed', { cause });
    }
  }

  /** Sends what the inner handshake sends, and acts on its end. */
  function advance({ send, sendsLast, end }: Fed): void {
    if (send.length > 0) {
      for (const content of partsOf(concat(...send)))
        perform(sendRecord(setting, state, { type: 'handshake', content }));
    }
    if (sendsLast) enter(underWay(state, true));
    if (end.end === 'failed') {
      const { failure: why } = end;
      failWith('inner-handshake-failed', 'cause' in end ? { handshake: why, cause: end.cause } : { handshake: why });
    } else if (end.end === 'completed') {
      complete(end.session);
      if (end.trailing) failWith('unexpected-handshake');
    }
  }

  function complete(session: Session): void {
    handshake = undefined;
    const sessionKey = session.sessionKey.reveal();
    session.wipe();
    try {
      perform(completeInner(setting, state, sessionKey as SessionKey<Bytes>));
    } finally {
      wipe(sessionKey);
    }
    epoch += 1;
    peer = session.peer;
    events.push({ event: 'rehandshaken', peer, identifier: session.identifier, epoch });
  }

  /** Takes the stream as far as it has come, or until something fails. */
  function takeAll(): void {
    while (failure === undefined) {
      const taken = takePiece(setting, input, state);
      if (taken === undefined) return;
      if (!taken.ok) failWith(taken.code, { detail: taken.detail });
      else if (!purse.spend(taken.value.happened)) failWith('peer-floods');
      else perform(taken.value);
    }
  }

  function progress(): ChannelProgress {
    const done = { output, events, failure };
    output = [];
    events = [];
    return done;
  }

  /** Whether both directions have ended in order. */
  const hasEnded = (): boolean => state.outbound.state === 'closed' && state.inbound.state === 'closed';

  /** Runs a call; after a failure nothing is done any more. @throws TypeError when a callback of the channel calls it */
  function call(act: () => void): ChannelProgress {
    if (busy) throw new TypeError('a callback of the channel called the channel that asks it');
    if (failure !== undefined) return progress();
    busy = true;
    try {
      act();
      return progress();
    } finally {
      busy = false;
    }
  }

  const standingOfInner = (): ChannelStanding['innerHandshake'] =>
    failure !== undefined || innerHandshake === undefined ? 'impossible' : innerStanding(state);

  /** @throws TypeError unless an inner handshake can begin now, from this role */
  function requirePossible(of: Role): void {
    if (role !== of) throw new TypeError(`only the ${of} of a channel does this`);
    const standing = standingOfInner();
    if (standing !== 'possible') throw new TypeError(`an inner handshake is ${standing}`);
  }

  function start(): void {
    requirePossible('initiator');
    if (innerHandshake === undefined) return;
    const made = running(role, innerHandshake, judge);
    handshake = made;
    enter(underWay(state, false));
    advance(made.start());
  }

  function sendData(data: Bytes, padding: Padding): void {
    const all = partsOf(data);
    all.forEach((content, i) => {
      const octets = i === all.length - 1 && padding !== 'none' ? paddingOf(padding, content.length) : 0;
      perform(sendRecord(setting, state, { type: 'data', content }, octets));
    });
  }

  const directionNow = (direction: 'open' | 'closed' | string): ChannelStanding['sending'] => {
    if (direction === 'closed') return 'closed';
    return failure === undefined ? 'open' : 'failed';
  };

  return {
    role,
    receive: (octets, now) =>
      call(() => {
        if (now !== undefined) purse.passTime(now);
        input.push(octets);
        takeAll();
      }),
    send: (data, padding) => call(() => sendData(data, padding === undefined ? parts.padding : checkPadding(padding))),
    close: () =>
      call(() => {
        if (state.outbound.state !== 'closed') perform(sendClose(setting, state));
      }),
    ratchet: () => call(() => perform(sendRecord(setting, state, { type: 'ratchet' }))),
    startHandshake: () => call(start),
    requestHandshake: () =>
      call(() => {
        requirePossible('responder');
        perform(sendRecord(setting, state, { type: 'request' }));
      }),
    endOfInput: (detail) =>
      call(() => {
        if (state.inbound.state !== 'closed') failWith('truncated', { detail });
      }),
    fail: (code, detail) =>
      call(() => {
        if (!hasEnded()) failWith(code, { detail });
      }),
    standing: () => ({
      sending: directionNow(state.outbound.state),
      receiving: directionNow(state.inbound.state),
      innerHandshake: standingOfInner(),
      peer,
      epoch,
      failure,
    }),
    export: exportKey,
    exportPair,
    wipe: () => {
      if (!hasEnded() && failure === undefined) failWith('channel-abandoned');
      wiped = true;
      leaveHandshake();
      retain([]);
    },
  };
}
