// From the octets of one or two files to a description of the handshakes in them.

import type { Suite } from '../crypto/suite.ts';
import { messageTable } from '../generated/codec.ts';
import { sizes } from '../generated/constants.ts';
import type { ReadingChoice } from '../generated/keySchedule.ts';
import type { MessageName } from '../generated/messages.ts';
import { connectionOf } from '../handshake/keyLog.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { otherRole, type Role } from '../role.ts';
import { type Analysis, analyse } from './analysis.ts';
import { behindOf, channelOf, type RecordedStream } from './channel.ts';
import { type Ending, type Frame, type Frames, framesOf, looksLikeMessages, senderOf } from './frames.ts';
import { readInput, recordings } from './input.ts';
import { type KeyLog, readKeyLog } from './keyLog.ts';
import { describeProblem, type Problem, problemAt, shortened } from './problem.ts';
import { type SealedStream, sealedChannelOf } from './sealed.ts';
import type { ByteStream, Connection } from './tcp.ts';

/** One file: its name and its content. */
export interface NamedFile {
  readonly name: string;
  readonly octets: Bytes;
}

/** The logs, secrets and readings by which files are inspected. */
export interface InspectOptions {
  readonly suite: Suite;
  /** A key log: its name and its text. */
  readonly keyLog?: { readonly name: string; readonly text: string } | undefined;
  /** `ss_pre`; with it, the origin of `k_hid` can be told. */
  readonly preSharedSecret?: Bytes | undefined;
  /** Readings to try; all of those axes that are not named. */
  readonly reading?: Partial<ReadingChoice> | undefined;
}

/** A problem, and the file in which it is. */
export interface FileProblem {
  readonly file: string;
  readonly problem: Problem;
}

/** One handshake as it was recorded. */
export interface RecordedHandshake {
  /** The two ends in a capture, the initiator's first. */
  readonly ends: readonly [string, string] | undefined;
  /** The end of `pk_e`, by which key logs name the handshake; `undefined` when message 1 was not recorded whole. */
  readonly connection: string | undefined;
  /** In the order of the capture; for two files, in an order that the protocol permits. */
  readonly frames: readonly Frame[];
  readonly endings: readonly Ending[];
  readonly notes: readonly string[];
  readonly analysis: Analysis | undefined;
  /** The channel behind it, where the key log has `k_session` and a side sent its commitment. */
  readonly channel: readonly RecordedStream[];
  /** What its framing tells where the key log does not have `k_session`, or there is none. */
  readonly sealed: readonly SealedStream[];
}

/** The description of the files. */
export interface Inspection {
  readonly handshakes: readonly RecordedHandshake[];
  readonly notes: readonly string[];
  readonly problems: readonly FileProblem[];
}

const fileStream = (octets: Bytes): ByteStream => ({ octets, arrivalOf: () => undefined, notes: [] });

/** Describes one file with one direction, both, or a capture; or two files with one direction each. No content makes it throw. */
export function inspect(files: readonly NamedFile[], options: InspectOptions): Inspection {
  const inputs = files.map(({ name, octets }) => ({ name, input: readInput(octets) }));
  const problems = inputs.flatMap(({ name, input }) => input.problems.map((problem) => ({ file: name, problem })));
  const log = options.keyLog === undefined ? undefined : readKeyLog(options.keyLog.text);
  for (const problem of log?.problems ?? []) problems.push({ file: options.keyLog?.name ?? '', problem });
  const judge = (recorded: Recorded): RecordedHandshake => judged(recorded, options, log);

  const captures = inputs.flatMap(({ name, input }) => (input.kind === 'capture' ? [{ name, input }] : []));
  const [capture] = captures;
  if (capture === undefined) {
    const streams = inputs.flatMap(({ input }) =>
      input.kind === 'stream' && input.octets.length > 0 ? [input.octets] : [],
    );
    if (streams.length === 0) return { handshakes: [], notes: [], problems };
    const handshake = judge(fromStreams(streams));
    const [first] = inputs;
    if (handshake.frames.length === 0 && problems.length === 0 && first !== undefined)
      problems.push({ file: first.name, problem: problemAt(0, 'octets with which no message begins', recordings) });
    return { handshakes: [handshake], notes: [], problems };
  }
  if (inputs.length > 1) {
    const problem = {
      at: { offset: 0 },
      found: 'a capture beside another file',
      expected: 'a capture alone, which has both directions',
    };
    return { handshakes: [], notes: [], problems: [...problems, { file: capture.name, problem }] };
  }
  const { connections, notes } = capture.input;
  const { shown, tooMany, passedOver } = choose(connections);
  if (shown.length === 0 && problems.length === 0) {
    const problem = { at: { offset: 0 }, found: 'a capture without octets over TCP', expected: 'a handshake' };
    problems.push({ file: capture.name, problem });
  }
  if (tooMany > 0) {
    const problem = {
      at: { offset: 0 },
      found: `${tooMany} more connections with handshakes or octets`,
      expected: `at most ${limits.recordedHandshakes}`,
    };
    problems.push({ file: capture.name, problem });
  }
  return { handshakes: shown.map((one) => judge(fromConnection(one))), notes: [...notes, ...passedOver], problems };
}

