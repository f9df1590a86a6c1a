// A server warns daily of certificates that end, and when they begin to: clock and timers are the test's.
import { expect, it } from 'vitest';
import { chooseSuite } from '../../../src/node/suite.ts';
import { type Clock, watchLifetimes } from '../../../src/node/transport/lifetimes.ts';
import { anchorFor, credentialsFor, validity } from '../../handshake/peers.ts';

const suite = chooseSuite();
const day = 86_400_000;

/** A clock that stands until it is set to the end of the one wait. */
function clockAt(start: number) {
  let now = start;
  let waits: { readonly milliseconds: number; readonly call: () => void }[] = [];
  const clock: Clock = {
    now: () => new Date(now),
    after: (milliseconds, call) => {
      const wait = { milliseconds, call };
      waits.push(wait);
      return () => {
        waits = waits.filter((one) => one !== wait);
      };
    },
  };
  return {
    clock,
    waits: () => waits.map(({ milliseconds }) => milliseconds),
    pass: () => {
      const [wait, ...more] = waits.splice(0);
      if (wait === undefined || more.length > 0) throw new Error('not one wait');
      now += wait.milliseconds;
      wait.call();
    },
  };
}

const configured = { credentials: credentialsFor(suite, 'bob'), trustAnchors: [anchorFor(suite)] };
const end = validity.notAfter.getTime(); // of both

it('is silent while all is valid, and tells daily from 14 days before the end', () => {
  const told: string[] = [];
  const { clock, waits, pass } = clockAt(end - 15.5 * day);
  const watch = watchLifetimes(
    () => configured,
    (warning) => told.push(warning),
    clock,
  );
  pass();
  expect(told).toEqual([]);
  expect(waits()).toEqual([0.5 * day]); // to the moment itself, not to the next day
  pass();
  expect(told).toHaveLength(2);
  expect(told[0]).toMatch(
    /^the own certificate CN=bob, .* expires at 2030-01-01T00:00:00Z; now it is 2029-12-18T00:00:00Z/,
  );
  expect(told[1]).toMatch(/^the certificate of the authority CN=Test CA, .* expires at 2030-01-01T00:00:00Z/);
  for (let days = 0; days < 14; days += 1) {
    expect(waits()).toEqual([day]);
    pass();
  }
  expect(told).toHaveLength(2 + 2 * 14);
  expect(waits()).toEqual([1]);
  pass();
  expect(told.at(-2)).toMatch(/expired at 2030-01-01T00:00:00Z/);
  expect(waits()).toEqual([day]); // and goes on
  watch.close();
  expect(waits()).toEqual([]);
});

it('goes by other certificates after a restart, with one wait only', () => {
  const told: string[] = [];
  let now: typeof configured = configured;
  const { clock, waits, pass } = clockAt(end - 14.25 * day);
  const watch = watchLifetimes(
    () => now,
    (warning) => told.push(warning),
    clock,
  );
  expect(waits()).toEqual([0.25 * day]);
  const renewed = { ...configured.credentials.certificate, notAfter: new Date(end + 365 * day) };
  now = {
    trustAnchors: [{ ...anchorFor(suite), notAfter: renewed.notAfter }],
    credentials: { ...configured.credentials, certificate: renewed },
  };
  watch.restart();
  expect(waits()).toEqual([day]);
  pass();
  expect(told).toEqual([]);
  watch.close();
});
