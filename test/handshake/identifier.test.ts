// PQ-P-35: the public name of a session is one export, under a label that no application may use.
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportLabels } from '../../src/generated/constants.ts';
import { initiator, type Outcome, responder } from '../../src/handshake/handshake.ts';
import type { HandshakeOptions } from '../../src/handshake/options.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { anchorFor, converse, credentialsFor, time } from './peers.ts';

const suite = chooseSuite('native');
const none = new Uint8Array();
const options = (name: string): HandshakeOptions => ({
  suite,
  time,
  credentials: credentialsFor(suite, name),
  trustAnchors: [anchorFor(suite)],
  expectedPeer: 'anyone',
});
const sessionOf = (outcome: Outcome) => {
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.session;
};
const completed = () => {
  const done = converse(initiator(options('alice')), responder(options('bob')));
  return [sessionOf(done.initiator), sessionOf(done.responder)] as const;
};

describe('the identifier of a session', () => {
  it('is the first block of HKDF-Expand, by hand, and the same on both sides', () => {
    const [mine, theirs] = completed();
    const info = Buffer.concat([
      Buffer.from('pquake session identifier\0', 'latin1'),
      createHash('sha384').update(none).digest(),
      Uint8Array.of(1),
    ]);
    const expected = createHmac('sha384', mine.sessionKey.reveal()).update(info).digest();
    expect(Buffer.from(mine.identifier).equals(expected)).toBe(true);
    expect(theirs.identifier).toEqual(mine.identifier);
  });

  it('is no hash of k_session', () => {
    const [mine] = completed();
    const digest = createHash('sha384').update(mine.sessionKey.reveal()).digest();
    expect(Buffer.from(mine.identifier).equals(digest)).toBe(false);
  });

  it.each(Object.values(exportLabels))('no application exports under the label %s', (label) => {
    const [mine] = completed();
    for (const context of [none, Uint8Array.of(1)]) {
      expect(() => mine.export(label, context, 32)).toThrow(RangeError);
      expect(() => mine.exportPair(label, context, 32)).toThrow(/kept for what is public/);
    }
    expect(mine.export(`${label} `, none, 48)).not.toEqual(mine.identifier);
  });

  it('stays when the session is wiped', () => {
    const [mine, theirs] = completed();
    mine.wipe();
    expect(mine.identifier).toEqual(theirs.identifier);
  });
});
