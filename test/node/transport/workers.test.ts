// Handshakes that worker threads compute: the same as those of the thread that listens, and what becomes of secrets and crashes.
import { once } from 'node:events';
import { connect as tcpConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { issueCrl } from '../../../src/certificate/issue/issueCrl.ts';
import { parseRevocationList } from '../../../src/certificate/revocationList.ts';
import { trustStore } from '../../../src/certificate/trustStore.ts';
import { ConfigurationError } from '../../../src/configuration.ts';
import { noble } from '../../../src/crypto/noble.ts';
import type { Suite } from '../../../src/crypto/suite.ts';
import { initiator } from '../../../src/handshake/handshake.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import {
  type ConnectOptions,
  connect,
  type Listener,
  type ListenOptions,
  listen,
  type Renewable,
  type TcpResult,
} from '../../../src/node/transport/tcp.ts';
import type { FromWorker, Port, ToWorker } from '../../../src/node/transport/workers/messages.ts';
import { type Pool, workerPool } from '../../../src/node/transport/workers/pool.ts';
import { given } from '../../../src/node/transport/workers/shared.ts';
import { computeHandshakes } from '../../../src/node/transport/workers/worker.ts';
import type { WorkerError } from '../../../src/node/transport/workers/workerError.ts';
import { anchor, issued, trusting, under } from '../../handshake/authorities.ts';
import { anchorFor, credentialsFor, issuer, issuerSeed, time, valueFrom } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';

const started = vi.hoisted(() => [] as Worker[]);
vi.mock('../../../src/node/transport/workers/worker.ts', async (original) => {
  const real = await original<typeof import('../../../src/node/transport/workers/worker.ts')>();
  const startWorker = (...words: Parameters<typeof real.startWorker>) => {
    const worker = real.startWorker(...words);
    started.push(worker);
    return worker;
  };
  return { ...real, startWorker };
});

const native = chooseSuite();
const who = (name: string, suite: Suite = native) => ({
  ...{ suite, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)], expectedPeer: 'anyone' },
  time: () => time,
});
const psk = Uint8Array.from({ length: 32 }, (_, at) => at + 7);

const open: { close: () => unknown }[] = [];
const closeAll = () => Promise.all(open.splice(0).map((one) => one.close()));

interface Serving {
  readonly listener: Listener;
  readonly results: TcpResult[];
  readonly errors: unknown[];
  readonly messages: string[];
}

async function serve(options: Partial<ListenOptions> = {}): Promise<Serving> {
  const [results, errors, messages]: [TcpResult[], unknown[], string[]] = [[], [], []];
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: 0, workers: 1, onWarning: () => {} },
    onHandshake: (result) => {
      if (result.ok) (result.channel ?? result.stream).on('error', () => {});
      results.push(result);
    },
    onError: (error) => errors.push(error),
    onMessage: ({ direction, message, octets }) => messages.push(`${direction} ${message} ${octets}`),
    ...options,
  });
  return { listener, results, errors, messages };
}

const dial = (listener: Listener, more: Partial<ConnectOptions> = {}) =>
  connect({ ...who('alice'), onWarning: () => {}, ...listener.address, ...more });

/** How many octets the application finds until the peer has ended: they may come with the last message, or behind it. */
async function restOf(stream: Duplex): Promise<number> {
  let octets = 0;
  try {
    for await (const chunk of stream) octets += (chunk as Buffer).length;
  } catch {
    // the peer ended without a word
  }
  return octets;
}

