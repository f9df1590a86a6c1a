// Records made in the plainest way: AES-256-GCM of `node:crypto`, one cipher object a record as it demands, over bare sockets, with no state, no keys that
// move on and no checks. They tell what of a channel's cost is that of its cipher objects. They are no lower bound: a channel joins writes into one record,
// and gives memory back, which these do not.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

export interface BarePair {
  readonly near: Socket;
  readonly far: Socket;
  readonly close: () => void;
}

export async function barePair(): Promise<BarePair> {
  const listener = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const near = connect({ host: '127.0.0.1', port, noDelay: true });
  const [far] = await once(listener, 'connection');
  const close = (): void => {
    near.destroy();
    listener.close();
  };
  return { near, far, close };
}

const [key, iv] = [randomBytes(32), randomBytes(12)];
const [head, tag, most] = [2, 16, 16_384];

/** Seals content into a record, written at an offset of a buffer. @returns where the record ends */
function sealInto(record: Buffer, at: number, content: Buffer): number {
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  record.writeUInt16BE(content.length + tag, at);
  cipher.setAAD(record.subarray(at, at + head));
  record.set(cipher.update(content), at + head);
  cipher.final();
  record.set(cipher.getAuthTag(), at + head + content.length);
  return at + head + content.length + tag;
}

/** Opens a record that begins at an offset and ends before another. */
function open(octets: Buffer, at: number, end: number): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tag });
  decipher.setAAD(octets.subarray(at, at + head)).setAuthTag(octets.subarray(end - tag, end));
  const content = decipher.update(octets.subarray(at + head, end - tag));
  decipher.final();
  return content;
}

/** Opens what comes, record by record, in any segmentation. */
function opening(opened: (content: Buffer) => void): (octets: Buffer) => void {
  const held = Buffer.alloc(head + most + tag);
  let filled = 0;
  const hold = (octets: Buffer, at: number, until: number): number => {
    const end = Math.min(octets.length, at + until - filled);
    held.set(octets.subarray(at, end), filled);
    filled += Math.max(0, end - at);
    return end;
  };
  return (octets) => {
    let at = 0;
    if (filled > 0) {
      if (filled < head) at = hold(octets, at, head);
      if (filled < head) return;
      const length = head + held.readUInt16BE(0);
      at = hold(octets, at, length);
      if (filled < length) return;
      filled = 0;
      opened(open(held, 0, length));
    }
    while (octets.length - at >= head) {
      const end = at + head + octets.readUInt16BE(at);
      if (end > octets.length) break;
      opened(open(octets, at, end));
      at = end;
    }
    hold(octets, at, held.length);
  };
}

/** Writes a chunk so many times, until all has come. */
export function bareStream({ near, far }: BarePair, chunk: Buffer, chunks: number): Promise<void> {
  const records = Math.ceil(chunk.length / most);
  const rooms: Buffer[] = [];
  const seal = (): readonly [Buffer, number] => {
    const room = rooms.pop() ?? Buffer.allocUnsafeSlow(chunk.length + records * (head + tag));
    let end = 0;
    for (let at = 0; at < chunk.length; at += most) end = sealInto(room, end, chunk.subarray(at, at + most));
    return [room, end];
  };
  return new Promise((resolve) => {
    let [left, due] = [chunks, chunks * chunk.length];
    const onData = opening((content) => {
      due -= content.length;
      if (due > 0) return;
      far.off('data', onData);
      resolve();
    });
    const write = (): void => {
      while (left > 0) {
        left -= 1;
        const [room, end] = seal();
        if (near.write(room.subarray(0, end), () => rooms.push(room))) continue;
        near.once('drain', write);
        return;
      }
    };
    far.on('data', onData);
    write();
  });
}

/** Sends a message to and fro, so many times. */
export function barePingPong({ near, far }: BarePair, message: Buffer, messages: number): Promise<void> {
  const seal = (content: Buffer): Buffer => {
    const room = Buffer.allocUnsafe(head + content.length + tag);
    sealInto(room, 0, content);
    return room;
  };
  return new Promise((resolve) => {
    let left = messages;
    const echo = opening((content) => far.write(seal(content)));
    const onData = opening(() => {
      left -= 1;
      if (left > 0) {
        near.write(seal(message));
        return;
      }
      near.off('data', onData);
      far.off('data', echo);
      resolve();
    });
    far.on('data', echo);
    near.on('data', onData);
    near.write(seal(message));
  });
}

/** Bare records as a stream: what is written to it crosses the socket sealed. */
export function bareDuplex(socket: Socket): Duplex {
  const seal = (chunk: Buffer): Buffer => {
    const records = Math.ceil(chunk.length / most);
    const room = Buffer.allocUnsafe(chunk.length + records * (head + tag));
    let end = 0;
    for (let at = 0; at < chunk.length; at += most) end = sealInto(room, end, chunk.subarray(at, at + most));
    return room;
  };
  const stream: Duplex = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(seal(chunk), done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on(
    'data',
    opening((content) => {
      if (!stream.push(content)) socket.pause();
    }),
  );
  socket.on('end', () => stream.push(null)).on('close', () => stream.destroy());
  return stream;
}
