// The vectors of the channel, as a consumer has them, with either back end: what is sent, and what is refused.
import { describe, expect, it } from 'vitest';
import { peerNamed } from '../../../properties/channelSides.ts';
import { bytesRecords } from '../../../src/algebra/bytesRecords.ts';
import { type ChannelCode, channelFailureTable } from '../../../src/generated/channel.ts';
import type { SessionKey } from '../../../src/generated/kinds.ts';
import { sessionOf } from '../../../src/handshake/session.ts';
import { openChannel, type Role } from '../../../src/index.ts';
import type { ChannelCase } from '../../../src/lab/vectors/format.ts';
import { concat, fromHex, toHex } from '../../../src/octets.ts';
import { otherRole } from '../../../src/role.ts';
import { fileOf, handshakes, suites, vectors } from './files.ts';

const { cases } = fileOf('channel');
const layer = <L extends ChannelCase['layer']>(name: L) =>
  cases
    .filter((one): one is Extract<ChannelCase, { layer: L }> => one.layer === name)
    .map((one) => [one.id, one] as const);

describe.each(suites.map((suite) => [suite.name, suite] as const))('on %s', (_, suite) => {
  const open = (role: Role, root: string, limits = {}, inner: readonly string[] = []) => {
    const left = [...inner];
    return openChannel({
      session: sessionOf(suite, role, peerNamed(otherRole(role)), fromHex(root) as SessionKey<Uint8Array>),
      ...{ suite, limits },
      innerHandshake: () => vectors.peer(vectors.handshake(left.shift() ?? 'handshakes/default'), role, suite),
    });
  };

  it.each(layer('record'))('%s: sealed and opened', (_id, { key, iv, sequence, type, content, padding, octets }) => {
    const { algebra } = bytesRecords(suite);
    const numbered = { key: fromHex(key) as never, iv: fromHex(iv) as never, sequence };
    const record = { type, content: fromHex(content) } as never;
    expect(toHex(algebra.sealRecord({ ...numbered, record, padding }))).toBe(octets);
    const opened = algebra.openRecord({ ...numbered, octets: fromHex(octets) });
    expect(opened).toMatchObject({ ok: true, value: { type } });
  });

  it.each(layer('refused'))('%s', (_id, { role, root, limits = {}, ends, octets, delivered, code }) => {
    const channel = open(role, root, limits);
    const { events } = channel.receive(fromHex(octets));
    if (ends) channel.endOfInput();
    const data = events.flatMap((one) => (one.event === 'data' ? [one.data] : []));
    expect(channel.standing().failure?.code).toBe(code);
    expect(toHex(concat(...data))).toBe(delivered);
  });

  it.each(layer('stream'))('%s: delivered by the other side, which has the same handshakes inside', (_id, one) => {
    const { sender, root, inner, types, octets } = one;
    const channel = open(otherRole(sender), root, {}, inner);
    const data: Uint8Array[] = [];
    const stream = fromHex(octets);
    for (let at = 0; at < stream.length; at += 19) {
      const { innerHandshake, epoch } = channel.standing();
      if (channel.role === 'initiator' && innerHandshake === 'possible' && epoch < inner.length)
        channel.startHandshake();
      const { events, failure } = channel.receive(stream.subarray(at, at + 19));
      expect(failure).toBeUndefined();
      data.push(...events.flatMap((event) => (event.event === 'data' ? [event.data] : [])));
    }
    expect(toHex(concat(...data))).toBe(one.delivered);
    const switches = types.filter((type) => type === 'switch').length;
    expect(channel.standing()).toMatchObject({ epoch: switches, receiving: 'closed' });
  });
});

it('every failure that a peer can cause has a vector', () => {
  const local: readonly ChannelCode[] = ['rehandshake-timeout', 'channel-abandoned'];
  const shown = new Set(layer('refused').map(([, { code }]) => code));
  const codes = (Object.keys(channelFailureTable) as ChannelCode[]).filter((code) => !local.includes(code));
  expect(codes.filter((code) => !shown.has(code))).toEqual([]);
  expect(handshakes.length).toBeGreaterThan(0);
});
