// The channel behind a recorded handshake, read by a key log: made of the published vectors.
import { describe, expect, it } from 'vitest';
import { noble } from '../../src/crypto/noble.ts';
import { connectionOf } from '../../src/handshake/keyLog.ts';
import { faultsOf, inspect } from '../../src/inspect/inspect.ts';
import { concat, fromHex } from '../../src/octets.ts';
import type { Role } from '../../src/role.ts';
import { fileOf, vectors } from '../lab/vectors/files.ts';

const types = { initiator: [1, 3, 5, 7], responder: [2, 4, 6, 8] } as const;
const base = vectors.handshake('handshakes/default');

function streamOf(name: string, sender: Role) {
  const found = fileOf('channel').cases.find(({ id }) => id === `channel/stream/${name}/${sender}`);
  if (found?.layer !== 'stream') throw new Error(`no stream ${name}`);
  return found;
}

/** The lines of a key log for handshake vectors. */
const logOf = (...ids: readonly string[]): string =>
  ids
    .map((id) => {
      const of = vectors.handshake(id);
      return `PQUAKE_K_SESSION ${connectionOf(vectors.message(of, 1))} ${of.values.k_session}\n`;
    })
    .join('');

/** Both directions of a handshake with a channel behind it, of which the octets may be changed. */
function inspected(name: string, log: string, change = (octets: Uint8Array, _: Role) => octets) {
  const fileFor = (sender: Role) => ({
    name: sender,
    octets: concat(
      ...types[sender].map((type) => vectors.message(base, type)),
      change(fromHex(streamOf(name, sender).octets), sender),
    ),
  });
  const options = { suite: noble, keyLog: { name: 'log', text: log } };
  return inspect([fileFor('initiator'), fileFor('responder')], options);
}

const inner = streamOf('whole', 'initiator').inner;
const whole = logOf('handshakes/default', ...inner);
const faults = (...words: Parameters<typeof inspected>) =>
  faultsOf(inspected(...words)).filter((line) => line.includes('channel'));

describe('a channel in a recording', () => {
  it('is read through ratchets and inner handshakes, by the lines that handshakes write', () => {
    const { channel } = inspected('whole', whole).handshakes[0] ?? { channel: [] };
    for (const { sender, records, data, end, offset } of channel) {
      const stream = streamOf('whole', sender);
      const total = Object.values(records).reduce((sum, number) => sum + number, 0);
      expect(total).toBe(stream.types.length);
      expect(records.switch).toBe(2);
      expect(data).toBe(stream.delivered.length / 2);
      expect([end, offset]).toEqual([{ end: 'closed' }, stream.octets.length / 2]);
    }
    expect(channel.map(({ sender }) => sender)).toEqual(['initiator', 'responder']);
    expect(faults('whole', whole)).toEqual([]);
  });

  it('says where a stream is cut', () => {
    const cutBy = (octets: number) =>
      faults('own-ratchets', whole, (stream) => stream.subarray(0, stream.length - octets));
    const length = streamOf('own-ratchets', 'initiator').octets.length / 2;
    const close = 2 + 1 + 16;
    expect(cutBy(close)).toEqual([
      `initiator: the channel is cut at octet ${length - close}: close is missing`,
      `responder: the channel is cut at octet ${length - close}: close is missing`,
    ]);
    expect(cutBy(1)[0]).toBe(`initiator: the channel is cut at octet ${length - close}: within a record`);
  });

  it('says what a peer refuses, and where', () => {
    const changed = faults('own-ratchets', whole, (stream, sender) =>
      sender === 'initiator' ? stream.map((octet, i) => (i === 40 ? octet ^ 1 : octet)) : stream,
    );
    expect(changed).toEqual([
      expect.stringMatching(/^initiator: the channel is refused at octet 32: a record does not open/),
    ]);
    const longer = faults('own-ratchets', whole, (stream) => concat(stream, Uint8Array.of(0)));
    expect(longer[0]).toContain('octets follow the end of a direction');
  });

  it('stops behind a switch to a root that the log does not have', () => {
    expect(faults('whole', logOf('handshakes/default'))).toEqual([
      expect.stringContaining('initiator: the channel is unknown'),
      expect.stringContaining('responder: the channel is unknown'),
    ]);
  });

  it('is not seen in octets that do not commit to the root', () => {
    const { handshakes } = inspected('whole', whole, (stream) => stream.map((octet) => octet ^ 1));
    expect(handshakes[0]?.channel).toEqual([]);
  });
});
