// Handshakes that worker threads compute: the same as those of the thread that listens, and what becomes of secrets and crashes.
import { once } from 'node:events';
import { type Socket, connect as tcpConnect } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import { noble } from '../../../src/crypto/noble.ts';
import type { Suite } from '../../../src/crypto/suite.ts';
import { initiator } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { connect, type Listener, type ListenOptions, listen, type TcpResult } from '../../../src/node/transport/tcp.ts';
import { anchorFor, credentialsFor, time } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';

const native = chooseSuite();
const who = (name: string, suite: Suite = native) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

interface Serving {
  readonly listener: Listener;
  readonly results: TcpResult[];
  readonly errors: unknown[];
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Serving> {
  const [results, errors]: [TcpResult[], unknown[]] = [[], []];
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0, workers: 1 },
    onHandshake: (result) => {
      if (result.ok) open.push({ close: () => result.stream.destroy() });
      result.channel?.on('error', () => {});
      results.push(result);
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  open.push(listener);
  return { listener, results, errors };
}

const dial = (listener: Listener, name = 'alice', more = {}) => connect({ ...who(name), ...listener.address, ...more });

describe.each([native, noble])('with a worker, on $name', (suite) => {
  it('both sides get the same session and exports, and the listener the peer with its vouchers', async () => {
    const { listener, results } = await serve(who('bob', suite));
    const mine = await dial(listener);
    if (!mine.ok) throw new Error(mine.failure.message);
    await eventually(() => expect(results).toHaveLength(1));
    const [theirs] = results;
    if (!theirs?.ok) throw new Error('the responder failed');
    expect(theirs.session.identifier).toEqual(mine.session.identifier);
    expect(theirs.session.export('x', new Uint8Array(), 32)).toEqual(mine.session.export('x', new Uint8Array(), 32));
    expect(theirs.session.peer).toMatchObject({ displayName: 'CN=alice' });
    expect(theirs.session.peer.vouchers[0]?.names).toContain('alice');
    mine.stream.destroy();
  });
});
