// The peer of a channel as policy, record and handlers see it.
import { createHash } from 'node:crypto';
import type { ChannelPeer, SecuredStream } from '../../node/transport/secured.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Assurance, Principal } from '../contract.ts';

/** Reads what the issuer of a certificate asserts of a person. Undefined: not applicable. */
export type AssuranceReader = (peer: ChannelPeer) => Assurance | undefined;

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Who a peer is: its name for people, the names for which a path vouches, and the trust anchors of these paths. */
export type PeerIdentity = Pick<Principal, 'identity' | 'names' | 'authorities'>;

/** Returns the identity of the peer of a channel, as its certificate states it. */
export const identityOf = ({ identity, certificate: { vouchers } }: ChannelPeer): PeerIdentity => ({
  identity,
  names: unique(vouchers.flatMap(({ names }) => names)),
  authorities: unique(vouchers.map(({ trustAnchor }) => trustAnchor.subject.text)),
});

/**
 * Returns the principal of a peer. Only names for which a path vouches are in it.
 * @param binding the identifier of the first handshake of the connection, 48 octets
 * @param assuranceOf reads the assurance in the certificate; without it there is none
 */
export function principalOf(
  peer: ChannelPeer,
  binding: Bytes,
  assuranceOf: AssuranceReader = () => undefined,
): Principal {
  const { certificate, authenticated, epoch } = peer;
  const { octets, notAfter } = certificate;
  const assurance = assuranceOf(peer);
  return {
    ...identityOf(peer),
    notAfter,
    certificateDigest: createHash('sha256').update(octets).digest('hex'),
    channelBinding: toHex(binding),
    authenticated,
    epoch,
    ...(assurance && { assurance }),
  };
}

/** A channel with the session whose handshake opened the connection, as `connect` and `listen` give them with the option `channel`. */
export interface OpenChannel {
  readonly channel: SecuredStream;
  readonly session: { readonly identifier: Bytes };
}

/** Returns a function that tells the principal as it stands now: it follows each authentication inside the channel. */
export function principalOn({ channel, session }: OpenChannel, assuranceOf?: AssuranceReader): () => Principal {
  const binding = Uint8Array.from(session.identifier);
  let [peer, principal] = [channel.peer, principalOf(channel.peer, binding, assuranceOf)];
  return () => {
    if (peer !== channel.peer) {
      peer = channel.peer;
      principal = principalOf(peer, binding, assuranceOf);
    }
    return principal;
  };
}
