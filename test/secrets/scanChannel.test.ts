// PQ-P-11, PQ-C-40: no secret of a channel is shown by it, its events, its stream and its errors, nor by commands that carry data over one.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Channel, type ChannelProgress, openChannel } from '../../src/channel/channel.ts';
import { type Handshake, initiator, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import type { Session } from '../../src/handshake/session.ts';
import { createAuthority, issueCredentials } from '../../src/node/authority/pki.ts';
import { readCredentials, readTrustAnchors } from '../../src/node/files/files.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { ChannelError } from '../../src/node/transport/channelError.ts';
import { type SecuredStream, secured } from '../../src/node/transport/secured.ts';
import { connect, listen } from '../../src/node/transport/tcp.ts';
import type { Role } from '../../src/role.ts';
import { endPiped, type Piped, startPiped } from '../cli/piped.ts';
import { anchorFor, converse, credentialsFor, time } from '../handshake/peers.ts';
import { eventually } from '../waiting.ts';
import { channelKinds, isPublic, type Recorded, recording, shownIn } from './recording.ts';

/** The secrets of a recording, each once, as it was noted first. What both sides have is noted by both. */
function secretsOf(recorded: readonly Recorded[]): Recorded[] {
  const secrets = recorded.filter(({ what }) => !isPublic(what)).reverse();
  return [...new Map(secrets.map((one) => [Buffer.from(one.copy).toString('hex'), one])).values()];
}

/** Secrets have at most 144 octets: of longer arrays, such as certificates, the begin is shown. */
const withoutLongArrays = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array && value.length > 256 ? value.subarray(0, 8) : value;

/** Texts in which a value shows what it has. */
function shownForms(value: unknown): string[] {
  const forms = [String(value), inspect(value, { depth: 12, showHidden: true, getters: true })];
  if (value instanceof Error) forms.push(value.stack ?? '', inspect(value.cause));
  return value instanceof Object && 'pipe' in value
    ? forms
    : [...forms, JSON.stringify(value, withoutLongArrays) ?? ''];
}

/** Two sides with a recording suite, and handshakes inside. */
function sides() {
  const { suite, secrets } = recording(chooseSuite());
  const of = (name: string): Omit<HandshakeOptions, 'expectedPeer'> => ({
    ...{ suite, time, credentials: credentialsFor(suite, name), trustAnchors: [anchorFor(suite)] },
  });
  const outer = converse(
    initiator({ ...of('alice'), expectedPeer: 'anyone' }),
    responder({ ...of('bob'), expectedPeer: 'anyone' }),
  );
  const sessionOf = (role: Role): Session => {
    const outcome = outer[role];
    if (outcome.status !== 'completed') throw new Error('the handshake did not complete');
    const { session } = outcome;
    const octets = session.sessionKey.reveal();
    secrets.push({ what: 'k_session', octets, copy: octets });
    return session;
  };
  const inner = {
    initiator: (expectedPeer: never): Handshake => initiator({ ...of('alice'), expectedPeer }),
    responder: (expectedPeer: never): Handshake => responder({ ...of('bob'), expectedPeer }),
  };
  return { suite, secrets, sessionOf, inner };
}

/** All that was thrown or answered. */
const outcomeOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

const none = new Uint8Array();
const data = new Uint8Array(100).fill(7);

describe('a channel', () => {
  it('shows no secret at any time of its life, in what it answers, and in what it throws', () => {
    const { suite, secrets, sessionOf, inner } = sides();
    const open = (role: Role, judgePeer?: () => boolean): Channel =>
      openChannel({ session: sessionOf(role), suite, innerHandshake: inner[role] as never, judgePeer });
    const [i, r] = [open('initiator'), open('responder', () => rejoins)];
    let rejoins = true;
    const texts: string[] = [];
    const show = (...values: readonly unknown[]): void => void texts.push(...values.flatMap(shownForms));
    /** What went out is the wire's: sealed, and commitments. */
    const told = ({ events, failure }: ChannelProgress): void => show(events, failure);
    function settle(from: Channel, progress: ChannelProgress): void {
      told(progress);
      const to = from === i ? r : i;
      for (const octets of progress.output) settle(to, to.receive(octets));
    }
    show(i, r, i.standing());
    settle(i, i.send(data));
    for (const one of [i, r]) settle(one, one.ratchet());
    settle(i, i.startHandshake());
    expect([i.standing().epoch, r.standing().epoch]).toEqual([1, 1]);
    show(
      i,
      r.standing(),
      outcomeOf(() => i.export('', none, 32)),
      outcomeOf(() => i.export('pquake channel v1 i2r', none, 48)),
      outcomeOf(() => i.requestHandshake()),
      outcomeOf(() => i.send(data, 'all' as never)),
    );
    rejoins = false;
    settle(i, i.startHandshake());
    expect(r.standing().failure?.code).toBe('inner-handshake-failed');
    told(i.receive(new Uint8Array(2 + 17).fill(17).fill(0, 0, 1)));
    expect(i.standing().failure?.code).toBe('record-not-opened');
    show(outcomeOf(() => i.export('x', none, 32)));
    for (const one of [i, r]) one.wipe();
    show(r, i.standing());
    const searched = secretsOf(secrets);
    expect([...new Set(searched.map(({ what }) => what))]).toEqual(expect.arrayContaining([...channelKinds]));
    expect(shownIn([...new Set(texts)].join('\n'), searched)).toEqual([]);
  });

  it('as a stream shows none, nor do its events and its errors', async () => {
    const { suite, secrets, sessionOf, inner } = sides();
    const [near, far] = duplexPair();
    const texts: string[] = [];
    const show = (...values: readonly unknown[]): void => void texts.push(...values.flatMap(shownForms));
    const stream = (role: Role, over: typeof near): SecuredStream => {
      const options = { suite, innerHandshake: inner[role] as never };
      const one = secured({ session: sessionOf(role), stream: over }, options);
      for (const name of ['rehandshaken', 'peerClosed', 'error'] as const)
        one.on(name as 'error', (told) => show(told));
      return one;
    };
    const [i, r] = [stream('initiator', near), stream('responder', far)];
    show(i, r);
    i.write(data);
    await once(r, 'readable');
    for (const one of [i, r]) one.ratchet();
    await r.rehandshake();
    show(i, r, i.peer, r.peer);
    const closed = once(r.resume(), 'close').catch((error) => error);
    const asked = r.rehandshake().catch((error: unknown) => error); // which is never answered
    i.destroy();
    show(await asked, await closed, i, r);
    expect(r.errored).toBeInstanceOf(ChannelError);
    show(
      await i.rehandshake().catch((error) => error),
      outcomeOf(() => r.export('x', none, 32)),
    );
    const searched = secretsOf(secrets);
    expect([...new Set(searched.map(({ what }) => what))]).toEqual(expect.arrayContaining([...channelKinds]));
    expect(shownIn([...new Set(texts)].join('\n'), searched)).toEqual([]);
  });
});

describe('commands that carry data over a channel', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-scan-'));
  const file = (name: string): string => join(directory, name);
  const { suite, secrets } = recording(chooseSuite());
  const open: { close: () => unknown }[] = [];
  const words = (name: string): string[] => [
    ...['--cert', file(`${name}.pem`), '--key', file(`${name}.key`), '--ca', file('ca.pem'), '--expect', 'anyone'],
    ...['--trace', '--json'],
  ];
  const peer = (name: string) => ({
    ...{ suite, credentials: readCredentials(suite, file(`${name}.pem`), file(`${name}.key`)) },
    ...{ trustAnchors: readTrustAnchors(suite, [file('ca.pem')]), expectedPeer: 'anyone', host: '127.0.0.1' },
  });
  beforeAll(() => {
    createAuthority({ suite: chooseSuite(), directory });
    for (const name of ['alice', 'bob']) issueCredentials({ suite: chooseSuite(), directory, name });
  });
  afterEach(async () => {
    await endPiped();
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** A command that listens, and its peer in this process, which records the secrets that both have. */
  async function accepting(...command: readonly string[]) {
    const piped = startPiped(...command, ...words('bob'));
    const port = Number((await piped.address()).split(':')[1]);
    const result = await connect({ ...peer('alice'), port, channel: true });
    if (!result.ok) throw new Error(result.failure.message);
    return { piped, channel: result.channel, socket: result.stream };
  }

  async function dialling() {
    let accept: (one: { channel: SecuredStream; socket: { write: (octets: Uint8Array) => unknown } }) => void;
    const accepted = new Promise<Parameters<typeof accept>[0]>((resolve) => {
      accept = resolve;
    });
    const listener = await listen({
      ...{ ...peer('bob'), port: 0, channel: true },
      onHandshake: (result) =>
        result.ok && result.channel && accept({ channel: result.channel, socket: result.stream }),
    });
    open.push(listener);
    const piped = startPiped('connect', `127.0.0.1:${listener.address.port}`, '--pipe', ...words('alice'));
    return { piped, ...(await accepted) };
  }

  it.each([
    ['serve', () => accepting('serve', '--listen', '127.0.0.1:0', '--once', '--pipe'), /"inner":1/],
    ['connect', dialling, /"inner":1/],
    ['tunnel', () => accepting('tunnel', '--accept', '127.0.0.1:0', '--to', '127.0.0.1:1'), /127\.0\.0\.1:1/],
  ] as const)('%s shows none, when both authenticate again and when a record is refused', async (name, begin, said) => {
    const { piped, channel, socket } = await begin();
    open.push({ close: () => channel.destroy() });
    channel.on('error', () => {}).resume();
    const told = (one: Piped): string => `${one.stdout()}${one.stderr()}`;
    if (name !== 'tunnel') {
      await channel.rehandshake();
      await eventually(() => expect(told(piped)).toMatch(said));
      socket.write(new Uint8Array(19).fill(0x11).fill(0, 0, 1));
      await eventually(() => expect(told(piped)).toMatch(/record-not-opened/));
      expect(await piped.ended).toBe(1);
    } else await eventually(() => expect(told(piped)).toMatch(said));
    const keys = ['alice', 'bob'].map((one) => {
      const [, body = ''] = readFileSync(file(`${one}.key`), 'utf8').split(/-----\n/);
      return { what: `${one}.key`, copy: Buffer.from(body, 'base64').subarray(-64) };
    });
    const searched = secretsOf(secrets);
    expect(searched.length).toBeGreaterThan(20);
    expect(shownIn(told(piped), [...searched, ...keys])).toEqual([]);
  });
});
