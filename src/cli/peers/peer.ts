// How the parts that `serve` and `connect` share end and tell of a handshake.
import type { PeerOptions } from '../../node/terminal/peer/options.ts';
import { digestOf } from '../../node/terminal/peer/settings.ts';
import { close } from '../../node/transport/stream.ts';
import type { TcpResult } from '../../node/transport/tcp.ts';
import type { Telling } from './report.ts';

/** Closes a connection that carries only the handshake. @returns how its result is told */
export function hangUp(result: TcpResult, options: PeerOptions): Telling {
  const telling = tellingOf(result, options);
  if (result.ok) {
    result.session.wipe();
    close(result.stream);
  }
  return telling;
}

/** How the result of a handshake is told. */
export const tellingOf = (result: TcpResult, options: PeerOptions): Telling => ({
  json: options.json === true,
  sessionDigest: result.ok ? digestOf(result.session, options) : undefined,
});
