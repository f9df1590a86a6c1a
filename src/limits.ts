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
  /** Iterations of PBKDF2 of a key or a backup: about two seconds. */
  passphraseIterations: 2_000_000,
  /** A passphrase: the first line of a file. */
  passphraseFile: 4_096,
  /** A pre-shared secret in hexadecimal digits. */
  preSharedSecretFile: 4_096,
  /** The journal of a change of files. */
  journal: 65_536,
  /** The lock of a directory. */
  lock: 1_024,
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
  /** A transcript that is replayed, a list of expected failures, a model: what developers write. */
  document: 16_777_216,
  /** Until a pipe that is read has ended, in milliseconds. */
  pipeWait: 10_000,
  /** Until a pipe that is read has a writer, in milliseconds. */
  writerWait: 2_000,
  /** Connections of a recording that are told apart; what others carry is not looked at. */
  recordedConnections: 65_536,
  /** Handshakes of a recording that are shown. */
  recordedHandshakes: 4_096,
  /** Interfaces of one section of a recording (pcapng). */
  recordedInterfaces: 65_536,
  /** Things of one kind that an inspection tells one by one (problems, notes); the others are counted. */
  inspectionLines: 100,
  /** The file of failures that are expected of a peer under test. */
  expectedFailuresFile: 65_536,
  /** The text of one option of the command line, in characters. */
  optionText: 65_536,
  /** The detail of a failure; what is left out is counted. */
  failureDetail: 1_024,
  /** A distinguished name in the detail of a failure, in characters. */
  shownName: 256,
  /** A distinguished name in DER. */
  nameOctets: 4_096,
  /** Attributes of a distinguished name, in number. */
  nameAttributes: 32,
  /** Extensions of a certificate, of a revocation list or of one of its entries, in number. */
  extensions: 32,
  /** Names of a subject alternative name, in number. */
  alternativeNames: 320,
  /** Of these, directory names, in number. */
  directoryNames: 4,
  /** One of these names, in octets. */
  alternativeNameOctets: 4_096,
  /** Subtrees that name constraints permit, and that they exclude, in number each. */
  subtrees: 1_024,
  /** Entries of a revocation list, in number. */
  revokedEntries: 4_194_304,
  /** Elements inside any other element of a certificate or key, in number. */
  elements: 64,
  /** The contents of an object identifier. */
  objectIdentifier: 100,
  /** Certificates of peers whose verified signatures are remembered, for each trust store, and for each worker. */
  knownCertificates: 1_024,
  /** Ephemeral key pairs that are made before a handshake needs them. */
  keysAhead: 4,
  /** Handshakes under way at a listener, by default. */
  handshakes: 1_024,
  /** Of these, those of one IPv4 address or IPv6 /64, by default. */
  handshakesPerAddress: 256,
  /** New connections of one IPv4 address or IPv6 /64 in a second, by default; none for loopback. */
  handshakesPerSecond: 500,
  /** Until a peer of a full listener that has sent a message, and is silent, may lose its place, in milliseconds, by default; a tenth for others. */
  patience: 500,
  /** Addresses without a handshake whose rate is remembered. */
  trackedAddresses: 65_536,
  /** Threads that compute the handshakes of a listener. */
  workers: 64,
  /** Until the first octet of a connection that a listener accepted, in milliseconds, by default. */
  firstOctet: 5_000,
  /** What a channel over a connection holds in buffers, of both directions together, by default. */
  channelBuffers: 262_144,
  /** Until a handshake inside of a channel has completed that was asked for or begun, in milliseconds, by default. */
  rehandshake: 30_000,
  /** Channels of a process that authenticate again at the same time when a certificate was renewed; the others take turns. */
  renewals: 16,
  /** What such a turn has at most, in milliseconds; then the next channel begins beside it. */
  renewalTurn: 2_000,
  /** Until a peer ends a connection whose two directions have closed, in milliseconds. */
  channelEnd: 1_000,
} as const;
