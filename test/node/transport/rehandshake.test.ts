// Both peers of a channel authenticate again: on demand, by policy, and when a certificate was renewed.
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../../src/certificate/issue/issue.ts';
import { parseCertificate } from '../../../src/certificate/parse.ts';
import { proposedProtocol } from '../../../src/handshake/proposed.ts';
import type { ChannelPeer, SecuredStream } from '../../../src/node/transport/secured.ts';
import { credentialsFor, issuer, issuerSeed, time, validity, valueFrom } from '../../handshake/peers.ts';
import { eventually } from '../../waiting.ts';
import { allOf, channelBetween, closeAll, closeOf, pattern, suite, who } from './channels.ts';

afterEach(closeAll);

const epochs = (...streams: readonly SecuredStream[]): number[] => streams.map(({ peer }) => peer.epoch);

describe('rehandshake', () => {
  it.each(['initiator', 'responder'] as const)('of the %s has both authenticate again', async (role) => {
    let now = time;
    const clock = { time: () => now };
    const both = await channelBetween({ initiator: { connect: clock }, responder: { listen: clock } });
    const before = both.initiator.peer;
    now = new Date(time.getTime() + 60_000);
    const other = once(role === 'initiator' ? both.responder : both.initiator, 'rehandshaken');
    const mine: ChannelPeer = await both[role].rehandshake();
    const [theirs] = (await other) as [ChannelPeer];
    expect([mine.epoch, theirs.epoch, mine.authenticated, theirs.authenticated]).toEqual([1, 1, now, now]);
    expect(mine.identifier).toEqual(theirs.identifier);
    expect(mine.identifier).not.toEqual(before.identifier);
    expect(both[role].peer).toBe(mine);
    const none = new Uint8Array();
    expect(both.initiator.export('a label', none, 32)).toEqual(both.responder.export('a label', none, 32));
  });

  it('has the options of now inside: hedged coins, known peers; and certificates whole, where they went by reference', async () => {
    const drawn: number[] = [];
    const counted = (): typeof suite => ({
      ...suite,
      encapsulate: (key, coins) => {
        drawn.push(coins === undefined ? 0 : 1);
        return suite.encapsulate(key, coins);
      },
    });
    const verified: number[] = [];
    const [anchor] = who('alice').trustAnchors;
    if (anchor === undefined) throw new Error('there is no anchor');
    const verify: typeof anchor.verificationKey.verify = (...of) => {
      verified.push(1);
      return anchor.verificationKey.verify(...of);
    };
    const trustAnchors = [{ ...anchor, verificationKey: { ...anchor.verificationKey, verify } }];
    const byReference = (peer: string) => ({
      proposals: proposedProtocol({
        ids: ['certificates-by-reference'],
        heldCertificates: { ofPeers: [credentialsFor(suite, peer).certificate.octets], own: true },
      }),
    });
    const options = { suite: counted(), hedgedCoins: 'all', knownPeers: false, trustAnchors } as const;
    const { initiator, responder, listener } = await channelBetween({
      initiator: { connect: { ...options, ...byReference('bob') } },
      responder: { listen: { ...options, ...byReference('alice') } },
    });
    expect([drawn.splice(0).sort(), verified.splice(0).length]).toEqual([[1, 1, 1], 2]);
    for (const epoch of [1, 2]) {
      await initiator.rehandshake();
      await eventually(() => expect(epochs(initiator, responder)).toEqual([epoch, epoch]));
      expect([drawn.splice(0).sort(), verified.splice(0).length]).toEqual([[1, 1, 1], 2]);
    }
    const own = credentialsFor(suite, 'bob');
    const { encapsulationKey } = own.certificate;
    const made = { suite, issuer, issuerSeed, name: 'bob', encapsulationKey, serialNumber: Uint8Array.of(9) };
    const renewed = valueFrom(parseCertificate(issueCertificate({ ...made, ...validity })));
    listener.update({ credentials: { ...own, certificate: renewed } }); // a certificate of which nobody holds a copy
    await eventually(() => expect(epochs(initiator, responder)).toEqual([3, 3]));
  });

  it('during traffic in both directions nothing is lost; requests that cross are one handshake', async () => {
    const { initiator, responder } = await channelBetween();
    const [mine, theirs] = [pattern(4_000_000), pattern(3_000_000, 9)];
    const heard = Promise.all([allOf(initiator), allOf(responder)]);
    initiator.write(mine.subarray(0, 2_000_000));
    responder.write(theirs.subarray(0, 1_000_000));
    const [one, other] = await Promise.all([initiator.rehandshake(), responder.rehandshake()]);
    expect(one.identifier).toEqual(other.identifier);
    for (const stream of [responder, initiator]) await stream.rehandshake();
    initiator.end(mine.subarray(2_000_000));
    responder.end(theirs.subarray(1_000_000));
    const [byInitiator, byResponder] = await heard;
    expect([byInitiator.equals(theirs), byResponder.equals(mine)]).toEqual([true, true]);
    expect(epochs(initiator, responder)).toEqual([3, 3]);
  });

  it('one asked for while the one before is not over follows it', async () => {
    const { initiator, responder } = await channelBetween();
    const next = once(initiator, 'rehandshaken').then(() => initiator.rehandshake());
    await initiator.rehandshake();
    expect((await next).epoch).toBe(2);
    await eventually(() => expect(epochs(responder)).toEqual([2]));
  });

  it('is refused when a direction has closed', async () => {
    const { initiator, responder } = await channelBetween();
    initiator.end();
    await once(responder, 'peerClosed');
    await expect(responder.rehandshake()).rejects.toThrow(/a direction of the channel has closed/);
  });

  it('needs the expected peer of now, and the same subject: otherwise the channel fails', async () => {
    const { initiator, responder, result } = await channelBetween();
    result.update({ expectedPeer: 'carol' });
    responder.rehandshake().catch(() => {}); // which has completed there before the initiator judges
    expect(await closeOf(initiator)).toMatchObject({
      code: 'inner-handshake-failed',
      failure: { handshake: { code: 'unexpected-peer' } },
    });
    const another = await channelBetween();
    another.listener.update({ credentials: credentialsFor(suite, 'mallory') });
    expect(await closeOf(another.initiator)).toMatchObject({
      code: 'inner-handshake-failed',
      failure: { handshake: { code: 'unexpected-peer' } },
    });
  });
});

