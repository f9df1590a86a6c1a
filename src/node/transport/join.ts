// Joins a plain connection and a channel: what comes from the one goes to the other, and so does how it ends.
import type { Socket } from 'node:net';
import { networkReason } from './networkErrors.ts';
import type { SecuredStream } from './secured.ts';

/** Breaks a connection so that its reader sees no end in order. A Unix socket has no way to say so. */
function breakOff(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** Calls when nothing crossed a channel for so many milliseconds. @returns what takes it back */
function whenIdle(channel: SecuredStream, milliseconds: number, idle: () => void): () => void {
  const steps = 4;
  let [crossed, quiet] = [-1, 0];
  const timer = setInterval(() => {
    const now = channel.bytesRead + channel.bytesWritten;
    quiet = now === crossed ? quiet + 1 : 0;
    crossed = now;
    if (quiet >= steps) idle();
  }, milliseconds / steps).unref();
  return () => clearInterval(timer);
}

/**
 * Joins both, with their half-closes, until both have closed. A failure of one breaks the other: neither looks as if it had ended in order.
 * @param milliseconds after which connections that carry nothing are cut
 * @returns why they ended, if not in order
 */
export function join(plain: Socket, channel: SecuredStream, milliseconds: number): Promise<string | undefined> {
  let reason: string | undefined;
  const cut = (why: string): void => {
    reason ??= why;
    channel.destroy();
    if (!plain.destroyed) breakOff(plain);
  };
  const notIdle = whenIdle(channel, milliseconds, () => cut(`idle for ${milliseconds / 1_000} s`));
  plain.allowHalfOpen = true;
  plain.on('error', (error) => cut(`the plain connection: ${networkReason(error)}`));
  channel.on('error', (error: Error & { code?: string }) => cut(`the channel: ${error.code}: ${error.message}`));
  plain.once('close', () => {
    if (!channel.writableEnded || !plain.writableFinished) cut('the plain connection closed early');
  });
  channel.once('close', () => {
    if (!channel.readableEnded || !channel.writableFinished) cut('cut by this side');
  });
  if (plain.destroyed) cut('the plain connection closed early');
  plain.pipe(channel);
  channel.pipe(plain);
  const closed = [plain, channel].map(
    (one) =>
      new Promise<void>((resolve) => {
        if (one.closed) resolve();
        else one.once('close', () => resolve());
      }),
  );
  return Promise.all(closed).then(() => {
    notIdle();
    return reason;
  });
}
