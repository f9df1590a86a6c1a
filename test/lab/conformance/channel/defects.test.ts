import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { native } from '../../../../src/crypto/native.ts';
import { material } from '../peers.ts';
import { type ChannelDefect, channelDefects } from './defects.ts';
import { channelConformance, channelPeer } from './peers.ts';

const from = material(native(crypto));
const defects = (Object.keys(channelDefects) as ChannelDefect[]).map((name) => ({
  name,
  only: undefined,
  ...channelDefects[name],
}));

describe.each(['responder', 'initiator'] as const)('the channel of a %s', (role) => {
  it.each(['own', undefined] as const)('without a defect has no fault (%s)', async (which) => {
    const results = await channelConformance(role, from, channelPeer(from, which));
    const wrong = results.filter(({ verdict }) => verdict !== 'passed');
    expect(wrong.map(({ test, verdict, detail }) => `${test.id}: ${verdict}: ${detail}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(55);
  });

  it.each(defects.filter(({ only = role }) => only === role))('that $name is found', async ({ name, found }) => {
    const results = await channelConformance(role, from, channelPeer(from, name), found);
    const verdicts = new Map(results.map(({ test, verdict }) => [test.id, verdict]));
    for (const id of found) expect([id, verdicts.get(id)]).toEqual([id, 'failed']);
    // Any other finding would be about another rule than the broken one.
    const inSanity = (found as readonly string[]).includes('channel-sanity');
    expect(verdicts.get('channel-sanity')).toBe(inSanity ? 'failed' : 'passed');
  });
});
