/** The most that is read of a log, in octets where nothing else is said. */
export const logBounds = {
  /** A signed note: a checkpoint with its signatures. One of ML-DSA-44 takes about 3,300. */
  note: 262_144,
  /** Signatures of a note, in number. */
  signatures: 64,
  /** Entries of a tree, in number: whole numbers that JavaScript has exactly. */
  size: Number.MAX_SAFE_INTEGER,
  /** A tile: 256 hashes. */
  tile: 8_192,
  /** A bundle of entries: 256 of them, each with its length. */
  entries: 256 * (2 + 65_535),
  /** One entry. */
  entry: 65_535,
  /** A name of a key, or an origin, in UTF-8: what the message of a cosignature has room for. */
  name: 255,
  /** A proof: hashes, extra data and checkpoint. */
  proof: 393_216,
  /** Hashes of a proof, in number. */
  path: 63,
  /** A policy. */
  policy: 1_048_576,
  /** Logs of a policy, its witnesses, and its groups, in number each. */
  policyLines: 128,
  /** A key of a log or witness, as text. */
  verifierKey: 4_096,
  /** Tiles that a search for an entry reads, in number: more than 16 million entries. */
  searchedTiles: 65_536,
} as const;