describe('by policy', () => {
  it('after so many octets', async () => {
    const { initiator, responder } = await channelBetween({ responder: { rehandshakeAfter: { octets: 100_000 } } });
    responder.resume();
    initiator.write(pattern(99_999));
    await eventually(() => expect(responder.bytesRead).toBe(99_999));
    expect(epochs(initiator, responder)).toEqual([0, 0]);
    const again = once(responder, 'rehandshaken');
    initiator.write(pattern(1));
    await again;
    expect(epochs(responder)).toEqual([1]);
  });

  it('after so long, and again', async () => {
    const { initiator } = await channelBetween({ initiator: { rehandshakeAfter: { milliseconds: 20 } } });
    for (const epoch of [1, 2]) expect((await once(initiator, 'rehandshaken'))[0]).toMatchObject({ epoch });
  });

  it('when the own certificate was renewed: of the listener for all its channels, and by call', async () => {
    const { initiator, responder, result, listener } = await channelBetween();
    const renewed = { ...credentialsFor(suite, 'bob') };
    const again = once(initiator, 'rehandshaken');
    const { retired } = listener.update({ credentials: renewed });
    await again;
    await retired;
    result.update({ credentials: { ...credentialsFor(suite, 'alice') } });
    await eventually(() => expect(epochs(initiator, responder)).toEqual([2, 2]));
    listener.update({ expectedPeer: 'alice' });
    await initiator.rehandshake();
    expect(epochs(initiator)).toEqual([3]);
  });

  it('but not where the policy excludes it', async () => {
    const { initiator, listener } = await channelBetween({ responder: { rehandshakeAfter: { renewal: false } } });
    listener.update({ credentials: { ...credentialsFor(suite, 'bob') } });
    expect((await initiator.rehandshake()).epoch).toBe(1);
  });
});

describe('within its limit (PQ-C-27)', () => {
  it('a request that is never answered ends the channel', async () => {
    const { initiator, responder } = await channelBetween({
      change: (octets, to) => (to === 'initiator' ? undefined : octets),
      responder: { rehandshakeTimeout: 50 },
    });
    await expect(responder.rehandshake()).rejects.toMatchObject({ code: 'rehandshake-timeout' });
    expect(await closeOf(responder)).toMatchObject({ code: 'rehandshake-timeout' });
    expect(await closeOf(initiator)).toMatchObject({ code: 'truncated' });
  });

  it.each(['initiator', 'responder'] as const)('one that does not go on ends the channel at the %s', async (role) => {
    let [octets, isCut] = [0, false];
    const both = await channelBetween({
      change: (some, to) => {
        octets += to === 'responder' ? some.length : 0;
        isCut ||= octets > 3_000;
        return isCut ? undefined : some;
      },
      [role]: { rehandshakeTimeout: 50 },
    });
    both.initiator.rehandshake().catch(() => {});
    expect(await closeOf(both[role])).toMatchObject({ code: 'rehandshake-timeout' });
  });

  it('time in which the own application does not read does not count', async () => {
    const { initiator, responder } = await channelBetween({ responder: { rehandshakeTimeout: 200 } });
    const sent = pattern(8_000_000);
    const taken = new Promise<void>((resolve) => initiator.end(sent, () => resolve()));
    await eventually(() => expect(responder.readableLength).toBeGreaterThan(0));
    responder.rehandshake().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(responder.errored).toBe(null);
    expect((await allOf(responder)).length).toBe(sent.length);
    await taken;
  });
});

it('with a pre-shared secret, which the caller may wipe when the handshake is over', async () => {
  const preSharedSecret = pattern(48);
  const secrets = [new Uint8Array(preSharedSecret), new Uint8Array(preSharedSecret)] as const;
  const { initiator, responder } = await channelBetween({
    initiator: { connect: { preSharedSecret: secrets[0] } },
    responder: { listen: { preSharedSecret: secrets[1] } },
  });
  for (const secret of secrets) secret.fill(0);
  await initiator.rehandshake();
  await eventually(() => expect(epochs(initiator, responder)).toEqual([1, 1]));
});