describe('compared with handshakes of the thread that listens', () => {
  let both: readonly Serving[] = [];
  beforeAll(async () => {
    both = [await serve({ workers: undefined }), await serve()];
  });
  afterAll(() => Promise.all(both.map(({ listener }) => listener.close())));

  /** What a listener told of one connection. */
  async function told(
    { listener, results, errors, messages }: Serving,
    options: Partial<Renewable>,
    meet: (listener: Listener) => Promise<unknown>,
  ): Promise<unknown> {
    for (const list of [results, errors, messages]) list.splice(0);
    const log: string[] = [];
    listener.update({
      ...{ ...who('bob'), preSharedSecret: undefined, reading: undefined, schedule: undefined, afterwards: undefined },
      ...{ keyLog: (line: string) => log.push(line.split(' ')[0] ?? '') },
      ...options,
    });
    await meet(listener);
    await eventually(() => expect(results.length + errors.length).toBe(1));
    const [result] = results;
    const rest = result?.ok ? await restOf(result.stream) : 0;
    if (result?.ok) result.stream.destroy();
    const facts = result && {
      ...{ ok: result.ok, sent: result.sent, received: result.received },
      ...(result.ok
        ? {
            peer: result.session.peer.displayName,
            vouchers: result.session.peer.vouchers,
            rest,
          }
        : { failure: result.failure, presented: result.presented }),
    };
    return structuredClone(JSON.parse(JSON.stringify({ facts, messages, log, errors: errors.map(String) })));
  }

  const calling =
    (more: Partial<ConnectOptions> = {}) =>
    async (listener: Listener): Promise<void> => {
      const result = await dial(listener, more);
      if (result.ok) result.stream.destroy();
    };
  const saying = (octets: readonly number[]) => async (listener: Listener) => {
    const socket = tcpConnect(listener.address).on('error', () => {});
    socket.resume().end(Uint8Array.from(octets));
    await once(socket, 'close');
  };
  /** Speaks as alice, and sends more behind its last message. */
  const trailing = async (listener: Listener) => {
    const handshake = initiator({ ...who('alice'), time });
    const socket = tcpConnect(listener.address).on('error', () => {});
    for (const { octets } of handshake.start().send) socket.write(octets);
    socket.on('data', (chunk: Buffer) => {
      const { send, outcome } = handshake.receive(chunk);
      const more = outcome.status === 'completed' ? [Buffer.from('data')] : [];
      socket.write(Buffer.concat([...send.map(({ octets }) => octets), ...more]));
      if (outcome.status === 'completed') socket.end();
    });
    // Nobody reads the octets of one that completed: the listener's side closes when the test has looked at it.
    await new Promise((resolve) => socket.once('finish', resolve).once('close', resolve));
  };
  const revoking = () => {
    const list = issueCrl({
      ...{ suite: native, issuer, issuerSeed, crlNumber: 1, thisUpdate: time, nextUpdate: new Date('2027-02-01') },
      revoked: [{ serialNumber: Uint8Array.of(2), date: time, reason: 'keyCompromise' }],
    });
    const revocationLists = [valueFrom(parseRevocationList(list))];
    return valueFrom(trustStore({ trustAnchors: [anchorFor(native)], revocationLists }));
  };
  const top = anchor('Top');
  const [left, right] = [under(top, 'Left'), under(top, 'Right')];
  const stranger = issued(right, { name: 'alice', uris: ['https://alice.example'] });

  it.each<[string, string, () => Partial<Renewable>, (listener: Listener) => Promise<unknown>]>([
    ['a peer by its name', 'alice', () => ({ expectedPeer: 'alice' }), calling()],
    ['a pre-shared secret', 'alice', () => ({ preSharedSecret: psk }), calling({ preSharedSecret: psk })],
    ['one that only this side has', 'decryption-failed', () => ({ preSharedSecret: psk }), calling()],
    ['a peer by a predicate', 'alice', () => ({ expectedPeer: ({ subject }) => subject === 'CN=alice' }), calling()],
    ['another name', 'unexpected-peer', () => ({ expectedPeer: 'carol' }), calling()],
    ['a predicate that refuses', 'unexpected-peer', () => ({ expectedPeer: () => false }), calling()],
    [
      'a predicate that throws',
      'too busy',
      () => ({
        expectedPeer: () => {
          throw new Error('too busy');
        },
      }),
      calling(),
    ],
    [
      'intermediates',
      'https://alice.example',
      () => ({ trustAnchors: trusting([top], [left, right]) }),
      calling({ credentials: stranger }),
    ],
    ['an unknown authority', 'certificate-untrusted', () => ({}), calling({ credentials: stranger })],
    ['a revoked certificate', 'certificate-revoked', () => ({ trustAnchors: revoking() }), calling()],
    ['its own certificate', 'own-certificate', () => ({}), calling(who('bob'))],
    ['lockstep', 'alice', () => ({ schedule: { first: 'initiator' } }), calling({ schedule: { first: 'initiator' } })],
    [
      'lockstep, and another name',
      'unexpected-peer',
      () => ({ schedule: { first: 'initiator' }, expectedPeer: 'carol' }),
      calling({ schedule: { first: 'initiator' } }),
    ],
    ['another time', 'certificate-outside-validity', () => ({ time: () => new Date('2040-01-01') }), calling()],
    ['octets behind the last message', 'alice', () => ({}), trailing],
    ['these, refused', 'trailing-octets', () => ({ afterwards: 'refuse' }), trailing],
    ['these, of another', 'unexpected-peer', () => ({ afterwards: 'refuse', expectedPeer: 'carol' }), trailing],
    ['another version', 'wrong-version', () => ({}), saying([2, 1, 6, 32])],
    ['no octet', 'connection-closed', () => ({}), saying([])],
    ['half of a message', 'connection-closed', () => ({}), saying([1, 1, 6, 32, 0])],
  ])('%s gives the same (%s)', async (_, part, options, meet) => {
    const [direct, remote] = [
      await told(both[0] as Serving, options(), meet),
      await told(both[1] as Serving, options(), meet),
    ];
    expect(JSON.stringify(direct)).toContain(part);
    expect(remote).toEqual(direct);
  });

  it('a predicate that throws is told as it is', async () => {
    const thrown = new Error('too busy');
    const [, { listener, errors }] = both as [Serving, Serving];
    await told(
      both[1] as Serving,
      {
        expectedPeer: () => {
          throw thrown;
        },
      },
      calling(),
    );
    expect(errors).toEqual([thrown]);
    listener.update({ expectedPeer: 'anyone' });
  });
});

