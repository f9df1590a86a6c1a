// What the numbers of models/bounds.md assume of the primitives: against classical and quantum adversaries.
/** Work of an adversary, agents, and certificates of an authority: powers of two that are assumed, as those below. */
export const work = 2 ** 100;
export const agents = 2 ** 10;
export const certificates = 2 ** 30;
const blocks = 2 ** 10;
const security = 2 ** -256;
const failure = 2 ** -174.8;

/** What is assumed of a probability: its arguments as numbers, the adversary's time first; and the words for the page. */
interface Assumed {
  readonly value: (...of: readonly number[]) => number;
  readonly formula: string;
  readonly because: string;
}

const equalCiphertexts = (n: number): number => n ** 2 / 2 ** 257;
const gcm = (n: number): number => work * security + (n * blocks) ** 2 / 2 ** 129;

const kem: Assumed = {
  value: (_, n = 1) => n * (work * security + failure) + equalCiphertexts(n),
  formula: 'n (T / 2^256 + 2^-174.8) + n^2 / 2^257',
  because:
    'ML-KEM-1024 is of NIST category 5; decapsulation fails as FIPS 203 says; equal ciphertexts come from equal 32 octets',
};
const anonymous: Assumed = {
  value: (_, n = 1) => 4 * n * work * security + n * failure + equalCiphertexts(n),
  formula: '4 n T / 2^256 + n 2^-174.8 + n^2 / 2^257',
  because:
    'twice the sum of IND-CCA2 and IK-CCA2 for each challenge; that ciphertexts hide their key rests on the same lattice problem',
};
const hkdf: Assumed = {
  value: (_, n = 1) => (work + n) * security,
  formula: '(T + n) / 2^256',
  because: 'HKDF with SHA-384: a shared secret of 32 octets is searched, or guessed',
};
const guess: Assumed = {
  value: () => security,
  formula: '2^-256',
  because: 'keys and ciphertexts of ML-KEM come from 32 octets that are drawn',
};

/** What is assumed of the probabilities in the bounds, by their names. */
export const assumed: Readonly<Record<string, Assumed>> = {
  P_kem: kem,
  P_ind_cca2: kem,
  P_ind_cpa: kem,
  P_ind_ik_cca2: anonymous,
  P_ind_ik_cpa: anonymous,
  P_pk: guess,
  P_ct: guess,
  P_sig: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'ML-DSA-87 is of NIST category 5',
  },
  P_mac: {
    value: (_, _n, tried = 0) => (work + tried) / 2 ** 384,
    formula: "(T + n') / 2^384",
    because: 'HMAC-SHA-384: a key of 48 octets is searched, or a value of 48 octets guessed',
  },
  P_kdf: {
    value: () => work ** 2 / 2 ** 384,
    formula: 'T^2 / 2^384',
    because: 'collisions of HMAC-SHA-384 by the birthday bound',
  },
  P_commit: {
    value: () => work ** 2 / 2 ** 256,
    formula: 'T^2 / 2^256',
    because: 'collisions of its first 32 octets by the birthday bound',
  },
  P_H: {
    value: () => work ** 2 / 2 ** 384,
    formula: 'T^2 / 2^384',
    because: 'collisions of SHA-384 by the birthday bound',
  },
  P_prf: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'the key of kdf_1 has 256 bits of entropy: ss_e, or an ss_pre of 32 random octets',
  },
  P_J: { value: () => work * security, formula: 'T / 2^256', because: 'SHAKE256 with z, 32 octets, before its input' },
  P_dual: {
    value: () => work * security,
    formula: 'T / 2^256',
    because: 'HMAC-SHA-384 as a dual PRF: its key is ss_h, 32 octets, or 64 octets of randomness',
  },
  P_extract: {
    value: () => work / 2 ** 384,
    formula: 'T / 2^384',
    because: 'HMAC-SHA-384: the key k_h has 48 octets',
  },
  P_expand: {
    value: () => work / 2 ** 384,
    formula: 'T / 2^384',
    because: 'HMAC-SHA-384: the key of a coin has 48 octets',
  },
  P_hkdf_i: hkdf,
  P_hkdf_r: hkdf,
  P_hkdf_i_or_r: hkdf,
  P_hkdf_e: hkdf,
  P_enc: {
    value: (_, n = 1) => gcm(n),
    formula: 'T / 2^256 + (B n)^2 / 2^129',
    because:
      'AES-256-GCM: a key searched, or two of its blocks told from random ones; B = 2^10 blocks, a certificate of 16 kB',
  },
  P_ctxt: {
    value: (_, n = 1, tried = 0) => gcm(n + tried) + (blocks * tried) / 2 ** 128,
    formula: "T / 2^256 + (B (n + n'))^2 / 2^129 + B n' / 2^128",
    because: 'AES-256-GCM: as above, or a tag of 16 octets hit by one of the openings',
  },
};

/** The longest sequence of quantum operations: the middle one of the three that NIST named (2^40, 2^64, 2^96). */
const depth = 2 ** 64;
const search = 4 * depth ** 2 * security;

const quantumHkdf: Assumed = {
  value: (_, n = 1) => search + n * security,
  formula: '4 D^2 / 2^256 + n / 2^256',
  because: 'a shared secret of 32 octets is searched by Grover’s algorithm, or guessed',
};

/** The same for an adversary with a quantum computer, of the probabilities in the proofs without random oracles. */
export const assumedQuantum: Readonly<Record<string, Assumed>> = {
  P_kem: {
    value: (_, n = 1) => n * (search + failure) + equalCiphertexts(n),
    formula: 'n (4 D^2 / 2^256 + 2^-174.8) + n^2 / 2^257',
    because: 'ML-KEM-1024 is of NIST category 5: no easier than a search for a key of AES-256, by Grover’s algorithm',
  },
  P_pk: guess,
  P_ct: guess,
  P_sig: {
    value: () => search,
    formula: '4 D^2 / 2^256',
    because: 'ML-DSA-87 is of NIST category 5, as above',
  },
  P_mac: {
    value: (_, _n, tried = 0) => (4 * depth ** 2 + tried) / 2 ** 384,
    formula: "(4 D^2 + n') / 2^384",
    because: 'HMAC-SHA-384: a key of 48 octets is searched by Grover’s algorithm, or a value of 48 octets guessed',
  },
  P_H: {
    value: () => depth ** 3 / 2 ** 384,
    formula: 'D^3 / 2^384',
    because: 'collisions of SHA-384 by the algorithm of Brassard, Hoyer and Tapp, its memory not counted',
  },
  P_hkdf_i: quantumHkdf,
  P_hkdf_r: quantumHkdf,
  P_hkdf_i_or_r: quantumHkdf,
  P_hkdf_e: quantumHkdf,
};
