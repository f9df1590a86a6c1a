import { describe, expect, it } from 'vitest';
import { bytesDerivation } from '../../src/algebra/bytesDerivation.ts';
import { bytesFraming } from '../../src/algebra/bytesFraming.ts';
import { symbolicFraming } from '../../src/algebra/symbolicFraming.ts';
import { type Term, termStore } from '../../src/algebra/terms.ts';
import { noble } from '../../src/crypto/noble.ts';
import { type Bytes, concat } from '../../src/octets.ts';

const suite = noble;
const { derivation } = bytesDerivation(suite);
const octets = (count: number, value = 7): Bytes => new Uint8Array(count).fill(value);
const digest = octets(48, 3);
const onOctets = bytesFraming(suite, (asked) => (suite.equal(asked, digest) ? octets(5) : undefined));

const terms = termStore();
const [a, b] = ['a', 'b'].map(terms.name) as [Term, Term];
const received = terms.variable('received');
const deciding = (answer: boolean) => symbolicFraming(terms, () => answer);
const form = (label: string): Term => terms.make('octet', [], label);

describe('padding of the proposals, on octets', () => {
  it.each([0, 1, 60, 61, 200])('%i octets are padded to a multiple of 64, and found again', (count) => {
    const padded = derivation.pad(octets(count), 64);
    expect(padded.length % 64).toBe(0);
    expect(padded.length - 4 - count).toBeLessThan(64);
    expect(onOctets.unpad({ padded, multiple: 64 })).toEqual({ ok: true, value: octets(count) });
  });

  it.each<[string, Bytes]>([
    ['an octet behind the content that is not zero', Uint8Array.from(derivation.pad(octets(9), 64)).fill(1, 63)],
    ['64 octets more than needed', concat(derivation.pad(octets(9), 64), octets(64, 0))],
    ['a length above what is there', concat(Uint8Array.of(0, 0, 0, 200), octets(60))],
    ['no length', octets(3)],
    ['nothing', octets(0)],
  ])('%s is refused as malformed', (_, padded) => {
    expect(onOctets.unpad({ padded, multiple: 64 })).toMatchObject({ ok: false, code: 'certificate-malformed' });
  });

  it('a length that does not fit its octets throws', () => {
    expect(() => derivation.length(octets(256), 1)).toThrow('a length of 256 does not fit into 1 octets');
    expect(derivation.length(octets(256), 2)).toEqual(Uint8Array.of(1, 0));
  });
});

describe('certificates by reference, on octets', () => {
  it.each<[string, Bytes, object]>([
    ['form 0', concat(Uint8Array.of(0), octets(9)), { ok: true, value: octets(9) }],
    ['form 1 and a known digest', concat(Uint8Array.of(1), digest), { ok: true, value: octets(5) }],
    ['form 1 and another digest', concat(Uint8Array.of(1), octets(48)), { code: 'certificate-untrusted' }],
    ['form 1 and 47 octets', concat(Uint8Array.of(1), octets(47)), { code: 'certificate-malformed' }],
    ['form 2', concat(Uint8Array.of(2), digest), { code: 'certificate-malformed' }],
    ['nothing', octets(0), { code: 'certificate-malformed' }],
  ])('%s', (_, framed, expected) => {
    expect(onOctets.certificateIn({ framed })).toMatchObject(expected);
  });

  it('without certificates that are held, no digest is known', () => {
    const framed = concat(Uint8Array.of(1), digest);
    expect(bytesFraming(suite).certificateIn({ framed })).toMatchObject({ code: 'certificate-untrusted' });
  });
});

describe('framing of the proposals, on terms', () => {
  it('padding opens for its own multiple only', () => {
    const padded = terms.make<Term>('pad', [a], '64');
    expect(deciding(true).unpad({ padded, multiple: 64 })).toEqual({ ok: true, value: a });
    expect(deciding(true).unpad({ padded, multiple: 128 })).toMatchObject({ code: 'certificate-malformed' });
    expect(deciding(true).unpad({ padded: a, multiple: 64 })).toMatchObject({ code: 'certificate-malformed' });
  });

  it('what was received opens if the explorer decides so', () => {
    const opened = deciding(true).unpad({ padded: received, multiple: 64 });
    expect(opened).toMatchObject({ ok: true, value: { symbol: 'unpad', parts: [received] } });
    expect(deciding(false).unpad({ padded: received, multiple: 64 })).toMatchObject({ ok: false });
    expect(deciding(true).certificateIn({ framed: received })).toMatchObject({ value: { symbol: 'certificateIn' } });
    expect(deciding(false).certificateIn({ framed: received })).toMatchObject({ code: 'certificate-malformed' });
  });

  it.each<[string, Term, object]>([
    ['form 0', terms.concat([form('00'), a, b]), { ok: true, value: terms.concat([a, b]) }],
    ['form 1 and a digest', terms.concat([form('01'), terms.make('hash', [a])]), { ok: true, value: a }],
    ['form 1 and no digest', terms.concat([form('01'), a]), { code: 'certificate-untrusted' }],
    ['form 2', terms.concat([form('02'), a]), { code: 'certificate-untrusted' }],
    ['no form', terms.concat([a, b]), { code: 'certificate-malformed' }],
  ])('a certificate of %s', (_, framed, expected) => {
    expect(deciding(true).certificateIn({ framed })).toMatchObject(expected);
  });

  it('a commitment holds for the same term, and for an open one if the explorer decides so', () => {
    expect(deciding(false).commits({ expected: a, received: a })).toMatchObject({ ok: true });
    expect(deciding(true).commits({ expected: a, received: b })).toMatchObject({ code: 'decryption-failed' });
    expect(deciding(true).commits({ expected: a, received })).toMatchObject({ ok: true });
    expect(deciding(true).commits({ expected: received, received: a })).toMatchObject({ ok: true });
    expect(deciding(false).commits({ expected: a, received })).toMatchObject({ code: 'decryption-failed' });
  });

  it('a concatenation is split behind its first part, anything else by projections', () => {
    const framing = deciding(true);
    expect(framing.split({ octets: terms.concat([a, b]), first: 5 })).toEqual([a, b]);
    const [first, rest] = framing.split({ octets: received, first: 5 });
    expect([first.symbol, first.label, rest.symbol]).toEqual(['first', '5', 'rest']);
    expect(framing.join({ first: a, rest: b })).toBe(terms.concat([a, b]));
  });
});
