// One direction of a channel under a root, from which vectors are made: also records that no channel seals.
import { bytesRecords } from '../../algebra/bytesRecords.ts';
import { beginOf, type Protection, protectionOf, ratcheted, rootSecrets } from '../../channel/keys.ts';
import { noble } from '../../crypto/noble.ts';
import { type ChannelRecord, type RecordName, recordTable } from '../../generated/channel.ts';
import type { ChannelRoot, ChannelSecret } from '../../generated/kinds.ts';
import { type Bytes, concat } from '../../octets.ts';
import type { Role } from '../../role.ts';

export const { algebra } = bytesRecords(noble);

/** The direction of a sender under a root. */
export interface Hand {
  readonly commitment: Bytes;
  /** A record as a channel seals it. */
  readonly seal: (record: ChannelRecord<Bytes>, padding?: number) => Bytes;
  /** A record with anything inside. */
  readonly inside: (type: RecordName | number, content?: Bytes, padding?: number) => Bytes;
  /** Leaves out a sequence number. */
  readonly skip: () => void;
}

/** The nonce of a record, as the back end is given it. */
export function nonceOf({ iv, sequence }: Pick<Protection<Bytes>, 'iv' | 'sequence'>): Bytes {
  const view = new DataView(Uint8Array.from(iv).buffer);
  view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(sequence));
  return new Uint8Array(view.buffer);
}

/** A record with these octets inside. */
export function sealed(protection: Protection<Bytes>, inside: Bytes): Bytes {
  const length = inside.length + 16;
  const header = Uint8Array.of(length >>> 8, length & 0xff);
  return concat(header, noble.seal(protection.key, nonceOf(protection), header, inside));
}

export const secretOf = (root: Bytes, sender: Role): ChannelSecret<Bytes> =>
  rootSecrets(algebra, sender, root as ChannelRoot<Bytes>).sent;

/** The hand of a sender under a root. */
export function handOf(root: Bytes, sender: Role): Hand {
  const { commitment, protection } = beginOf(algebra, secretOf(root, sender));
  let now = protection;
  const next = (): Protection<Bytes> => {
    const used = now;
    now = { ...now, sequence: now.sequence + 1 };
    return used;
  };
  return {
    commitment,
    seal: (record, padding = 0) => {
      const used = next();
      if (record.type === 'ratchet') now = ratcheted(algebra, used);
      return algebra.sealRecord({ key: used.key, iv: used.iv, sequence: used.sequence, record, padding });
    },
    inside: (type, content = new Uint8Array(0), padding = 0) => {
      const octet = typeof type === 'number' ? type : recordTable[type].type;
      return sealed(next(), concat(content, Uint8Array.of(octet), new Uint8Array(padding)));
    },
    skip: () => void next(),
  };
}

export { protectionOf };
