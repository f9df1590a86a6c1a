// The peer of a channel as policy and record see it.
import { createHash } from 'node:crypto';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Principal } from '../contract.ts';

/**
 * Tells who the peer of a channel is now: it follows each authentication inside.
 * @param binding - the identifier of the first handshake of the connection, 48 octets
 */
export function principalOn(channel: SecuredStream, binding: Bytes): () => Principal {
  const channelBinding = toHex(binding);
  return () => {
    const { identity, certificate, authenticated, epoch } = channel.peer;
    const { vouchers, notAfter, octets } = certificate;
    return {
      identity,
      names: [...new Set(vouchers.flatMap(({ names }) => names))],
      authorities: [...new Set(vouchers.map(({ trustAnchor }) => trustAnchor.subject.text))],
      notAfter,
      certificateDigest: createHash('sha256').update(octets).digest('hex'),
      channelBinding,
      authenticated,
      epoch,
    };
  };
}
