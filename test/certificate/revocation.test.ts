// Revocation lists: which ones count for a certificate, and how they are kept.

import { describe, expect, it } from 'vitest';
import { issueCrl } from '../../src/certificate/issue/issueCrl.ts';
import { parseRevocationList, type RevocationList } from '../../src/certificate/revocationList.ts';
import { type RevocationPolicy, trustStore } from '../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../src/certificate/validate.ts';
import { inside, octetsOf, only } from '../../src/der/der.ts';
import {
  anchor,
  at,
  authority,
  authoritySeed,
  during,
  hex,
  octets,
  peer,
  platform,
  refusal,
  tlv,
  value,
} from '../../src/lab/chains/fixtures.ts';
import { type Bytes, same } from '../../src/octets.ts';
import { timesAsLong } from '../duration.ts';

type Options = Partial<Parameters<typeof issueCrl>[0]>;

const suite = platform;
const second = 1_000;
const newSeed = octets(32, 9);
const newAuthority = authority(suite, { seed: newSeed });
const serialNumber = octets(16, 0x41); // that of the peer
const named = { revoked: [{ serialNumber, date: new Date('2026-05-30T00:00:00Z'), reason: 'keyCompromise' as const }] };

const issued = (options: Options = {}): Bytes =>
  issueCrl({
    ...{ suite, issuer: authority(), issuerSeed: authoritySeed, revoked: [], crlNumber: 1 },
    ...{ thisUpdate: new Date('2026-05-31T00:00:00Z'), nextUpdate: new Date('2026-06-07T00:00:00Z') },
    ...options,
  });
const list = (options: Options = {}): RevocationList => value(parseRevocationList(issued(options)));
const ofNewKey = { issuer: newAuthority, issuerSeed: newSeed };
const anchors = [anchor(), anchor(suite, newAuthority)];

function judged(
  revocationLists: readonly RevocationList[],
  revocation?: RevocationPolicy,
  certificate = peer(),
): string {
  const store = value(trustStore({ trustAnchors: anchors, revocationLists, revocation }));
  return refusal(certificateValidator({ trustAnchors: store, time: during })(certificate));
}

describe('PQ-P-72, PQ-P-73: lists go by the name of the issuer (RFC 5280, section 6.3.3)', () => {
  it('after a key rollover a list of the new key revokes a certificate of the old one', () => {
    expect(judged([list({ ...ofNewKey, ...named, crlNumber: 2 })])).toMatch(/^certificate-revoked: .* reason 1/);
    expect(judged([list(), list({ ...ofNewKey, ...named, crlNumber: 2 })])).toMatch(/^certificate-revoked/);
    expect(judged([list(named), list({ ...ofNewKey, crlNumber: 2 })])).toMatch(/^certificate-revoked/);
  });

  it('and is enough where lists are required, for the certificates of either key', () => {
    const ofNew = peer(suite, ofNewKey);
    for (const certificate of [peer(), ofNew]) {
      expect(judged([list({ ...ofNewKey, crlNumber: 2 })], 'required', certificate)).toBe('ok');
      expect(judged([list()], 'required', certificate)).toBe('ok');
      expect(judged([], 'required', certificate)).toMatch(/^certificate-revocation-unknown/);
    }
  });

  it('once there is a list of a name, all certificates of this name need one that is fresh', () => {
    const ended = { nextUpdate: new Date('2026-05-31T12:00:00Z') };
    expect(judged([list({ ...ofNewKey, ...ended })])).toMatch(
      /^certificate-revocation-unknown: .* ended 2026-05-31T12/,
    );
    expect(judged([list({ ...ended }), list({ ...ofNewKey, crlNumber: 2 })])).toBe('ok');
  });

  it('of another name they are none', () => {
    const stranger = authority(suite, { name: 'Stranger', seed: newSeed });
    const lists = [list({ issuer: stranger, issuerSeed: newSeed, ...named })];
    const store = value(trustStore({ trustAnchors: [anchor(), anchor(suite, stranger)], revocationLists: lists }));
    expect(refusal(certificateValidator({ trustAnchors: store, time: during })(peer()))).toBe('ok');
  });
});

