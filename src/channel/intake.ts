// Takes the stream of the peer piece by piece: a commitment, or a record.
import { type Checked, passed, refused } from '../failure.ts';
import { type ChannelCode, channelSizes } from '../generated/channel.ts';
import type { Bytes } from '../octets.ts';
import type { Receiving } from './inbound.ts';
import type { Pieces } from './pieces.ts';
import { type ChannelState, onCommitment, onHeader, onRecord, type Setting, type Step } from './state.ts';

const { length: lengthOctets, leastLength, mostLength, commitment: commitmentOctets } = channelSizes;

type Taken = Checked<Step<Bytes>, ChannelCode>;

function takeCommitment(setting: Setting<Bytes>, input: Pieces, state: ChannelState<Bytes>): Taken | undefined {
  const octets = input.peek(commitmentOctets);
  if (octets === undefined) return undefined;
  const taken = onCommitment(setting, state, octets);
  input.drop(commitmentOctets);
  return taken.ok ? passed({ state: taken.value, output: [], happened: [] }) : taken;
}

/** A length out of range is refused as soon as it is there (PQ-C-12). */
function takeRecord(
  setting: Setting<Bytes>,
  input: Pieces,
  state: ChannelState<Bytes>,
  inbound: Receiving<Bytes>,
): Taken | undefined {
  const header = input.peek(lengthOctets);
  if (header === undefined) return undefined;
  const [high = 0, low = 0] = header;
  const length = high * 256 + low;
  if (length < leastLength || length > mostLength)
    return refused('record-length', `found ${length}, expected ${leastLength} to ${mostLength}`);
  const counted = onHeader(setting, inbound);
  if (!counted.ok) return counted;
  const whole = input.peek(lengthOctets + length);
  if (whole === undefined) return undefined;
  const taken = onRecord(setting, state, whole);
  input.drop(lengthOctets + length);
  return taken;
}

/** What the next piece of the stream does, or why it fails; `undefined` when it has not come whole. */
export function takePiece(setting: Setting<Bytes>, input: Pieces, state: ChannelState<Bytes>): Taken | undefined {
  switch (state.inbound.state) {
    case 'closed':
      return input.some() ? refused('octets-after-close') : undefined; // PQ-C-19
    case 'uncommitted':
      return takeCommitment(setting, input, state);
    case 'open':
      return takeRecord(setting, input, state, state.inbound);
  }
}
