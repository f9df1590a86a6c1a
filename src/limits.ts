/**
 * The most that is read from outside, in octets where nothing else is said. One table: whoever reads a file or a text takes
 * its bound from here, and the table of spec/security.md is compared with it.
 */
export const limits = {
  /** A private key, encrypted or not, in PEM. */
  keyFile: 65_536,
  /** Certificates in PEM: of a peer, of trust anchors, of intermediates. */
  certificateFile: 1_048_576,
  /** Revocation lists in PEM. */
  revocationListFile: 67_108_864,
  /** A passphrase: the first line of a file. */
  passphraseFile: 4_096,
  /** A pre-shared secret in hexadecimal digits. */
  preSharedSecretFile: 4_096,
  /** The journal of a change of files. */
  journal: 65_536,
  /** A certificate request, challenge or response. */
  enrolmentFile: 65_536,
  /** The database of an authority. */
  databaseFile: 67_108_864,
  /** A backup of an authority. */
  backupFile: 134_217_728,
  /** A recording of traffic that is inspected. */
  recording: 268_435_456,
  /** A key log that is inspected. */
  keyLogFile: 16_777_216,
  /** The text of one option of the command line, in characters. */
  optionText: 65_536,
  /** Handshakes under way at a listener, by default. */
  handshakes: 1_024,
  /** Of these, those of one IPv4 address or IPv6 /64, by default. */
  handshakesPerAddress: 256,
  /** New connections of one IPv4 address or IPv6 /64 in a second, by default; none for loopback. */
  handshakesPerSecond: 500,
  /** Addresses without a handshake whose rate is remembered. */
  trackedAddresses: 65_536,
  /** Until the first octet of a connection that a listener accepted, in milliseconds, by default. */
  firstOctet: 2_000,
} as const;
