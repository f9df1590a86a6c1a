// Counters of calls: a bucket for each peer, calls under way, and a bound on the peers that are counted.
import { describe, expect, it } from 'vitest';
import { accountOf, usageCounters } from '../../../src/mcp/policy/usage.ts';

const limits = { callsPerMinute: 6, concurrent: 2, messageOctets: 1_024 };

describe('counters', () => {
  it('let so many calls of a minute begin at once, then one every so many seconds', () => {
    const usage = usageCounters();
    const call = (now: number) => {
      const refused = usage.begin('a', limits, now);
      if (refused === undefined) usage.end('a');
      return refused;
    };
    for (let i = 0; i < 6; i += 1) expect(call(0)).toBeUndefined();
    expect(call(0)).toBe('rate');
    expect(call(9_999)).toBe('rate');
    expect(call(10_000)).toBeUndefined();
    expect(call(10_000)).toBe('rate');
    expect(usage.begin('b', limits, 10_000)).toBeUndefined();
  });

  it('let so many be under way', () => {
    const usage = usageCounters();
    expect(usage.begin('a', limits, 0)).toBeUndefined();
    expect(usage.begin('a', limits, 0)).toBeUndefined();
    expect(usage.begin('a', limits, 0)).toBe('concurrency');
    usage.end('a');
    expect(usage.begin('a', limits, 0)).toBeUndefined();
  });

  it('an end without a beginning, and a clock that goes back, give nothing away', () => {
    const usage = usageCounters();
    usage.end('a');
    const one = { ...limits, callsPerMinute: 1, concurrent: 9 };
    expect(usage.begin('a', one, 60_000)).toBeUndefined();
    expect(usage.begin('a', one, 0)).toBe('rate');
    expect(usage.begin('a', one, 60_000)).toBe('rate');
  });

  it('a policy that lowers the rate holds at once', () => {
    const usage = usageCounters();
    const many = { ...limits, callsPerMinute: 100, concurrent: 100 };
    expect(usage.begin('a', many, 0)).toBeUndefined();
    const few = { ...many, callsPerMinute: 1 };
    expect(usage.begin('a', few, 0)).toBeUndefined();
    expect(usage.begin('a', few, 0)).toBe('rate');
  });

  it('forget only whom forgetting changes nothing for; without room a new peer waits', () => {
    const usage = usageCounters(2);
    usage.begin('busy', limits, 0);
    usage.begin('spent', limits, 0);
    usage.end('spent');
    expect(usage.begin('new', limits, 0)).toBe('rate');
    expect(usage.begin('new', limits, 60_000)).toBeUndefined(); // the bucket of `spent` is full again
    expect(usage.size()).toBe(2);
    usage.end('new');
    expect(usage.begin('other', limits, 60_000)).toBe('rate');
  });

  it('do not take the peers of two authorities for one', () => {
    const one = accountOf({ identity: 'a', authorities: ['CN=A'] });
    expect(accountOf({ identity: 'a', authorities: ['CN=B'] })).not.toBe(one);
    expect(accountOf({ identity: 'a', authorities: ['CN=A'] })).toBe(one);
  });
});
