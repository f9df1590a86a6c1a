import { ConfigurationError } from '../../configuration.ts';
import type { Failure } from '../../failure.ts';
import { toHex } from '../../octets.ts';
import { EnrolmentError } from '../authority/enrolmentError.ts';
import { PassphraseError } from '../files/keys.ts';
import type { HandshakeResult } from '../transport/stream.ts';

/** Characters that move a cursor, colour, hide or reorder a text, or end a line: controls, formats, separators, halves of pairs. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

const unit = (character: string, at: number): string => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
const escaped = (character: string): string =>
  character.length === 1 ? unit(character, 0) : unit(character, 0) + unit(character, 1);

/**
 * A text from anywhere (a peer, a certificate, the name of a file) as one line that does nothing to a terminal or to a log:
 * characters that would are written as JSON does, `\u001b`. A line of JSON keeps its meaning.
 */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/** A line with colours of our own. Its parts were made printable before. */
export interface Styled {
  readonly styled: string;
}

/** One line: made printable here, whatever it holds. */
export type Line = string | Styled;

const textOf = (line: Line): string => (typeof line === 'string' ? printable(line) : line.styled);

/** Writes one line to standard output: results only, so that `--json` prints nothing else there. */
export const print = (line: Line): void => {
  process.stdout.write(`${textOf(line)}\n`);
};

/** Writes one line to standard error, where everything goes that is not the result. */
export const note = (line: Line): void => {
  process.stderr.write(`${textOf(line)}\n`);
};

/** Writes a text of several lines to standard error, such as the help that follows wrong usage. */
export const noteText = (text: string): void => {
  process.stderr.write(text.split('\n').map(printable).join('\n'));
};

/** A result as one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

const describeFailure = ({ code, step, section, message }: Failure): string =>
  `refused: ${code} in step ${step} (section ${section}): ${message}`;

/** Reports how a handshake ended, for people or as one line of JSON. */
export function report(result: HandshakeResult<unknown>, json: boolean): void {
  if (!result.ok) {
    const { code, step, section, message } = result.failure;
    if (json) printJson({ ok: false, code, step, section, message });
    else print(describeFailure(result.failure));
    return;
  }
  const { session, sent, received } = result;
  const { role, peer, identifier } = session;
  if (json) printJson({ ok: true, role, peer: peer.subject, session: toHex(identifier), sent, received });
  else
    print(
      `completed as ${role} with ${peer.subject}: session ${toHex(identifier)}, ${sent} octets sent, ${received} received`,
    );
}

/** Reports that a signal ended the wait for a handshake. */
export function reportInterrupted(signal: string, json: boolean): void {
  const message = `ended by ${signal} before a handshake ended`;
  if (json) printJson({ ok: false, code: 'interrupted', step: null, section: null, message });
  else print(`interrupted: ${message}`);
}

/**
 * Ends quietly when nobody reads standard output any more (EPIPE), with status 1, as the result was not told. A line of
 * standard error that nobody reads is lost. Without this, either would end the process with a stack trace.
 */
export function endQuietlyWithoutReaders(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(1);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/**
 * Reports why a command is impossible, and answers its exit status: 1, so that usage errors (2) stand apart.
 * @param members - more members of the JSON
 */
export function reportError(error: unknown, json: boolean, members: Readonly<Record<string, unknown>> = {}): number {
  if (!(error instanceof ConfigurationError)) throw error;
  const code = error instanceof PassphraseError || error instanceof EnrolmentError ? error.code : 'configuration';
  if (json) printJson({ ok: false, code, step: null, section: null, message: error.message, ...members });
  note(`pquake: ${error.message}`);
  return 1;
}
