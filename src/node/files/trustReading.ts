// Trusted contents that are renewed while they are in use: each file by itself, so that one which cannot be used keeps
// no other from taking force. What it held before stays.
import { match } from 'ts-pattern';
import type { Intermediate } from '../../certificate/authority.ts';
import type { RevocationList } from '../../certificate/revocationList.ts';
import type { TrustAnchor } from '../../certificate/trustAnchor.ts';
import type { Suite } from '../../crypto/suite.ts';
import type { ExpectedPeer } from '../../handshake/expectedPeer.ts';
import type { HandshakeOptions } from '../../handshake/options.ts';
import { same } from '../../octets.ts';
import { factsOf } from './facts.ts';
import {
  namesOf,
  readIntermediates,
  readRevocationLists,
  readTrustAnchors,
  storeOf,
  type TrustFiles,
} from './files.ts';
import { filesOf } from './folder.ts';

/** The names of the files, and the other peer that is expected. */
export interface PeerFiles extends TrustFiles {
  /** Names that the other peer may have; every peer is accepted when absent, and with `anyone`. */
  readonly expect?: readonly string[] | undefined;
  /** Trust anchors that vouch for these names: subjects, which contain `=`, or files of anchors. */
  readonly expectIssuer?: readonly string[] | undefined;
}

/** A file of trusted contents: its kind, and the name that the configuration has for it or for its folder. */
interface Source {
  readonly kind: 'ca' | 'intermediates' | 'crl' | 'expectIssuer';
  readonly configured: string;
  readonly file: string;
}

/** What a file held when it could be used last. */
type Piece = Source & {
  /** Those of the file before it was read. */
  readonly facts: string;
} & (
    | { readonly kind: 'ca' | 'expectIssuer'; readonly held: readonly TrustAnchor[] }
    | { readonly kind: 'intermediates'; readonly held: readonly Intermediate[] }
    | { readonly kind: 'crl'; readonly held: readonly RevocationList[] }
  );

/** Who is trusted, and what the files held. */
export interface Trust extends Pick<HandshakeOptions, 'trustAnchors' | 'expectedPeer'> {
  readonly pieces: readonly Piece[];
}

/** A word with `=` is the subject of an anchor; any other word is a file. */
const isFile = (issuer: string): boolean => !issuer.includes('=');

/** The names of all files that trust comes from. */
export const trustFilesOf = ({ ca, intermediates = [], crl = [], expectIssuer = [] }: PeerFiles): string[] => [
  ...ca,
  ...intermediates,
  ...crl,
  ...expectIssuer.filter(isFile),
];

function readPiece(suite: Suite, { kind, configured, file }: Source, { lenient }: PeerFiles): Piece {
  const facts = factsOf([file]);
  const of = { configured, file, facts };
  return match(kind)
    .returnType<Piece>()
    .with('ca', 'expectIssuer', (anchors) => ({ ...of, kind: anchors, held: readTrustAnchors(suite, [file], lenient) }))
    .with('intermediates', (between) => ({ ...of, kind: between, held: readIntermediates(suite, [file], lenient) }))
    .with('crl', (lists) => ({ ...of, kind: lists, held: readRevocationLists([file], suite.algorithms, lenient) }))
    .exhaustive();
}

/** The expected peer that the names describe. */
function expectedPeerOf({ expect = ['anyone'], expectIssuer }: PeerFiles, pieces: readonly Piece[]): ExpectedPeer {
  if (expect.includes('anyone')) return 'anyone';
  if (expectIssuer === undefined) return expect;
  const anchorsIn = (file: string): TrustAnchor[] =>
    pieces.flatMap((piece) => (piece.kind === 'expectIssuer' && piece.configured === file ? piece.held : []));
  const issuers = expectIssuer.map((one) => (isFile(one) ? anchorsIn(one) : one));
  return expect.flatMap((name) => issuers.map((issuer) => ({ name, issuer })));
}

/** @param names - the files that a refusal names @throws ConfigurationError */
function trustOf(files: PeerFiles, pieces: readonly Piece[], names: string): Trust {
  const contents = {
    trustAnchors: pieces.flatMap((piece) => (piece.kind === 'ca' ? piece.held : [])),
    intermediates: pieces.flatMap((piece) => (piece.kind === 'intermediates' ? piece.held : [])),
    revocationLists: pieces.flatMap((piece) => (piece.kind === 'crl' ? piece.held : [])),
  };
  return { trustAnchors: storeOf(contents, files, names), expectedPeer: expectedPeerOf(files, pieces), pieces };
}

