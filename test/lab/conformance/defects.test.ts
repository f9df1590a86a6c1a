import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import type { Role } from '../../../src/role.ts';
import type { Defect } from './defect.ts';
import { certificateDefects } from './defects/certificates.ts';
import { cryptoDefects } from './defects/crypto.ts';
import { identityDefects } from './defects/identities.ts';
import { wireDefects } from './defects/wire.ts';
import { conformance, faultyPeer, material } from './peers.ts';

const from = material(native(crypto));
const all = [...wireDefects, ...cryptoDefects, ...certificateDefects, ...identityDefects];
const defectsOf = (role: Role): Defect[] => all.filter(({ roles }) => roles?.includes(role) ?? true);
const namesOf = (found: Defect['found'], role: Role): readonly string[] =>
  Array.isArray(found) ? found : (found as Readonly<Record<Role, readonly string[]>>)[role];

describe.each(['responder', 'initiator'] as const)('a faulty %s', (role) => {
  it('is one of 25 kinds at least', () => {
    expect(new Set(defectsOf(role).map(({ id }) => id)).size).toBeGreaterThanOrEqual(25);
  });

  it('without its defect has no fault: the harness itself has none', async () => {
    const results = await conformance(role, from, faultyPeer(from, { id: 'none', breaks: 'nothing', found: [] }));
    const wrong = results.filter(({ verdict }) => verdict !== 'passed');
    expect(wrong.map(({ test, detail }) => `${test.id}: ${detail}`)).toEqual([]);
  });

  it('that withholds its confirmation in one delivery is found by the cases of that delivery alone (PQ-P-06, PQ-P-08)', async () => {
    const peer = faultyPeer(from, { id: 'withholds', breaks: 'see there', found: [], withholds: true });
    const results = await conformance(role, from, peer, ['own-certificate', 'unexpected-peer']);
    const failed = results.filter(({ verdict }) => verdict === 'failed');
    expect(failed.map(({ test }) => test.id)).toEqual(['own-certificate-together', 'unexpected-peer-together']);
    for (const { detail } of failed) expect(detail).toMatch(/it withheld message [78]/);
  });

  it.concurrent.each(defectsOf(role).map((defect) => [defect.id, defect.breaks, defect] as const))(
    '%s: %s',
    async (_, __, defect) => {
      const names = namesOf(defect.found, role);
      const results = await conformance(role, from, faultyPeer(from, defect), names);
      const failed = results.filter(({ verdict }) => verdict === 'failed').map(({ test }) => test.id);
      expect(failed.filter((id) => names.some((name) => id.includes(name)))).not.toEqual([]);
      // Any other finding would be about another rule than the broken one.
      if (!names.includes('sanity')) expect(results[0]).toMatchObject({ test: { id: 'sanity' }, verdict: 'passed' });
    },
  );
});