/** The faults that an inspection found, as lines: empty when there are none. */
export function faultsOf({ handshakes, problems }: Inspection): string[] {
  const ofFiles = problems.map(({ file, problem }) => `${file}: ${describeProblem(problem)}`);
  return [...ofFiles, ...handshakes.flatMap(faultsOfOne)];
}

/** The faults of one handshake; that it did not complete counts where no other fault says why. */
function faultsOfOne(handshake: RecordedHandshake): string[] {
  const { frames, endings, analysis } = handshake;
  const faults = [
    ...frames.flatMap(({ name, refused }) => refused.map(({ code, detail }) => `${name}: ${code}: ${detail}`)),
    ...endings.flatMap(({ sender, remainder }) => {
      if (remainder.kind === 'behind') return [];
      const what = remainder.kind === 'incomplete' ? remainder.detail : remainder.refused.detail;
      return [`${sender}: ${remainder.kind} at octet ${remainder.offset}: ${what}`];
    }),
    ...channelFaults(handshake),
    ...(analysis?.verdicts.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`) ?? []),
  ];
  return faults.length === 0 ? unfinishedOf(handshake) : faults;
}

/** Where the streams of a channel are cut, or refused. */
const channelFaults = ({ channel }: RecordedHandshake): string[] =>
  channel.flatMap(({ sender, end, offset }) =>
    end.end === 'closed' ? [] : [`${sender}: the channel is ${end.end} at octet ${offset}: ${end.detail}`],
  );

/** Lines about connections of something else: who looks for a handshake wants to know that they were seen, not each of them. */
const otherConnections = 20;

/** The connections that begin as a handshake does; when none does, the first that carry octets. */
function choose(connections: readonly Connection[]): {
  readonly shown: readonly Connection[];
  /** How many further connections are not shown. */
  readonly tooMany: number;
  readonly passedOver: readonly string[];
} {
  const seen = connections.map((connection) => {
    const streams = connection.streams().map(({ octets }) => octets);
    return {
      connection,
      talks: streams.some((octets) => octets.length > 0),
      isLikely: streams.some((octets) => looksLikeMessages(octets)),
    };
  });
  const talking = seen.filter(({ talks }) => talks).map(({ connection }) => connection);
  const likely = seen.filter(({ isLikely }) => isLikely).map(({ connection }) => connection);
  const chosen = likely.length > 0 ? likely : talking.slice(0, otherConnections);
  const isChosen = new Set(chosen);
  const silent = connections.length - talking.length;
  const others = talking.filter((one) => !isChosen.has(one));
  const lineOf = ({ ends }: Connection): string => `${ends.join(' to ')}: passed over, not a handshake`;
  const shown = chosen.slice(0, limits.recordedHandshakes);
  const passedOver = [
    ...shortened(others, lineOf, otherConnections),
    ...(silent > 0 ? [`${silent} connections without octets`] : []),
  ];
  return { shown, tooMany: chosen.length - shown.length, passedOver };
}

type Recorded = Omit<RecordedHandshake, 'connection' | 'analysis' | 'channel' | 'sealed'>;

const lastMessages: Readonly<Record<Role, MessageName>> = {
  initiator: 'initiatorConfirmation',
  responder: 'responderConfirmation',
};

/**
 * Says where a handshake ended that is not complete; nothing of a complete one. A file with one direction is complete with
 * the last message of its sender; a capture has both directions.
 */
export function unfinishedOf({ ends, frames, endings }: Pick<Recorded, 'ends' | 'frames' | 'endings'>): string[] {
  const last = frames.at(-1);
  if (last === undefined && endings.length > 0) return []; // what stands there instead of a message is said
  const recorded: readonly Role[] =
    ends === undefined ? frames.map(({ sender }) => sender) : ['initiator', 'responder'];
  const missing = [...new Set(recorded)]
    .map((role) => lastMessages[role])
    .filter((name) => !frames.some((frame) => frame.name === name));
  if (missing.length === 0) return [];
  const where =
    last === undefined ? 'before its first message' : `after message ${messageTable[last.name].type}, ${last.name}`;
  return [`the handshake did not complete: it ended ${where}; not recorded: ${missing.join(', ')}`];
}

function endingsOf({ remainder, frames }: Frames, role: Role | undefined): Ending[] {
  if (remainder === undefined) return [];
  return [{ sender: role ?? frames.at(-1)?.sender ?? senderOf(remainder.octets) ?? 'initiator', remainder }];
}

/** One connection of a capture. Its messages come in the order in which they were complete. */
function fromConnection({ ends, streams }: Connection): Recorded {
  const [one, another] = streams();
  const said = senderOf(another.octets);
  const role = senderOf(one.octets) ?? (said === undefined ? 'initiator' : otherRole(said));
  const [first, second] = [framesOf(one, role), framesOf(another, otherRole(role))];
  const frames = [...first.frames, ...second.frames].sort((left, right) => (left.order ?? 0) - (right.order ?? 0));
  return {
    ends: role === 'initiator' ? ends : [ends[1], ends[0]],
    frames,
    endings: [...endingsOf(first, role), ...endingsOf(second, otherRole(role))],
    notes: [
      ...first.notes.map((note) => `${role}: ${note}`),
      ...second.notes.map((note) => `${otherRole(role)}: ${note}`),
    ],
  };
}

/** One file, whose messages say who sent them; or two files with one direction each. */
function fromStreams([one = new Uint8Array(), another]: readonly Bytes[]): Recorded {
  if (another === undefined) {
    const all = framesOf(fileStream(one));
    return { ends: undefined, frames: all.frames, endings: endingsOf(all, undefined), notes: [] };
  }
  const said = senderOf(another);
  const role = senderOf(one) ?? (said === undefined ? 'initiator' : otherRole(said));
  const [first, second] = [framesOf(fileStream(one), role), framesOf(fileStream(another), otherRole(role))];
  return {
    ends: undefined,
    frames: merged(first.frames, second.frames),
    endings: [...endingsOf(first, role), ...endingsOf(second, otherRole(role))],
    notes: [
      'two files do not say in which order the directions spoke: messages are shown in one that the protocol permits',
    ],
  };
}

/** Sorts by type octet: then every message follows those that it depends on. */
function merged(left: readonly Frame[], right: readonly Frame[]): Frame[] {
  const [rest, more, frames]: [Frame[], Frame[], Frame[]] = [[...left], [...right], []];
  for (;;) {
    const [one, another] = [rest[0], more[0]];
    if (one === undefined || another === undefined) return [...frames, ...rest, ...more];
    const takeLeft = messageTable[one.name].type <= messageTable[another.name].type;
    frames.push(takeLeft ? one : another);
    (takeLeft ? rest : more).shift();
  }
}

function judged(
  recorded: Recorded,
  { suite, preSharedSecret, reading = {} }: InspectOptions,
  log?: KeyLog,
): RecordedHandshake {
  const frames = recorded.frames.map((frame) => checkKey(frame, suite));
  const hello = frames.find(({ message }) => message?.type === 'initiatorHello')?.message;
  const connection = hello?.type === 'initiatorHello' ? connectionOf(hello.ephemeralKey) : undefined;
  const behind = behindOf(recorded.endings);
  const closed = { frames, connection, analysis: undefined, channel: [], sealed: sealedChannelOf(behind) };
  if (log === undefined) return { ...recorded, ...closed };
  const logged = connection === undefined ? undefined : log.connections.get(connection);
  if (logged === undefined) {
    const why = connection === undefined ? 'message 1 was not recorded whole' : `it has ${log.connections.size} others`;
    return { ...recorded, ...closed, notes: [...recorded.notes, `the key log has nothing of this handshake: ${why}`] };
  }
  const analysis = analyse(frames, { suite, logged, preSharedSecret, asked: reading });
  const opened =
    logged.k_session === undefined ? {} : { channel: channelOf(suite, behind, logged.k_session, log), sealed: [] };
  return { ...recorded, ...closed, ...opened, frames: frames.map((frame) => withRefusal(frame, analysis)), analysis };
}

/** The modulus check of FIPS 203, section 7.2, on `pk_e`: encapsulating to it does the check. */
function checkKey(frame: Frame, suite: Suite): Frame {
  if (frame.message?.type !== 'initiatorHello') return frame;
  const { ephemeralKey } = frame.message;
  if (suite.encapsulate(ephemeralKey, new Uint8Array(sizes.encapsulationCoins)) !== undefined) return frame;
  const refusal = { code: 'invalid-encapsulation-key', detail: 'pk_e fails the modulus check' } as const;
  return { ...frame, refused: [...frame.refused, refusal] };
}

function withRefusal(frame: Frame, { refusals }: Analysis): Frame {
  const refusal = refusals.get(frame.name);
  return refusal === undefined ? frame : { ...frame, refused: [...frame.refused, refusal] };
}
