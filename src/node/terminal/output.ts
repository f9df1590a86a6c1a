import { ConfigurationError, type Remedy } from '../../configuration.ts';
import { EnrolmentError } from '../authority/enrolmentError.ts';
import { PassphraseError } from '../files/keys.ts';

/**
 * Characters that move a cursor, colour, hide or reorder a text, or end a line: controls, formats, surrogates, private
 * use, separators.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

const unit = (character: string, at: number): string => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
const escaped = (character: string): string =>
  character.length === 1 ? unit(character, 0) : unit(character, 0) + unit(character, 1);

/**
 * Makes a text from any source (a peer, a certificate, a file name) one line that is harmless to a terminal or a log.
 * Harmful characters are escaped as in JSON, `\u001b`. A line of JSON keeps its meaning.
 */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/** A line with colours of our own. Its parts are printable already. */
export interface Styled {
  readonly styled: string;
}

/** One line. A string is made printable when it is written. */
export type Line = string | Styled;

const textOf = (line: Line): string => (typeof line === 'string' ? printable(line) : line.styled);

let results: 'stdout' | 'stderr' = 'stdout';

/** Where results are printed from now on: on standard error, when standard output carries the data of a peer. */
export const printResultsTo = (stream: typeof results): void => {
  results = stream;
};

/** Writes one line to standard output, which holds results only: `--json` prints nothing else there. */
export const print = (line: Line): void => {
  process[results].write(`${textOf(line)}\n`);
};

/** Writes one line to standard error, for everything that is not the result. */
export const note = (line: Line): void => {
  process.stderr.write(`${textOf(line)}\n`);
};

/** Writes a text of several lines to standard error, such as the help after wrong usage. */
export const noteText = (text: string): void => {
  process.stderr.write(text.split('\n').map(printable).join('\n'));
};

/** A result as one line of JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value));

let goesOn = false;
let isLost = false;

/** What is printed may be lost from now on: this process has more to do than to print, as a server has. */
export const goOnWithoutOutput = (): void => {
  goesOn = true;
};

function onLostOutput({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') process.exit(1);
  if (!goesOn) {
    note(`pquake: standard output cannot be written: ${message}`);
    process.exit(1);
  }
  if (isLost) return;
  isLost = true;
  note(`pquake: warning: standard output cannot be written, what is printed there is lost: ${message}`);
}

/**
 * Says what becomes of this process when its output cannot be written, which would end it with a stack trace: a full disk, a
 * terminal that is gone. It ends with status 1, as the result was not reported, and says why; quietly where only nobody
 * reads any more (EPIPE). One that goes on without its output says it once. What standard error cannot hold is lost.
 */
export function handleLostOutput(): void {
  process.stdout.on('error', onLostOutput);
  process.stderr.on('error', () => {});
}

/** The options of the command line that permit what was refused. */
const options: Readonly<Record<Remedy, string>> = {
  'replace-file': '; --force overwrites it',
  'replace-secret': '; --force overwrites it, and the key in it is lost',
  'renew-early': '; --force renews it now',
  'revoke-unknown': '; --force revokes it',
  'allow-names': '; --allow-san PATTERN allows them',
  'allow-taken': '; --allow-taken-names certifies it all the same',
  'say-which': '; say which with --name or --serial',
  'say-serial': '; --serial takes a serial number',
};

/**
 * Reports why a command failed. Returns its exit status: 1, which differs from that of a usage error (2).
 * @param members - more members of the JSON
 */
export function reportError(error: unknown, json: boolean, members: Readonly<Record<string, unknown>> = {}): number {
  if (!(error instanceof ConfigurationError)) throw error;
  const code = error instanceof PassphraseError || error instanceof EnrolmentError ? error.code : 'configuration';
  const message = error.message + (error.remedy === undefined ? '' : options[error.remedy]);
  if (json) printJson({ ok: false, code, step: null, section: null, message, ...members });
  note(`pquake: ${message}`);
  return 1;
}
