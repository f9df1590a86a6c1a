// Lives of channels, for the process whose memory is searched: each carries data, and ends in its own way.
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { type Channel, type ChannelProgress, openChannel } from '../../../src/channel/channel.ts';
import type { ChannelOptions, InnerHandshake } from '../../../src/channel/options.ts';
import type { Suite } from '../../../src/crypto/suite.ts';
import type { Session } from '../../../src/handshake/session.ts';
import { type SecuredStream, secured } from '../../../src/node/transport/secured.ts';
import { type Bytes, concat } from '../../../src/octets.ts';

export interface LifeParts {
  readonly suite: Suite;
  readonly sessions: { readonly i: Session; readonly r: Session };
  readonly inner: { readonly i: InnerHandshake; readonly r: InnerHandshake };
  /** Takes note of a secret that was exported. */
  readonly exported: (octets: Bytes) => Bytes;
}

type Side = 'i' | 'r';

interface Both {
  readonly i: Channel;
  readonly r: Channel;
  /** Delivers what a call of a side brought forth, and what follows, until there is nothing more, or enough. */
  readonly after: (side: Side, progress: ChannelProgress, isEnough?: () => boolean) => void;
}

const data = (octets: number): Uint8Array => new Uint8Array(octets).fill(7);
const other = { i: 'r', r: 'i' } as const;

function bothOf({ suite, sessions, inner }: LifeParts, options: Partial<ChannelOptions> = {}): Both {
  const open = (side: Side): Channel =>
    openChannel({ suite, session: sessions[side], innerHandshake: inner[side], ...options });
  const both = { i: open('i'), r: open('r') };
  function after(side: Side, progress: ChannelProgress, isEnough = (): boolean => false): void {
    const queue = progress.output.map((octets) => ({ to: other[side], octets }));
    for (let next = queue.shift(); next !== undefined && !isEnough(); next = queue.shift()) {
      const { output } = both[next.to].receive(next.octets);
      queue.push(...output.map((octets) => ({ to: other[next.to], octets })));
    }
  }
  return { ...both, after };
}

function expectThat(is: boolean, what: string): void {
  if (!is) throw new Error(`a channel did not do what is searched for: ${what}`);
}

/** Data and ratchets in both directions, exports, and a handshake inside. */
function live({ i, r, after }: Both, { exported }: LifeParts): void {
  for (const [side, channel] of [
    ['i', i],
    ['r', r],
  ] as const) {
    after(side, channel.send(data(40_000)));
    after(side, channel.ratchet());
    after(side, channel.send(data(5)));
    exported(channel.export('memory', new Uint8Array(2), 64)).fill(0);
    const { send, receive } = channel.exportPair('memory', new Uint8Array(2), 32);
    for (const key of [send, receive]) exported(key).fill(0);
  }
  after('i', i.startHandshake());
  for (const { epoch, failure } of [i.standing(), r.standing()])
    expectThat(epoch === 1 && failure === undefined, 'a handshake inside');
  after('r', r.send(data(100)));
}

const endings: Readonly<Record<string, (parts: LifeParts) => void>> = {
  closed: (parts) => {
    const both = bothOf(parts);
    live(both, parts);
    both.after('i', both.i.close());
    both.after('r', both.r.close());
    for (const one of [both.i, both.r]) {
      expectThat(one.standing().failure === undefined && one.standing().sending === 'closed', 'a close');
      one.wipe();
    }
  },
  'failed on both sides': (parts) => {
    const both = bothOf(parts);
    live(both, parts);
    for (const one of [both.i, both.r])
      expectThat(
        one.receive(concat(Uint8Array.of(0, 17), data(17))).failure?.code === 'record-not-opened',
        'a failure',
      );
  },
  'given up in a handshake inside': (parts) => {
    const both = bothOf(parts);
    both.after('r', both.r.send(data(10)));
    both.after('i', both.i.startHandshake(), () => both.r.standing().innerHandshake === 'under way');
    expectThat(both.i.standing().innerHandshake === 'under way', 'an unfinished handshake inside');
    for (const one of [both.i, both.r]) one.wipe();
  },
  'closed in a handshake inside': (parts) => {
    const both = bothOf(parts);
    both.after('i', both.i.startHandshake(), () => both.r.standing().innerHandshake === 'under way');
    both.after('i', both.i.close());
    both.after('r', both.r.close());
    for (const one of [both.i, both.r]) one.wipe();
  },
  'truncated before the peer had switched': (parts) => {
    const both = bothOf(parts);
    live(both, parts);
    const isHalf = (): boolean => both.i.standing().epoch !== both.r.standing().epoch;
    both.after('i', both.i.startHandshake(), isHalf);
    expectThat(isHalf(), 'a handshake that completed on one side');
    for (const one of [both.i, both.r]) expectThat(one.endOfInput().failure?.code === 'truncated', 'a truncation');
  },
  'whose peer was refused': (parts) => {
    const both = bothOf(parts, { judgePeer: () => false });
    both.after('i', both.i.startHandshake());
    expectThat(both.i.standing().failure?.code === 'inner-handshake-failed', 'a refused peer');
    both.r.endOfInput();
  },
};

/** How many lives there are that need no event loop. */
const names = Object.keys(endings);

/** Lives one of the lives of two sessions, whose channels hold no secret afterwards. */
export function channelLife(n: number, parts: LifeParts): void {
  endings[names[n % names.length] ?? '']?.(parts);
}

/**
 * Two channels that go on: they have lived, and then both authenticate again. `renewing` is called before that: what was secret until then
 * serves for nothing any more.
 */
export function keptChannels(parts: LifeParts, renewing: () => void): readonly Channel[] {
  const both = bothOf(parts);
  live(both, parts);
  renewing();
  both.after('i', both.i.startHandshake());
  both.after('i', both.i.send(data(5)));
  expectThat(both.i.standing().epoch === 2 && both.r.standing().epoch === 2, 'a second handshake inside');
  return [both.i, both.r];
}

const closeOf = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.resume().once('close', () => resolve());
  });

/** The same with the streams of Node: closed in order, or destroyed. */
export async function streamLife(n: number, { suite, sessions, inner, exported }: LifeParts): Promise<void> {
  const [near, far] = duplexPair();
  const stream = (side: Side, over: Duplex): SecuredStream => {
    const one = secured({ session: sessions[side], stream: over }, { suite, innerHandshake: inner[side] });
    return one.on('error', () => {}) as SecuredStream;
  };
  const [i, r] = [stream('i', near), stream('r', far)];
  const closed = [i, r].map(closeOf);
  i.write(data(70_000));
  r.write(data(10));
  for (const one of [i, r]) one.ratchet();
  await r.rehandshake();
  exported(i.export('memory', new Uint8Array(3), 32)).fill(0);
  if (n % 2 === 0) for (const one of [i, r]) one.end(data(9));
  else i.destroy();
  await Promise.all(closed);
  expectThat(n % 2 !== 0 || (r.errored === null && r.peer.epoch === 1), 'a stream that ends in order');
}
