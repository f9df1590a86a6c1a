// spec/performance.md stands on octets of flights and on a model of links: the octets are those of real handshakes, and the model is checked by hand.
import { describe, expect, it } from 'vitest';
import { handshakeInMemory } from '../../scripts/bench/inMemory.ts';
import { makePeers } from '../../scripts/bench/peers.ts';
import { tlsFlights } from '../../scripts/bench/tls.ts';
import { mlDsaPeers } from '../../scripts/bench/tlsPeers.ts';
import { octetsOf, profiles } from '../../scripts/links/flights.ts';
import { arrival, handshakeTime } from '../../scripts/links/model.ts';
import { mutualTlsOctets } from '../../src/cli/demo/ladder.ts';
import { chooseSuite } from '../../src/node/suite.ts';

describe('octets of flights, of handshakes that ran here', () => {
  it.each([
    ['mandatory', 'mlkem1024-mldsa87', false],
    ['compact', 'mlkem1024-mldsa87', true],
    ['smaller', 'mlkem768-mldsa65', false],
    ['hashBased', 'mlkem1024-slhdsa256s', false],
  ] as const)('PQuAKE, %s', (name, suiteName, compact) => {
    const suite = chooseSuite('native', suiteName);
    const peers = makePeers(suite, { compact });
    const anchors = [peers.anchor];
    expect(handshakeInMemory(suite, peers, anchors, false)).toEqual(profiles[name].flights);
    expect(handshakeInMemory(suite, peers, anchors, true), 'known peers').toEqual(profiles[name].flights);
  });

  it.each([
    ['tls', 'mlkem1024-mldsa87', 'MLKEM1024'],
    ['smallerTls', 'mlkem768-mldsa65', 'X25519MLKEM768'],
  ] as const)('mutual TLS 1.3, %s', async (name, suiteName, group) => {
    expect(await tlsFlights(mlDsaPeers(chooseSuite('native', suiteName), group))).toEqual(profiles[name].flights);
  });

  it('those of TLS are what the demo compares with', () => {
    expect(octetsOf(profiles.tls)).toBe(mutualTlsOctets);
  });
});

describe('the model of links', () => {
  const endless = { bitsPerSecond: 1e15, roundTrip: 0.1, loss: 0 };

  it('on a link that carries everything at once, time is round trips: 1 to connect and half of one for each flight', () => {
    expect(handshakeTime(profiles.mandatory.flights, endless)).toBeCloseTo(0.1 * 3.5, 6);
    expect(handshakeTime(profiles.tls.flights, endless)).toBeCloseTo(0.1 * 2.5, 6);
  });

  it('what does not fit into the window of 10 segments waits for acknowledgements', () => {
    expect(arrival(14_600, 10, endless)).toBeCloseTo(0.05, 6);
    expect(arrival(14_601, 10, endless)).toBeCloseTo(0.15, 6);
    expect(arrival(1_460 * 30, 10, endless)).toBeCloseTo(0.15, 6); // 10, then 20 for 10 acknowledgements
    expect(arrival(1_460 * 31, 10, endless)).toBeCloseTo(0.25, 6);
  });

  it('on a slow link, time is octets with 40 of headers for each segment', () => {
    expect(arrival(3_000, 10, { bitsPerSecond: 8_000, roundTrip: 0, loss: 0 })).toBeCloseTo(3.12, 6);
  });

  it('a flight of one segment waits for a timeout as often as it is lost', () => {
    const lossy = { ...endless, loss: 0.5 };
    // SYN and SYN-ACK: each the sum of 2^(k-1) / 2^k over twelve losses in a row; the flight has a timeout of 200 ms in place of 1 s.
    expect(handshakeTime([52], lossy) - handshakeTime([52], endless)).toBeCloseTo(2 * 6 + 0.2 * 6, 6);
  });

  it('more loss takes longer, and more so for more segments', () => {
    const times = [0, 0.01, 0.05].map((loss) => handshakeTime(profiles.tls.flights, { ...endless, loss }));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    const wait = (octets: number): number =>
      handshakeTime([octets], { ...endless, loss: 0.05 }) - handshakeTime([octets], endless);
    expect(wait(14_600)).toBeGreaterThan(wait(1_460));
  });
});
