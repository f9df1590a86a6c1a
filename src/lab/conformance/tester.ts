// The tester as a peer: an engine, and the changes that a case makes between the engine and the wire. No sockets, no clock.
import { type KemSizes, messageTable } from '../../generated/codec.ts';
import { type ReadingChoice, readingOf } from '../../generated/keySchedule.ts';
import { type Bytes, concat } from '../../octets.ts';
import { otherRole } from '../../role.ts';
import { type Case, messagesOf, type Piece, type Seen, type Turn, togetherFrom, turns } from './case.ts';
import { type Engine, engine, type Said, type Standing } from './engine.ts';
import { type Fitting, fitting } from './fitting.ts';
import { type Framed, framing } from './framing.ts';
import { type Material, policyFor } from './material.ts';

/** The acts on the connection that come next, and the last turn that they complete. */
export interface Doing {
  readonly turn: Turn;
  readonly pieces: readonly Piece[];
}

/** The tester's half of one connection. */
export interface Tester {
  readonly start: () => void;
  readonly receive: (octets: Bytes) => void;
  /** The next acts, if it is time for them; `nudged`: the tester has waited in vain for the peer. */
  readonly next: (nudged: boolean) => Doing | undefined;
  /** A message is ready, and waits for one of the peer. */
  readonly holding: () => boolean;
  readonly framed: () => Framed;
  readonly standing: () => Standing;
  /** The alternatives of the reading that the peer has, as a certificate or a confirmation value of it shows. */
  readonly fits: () => string | undefined;
  /** The turn of the peer whose message the engine refused. */
  readonly failedAt: () => Turn | undefined;
}

/** Sends every message of the peer back as its own next one. */
function reflector(honest: Engine, peer: Case['peer'], kem: KemSizes): Engine {
  const watch = framing(peer, kem);
  const own = messagesOf(otherRole(peer));
  const standing: Standing = { status: 'awaiting', message: messagesOf(peer)[0] ?? 'initiatorHello' };
  let reflected = peer === 'responder' ? 1 : 0; // an initiator begins with a message of its own
  return {
    start: () => ({ send: honest.start().send, standing }),
    receive: (octets) => {
      watch.push(octets);
      const fresh = watch.framed().messages.slice(reflected);
      const send = fresh.map((message, i) => {
        const name = own[reflected + i];
        return name === undefined ? message : message.with(1, messageTable[name].type);
      });
      reflected += fresh.length;
      return { send, standing };
    },
  };
}

function engineFor(test: Case, material: Material, choice: ReadingChoice, psk: boolean, watched: Fitting): Engine {
  const { certificate, key } = test.identity?.(material) ?? material.tester;
  const shown = test.peerCertificate === 'large' ? (material.largePeer ?? material.peer) : material.peer;
  const secrets = {
    own: material.preSharedSecret,
    other: material.suite.hash(material.preSharedSecret),
    none: undefined,
  };
  const { algebra } = test;
  const honest = engine({
    suite: material.suite,
    role: otherRole(test.peer),
    certificate,
    decapsulationKey: key,
    reading: watched.reading({ ...readingOf(choice), ...test.reading }),
    preSharedSecret: secrets[test.psk?.tester ?? (psk ? 'own' : 'none')],
    policy: policyFor(material, shown.certificate),
    // The peer's identity is compared with the one that it was given; the tester may be showing the same.
    algebra: (inner) => {
      const a = watched.algebra(inner);
      const judging = { ...a, acceptPeer: ({ peer }) => a.acceptPeer({ own: a.empty as never, peer }) } as typeof a;
      return algebra?.(judging, material) ?? judging;
    },
  });
  return test.reflects ? reflector(honest, test.peer, material.suite.algorithms.kem) : honest;
}

/** Octets that stand side by side become those of one write. Nothing follows an end. */
function inOneWrite(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const before = joined.at(-1);
    if (before instanceof Uint8Array && piece instanceof Uint8Array) joined.splice(-1, 1, concat(before, piece));
    else joined.push(piece);
    if (piece === 'stop' || piece === 'end') break;
  }
  return joined;
}

/** The tester for a case. `psk`: whether both sides have the secret where the case does not say. */
export function tester(test: Case, material: Material, choice: ReadingChoice, psk: boolean): Tester {
  const { peer, order = 'eager', put = {}, segments } = test;
  const watched = fitting(peer, choice);
  const inner = engineFor(test, material, choice, psk, watched);
  const watch = framing(peer, material.suite.algorithms.kem);
  const sent: Bytes[] = [];
  let standing: Standing | undefined;
  let turnsDone = 0;
  let taken = 0;
  let failedAt: Turn | undefined;

  const take = (said: Said): void => {
    sent.push(...said.send);
    standing = said.standing;
  };

  /** The last turn that must be ready before this one is sent. */
  const pairOf = (turn: Turn): number => {
    return togetherFrom(peer, order).includes(turn) ? turn + 1 : turn;
  };

  function released(turn: Turn): boolean {
    if (order === 'late') {
      const opening = peer === 'responder' && turn === 1;
      return opening || watch.framed().messages.length >= turn;
    }
    return sent.length >= pairOf(turn);
  }

  function piecesOf(octets: Bytes, turn: Turn): readonly Piece[] {
    const seen: Seen = { sent: sent.slice(0, turn), received: watch.framed().messages };
    return put[turn]?.(octets, seen) ?? [octets];
  }

  function next(nudged: boolean): Doing | undefined {
    const turn = turns[turnsDone];
    const octets = sent[turnsDone];
    if (turn === undefined || octets === undefined || !(nudged || released(turn))) return undefined;
    const last = Math.min(pairOf(turn), sent.length) as Turn;
    const pieces = sent.slice(turnsDone, last).flatMap((one, i) => piecesOf(one, (turn + i) as Turn));
    turnsDone = last;
    const together = last > turn ? inOneWrite(pieces) : pieces;
    const cut =
      segments === undefined
        ? together
        : together.flatMap((one) => (one instanceof Uint8Array ? segments(one) : [one]));
    return { turn: last, pieces: cut };
  }

  return {
    start: () => take(inner.start()),
    receive: (octets) => {
      watch.push(octets);
      // One message at a time: then it is known at which of them the engine fails.
      for (const message of watch.framed().messages.slice(taken)) {
        taken += 1;
        take(inner.receive(message));
        if (standing?.status === 'failed') failedAt ??= taken as Turn;
      }
    },
    next,
    holding: () => sent.length > turnsDone,
    framed: watch.framed,
    fits: watched.found,
    standing: () => standing ?? { status: 'awaiting', message: 'initiatorHello' },
    failedAt: () => failedAt,
  };
}
