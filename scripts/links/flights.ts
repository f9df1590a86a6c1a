// Octets of the flights of handshakes, by whose sizes pages and pictures are written. `test/bench/flights.test.ts` compares all of them with real handshakes.

export interface Profile {
  readonly name: string;
  /** Octets of each flight; the initiator sends the first one, and they take turns. */
  readonly flights: readonly number[];
}

const pquake = (name: string, flights: readonly number[]): Profile => ({ name: `PQuAKE, ${name}`, flights });

/** PQuAKE, by suite and form of the certificates. Peers that know each other exchange the same octets. */
export const profiles = {
  mandatory: pquake('ML-KEM-1024, ML-DSA-87', [1_572, 8_080, 8_084, 1_624, 52]),
  compact: pquake('the same, `--compact` certificates', [1_572, 8_016, 8_020, 1_624, 52]),
  smaller: pquake('ML-KEM-768, ML-DSA-65', [1_188, 5_898, 5_902, 1_144, 52]),
  hashBased: pquake('ML-KEM-1024, SLH-DSA-SHA2-256s', [1_572, 33_245, 33_249, 1_624, 52]),
  tls: { name: 'mutual TLS 1.3, MLKEM1024, ML-DSA-87', flights: [1_703, 14_000, 12_276] },
  smallerTls: { name: 'mutual TLS 1.3, X25519MLKEM768, ML-DSA-65', flights: [1_351, 10_276, 9_000] },
} as const satisfies Readonly<Record<string, Profile>>;

export const octetsOf = ({ flights }: Profile): number => flights.reduce((sum, octets) => sum + octets, 0);
