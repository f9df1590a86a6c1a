/** The seed of the peer's key, which some defects need. */
export const peerSeed = Uint8Array.from({ length: 64 }, (_, i) => 3 * i + 1);
