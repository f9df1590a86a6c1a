import type { Duplex } from 'node:stream';
import { limits } from '../../limits.ts';

/** Ends a connection in order: until the peer has ended it too, or had the time to. What comes meanwhile is still looked at. */
export function lingering(socket: Duplex, over: () => void): void {
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket.off('end', finish).off('close', finish).off('error', finish);
    over();
  };
  const timer = setTimeout(finish, limits.channelEnd);
  socket.on('end', finish).on('close', finish).on('error', finish);
  if (socket.destroyed || socket.readableEnded) finish();
  else socket.resume().end();
}
