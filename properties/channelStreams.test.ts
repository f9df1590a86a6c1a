import { expect, it } from 'vitest';
import { chooseSuite } from '../src/node/suite.ts';
import { checkStreams, faultOf } from './channelStreams.ts';
import { seed } from './seed.ts';

it(`2,000 streams arrive as they were sent, or nothing of what was changed in them or comes after it does (PQ-C-13, PQ-C-19, PQ-C-20, PQ-C-40; PQUAKE_SEED=${seed})`, () => {
  expect(checkStreams({ seed, runs: 2000, suite: chooseSuite() })).toBeUndefined();
});

it('a back end that opens anything is found out', () => {
  const suite = chooseSuite();
  const open: typeof suite.open = (key, iv, data, sealed) =>
    suite.open(key, iv, data, sealed) ?? Uint8Array.of(...new Uint8Array(sealed.length - 17), 1);
  const acts = [{ act: 'send', of: 'initiator', octets: 30, padding: 'none' }] as const;
  const tampering = { of: 'initiator', how: 'flip', at: 1, which: 100 } as const;
  expect(faultOf({ acts, tampering }, { ...suite, open })).toMatch(/delivered|not seen|other data/);
  expect(faultOf({ acts, tampering }, suite)).toBeUndefined();
});