describe('a listener with workers', () => {
  afterEach(closeAll);

  it.each([0, 1.5, 65, Number.NaN])('refuses %d of them', async (workers) => {
    await expect(serve({ workers })).rejects.toThrow(ConfigurationError);
  });

  it('refuses a decapsulation key that cannot leave its thread, at the start and later', async () => {
    const { share: _, ...decapsulationKey } = credentialsFor(native, 'bob').decapsulationKey;
    const credentials = { ...credentialsFor(native, 'bob'), decapsulationKey };
    await expect(serve({ credentials })).rejects.toThrow(/^workers: the decapsulation key cannot be given/);
    const { listener } = await serve();
    open.push(listener);
    expect(() => listener.update({ credentials })).toThrow(ConfigurationError);
    expect(await dial(listener)).toMatchObject({ ok: true });
  });

  it('leaves nothing behind when its address cannot be bound', async () => {
    const { listener } = await serve();
    open.push(listener);
    await expect(serve({ port: listener.address.port })).rejects.toThrow(/EADDRINUSE/);
  });

  it.each([native, noble])(
    'opens channels, whose peers authenticate again with renewed credentials ($name)',
    async (suite) => {
      const { listener, results } = await serve({ ...who('bob', suite), channel: true, workers: 2 });
      open.push(listener);
      const mine = await connect({ ...who('alice'), ...listener.address, channel: true });
      if (!mine.ok) throw new Error(mine.failure.message);
      open.push({ close: () => mine.channel.on('error', () => {}).destroy() });
      await eventually(() => expect(results).toHaveLength(1));
      const [theirs] = results;
      if (!theirs?.ok || theirs.channel === undefined) throw new Error('no channel');
      theirs.channel.pipe(theirs.channel);
      mine.channel.write('hello');
      const [answer] = await once(mine.channel, 'data');
      expect(String(answer)).toBe('hello');
      expect(theirs.channel.peer.chain).toHaveLength(2);
      const again = once(mine.channel, 'rehandshaken');
      const { retired } = listener.update({ credentials: credentialsFor(suite, 'bob') });
      await Promise.all([again, retired]);
      const other = await connect({ ...who('alice'), ...listener.address, channel: true });
      if (!other.ok) throw new Error(other.failure.message);
      open.push({ close: () => other.channel.on('error', () => {}).destroy() });
      expect(other.channel.peer.identity).toBe('CN=bob');
    },
  );
});

