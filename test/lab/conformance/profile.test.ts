// Rules of this project are no rules of the draft: with the profile of the draft they decide nothing.
import crypto from 'node:crypto';
import { expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { defaultChoice } from '../../../src/generated/keySchedule.ts';
import { casesFor } from '../../../src/lab/conformance/cases/index.ts';
import { chosen } from '../../../src/lab/conformance/runner/command.ts';
import { type Profile, runCases } from '../../../src/lab/conformance/runner/run.ts';
import type { Defect } from './defect.ts';
import { rewriting } from './defects/wire.ts';
import { faultyPeer, material, patience } from './peers.ts';
import { inVirtualTime } from './virtualTime.ts';

const from = material(native(crypto));
const skips: Defect = {
  id: 'skips',
  breaks: 'messages of unknown types are passed over',
  found: [],
  inbound: rewriting((message) => ((message[1] ?? 0) >= 1 && (message[1] ?? 0) <= 8 ? [message] : [])),
};

it.each([
  ['project', ['failed', 'failed']],
  ['draft', ['failed', 'note']],
] as const)(
  'profile %s: type-255, a SHOULD, and header-type, a rule of the project, are %j',
  async (profile, verdicts) => {
    const cases = chosen(casesFor('responder', defaultChoice), ['m1-type-255', 'm1-header-type']);
    const launch = faultyPeer(from, skips);
    const options = { cases, launch, material: from, reading: defaultChoice, psk: false, patience, jobs: 2 };
    const results = await inVirtualTime(() => runCases({ ...options, profile: profile satisfies Profile }));
    expect(results.map(({ test }) => test.id)).toEqual(['sanity', 'm1-type-255', 'm1-header-type']);
    expect(results.slice(1).map(({ verdict }) => verdict)).toEqual(verdicts);
  },
);

it('a signal ends a run: what ran has results, nothing else has', async () => {
  const cases = chosen(casesFor('responder', defaultChoice), ['m1-type']);
  const control = new AbortController();
  const options = { cases, launch: faultyPeer(from, { ...skips }), material: from, reading: defaultChoice };
  const onResult = (): void => control.abort();
  const run = { ...options, psk: false, patience, jobs: 2, signal: control.signal, onResult };
  const results = await inVirtualTime(() => runCases(run));
  expect(results.map(({ test, verdict }) => [test.id, verdict])).toEqual([['sanity', 'passed']]);
});
