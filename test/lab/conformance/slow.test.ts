// Refusals that come late: legal ones are warnings, and a peer that only gives up waiting has refused nothing (PQ-P-47, PQ-3-04).
import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { defaultChoice } from '../../../src/generated/keySchedule.ts';
import { casesFor } from '../../../src/lab/conformance/cases/index.ts';
import type { Result } from '../../../src/lab/conformance/runner/run.ts';
import type { Defect } from './defect.ts';
import { rewriting } from './defects/wire.ts';
import { conformance, faultyPeer, material } from './peers.ts';

const from = material(native(crypto));
const told = (results: readonly Result[]): string[] =>
  results
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ test, verdict, detail }) => `${test.id}: ${verdict}: ${detail}`);

/** Judges a header only when the data has come. */
const wholeMessages: Defect = { id: 'slow', breaks: 'nothing', found: [], inbound: rewriting((message) => [message]) };
const late = 'it refused the message only when all of it had come: it does not judge a header before the data';

describe.each(['responder', 'initiator'] as const)('a slow %s', (role) => {
  const announcing = casesFor(role, defaultChoice)
    .map(({ id }) => id)
    .filter((id) => /^m\d-(header-|length-swapped)/.test(id));

  it.each([10_000, 3_000, 700])(
    'that reads whole messages, and waits %i ms for one, gets warnings and no failure',
    async (messageTimeout) => {
      const results = await conformance(role, from, faultyPeer(from, { ...wholeMessages, messageTimeout }), [
        ...['header-', 'length-', 'version-', 'type-', 'noise', 'empty', 'meets', 'reflected'],
      ]);
      const warned = results.filter(({ verdict }) => verdict === 'warning');
      expect(told(results)).toEqual(warned.map(({ test }) => `${test.id}: warning: ${late}`));
      expect(warned.map(({ test }) => test.id)).toEqual(expect.arrayContaining(announcing));
    },
  );

  it.each([10_000, 3_000])(
    'that skips messages of unknown types, and waits %i ms, has refused nothing',
    async (wait) => {
      const skips: Defect = {
        ...wholeMessages,
        messageTimeout: wait,
        inbound: rewriting((message) => ((message[1] ?? 0) >= 1 && (message[1] ?? 0) <= 8 ? [message] : [])),
      };
      const results = await conformance(role, from, faultyPeer(from, skips), ['type-255', 'header-type']);
      expect(results.length).toBe(9);
      for (const { test, verdict, detail } of results.slice(1)) {
        expect(`${test.id} ${verdict} ${detail}`).toMatch(
          wait === 3_000
            ? /failed it gave up after 3 s, as it does when nothing is wrong/
            : /failed it kept the connection/,
        );
      }
    },
  );

  it('that takes two seconds to refuse, and waits longer than that for messages, passes', async () => {
    const thinks: Defect = {
      id: 'thinks',
      breaks: 'nothing',
      found: [],
      onFailure: ({ close, status }) =>
        void setTimeout(() => {
          close();
          status(false);
        }, 2_000),
    };
    const results = await conformance(role, from, faultyPeer(from, thinks), [
      'type-',
      'header-',
      'tag',
      'psk',
      'noise',
    ]);
    expect(told(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(30);
  });
});
