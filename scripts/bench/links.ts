// Handshakes on links, by the model of links/model.ts, with flights of real handshakes in this process: PQuAKE over mutual TLS 1.3 with the same algorithms.
// Nothing here is a measurement of time, so quartiles are the value itself.
import { chooseSuite } from '../../src/node/suite.ts';
import { handshakeTime, type Link } from '../links/model.ts';
import { chosen, linkOf } from '../links/picture.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers } from './peers.ts';
import { type Row, rowOf } from './rows.ts';
import { tlsFlights } from './tls.ts';
import { mlDsaPeers } from './tlsPeers.ts';

const sum = (octets: readonly number[]): number => octets.reduce((total, one) => total + one, 0);

export async function measureLinks(): Promise<readonly Row[]> {
  const suite = chooseSuite('native');
  const flightsOf = (compact: boolean): readonly number[] => {
    const peers = makePeers(suite, { compact });
    return handshakeInMemory(suite, peers, [peers.anchor], false);
  };
  const of = 'mutual TLS 1.3';
  const tls = await tlsFlights(mlDsaPeers(suite, 'MLKEM1024'));
  const ways = [
    ['PQuAKE', flightsOf(false)],
    ['PQuAKE, compact', flightsOf(true)],
  ] as const;
  const part = 'links';
  const octets = ways.map(([name, flights]) => {
    const note = `flights of ${flights.join(', ')} and of ${tls.join(', ')}; known peers send the same`;
    return rowOf({ part, name, of, unit: 'octets', note }, [sum(flights) / sum(tls)]);
  });
  const times = chosen.flatMap(([rate, bitsPerSecond, roundTrip, loss]) => {
    const link: Link = linkOf(bitsPerSecond, roundTrip, loss);
    const where = `${rate}, ${roundTrip} ms, ${loss} % lost`;
    return ways.map(([name, flights]) => {
      const [ours, theirs] = [handshakeTime(flights, link), handshakeTime(tls, link)];
      const note = `a model: ${(1_000 * ours).toFixed(1)} ms, ${(1_000 * theirs).toFixed(1)} ms`;
      return rowOf({ part, name: `${name}: ${where}`, of, unit: 'time', note }, [ours / theirs]);
    });
  });
  return [...octets, ...times];
}