/** The files of every name. @param listed - the files of a name of revocation lists */
function sourcesOf(files: PeerFiles, listed: (name: string) => readonly string[]): Source[] {
  const { ca, intermediates = [], crl = [], expect = ['anyone'], expectIssuer = [] } = files;
  const single = (kind: Source['kind'], names: readonly string[]): Source[] =>
    names.map((name) => ({ kind, configured: name, file: name }));
  return [
    ...single('ca', ca),
    ...single('intermediates', intermediates),
    ...crl.flatMap((name) => listed(name).map((file): Source => ({ kind: 'crl', configured: name, file }))),
    ...(expect.includes('anyone') ? [] : single('expectIssuer', expectIssuer.filter(isFile))),
  ];
}

/** Reads all files for the first time. @throws ConfigurationError for the first that cannot be used */
export function readTrust(suite: Suite, files: PeerFiles): Trust {
  const pieces = sourcesOf(files, filesOf).map((source) => readPiece(suite, source, files));
  return trustOf(files, pieces, namesOf(files));
}

/** How files are read again. */
export interface Rereading {
  /** Called with the reason for each file whose content does not take force: what it held before stays. */
  readonly refused: (error: unknown) => void;
  /** Reads those files only whose facts changed. */
  readonly changedOnly?: boolean | undefined;
  /**
   * Drops lists whose files are no longer in their folder. Otherwise they stay in force, as does a list whose only file
   * went away: nobody is released because a file is missing.
   */
  readonly dropMissing?: boolean | undefined;
}

const isOf = (one: Source, other: Source): boolean =>
  one.kind === other.kind && one.configured === other.configured && one.file === other.file;

const holdsSame = (one: Piece, other: Piece): boolean =>
  one.held.length === other.held.length &&
  one.held.every(({ octets }, i) => same(octets, other.held[i]?.octets ?? new Uint8Array()));

/** The files in a folder of lists, and those that are remembered of it. */
function listedAgain(name: string, former: Trust, { refused, dropMissing = false }: Rereading): string[] {
  const remembered = former.pieces.flatMap(({ kind, configured, file }) =>
    kind === 'crl' && configured === name ? [file] : [],
  );
  try {
    const present = filesOf(name);
    const isStillFile = present.includes(name);
    return dropMissing || isStillFile ? present : [...new Set([...present, ...remembered])];
  } catch (error) {
    refused(error);
    return remembered;
  }
}

/** Reads files again. A file that cannot be used keeps what it held. */
function readAgain(suite: Suite, files: PeerFiles, former: Trust, how: Rereading): Piece[] {
  return sourcesOf(files, (name) => listedAgain(name, former, how)).flatMap((source) => {
    const before = former.pieces.find((piece) => isOf(piece, source));
    if (how.changedOnly && before?.facts === factsOf([source.file])) return [before];
    try {
      const piece = readPiece(suite, source, files);
      return [before !== undefined && holdsSame(before, piece) ? { ...before, facts: piece.facts } : piece];
    } catch (error) {
      how.refused(error);
      return before === undefined ? [] : [before];
    }
  });
}

/** Takes each new content that fits what is in force, one after the other. */
function fitting(files: PeerFiles, former: Trust, pieces: readonly Piece[], refused: Rereading['refused']): Trust {
  let best = former;
  for (const piece of pieces) {
    if (best.pieces.some((one) => isOf(one, piece) && one.held === piece.held)) continue;
    const others = best.pieces.filter((one) => !isOf(one, piece));
    try {
      // Of an anchor, that which leads to none without it is named.
      best = trustOf(files, [...others, piece], piece.kind === 'ca' ? namesOf(files) : piece.file);
    } catch (error) {
      refused(error);
    }
  }
  return best;
}

const isUnchanged = (former: Trust, pieces: readonly Piece[]): boolean =>
  former.pieces.length === pieces.length &&
  pieces.every((piece) => former.pieces.some((one) => isOf(one, piece) && one.held === piece.held));

/**
 * Reads the files of trust again. Files that cannot be used, or do not fit the others, keep what they held. Returns
 * `former` when nothing is new.
 */
export function renewTrust(suite: Suite, files: PeerFiles, former: Trust, how: Rereading): Trust {
  const pieces = readAgain(suite, files, former, how);
  if (isUnchanged(former, pieces)) return former;
  try {
    return trustOf(files, pieces, namesOf(files));
  } catch (error) {
    const unfit: unknown[] = [];
    const fits = fitting(files, former, pieces, (reason) => unfit.push(reason));
    for (const reason of unfit.length > 0 ? unfit : [error]) how.refused(reason);
    return fits;
  }
}
