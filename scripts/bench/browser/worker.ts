// In a worker of a browser: handshakes in memory, both sides, with noble. It answers each number of handshakes with the milliseconds that they took.
import { nobleSuite } from '../../../src/crypto/nobleSuites.ts';
import { mandatorySuite } from '../../../src/generated/suites.ts';
import { handshakeInMemory } from '../inMemory.ts';
import { makePeers } from '../peers.ts';

const suite = nobleSuite(mandatorySuite);
const { anchor, alice, bob } = makePeers(suite);
const anchors = [anchor];

/** The part of a worker's global object that is used; no types of browsers are in this project. */
interface Scope {
  onmessage: (event: { readonly data: number }) => void;
  readonly postMessage: (milliseconds: number) => void;
}
const scope = globalThis as unknown as Scope;

scope.onmessage = ({ data: each }) => {
  const began = performance.now();
  for (let i = 0; i < each; i += 1) handshakeInMemory(suite, { alice, bob }, anchors, false);
  scope.postMessage(performance.now() - began);
};
