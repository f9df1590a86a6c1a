// One handshake in memory, both sides, one thread.
import type { TrustAnchor } from '../../src/certificate/trustAnchor.ts';
import type { Suite } from '../../src/crypto/suite.ts';
import { initiator, type Outgoing, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { type Peers, time } from './peers.ts';

type Two = Omit<Peers, 'server' | 'anchor'>;

/**
 * Runs one whole handshake. With `trustAnchors` of an earlier one, the peers know each other from it, unless `knownPeers` is false.
 * @returns octets of each flight, of the initiator first; there are five
 */
export function handshakeInMemory(
  suite: Suite,
  { alice, bob }: Two,
  trustAnchors: readonly TrustAnchor[],
  knownPeers: boolean,
  choice: Pick<HandshakeOptions, 'hedgedCoins' | 'proposals'> = {},
): readonly number[] {
  const allowedSuites = [suite.algorithms.name];
  const common = { suite, allowedSuites, trustAnchors, time, knownPeers, expectedPeer: 'anyone', ...choice } as const;
  const [i, r] = [initiator({ ...common, credentials: alice }), responder({ ...common, credentials: bob })];
  r.start();
  const flights: number[] = [];
  let { send, outcome } = i.start();
  for (let turn = 0; send.length > 0; turn += 1) {
    const receiver = turn % 2 === 0 ? r : i;
    const answers: Outgoing[] = [];
    flights.push(send.reduce((octets, message) => octets + message.octets.length, 0));
    for (const message of send) {
      const answer = receiver.receive(message.octets);
      answers.push(...answer.send);
      outcome = answer.outcome;
    }
    send = answers;
  }
  if (outcome.status !== 'completed') throw new Error('the handshake did not complete');
  return flights;
}
