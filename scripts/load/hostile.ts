// A process of its own: so many connections a second of one kind, from so many addresses of 127.0/16, until it is ended.
// Arguments: port, kind, connections a second, addresses. Writes how many connections came about, once a second.
import { connect } from 'node:net';
import { headerOctets, sizes } from '../../src/generated/constants.ts';
import { hostileOf } from './kinds.ts';

const [port, kind = '', rate, addresses] = process.argv.slice(2);
const hostile = hostileOf(kind);
const responderHelloOctets = headerOctets + sizes.ciphertext;
let [begun, connected, opened] = [0, 0, 0];

function one(): void {
  const { first, answer } = hostile;
  const localAddress = `127.0.${1 + Math.floor((begun % Number(addresses)) / 250)}.${2 + ((begun % Number(addresses)) % 250)}`;
  begun += 1;
  const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress, noDelay: true });
  opened += 1;
  let heard = Buffer.alloc(0);
  let answered = answer === undefined;
  socket
    .on('connect', () => {
      connected += 1;
      if (first.length > 0) socket.write(first);
    })
    .on('data', (chunk: Buffer) => {
      if (answered) return;
      heard = Buffer.concat([heard, chunk]);
      if (heard.length < responderHelloOctets) return;
      answered = true;
      socket.write(answer?.(heard.subarray(0, responderHelloOctets)) ?? first);
    })
    .on('error', () => {})
    .on('close', () => {
      opened -= 1;
    });
}

const started = performance.now();
// Open loop: what is late is made up for. Not more at one time than the process may have files.
setInterval(() => {
  const due = Math.floor(((performance.now() - started) / 1_000) * Number(rate));
  for (let i = 0; begun < due && opened < 8_000 && i < 200; i += 1) one();
}, 4);
setInterval(() => process.send?.({ begun, connected, opened }), 500);
process.on('disconnect', () => process.exit(0));
process.send?.({ begun, connected, opened });
