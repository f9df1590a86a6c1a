import { describe, expect, it } from 'vitest';
import { parseTrustAnchor } from '../../src/certificate/trustAnchor.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import {
  anchor,
  authority,
  authoritySeed,
  during,
  edit,
  flip,
  notAfter,
  notBefore,
  octets,
  paths,
  peer,
  platform,
  poke,
  refusal,
  resigned,
  suites,
  value,
} from '../../src/lab/chains/fixtures.ts';
import fc from '../property.ts';

const der = peer();
const trustAnchors = [anchor()];
const validate = certificateValidator({ trustAnchors, time: during });
const at = (time: Date): string => refusal(certificateValidator({ trustAnchors, time })(der));
const untrusted = /^certificate-untrusted/;
const outside = /^certificate-outside-validity/;

describe.each(suites)('the validator, with $name', (suite) => {
  it('PQ-P-17, PQ-P-58: lets the certificate of a trust anchor through, issued by either suite', () => {
    for (const issuing of suites) {
      const anchors = [anchor(suite, authority(issuing))];
      const parsed = value(certificateValidator({ trustAnchors: anchors, time: during })(peer(issuing)));
      expect(parsed.subject).toBe('CN=bob');
    }
  });

  it('PQ-P-17: refuses a signature by another key, and one over other octets', () => {
    const judge = certificateValidator({ trustAnchors: [anchor(suite)], time: during });
    expect(refusal(judge(resigned(der, octets(32, 77))))).toMatch(untrusted);
    expect(refusal(judge(poke(der, paths.serialNumber, 5, 0x22)))).toMatch(untrusted);
    expect(refusal(judge(flip(der, paths.signature, 3000)))).toMatch(untrusted);
  });
});

describe('trust', () => {
  it('PQ-P-18: an issuer that is no trust anchor is not trusted, its name again notwithstanding', () => {
    const stranger = { name: 'Other CA', seed: octets(32, 9) };
    const namesake = { seed: octets(32, 9) };
    for (const options of [stranger, namesake]) {
      const foreign = peer(platform, { issuer: authority(platform, options), issuerSeed: options.seed });
      expect(refusal(validate(foreign))).toMatch(untrusted);
    }
    expect(refusal(certificateValidator({ trustAnchors: [], time: during })(der))).toMatch(untrusted);
  });

  it('names are the same only octet by octet', () => {
    const printable = edit(der, [...paths.issuer, 0, 0, 1], (name) => name.with(0, 0x13));
    expect(refusal(validate(resigned(printable)))).toMatch(untrusted);
  });

  it('finds the key among trust anchors of one name', () => {
    const namesake = anchor(platform, authority(platform, { seed: octets(32, 9) }));
    for (const anchors of [
      [namesake, ...trustAnchors],
      [...trustAnchors, namesake],
    ]) {
      expect(refusal(certificateValidator({ trustAnchors: anchors, time: during })(der))).toBe('ok');
    }
  });

  it('PQ-P-17: the certificate of the trust anchor itself is not that of a peer', () => {
    expect(refusal(validate(authority()))).toMatch(/^certificate-wrong-algorithm/);
  });
});

describe('PQ-P-16: validity', () => {
  it('holds its first and last second, and no other', () => {
    const second = 1000;
    expect(at(notBefore)).toBe('ok');
    expect(at(notAfter)).toBe('ok');
    expect(at(new Date(notBefore.getTime() - second))).toMatch(outside);
    expect(at(new Date(notAfter.getTime() + second))).toMatch(outside);
    expect(at(new Date(Number.NaN))).toMatch(outside);
  });

  it('of the trust anchor counts too', () => {
    const past = authority(platform, { notAfter: new Date('2026-03-01T00:00:00Z') });
    const judge = certificateValidator({ trustAnchors: [anchor(platform, past)], time: during });
    expect(refusal(judge(der))).toMatch(outside);
    const both = [anchor(platform, past), ...trustAnchors];
    expect(refusal(certificateValidator({ trustAnchors: both, time: during })(der))).toBe('ok');
  });
});

describe('PQ-P-54, PQ-P-17: no changed certificate is accepted, and none makes the validator throw', () => {
  const position = fc.nat({ max: der.length - 1 });
  const octet = fc.nat({ max: 255 });
  const header = fc.nat({ max: 220 }); // identifiers, names, times
  const extensions = fc.integer({ min: 1700, max: 1840 });
  const place = fc.oneof(position, header, extensions);
  const refused = (input: Uint8Array): void => {
    expect(validate(input).ok).toBe(false);
    expect(parseTrustAnchor(platform, input).ok).toBe(false);
  };

  it('one octet is another', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (i, difference) => {
        refused(der.with(i, (der[i] ?? 0) ^ difference));
      }),
      { numRuns: 600 },
    );
  });

  it('octets are missing at the end, at the start or within', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 300 }), (i, count) => {
        refused(der.subarray(0, i));
        refused(der.subarray(i + 1));
        refused(Uint8Array.from([...der.subarray(0, i), ...der.subarray(i + count)]));
      }),
      { numRuns: 200 },
    );
  });

  it('octets are inserted, or stand behind', () => {
    fc.assert(
      fc.property(
        fc.oneof(place, fc.constant(der.length)),
        fc.array(octet, { minLength: 1, maxLength: 8 }),
        (i, more) => {
          refused(Uint8Array.from([...der.subarray(0, i), ...more, ...der.subarray(i)]));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('an element is another, in an otherwise well-formed certificate', () => {
    const path = fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, fc.uint8Array({ maxLength: 40 }), (where, other) => {
        let found = false;
        try {
          const changed = edit(der, where, () => {
            found = true;
            return other;
          });
          if (found) refused(changed);
        } catch (error) {
          if (found) throw error; // a path into a primitive element leads nowhere
        }
      }),
      { numRuns: 400 },
    );
  });

  it('sanity: unchanged it is accepted, before and after', () => {
    expect(refusal(validate(der))).toBe('ok');
    expect(refusal(validate(Uint8Array.from(der)))).toBe('ok');
    expect(refusal(validate(resigned(der, authoritySeed)))).toBe('ok');
  });
});
