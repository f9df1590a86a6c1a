// One line for each handshake on standard output: words, or JSON.
import type { PresentedCertificate } from '../../handshake/handshake.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { membersOfConnection } from '../../node/terminal/peer/settings.ts';
import { ChannelError } from '../../node/transport/channelError.ts';
import { addressText } from '../../node/transport/network.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import type { Connection, TcpResult } from '../../node/transport/tcp.ts';
import { toHex } from '../../octets.ts';

/** When and where a handshake ended, how long it took, and what the certificate of the peer states: as far as it is known. */
interface Circumstances {
  readonly time: Date;
  readonly connection?: Connection | undefined;
  readonly milliseconds?: number | undefined;
  readonly presented?: PresentedCertificate | undefined;
}

const membersOf = ({ time, connection, milliseconds, presented }: Circumstances) => ({
  certificate: presented ?? null,
  time: time.toISOString(),
  ...membersOfConnection(connection),
  milliseconds: milliseconds ?? null,
});

function wordsOf({ time, connection, milliseconds, presented }: Circumstances): string {
  const parts = [
    presented && `certificate ${presented.serialNumber} of ${presented.subject || 'an empty subject'}`,
    connection && `${addressText(connection.remote)}, local port ${connection.local.port}`,
    milliseconds === undefined ? undefined : `${milliseconds} ms`,
    time.toISOString(),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** How a result is told. */
export interface Telling {
  readonly json: boolean;
  /** SHA-384 of `k_session` in hexadecimal digits, where it was asked for; only the JSON tells it. */
  readonly sessionDigest?: string | undefined;
}

/** Reports a handshake that ended by itself. */
export function report(result: TcpResult, { json, sessionDigest }: Telling, time = new Date()): void {
  if (!result.ok) {
    const { code, step, section, message } = result.failure;
    const members = { ok: false, code, step, section, message, ...membersOf({ ...result, time }) };
    if (json) printJson(members);
    else print(`refused: ${code} in step ${step} (section ${section}): ${message}; ${wordsOf({ ...result, time })}`);
    return;
  }
  const { session, sent, received } = result;
  const { role, peer, identifier } = session;
  const where = { ...result, presented: { subject: peer.subject, serialNumber: peer.serialNumber }, time };
  const id = toHex(identifier);
  const { displayName, leniencies: lenient } = peer;
  const isStrict = lenient.length === 0;
  const told = { ok: true, role, peer: displayName, session: id, sent, received, ...membersOf(where) };
  const members = sessionDigest === undefined ? told : { ...told, sessionDigest };
  if (json) printJson(isStrict ? members : { ...members, lenient });
  else
    print(
      `completed as ${role} with ${displayName}: session ${id}, ${sent} octets sent, ${received} received; ${wordsOf(where)}${isStrict ? '' : `; permitted: ${lenient.join(', ')}`}`,
    );
}

/** Reports a handshake inside of a channel that completed. */
export function reportInner({ role, peer }: SecuredStream, json: boolean): void {
  const { identity, identifier, epoch, authenticated } = peer;
  const session = toHex(identifier);
  const time = authenticated.toISOString();
  if (json) printJson({ ok: true, role, peer: identity, session, inner: epoch, time });
  else print(`authenticated again as ${role} with ${identity}: session ${session}, inner handshake ${epoch}; ${time}`);
}

/** Reports how a channel has ended: in order, given up by this side, or by a failure. */
export function reportChannel(channel: SecuredStream, json: boolean, at = new Date()): void {
  const { bytesWritten: sent, bytesRead: received, errored, peer } = channel;
  const time = at.toISOString();
  const counts = { sent, received, inner: peer.epoch, time };
  const counted = `${sent} octets sent, ${received} received, ${peer.epoch} inner handshakes; ${time}`;
  if (errored instanceof ChannelError) {
    const { code, section, message } = errored.failure;
    if (json) printJson({ ok: false, code, step: null, section, message, channel: counts });
    else print(`channel failed: ${code} (spec/channel.md, section ${section}): ${message}; ${counted}`);
  } else if (channel.readableEnded && channel.writableFinished) {
    if (json) printJson({ ok: true, channel: counts });
    else print(`channel closed by both: ${counted}`);
  } else {
    const [code, message] = ['channel-abandoned', 'ended by this side before both directions had closed'];
    if (json) printJson({ ok: false, code, step: null, section: null, message, channel: counts });
    else print(`channel failed: ${code}: ${message}; ${counted}`);
  }
}

/** A handshake that did not end by itself, and why. */
export interface CutShort extends Omit<Circumstances, 'time'> {
  /** `interrupted`: by a signal; `internal`: by an error of this program. */
  readonly code: 'interrupted' | 'internal';
  readonly message: string;
}

/** Reports a handshake that did not end by itself. */
export function reportCutShort({ code, message, ...where }: CutShort, json: boolean, time = new Date()): void {
  if (json) printJson({ ok: false, code, step: null, section: null, message, ...membersOf({ ...where, time }) });
  else print(`${code}: ${message}; ${wordsOf({ ...where, time })}`);
}

/** Reports a result that a signal cut short, or one that came before it. */
export function reportEnded(result: TcpResult | undefined, signal: string | undefined, telling: Telling): void {
  const cutShort = { ...result, code: 'interrupted', message: `ended by ${signal} before a handshake ended` } as const;
  if (signal !== undefined && !result?.ok) reportCutShort(cutShort, telling.json);
  else if (result !== undefined) report(result, telling);
}
