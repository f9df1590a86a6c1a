// Certificates that are configured and not valid, or not for long, are told with both dates.
import { describe, expect, it } from 'vitest';
import { parseIntermediate } from '../../src/certificate/authority.ts';
import { createIntermediate, createTrustAnchor, issueCertificate } from '../../src/certificate/issue/issue.ts';
import { standingAt, untilChange } from '../../src/certificate/lifetime.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { trustStore } from '../../src/certificate/trustStore.ts';
import { initiator } from '../../src/handshake/handshake.ts';
import { lifetimeWarnings, refuseExpired, untilOtherWarnings, withoutNow } from '../../src/handshake/lifetimes.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { kemSeed, valueFrom } from './peers.ts';

const suite = chooseSuite();
const at = (text: string): Date => new Date(`${text}Z`);
const between = (notBefore: string, notAfter: string) => ({ notBefore: at(notBefore), notAfter: at(notAfter) });
const year = between('2026-01-01T00:00:00', '2027-01-01T00:00:00');
const long = between('2020-01-01T00:00:00', '2040-01-01T00:00:00');
const hour = 3_600_000;

describe('a validity period', () => {
  it.each([
    ['2025-12-31T23:59:59', 'not yet valid', 1_000],
    ['2026-01-01T00:00:00', 'valid', 351 * 24 * hour],
    ['2026-12-17T23:59:59', 'valid', 1_000],
    ['2026-12-18T00:00:00', 'ends soon', 14 * 24 * hour + 1],
    ['2027-01-01T00:00:00', 'ends soon', 1],
    ['2027-01-01T00:00:01', 'expired', Number.POSITIVE_INFINITY],
  ])('of a year stands at %s: %s', (time, standing, wait) => {
    expect(standingAt(year, at(time))).toBe(standing);
    expect(untilChange(year, at(time))).toBe(wait);
  });

  it('of a day ends soon in its last tenth, not always', () => {
    const day = between('2026-01-01T00:00:00', '2026-01-02T00:00:00');
    expect(standingAt(day, at('2026-01-01T21:35:59'))).toBe('valid');
    expect(standingAt(day, at('2026-01-01T21:36:00'))).toBe('ends soon');
  });
});

const seed = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);
const serial = (octet: number): { serialNumber: Uint8Array } => ({ serialNumber: Uint8Array.of(octet) });

function configured(
  periods: { own?: typeof year; between?: typeof year; anchor?: typeof year; other?: typeof year } = {},
) {
  const root = { suite, name: 'Root', seed: seed(1), ...serial(1), ...(periods.anchor ?? long) };
  const anchor = createTrustAnchor(root);
  const other = createTrustAnchor({ suite, name: 'Other', seed: seed(3), ...serial(3), ...(periods.other ?? long) });
  const publicKey = suite.signaturePublicKey(seed(2), suite.algorithms.signatures[0]);
  const middle = { suite, name: 'Middle', publicKey, ...serial(2), ...(periods.between ?? long) };
  const intermediate = createIntermediate({ ...middle, issuer: anchor, issuerSeed: seed(1), mayOutlive: true });
  const { encapsulationKey } = suite.generateKemKey(kemSeed('bob'));
  const bob = { suite, name: 'bob', encapsulationKey, ...serial(0x2a), ...(periods.own ?? long) };
  const own = issueCertificate({ ...bob, issuer: intermediate, issuerSeed: seed(2), mayOutlive: true });
  const store = trustStore({
    trustAnchors: [anchor, other].map((der) => valueFrom(parseTrustAnchor(suite, der))),
    intermediates: [valueFrom(parseIntermediate(suite, intermediate))],
  });
  return {
    credentials: {
      certificate: valueFrom(parseCertificate(own)),
      decapsulationKey: suite.generateKemKey(kemSeed('bob')),
    },
    trustAnchors: valueFrom(store),
  };
}

describe('what is configured', () => {
  const now = at('2026-06-01T00:00:00');

  it('and is valid for long is not told', () => {
    expect(lifetimeWarnings(configured({ own: year }), now)).toEqual([]);
    expect(untilOtherWarnings(configured({ own: year }), now)).toBe(
      at('2026-12-18T00:00:00').getTime() - now.getTime(),
    );
  });

  it.each([
    [
      { own: between('2025-01-01T00:00:00', '2026-05-31T00:00:00') },
      'the own certificate CN=bob, serial number 2a, expired at 2026-05-31T00:00:00Z; now it is 2026-06-01T00:00:00Z: peers refuse it',
    ],
    [
      { own: between('2026-06-02T00:00:00', '2027-06-02T00:00:00') },
      'the own certificate CN=bob, serial number 2a, is valid from 2026-06-02T00:00:00Z; now it is 2026-06-01T00:00:00Z: until then peers refuse it',
    ],
    [
      { own: between('2025-06-02T00:00:00', '2026-06-08T00:00:00') },
      'the own certificate CN=bob, serial number 2a, expires at 2026-06-08T00:00:00Z; now it is 2026-06-01T00:00:00Z: renew it before',
    ],
    [
      { between: between('2025-01-01T00:00:00', '2026-05-31T00:00:00') },
      'the certificate of the authority CN=Middle, which issued the own certificate, expired at 2026-05-31T00:00:00Z; now it is 2026-06-01T00:00:00Z: peers under it, and the own certificate, are refused',
    ],
    [
      { anchor: between('2025-06-02T00:00:00', '2026-06-08T00:00:00') },
      'the certificate of the authority CN=Root expires at 2026-06-08T00:00:00Z; now it is 2026-06-01T00:00:00Z: replace it before',
    ],
    [
      { other: between('2026-06-02T00:00:00', '2027-06-02T00:00:00') },
      'the certificate of the authority CN=Other is valid from 2026-06-02T00:00:00Z; now it is 2026-06-01T00:00:00Z: until then peers under it are refused',
    ],
  ])('and is not, with both dates', (periods, warning) => {
    expect(lifetimeWarnings(configured(periods), now)).toEqual([warning]);
  });

  it('is told to `onWarning` of a handshake, which goes on', () => {
    const told: string[] = [];
    const expired = configured({ own: between('2025-01-01T00:00:00', '2026-05-31T00:00:00') });
    const onWarning = (warning: string) => told.push(warning);
    initiator({ ...expired, suite, expectedPeer: 'anyone', time: now, onWarning }).start();
    expect(told).toEqual([expect.stringMatching(/own certificate .* expired at 2026-05-31/)]);
  });

  it('is refused where it is an own certificate that has expired, with both dates; one that is not valid yet is not', () => {
    const { certificate } = configured({ own: year }).credentials;
    expect(() => refuseExpired(certificate, at('2027-01-01T00:00:01'))).toThrow(
      /expired at 2027-01-01T00:00:00Z; now it is 2027-01-01T00:00:01Z: peers refuse it\. Renew it, or set the clock$/,
    );
    for (const time of ['2025-01-01T00:00:00', '2027-01-01T00:00:00']) refuseExpired(certificate, at(time));
  });

  it('gives one warning at any time, apart from the time', () => {
    const ending = configured({ own: year });
    const [one, other] = ['2026-12-20T00:00:00', '2026-12-21T00:00:00'].map(
      (time) => lifetimeWarnings(ending, at(time))[0] ?? '',
    );
    expect(one).not.toBe(other);
    expect(withoutNow(one ?? '')).toBe(withoutNow(other ?? ''));
    expect(withoutNow(one ?? '')).toBe(
      'the own certificate CN=bob, serial number 2a, expires at 2027-01-01T00:00:00Z; renew it before',
    );
  });
});
