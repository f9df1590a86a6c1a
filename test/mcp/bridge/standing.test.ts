// Whether the peers of open connections are still trusted.
import { afterEach, describe, expect, it } from 'vitest';
import { type Standings, standings } from '../../../src/mcp/bridge/standing.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import type { ChannelPeer } from '../../../src/node/transport/secured.ts';
import { who } from '../../node/transport/channels.ts';

let open: Standings | undefined;
afterEach(() => open?.close());

describe('a peer whose handshake began before trust was renewed', () => {
  it('is judged by the new trust when the handshake ends, as long as one may take', async () => {
    const { trustAnchors, credentials } = who('alice');
    const certificate = credentials.certificate.octets;
    const peer = { chain: [certificate], certificate: { notAfter: new Date('9999-01-01') } } as unknown as ChannelPeer;
    open = standings(chooseSuite(), 60_000, who('alice').time);
    const ended: string[] = [];
    const add = () => open?.add({ channel: { peer }, end: (code) => ended.push(code) });
    await open.judge({ trustAnchors, expectedPeer: 'alice' });
    add();
    expect(ended).toEqual([]);
    await open.judge({ trustAnchors, expectedPeer: 'carol' });
    expect(ended).toEqual(['unexpected-peer']);
    add();
    expect(ended).toEqual(['unexpected-peer', 'unexpected-peer']);
  });
});