describe('a newer list that is not in force yet', () => {
  const soon = { thisUpdate: new Date(during.getTime() + 2 * second), crlNumber: 2 };

  it('revokes what it names: clocks differ by seconds', () => {
    expect(judged([list(), list({ ...soon, ...named })])).toMatch(/^certificate-revoked/);
    expect(judged([list({ ...soon, ...named })])).toMatch(/^certificate-revoked/);
  });

  it('releases nothing, and is not fresh', () => {
    expect(judged([list(named), list(soon)])).toMatch(/^certificate-revoked/);
    expect(judged([list(soon)])).toMatch(/^certificate-revocation-unknown: .* in force yet/);
    expect(judged([list(), list(soon)])).toBe('ok');
  });
});

const integer = (contents: Bytes): Bytes => tlv(0x02, contents);
const time = tlv(0x17, Buffer.from('260530100000Z'));
const reason = hex('300c300a0603551d1504030a0101');
const numbered = (i: number): Bytes => Uint8Array.of(0x41, i >> 16, (i >> 8) & 0xff, i & 0xff);

/** DER of an element of any length. */
function long(tag: number, contents: Bytes): Bytes {
  if (contents.length <= 0xffff) return tlv(tag, contents);
  const digits = [contents.length >> 24, contents.length >> 16, contents.length >> 8, contents.length].map(
    (n) => n & 0xff,
  );
  const start = digits.findIndex((one) => one > 0);
  return new Uint8Array(Buffer.concat([Uint8Array.from([tag, 0x80 | (4 - start), ...digits.slice(start)]), contents]));
}

const base = issued(named);

/** A list with these entries; its signature is one of another list. */
function withEntries(entries: readonly Bytes[]): Bytes {
  const [toBeSigned, algorithm, signature] = inside(only(base, 0x30, 'list')).map(octetsOf);
  const fields = inside(only(toBeSigned ?? octets(0), 0x30, 'fields')).map(octetsOf);
  fields[5] = long(0x30, new Uint8Array(Buffer.concat(entries)));
  const rest = [algorithm ?? octets(0), signature ?? octets(0)];
  return long(0x30, new Uint8Array(Buffer.concat([long(0x30, new Uint8Array(Buffer.concat(fields))), ...rest])));
}

