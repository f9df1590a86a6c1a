// The channel behind a recorded handshake, read by a key log: made of the published vectors.
import { describe, expect, it } from 'vitest';
import { drawInspection } from '../../src/cli/inspect/draw.ts';
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
function inspected(name: string, log: string | undefined, change = (octets: Uint8Array, _: Role) => octets) {
  const fileFor = (sender: Role) => ({
    name: sender,
    octets: concat(
      ...types[sender].map((type) => vectors.message(base, type)),
      change(fromHex(streamOf(name, sender).octets), sender),
    ),
  });
  const options = { suite: noble, keyLog: log === undefined ? undefined : { name: 'log', text: log } };
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
    expect(handshakes[0]).toMatchObject({ channel: [], sealed: [] });
  });
});

/** Streams of a channel without a key log, of which the octets may be changed. */
const sealed = (name: string, change?: Parameters<typeof inspected>[2], log?: string) =>
  inspected(name, log, change).handshakes[0]?.sealed ?? [];

describe('a channel in a recording, without its keys', () => {
  it.each(['whole', 'own-ratchets'])('is cut into its records, behind the commitments of new roots too: %s', (name) => {
    for (const { sender, count, records, commitments, end, offset } of sealed(name)) {
      const { types: kinds, octets } = streamOf(name, sender);
      expect(count).toBe(kinds.length);
      expect(records.map(({ number }) => number)).toEqual(kinds.map((_, i) => i + 1));
      for (const [i, type] of kinds.entries()) expect(records[i]?.types).toContain(type);
      const switches = records.filter(({ types: [first, ...others] }) => first === 'switch' && others.length === 0);
      expect(switches.map(({ number }) => kinds[number - 1])).toEqual(kinds.filter((type) => type === 'switch'));
      expect(commitments).toEqual([0, ...switches.map(({ offset: at, length }) => at + 2 + length)]);
      expect([end.end, offset]).toEqual(['unknown', octets.length / 2]);
    }
    expect(sealed(name).map(({ sender }) => sender)).toEqual(['initiator', 'responder']);
  });

  it('has records with a place, a length and the types that this length can have', () => {
    const [initiator, responder] = sealed('own-ratchets');
    expect(initiator?.records[0]).toEqual({
      ...{ number: 1, offset: 32, length: 20, inside: 3, types: ['data', 'handshake'] },
    });
    expect(initiator?.records[2]?.types).toEqual(['data', 'close', 'ratchet', 'switch']);
    expect(responder?.records[2]?.types).toEqual(['data', 'close', 'ratchet', 'request', 'switch']);
  });

  it.each([
    [0, 'unknown', 'behind a whole record that may be close', 0],
    [1, 'cut', 'within a record', 18],
    [17, 'cut', 'within a record', 2],
    [18, 'cut', 'within a record', 1],
    [38 + 23, 'unknown', 'behind a whole record that is no close unless it has padding', 0],
    [148, 'cut', 'behind a commitment: close is missing', 0],
    [149, 'cut', 'within a commitment', 31],
    [179, 'cut', 'within a commitment', 1],
  ])('says where a stream ends that lacks its last %i octets: %s %s', (octets, end, detail, left) => {
    const length = streamOf('own-ratchets', 'initiator').octets.length / 2 - octets;
    for (const one of sealed('own-ratchets', (stream) => stream.subarray(0, length)))
      expect([one.end, one.offset]).toEqual([{ end, detail }, length - left]);
  });

  it('is cut behind the commitment of a new root too: close is missing', () => {
    const [{ commitments, records } = { commitments: [], records: [] }] = sealed('whole');
    const behindCommitment = (commitments.at(-1) ?? 0) + 32;
    const cutAt = (octets: number) => sealed('whole', (stream) => stream.subarray(0, octets))[0];
    expect(cutAt(behindCommitment)).toMatchObject({
      ...{ offset: behindCommitment, end: { detail: 'behind a commitment: close is missing' } },
    });
    const close = records.at(-1)?.offset ?? 0;
    expect(cutAt(close + 1)).toMatchObject({ commitments, offset: close, end: { detail: 'within a record' } });
  });

  it('ends at a length that no record has', () => {
    const [initiator] = sealed('own-ratchets', (stream) => stream.map((octet, i) => (i === 54 ? 0xff : octet)));
    expect(initiator).toMatchObject({ count: 1, offset: 54, end: { end: 'refused', code: 'record-length' } });
  });

  it('is nothing where the octets behind the handshake have no such lengths', () => {
    const text = new Uint8Array(60).fill(0x78);
    expect(sealed('whole', () => text)).toEqual([]);
  });

  it('shows when a key log has nothing of the handshake, and does not when it has', () => {
    expect(sealed('whole', undefined, '# nothing\n').map(({ count }) => count)).toEqual([14, 12]);
    expect(sealed('whole', undefined, whole)).toEqual([]);
  });

  it('is no fault: only keys tell whether the octets are a channel, and whether it was closed', () => {
    expect(faultsOf(inspected('whole', undefined, (stream) => stream.subarray(0, 5_000)))).toEqual([]);
  });

  it('is shown in lines: the first records one by one, the others counted', () => {
    const linesOf = (change?: Parameters<typeof inspected>[2]) =>
      drawInspection(inspected('own-ratchets', undefined, change), {}).filter((line) => typeof line === 'string');
    expect(linesOf((stream) => stream.subarray(0, 60))).toEqual(
      expect.arrayContaining([
        ' ! initiator, read as a channel without its keys: 1 record with 3 octets of content and padding; cut: within a record (octet 54)',
        '          1  octet 32, length 20, 3 octets inside: data, handshake, or another type with padding',
      ]),
    );
    const many = linesOf((stream) => concat(stream.slice(0, 32), ...Array(150).fill(stream.slice(32, 54))));
    expect(many.filter((line) => line.includes('inside: '))).toHaveLength(200);
    expect(many).toContain('        50 more');
  });
});