describe('a worker', () => {
  afterEach(closeAll);

  function pooled(): { pool: Pool; errors: WorkerError[] } {
    const errors: WorkerError[] = [];
    const pool = workerPool({ suite: native, workers: 1, onError: (error) => errors.push(error) });
    open.push(pool);
    return { pool, errors };
  }

  it('that ends fails its handshakes with a code, and is replaced by one that has the options', async () => {
    const { pool, errors } = pooled();
    const before = started.length;
    const options = who('bob');
    pool.configure(options);
    await pool.ready();
    const [hello] = initiator({ ...who('alice'), time }).start().send;
    const begun = pool.responder(options, time);
    const lost = new Promise((resolve) => begun.lost(resolve));
    begun.handshake.start();
    await new Promise<void>((done) => begun.run('a', false, hello?.octets ?? new Uint8Array(), done));
    expect(begun.handshake.receive(new Uint8Array()).outcome).toMatchObject({ status: 'awaiting' });
    await started.at(-1)?.terminate();
    expect(await lost).toMatchObject({ name: 'WorkerError', code: 'worker-ended' });
    expect(errors).toMatchObject([{ code: 'worker-ended' }]);
    const next = pool.responder(options, time);
    next.handshake.start();
    await new Promise<void>((done) => next.run('a', false, hello?.octets ?? new Uint8Array(), done)); // waits for the new one
    expect(next.handshake.receive(new Uint8Array()).send).not.toHaveLength(0);
    expect(started).toHaveLength(before + 1);
  });

  it('that ends breaks the connections of its handshakes, and the listener goes on', async () => {
    const { listener, errors } = await serve();
    open.push(listener);
    const socket = tcpConnect(listener.address).on('error', () => {});
    const [hello] = initiator({ ...who('alice'), time }).start().send;
    socket.write(hello?.octets ?? '');
    await once(socket, 'data');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await started.at(-1)?.terminate();
    await closed;
    await eventually(() => expect(errors).toMatchObject([{ code: 'worker-ended' }, { code: 'worker-ended' }]));
    const mine = await dial(listener);
    expect(mine).toMatchObject({ ok: true });
    if (mine.ok) mine.stream.destroy();
  });

  /** A worker's side in this thread, on a port of its own. */
  function inHere(suite: Suite) {
    const { port1: mine, port2: theirs } = new MessageChannel();
    open.push({ close: () => mine.close() });
    const ended = vi.fn();
    const answers: FromWorker[] = [];
    const adopted: { wiped: boolean }[] = [];
    const watching: Suite = {
      ...suite,
      adoptKemKey: (...words) => {
        const key = suite.adoptKemKey(...words);
        if (key === undefined) return undefined;
        const one = { wiped: false };
        adopted.push(one);
        return {
          ...key,
          wipe: () => {
            one.wiped = true;
            key.wipe();
          },
        };
      },
    };
    computeHandshakes(theirs as unknown as Port<FromWorker, ToWorker>, watching, ended);
    mine.on('message', (message: FromWorker) => answers.push(message));
    const post = (message: ToWorker, transfer: readonly ArrayBuffer[] = []) => mine.postMessage(message, [...transfer]);
    return { post, answers, adopted, ended };
  }

  it.each([native, noble])('wipes the key of retired options, and all at its close ($name)', async (suite) => {
    const { post, answers, adopted, ended } = inHere(suite);
    for (const configuration of [1, 2]) {
      const { options, transfer } = given(suite, { ...who('bob', suite), preSharedSecret: psk }).share();
      post({ kind: 'configure', configuration, options }, transfer);
      expect(transfer.every(({ byteLength }) => byteLength === 0)).toBe(true); // moved: no copy stays in this thread
    }
    await eventually(() => expect(answers).toHaveLength(3));
    expect(answers.slice(1)).toEqual([1, 2].map((configuration) => ({ kind: 'configured', configuration })));
    post({ kind: 'retire', configuration: 1 });
    await eventually(() => expect(adopted.map(({ wiped }) => wiped)).toEqual([true, false]));
    post({ kind: 'close' });
    await eventually(() => expect(ended).toHaveBeenCalledOnce());
    expect(adopted.map(({ wiped }) => wiped)).toEqual([true, true]);
  });

  it('says why it cannot use options, and of a handshake with them', async () => {
    const { post, answers } = inHere(native);
    const { options } = given(native, who('bob')).share();
    post({
      kind: 'configure',
      configuration: 1,
      options: { ...options, certificate: Uint8Array.of(0) },
    });
    post({ kind: 'receive', handshake: 1, octets: Uint8Array.of(1), begin: { configuration: 1, time } });
    await eventually(() => expect(answers).toHaveLength(3));
    expect(answers[1]).toMatchObject({ kind: 'configured', refused: expect.any(String) });
    expect(answers[2]).toMatchObject({ kind: 'threw', handshake: 1, reason: expect.any(String) });
  });

  it('moves the session key to the listener, where it is wiped once the session has its own', async () => {
    const { pool } = pooled();
    const options = { ...who('bob'), expectedPeer: 'carol' };
    pool.configure(options);
    const alice = initiator({ ...who('alice'), time });
    const { handshake, run } = pool.responder(options, time);
    handshake.start();
    let { send } = alice.start();
    while (send.length > 0) {
      const flight = Buffer.concat(send.map(({ octets }) => octets));
      await new Promise<void>((done) => run('a', true, flight, done));
      const progress = handshake.receive(flight);
      send = progress.send.flatMap(({ octets }) => alice.receive(octets).send);
    }
    expect(handshake.standing()).toMatchObject({ status: 'failed', failure: { code: 'unexpected-peer' } });
    expect(alice.standing()).toMatchObject({ status: 'completed' }); // its confirmation was due
    expect(handshake.fail('connection-closed').outcome).toMatchObject({ failure: { code: 'unexpected-peer' } });
  });
});
