// The settings of the searched process. Secrets are masked, so that they stand in no message and no text.

/** Every octet of a secret that is told is told under this. */
export const mask = 0x5a;

export interface Setup {
  readonly backend: 'noble' | 'native';
  /** DER of the trust anchor, hexadecimal. */
  readonly anchor: string;
  readonly alice: { readonly certificate: string; readonly seed: string };
  readonly bob: { readonly certificate: string; readonly seed: string };
  readonly time: string;
  /** Handshakes that finish, and as many that are aborted. */
  readonly rounds: number;
  /** Whether a secret is left on purpose, to see that the search finds it. */
  readonly leaves: boolean;
}

/** The answer: where each secret stands in `told`, which is masked and hexadecimal. */
export interface Told {
  readonly finished: number;
  readonly aborted: number;
  /** How many of the entries, from the first one on, serve for nothing any more. Of the others some are in use: two channels go on. */
  readonly over: number;
  readonly entries: readonly { readonly what: string; readonly offset: number; readonly length: number }[];
  readonly told: string;
}