describe('the entries of a list', () => {
  const entry = (i: number): Bytes => tlv(0x30, integer(numbered(i)), time, ...(i % 3 === 0 ? [reason] : []));

  it('are found by their serial numbers, and no others are', () => {
    const count = 5_000;
    const { revoked } = value(parseRevocationList(withEntries(Array.from({ length: count }, (_, i) => entry(i)))));
    expect(revoked.size).toBe(count);
    for (let i = 0; i < count; i += 1) {
      const key = Buffer.from(numbered(i)).toString('hex');
      expect(revoked.get(key)).toEqual({ date: new Date('2026-05-30T10:00:00Z'), reason: i % 3 === 0 ? 1 : 0 });
    }
    expect([...revoked.keys()]).toEqual(
      Array.from({ length: count }, (_, i) => Buffer.from(numbered(i)).toString('hex')),
    );
    expect(new Map(revoked).size).toBe(count);
    let [seen, right] = [0, true];
    revoked.forEach((one, key, whole) => {
      seen += 1;
      right &&= whole === revoked && revoked.get(key)?.reason === one.reason;
    });
    expect([seen, right]).toEqual([count, true]);
    for (const other of ['', '41', '41001388', '4100000', '41000000 ', '410000zz', '4100000000', '00'.repeat(21)])
      expect([revoked.has(other), revoked.get(other)]).toEqual([false, undefined]);
  });

  it.each([
    ['one twice, far apart', [...Array.from({ length: 1_000 }, (_, i) => entry(i)), entry(3)]],
    ['none', []],
    ['a serial number of zero', [tlv(0x30, integer(hex('00')), time)]],
    ['a negative one', [tlv(0x30, integer(hex('80')), time)]],
    ['an empty one', [tlv(0x30, integer(octets(0)), time)]],
    ['one in more octets than needed', [tlv(0x30, integer(hex('0001')), time)]],
    ['one of 21 octets', [tlv(0x30, integer(octets(21, 1)), time)]],
    ['no time', [tlv(0x30, integer(hex('01')))]],
    ['the 30th of February', [tlv(0x30, integer(hex('01')), tlv(0x17, Buffer.from('260230100000Z')))]],
    ['the 29th of February of no leap year', [tlv(0x30, integer(hex('01')), tlv(0x17, Buffer.from('260229100000Z')))]],
    ['an hour of 24', [tlv(0x30, integer(hex('01')), tlv(0x17, Buffer.from('260228240000Z')))]],
    ['a GeneralizedTime before 2050', [tlv(0x30, integer(hex('01')), tlv(0x18, Buffer.from('20260530100000Z')))]],
    ['more behind', [tlv(0x30, integer(hex('01')), time, reason, reason)]],
    ['reason 7', [tlv(0x30, integer(hex('01')), time, hex('300c300a0603551d1504030a0107'))]],
    ['a length in more octets than needed', [hex('3081120201011717'), time]],
    ['a length that ends behind the list', [hex('303002010117')]],
    ['an indefinite length', [hex('30800201010000')]],
    ['another element', [tlv(0x31, integer(hex('01')), time)]],
    ['no extensions in their place', [tlv(0x30, integer(hex('01')), time, hex('3000'))]],
  ])('%s: the list is refused', (_, entries) => {
    expect(refusal(parseRevocationList(withEntries(entries)))).toMatch(/^certificate-revocation-unknown/);
  });

  it('keep the 29th of February of a leap year, 2050, and other extensions that are not critical', () => {
    const other = tlv(0x30, tlv(0x30, hex('0603551d18'), tlv(4, tlv(0x18, Buffer.from('20260501000000Z'))))); // invalidity date
    const dated = (text: string, tag = 0x17): Bytes => tlv(tag, Buffer.from(text));
    const { revoked } = value(
      parseRevocationList(
        withEntries([
          tlv(0x30, integer(hex('01')), dated('280229100000Z')),
          tlv(0x30, integer(hex('02')), dated('20500101000000Z', 0x18)),
          tlv(0x30, integer(hex('03')), time, other),
        ]),
      ),
    );
    expect([...revoked.values()].map(({ date }) => date.toISOString())).toEqual([
      '2028-02-29T10:00:00.000Z',
      '2050-01-01T00:00:00.000Z',
      '2026-05-30T10:00:00.000Z',
    ]);
  });

  it('200,000 take a few times as long as to put their numbers and dates into a map', () => {
    const der = withEntries(Array.from({ length: 200_000 }, (_, i) => entry(3 * i)));
    const read = (): void => {
      const { revoked } = value(parseRevocationList(der));
      expect(revoked.size).toBe(200_000);
      expect(revoked.has(Buffer.from(numbered(3 * 199_999)).toString('hex'))).toBe(true);
    };
    const control = (): void => {
      const revoked = new Map<string, { date: Date }>();
      for (let i = 0; i < 200_000; i += 1) {
        const serialNumber = Buffer.from(der.subarray(i, i + 8)).toString('hex');
        revoked.set(`${serialNumber}${i}`, { date: new Date(Date.UTC(2026, 4, 30, 10, i % 60)) });
      }
      expect(revoked.size).toBe(200_000);
    };
    expect(timesAsLong(7, read, control)).toBeLessThan(7);
  });

  it('sanity: the list that was taken apart is the list that was issued, and a list of it is accepted', () => {
    const [one] = inside(only(at(base, [0, 5]), 0x30, 'entries')).map(octetsOf);
    expect(same(withEntries([one ?? octets(0)]), base)).toBe(true);
    expect(refusal(parseRevocationList(withEntries([entry(1)])))).toBe('ok');
  });
});
