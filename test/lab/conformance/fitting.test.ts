// A peer with another reading of the draft is told which one it has (PQ-P-14).
import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { defaultChoice, type ReadingChoice, readingAxes } from '../../../src/generated/keySchedule.ts';
import type { Role } from '../../../src/role.ts';
import { conformance, faultyPeer, material, ownPeer } from './peers.ts';

const from = material(native(crypto));
const axes = Object.keys(readingAxes) as (keyof ReadingChoice)[];
const others = axes.flatMap((axis) =>
  readingAxes[axis].alternatives
    .filter((one) => one !== defaultChoice[axis])
    .map((alternative) => [`${axis}=${alternative}`, { [axis]: alternative }] as const),
);

const sanity = async (role: Role, reading: Partial<ReadingChoice>, of: Partial<ReadingChoice> = {}) => {
  const peer = ownPeer(from, { ...defaultChoice, ...reading });
  const [first] = await conformance(role, from, peer, ['sanity'], { ...defaultChoice, ...of });
  return first;
};

describe.each(['responder', 'initiator'] as const)('a %s with another reading', (role) => {
  it.each(others)('%s is named', async (name, reading) => {
    const first = await sanity(role, reading);
    expect(first?.verdict).toBe('failed');
    expect(first?.detail).toMatch(/ (opens|is right) under /);
    expect(first?.detail).toContain(` under ${name}: the peer has that reading (--reading ${name})`);
    expect(await sanity(role, reading, reading)).toMatchObject({ verdict: 'passed', detail: '' });
  });

  it('two alternatives are named together, when one message shows both', async () => {
    const certificate = await sanity(role, { hidingKey: 'bound', associatedData: 'header' });
    expect(certificate?.detail).toContain('opens under hidingKey=bound,associatedData=header: ');
    const value = await sanity(role, { transcript: 'fields', keyMaterial: 'hiding-key', confirmationInput: 'figure' });
    expect(value?.detail).toContain(
      'is right under transcript=fields,keyMaterial=hiding-key,confirmationInput=figure: ',
    );
  });

  it('a tester of another reading names the default one', async () => {
    const first = await sanity(role, {}, { hidingKey: 'bound' });
    expect(first?.detail).toContain('opens under hidingKey=salted: ');
  });

  it('no reading is named where none fits', async () => {
    const wrong = faultyPeer(from, {
      id: 'label',
      breaks: 'k_hid has another label',
      found: [],
      reading: (own) => ({
        ...own,
        hidingKey: (a, input) => own.hidingKey({ ...a, text: () => a.text('OTHER') }, input),
      }),
    });
    const [first] = await conformance(role, from, wrong, ['sanity']);
    expect(first).toMatchObject({ verdict: 'failed', detail: expect.not.stringContaining('--reading') });
  });
});
