// spec/performance.md stands on octets of flights and on a model of links: the octets are those of real handshakes, and the model is checked by hand.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { handshakeInMemory } from '../../scripts/bench/inMemory.ts';
import { makePeers } from '../../scripts/bench/peers.ts';
import { tlsFlights } from '../../scripts/bench/tls.ts';
import { mlDsaPeers } from '../../scripts/bench/tlsPeers.ts';
import { octetsOf, profiles } from '../../scripts/links/flights.ts';
import { arrival, handshakeTime } from '../../scripts/links/model.ts';
import { overTls } from '../../scripts/links/picture.ts';
import { mutualTlsOctets } from '../../src/cli/demo/ladder.ts';
import { mandatorySuite } from '../../src/generated/suites.ts';
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

const page = readFileSync('spec/performance.md', 'utf8').replace(/\s+/g, ' ');
const numberIn = (pattern: RegExp): number => Number(pattern.exec(page)?.[1]?.replace(',', ''));

describe('what spec/performance.md says beside its tables', () => {
  const { kem, signatures } = mandatorySuite;
  const [{ publicKey, signature }] = signatures;

  it('octets beside keys, ciphertexts and signatures', () => {
    const [ours, theirs] = [octetsOf(profiles.mandatory), octetsOf(profiles.tls)];
    const exchanged = kem.encapsulationKey + kem.ciphertext;
    expect(numberIn(/PQuAKE needs ([\d,]+) octets more than these/)).toBe(ours - 3 * exchanged - 2 * signature);
    expect(numberIn(/TLS 1\.3 ([\d,]+)\. <!--/)).toBe(theirs - exchanged - 2 * publicKey - 4 * signature);
    expect(numberIn(/PQuAKE sends (\d+) % fewer octets/)).toBe(Math.round(100 * (1 - ours / theirs)));
    expect(numberIn(/flight of TLS, ([\d,]+) octets/)).toBe(Math.max(...profiles.tls.flights));
  });

  it('the words of its table are the parts of npm run bench', () => {
    const [, parts = ''] = /const parts[^{]*\{([^}]*)\}/.exec(readFileSync('scripts/bench.ts', 'utf8')) ?? [];
    const words = [...parts.matchAll(/(\w+): measure/g)].map(([, word]) => word);
    expect(words.length).toBeGreaterThan(8);
    const told = [...page.matchAll(/ \| `(\w+)` \|/g)].map(([, word]) => word);
    expect(told.toSorted()).toEqual(words.toSorted());
    expect(readFileSync('CONTRIBUTING.md', 'utf8')).toContain(words.join(' '));
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

  it('without loss, PQuAKE and TLS are equal where a round trip lasts as long as what PQuAKE saves', () => {
    const saved = numberIn(/as the ([\d,]+) octets that PQuAKE saves/);
    const link = { bitsPerSecond: 1e6, roundTrip: (8 * saved) / 1e6, loss: 0 };
    expect(overTls(profiles.mandatory, link)).toBeCloseTo(1, 6);
    expect(overTls(profiles.mandatory, { ...link, roundTrip: 1.1 * link.roundTrip })).toBeGreaterThan(1);
    expect(overTls(profiles.mandatory, { ...link, roundTrip: 0.9 * link.roundTrip })).toBeLessThan(1);
  });

  it('with an intermediate neither large flight of TLS fits into its window', () => {
    const [first = 0, second = 0, third = 0] = profiles.tls.flights;
    expect(handshakeTime([first, second + 7_500, third + 7_500], endless)).toBeCloseTo(0.1 * 4.5, 6);
  });

  it('more loss takes longer, and more so for more segments', () => {
    const times = [0, 0.01, 0.05].map((loss) => handshakeTime(profiles.tls.flights, { ...endless, loss }));
    expect(times.toSorted((a, b) => a - b)).toEqual(times);
    const wait = (octets: number): number =>
      handshakeTime([octets], { ...endless, loss: 0.05 }) - handshakeTime([octets], endless);
    expect(wait(14_600)).toBeGreaterThan(wait(1_460));
  });
});
