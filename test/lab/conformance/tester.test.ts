// Which message of a peer is to blame, however its messages come.
import crypto from 'node:crypto';
import { expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { defaultChoice, readingOf } from '../../../src/generated/keySchedule.ts';
import { casesFor } from '../../../src/lab/conformance/cases/index.ts';
import { engine } from '../../../src/lab/conformance/engine.ts';
import { judge } from '../../../src/lab/conformance/judge.ts';
import { issue, policyFor } from '../../../src/lab/conformance/material.ts';
import { tester } from '../../../src/lab/conformance/tester.ts';
import { concat } from '../../../src/octets.ts';
import { material } from './peers.ts';

it('a bad certificate in message 4 is named so, though message 6 came with it', () => {
  const from = material(native(crypto));
  const [sanity] = casesFor('responder', defaultChoice);
  if (sanity === undefined) throw new Error('no sanity case');
  const { certificate, key } = issue(from, { name: 'peer', from: -48, to: -1 });
  const peer = engine({
    suite: from.suite,
    role: 'responder',
    reading: readingOf(defaultChoice),
    certificate,
    decapsulationKey: key,
    policy: policyFor(from, from.tester.certificate),
  });
  const ours = tester(sanity, from, defaultChoice, false);
  const sent = (): Uint8Array => concat(...(ours.next(false)?.pieces.filter((one) => one instanceof Uint8Array) ?? []));
  peer.start();
  ours.start();
  const [hello, message4 = new Uint8Array()] = peer.receive(sent()).send;
  ours.receive(hello ?? new Uint8Array());
  const [message6 = new Uint8Array()] = peer.receive(sent()).send;
  expect([message4[1], message6[1]]).toEqual([4, 6]);
  ours.receive(concat(message4, message6));
  const seen = { framed: ours.framed(), standing: ours.standing(), failedAt: ours.failedAt() };
  const { verdict, detail } = judge(
    sanity,
    { ...seen, turn: 2, closed: undefined, waited: 0, nudged: false, put: concat(), since: 0 },
    undefined,
  );
  expect(verdict).toBe('failed');
  expect(detail).toMatch(/^its message 4 is not right: certificate-outside-validity/);
});
