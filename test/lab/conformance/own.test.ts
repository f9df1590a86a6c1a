import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../src/crypto/native.ts';
import { noble } from '../../../src/crypto/noble.ts';
import { defaultChoice } from '../../../src/generated/keySchedule.ts';
import { conformance, material, ownPeer } from './peers.ts';

const roles = ['responder', 'initiator'] as const;
const platform = native(crypto);
const wrong = (results: Awaited<ReturnType<typeof conformance>>): string[] =>
  results
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ test, verdict, detail }) => `${test.id}: ${verdict}: ${detail}`);

describe.each(roles)('our own %s', (role) => {
  it('has no fault: every case, native', async () => {
    const from = material(platform);
    const results = await conformance(role, from, ownPeer(from));
    expect(results.length).toBeGreaterThan(120);
    expect(wrong(results)).toEqual([]);
  });

  it('has no fault: noble, all but what takes time', async () => {
    const from = material(noble);
    const only = [
      ...[
        'psk',
        'fresh',
        'rejected',
        'reading',
        'modulus',
        '-start',
        'certificate-e',
        'certificate-f',
        'certificate-k',
      ],
      ...[
        'certificate-s',
        'certificate-l',
        'certificate-p',
        'certificate-r',
        'own-',
        'unexpected',
        'known',
        'reflect',
        '-key',
      ],
    ];
    const results = await conformance(role, from, ownPeer(from), only);
    expect(results.length).toBeGreaterThan(50);
    expect(wrong(results)).toEqual([]);
  });

  it('with another reading: every case of readings against that one', async () => {
    const from = material(platform);
    const reading = { ...defaultChoice, hidingKey: 'bound', transcript: 'chained', associatedData: 'header' } as const;
    const results = await conformance(role, from, ownPeer(from, reading), ['reading', 'psk', 'tester-late'], reading);
    expect(wrong(results)).toEqual([]);
    const other = await conformance(role, from, ownPeer(from, reading), ['reading']);
    expect(other[0]).toMatchObject({ test: { id: 'sanity' }, verdict: 'failed' });
    expect(other.slice(1).every(({ verdict, detail }) => verdict === 'unsupported' && /sanity/.test(detail))).toBe(
      true,
    );
  });

  it.each(roles)('in lockstep, the %s first: no fault; cases that need more are unsupported', async (first) => {
    const from = material(platform);
    const results = await conformance(role, from, ownPeer(from, defaultChoice, { first }), [
      ...[
        'sanity',
        'tester-late',
        'coalesced',
        'own-certificate',
        'unexpected',
        'ct',
        'reflection',
        'waits',
        'echo',
        'certificate-e',
      ],
    ]);
    expect(
      results.filter(({ verdict }) => verdict === 'failed').map(({ test, detail }) => `${test.id} ${detail}`),
    ).toEqual([]);
    const unsupported = results.filter(({ verdict }) => verdict === 'unsupported').map(({ test }) => test.id);
    const echo = role === 'responder' ? 'm7-echo' : 'm8-echo';
    const [ciphertext, late] = [role === 'responder' ? 'm5-ct_i' : 'm6-ct_r', ['tester-late', 'tester-late-psk']];
    const together = [
      ...['coalesced', 'coalesced-otherwise', 'coalesced-and-cut', 'own-certificate-together'],
      ...['own-certificate-before-together', 'unexpected-peer-together', 'unexpected-peer-before-together'],
      ...[`${ciphertext}-start-joined`, `${ciphertext}-start-followed`, 'certificate-expired-followed'],
    ];
    expect(unsupported.sort()).toEqual(first === role ? [] : [...late, ...together, 'reflection', echo].sort());
  });
});
