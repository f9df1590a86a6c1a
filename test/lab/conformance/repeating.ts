// A peer that serves one handshake after another. Its initial vectors begin anew with each process, and stay the same in it.
// Words: role, port, certificate, key, trust anchor.
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { noble } from '../../../src/crypto/noble.ts';
import { sizes } from '../../../src/generated/constants.ts';
import { initiator, responder } from '../../../src/handshake/handshake.ts';
import { readCredentials, readTrustAnchors } from '../../../src/node/files/files.ts';
import { handshakeOver } from '../../../src/node/transport/stream.ts';

const [role, port, cert = '', key = '', ca = '', once] = process.argv.slice(2);
const vector = noble.randomOctets(sizes.initialVector);
const suite = {
  ...noble,
  randomOctets: (length: number) => (length === vector.length ? Uint8Array.from(vector) : noble.randomOctets(length)),
};
const credentials = readCredentials(noble, cert, key);
const trustAnchors = readTrustAnchors(noble, [ca]);

async function meet(socket: Socket): Promise<void> {
  const common = { suite, credentials, trustAnchors, expectedPeer: 'anyone', time: new Date() } as const;
  const options = { ...common, hedgedCoins: 'none' } as const; // hedged vectors would not repeat
  const handshake = role === 'responder' ? responder(options) : initiator(options);
  const result = await handshakeOver(socket, handshake);
  if (result.ok) socket.end();
  if (once === 'once') process.exit(result.ok ? 0 : 1);
}

const place = { host: '127.0.0.1', port: Number(port) };
if (role === 'responder') {
  createServer({ allowHalfOpen: true }, (socket) => void meet(socket.on('error', () => {}))).listen(place);
} else {
  const again = (): void => {
    const socket = tcpConnect(place, () => void meet(socket)).on('error', () => {});
    socket.once('close', again);
  };
  again();
}
