import * as crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dataOf, keep, pairOf, settle, text } from '../../properties/channelSides.ts';
import { native } from '../../src/crypto/native.ts';
import { noble } from '../../src/crypto/noble.ts';
import { initiator, responder } from '../../src/handshake/handshake.ts';
import { concat } from '../../src/octets.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';

describe.each([noble, native(crypto)])('on $name', (suite) => {
  it('data goes both ways, through ratchets, inner handshakes and padding, until both have closed', () => {
    const pair = pairOf({ suite, padding: 'power-of-two' });
    const { initiator: i, responder: r } = pair;
    const long = Uint8Array.from({ length: 40_000 }, (_, at) => at & 0xff);
    keep(i, i.channel.send(text('one ')));
    keep(r, r.channel.send(long));
    settle(pair);
    keep(i, i.channel.ratchet());
    keep(i, i.channel.send(text('two ')));
    keep(i, i.channel.startHandshake());
    keep(r, r.channel.send(text('meanwhile')));
    settle(pair);
    expect(i.channel.standing()).toMatchObject({ epoch: 1, innerHandshake: 'possible', failure: undefined });
    expect(r.channel.standing()).toMatchObject({ epoch: 1, innerHandshake: 'possible', failure: undefined });
    keep(r, r.channel.requestHandshake());
    settle(pair);
    expect(i.events.at(-1)).toEqual({ event: 'handshakeRequested' });
    keep(i, i.channel.send(text('three')));
    keep(i, i.channel.close());
    keep(r, r.channel.send(text('!')));
    settle(pair);
    keep(r, r.channel.close());
    settle(pair);
    expect(dataOf(r)).toEqual(text('one two three'));
    expect(dataOf(i)).toEqual(concat(long, text('meanwhile!')));
    expect(i.channel.standing()).toMatchObject({ sending: 'closed', receiving: 'closed', failure: undefined });
    expect(i.channel.export('x', text('c'), 32)).toEqual(r.channel.export('x', text('c'), 32));
  });

  it('a real handshake runs inside', () => {
    const of = (name: string) => ({
      credentials: credentialsFor(suite, name),
      trustAnchors: [anchorFor(suite)],
      time,
      suite,
    });
    const outer = converse(
      initiator({ ...of('alice'), expectedPeer: 'bob' }),
      responder({ ...of('bob'), expectedPeer: 'alice' }),
    );
    if (outer.initiator.status !== 'completed' || outer.responder.status !== 'completed') throw new Error('failed');
    const pair = pairOf(
      {
        suite,
        session: outer.initiator.session,
        innerHandshake: (expectedPeer) => initiator({ ...of('alice'), expectedPeer }),
      },
      {
        suite,
        session: outer.responder.session,
        innerHandshake: (expectedPeer) => responder({ ...of('bob'), expectedPeer }),
      },
    );
    keep(pair.initiator, pair.initiator.channel.startHandshake());
    keep(pair.initiator, pair.initiator.channel.send(text('old key')));
    settle(pair);
    expect(pair.initiator.channel.standing()).toMatchObject({ epoch: 1, failure: undefined });
    expect(pair.responder.channel.standing()).toMatchObject({ epoch: 1, failure: undefined });
    expect(dataOf(pair.responder)).toEqual(text('old key'));
  });
});
