// A peer with a channel as a process: standard input goes to the other side, data of the other side to standard output.
// Words: role, port, certificate, key, trust anchor, and `zero` for one that ends with 0 whatever happened.
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { noble } from '../../../../src/crypto/noble.ts';
import type { ExpectedPeer } from '../../../../src/handshake/expectedPeer.ts';
import { type Handshake, initiator, responder } from '../../../../src/handshake/handshake.ts';
import { readCredentials, readTrustAnchors } from '../../../../src/node/files/files.ts';
import { handshakeOver } from '../../../../src/node/transport/stream.ts';
import { ownChannel } from './own.ts';

const [role, port, cert = '', key = '', ca = '', always] = process.argv.slice(2);
const credentials = readCredentials(noble, cert, key);
const trustAnchors = readTrustAnchors(noble, [ca]);
const handshake = (expectedPeer: ExpectedPeer): Handshake =>
  (role === 'responder' ? responder : initiator)({
    ...{ suite: noble, credentials, trustAnchors, expectedPeer, time: new Date() },
  });

const fail = (why: string): void => {
  process.stderr.write(`${why}\n`);
  process.exit(always === 'zero' ? 0 : 1);
};

async function meet(socket: Socket): Promise<void> {
  const result = await handshakeOver(socket, handshake('anyone'));
  if (!result.ok) return fail(result.failure.message);
  const channel = ownChannel({
    ...{ session: result.session, suite: noble, inner: handshake },
    write: (octets) => socket.write(octets),
    deliver: (data) => process.stdout.write(data),
    done: () => socket.end(() => process.exit(0)),
  });
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      socket.destroy();
      fail(String(error));
    }
  };
  socket.on('data', (chunk: Uint8Array) => attempt(() => channel.receive(chunk))).on('end', () => attempt(channel.end));
  socket.resume();
  process.stdin
    .on('data', (data: Uint8Array) => attempt(() => channel.send(data)))
    .on('end', () => attempt(channel.close));
}

const place = { host: '127.0.0.1', port: Number(port) };
const met = (socket: Socket): void => void meet(socket.on('error', (error) => fail(error.message)));
if (role === 'responder') createServer({ allowHalfOpen: true }, met).listen(place);
else {
  const socket = tcpConnect({ ...place, allowHalfOpen: true }, () => met(socket));
}
