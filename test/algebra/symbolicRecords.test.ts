// Records of a channel on terms: what opens there is what was sealed, under the same key and number.
import { describe, expect, it } from 'vitest';
import { symbolicAlgebra, trusting } from '../../src/algebra/symbolic.ts';
import { symbolicRecords } from '../../src/algebra/symbolicRecords.ts';
import { type Term, termStore } from '../../src/algebra/terms.ts';
import type { ChannelRecord } from '../../src/generated/channel.ts';
import type { Commitment, RecordIv, RecordKey } from '../../src/generated/kinds.ts';

const terms = termStore();
const algebra = symbolicRecords(terms, symbolicAlgebra(terms, trusting(terms.name('authority'))));
const [key, otherKey] = [terms.name('key'), terms.name('another key')] as [RecordKey<Term>, RecordKey<Term>];
const [iv, otherIv] = [terms.name('iv'), terms.name('another iv')] as [RecordIv<Term>, RecordIv<Term>];
const place = { key, iv, sequence: 3 };
const data: ChannelRecord<Term> = { type: 'data', content: terms.name('content') };
const refused = { ok: false, code: 'record-not-opened' };

describe('a record on terms (PQ-C-11, PQ-C-13)', () => {
  it.each<ChannelRecord<Term>>([
    data,
    { type: 'handshake', content: terms.name('octets') },
    { type: 'close' },
    { type: 'ratchet' },
    { type: 'request' },
    { type: 'switch' },
  ])('of type $type opens to what was sealed, whatever its padding', (record) => {
    for (const padding of [0, 7]) {
      const octets = algebra.sealRecord({ ...place, record, padding });
      expect(algebra.openRecord({ ...place, octets })).toEqual({ ok: true, value: record });
    }
  });

  it.each([
    ['under another key', { ...place, key: otherKey }],
    ['under another initial vector', { ...place, iv: otherIv }],
    ['with another number', { ...place, sequence: 4 }],
  ])('%s does not open', (_, at) => {
    const octets = algebra.sealRecord({ ...place, record: data, padding: 0 });
    expect(algebra.openRecord({ ...at, octets })).toMatchObject(refused);
  });

  it('that was not sealed, or holds no record, does not open', () => {
    const { parts, label } = algebra.sealRecord({ ...place, record: data, padding: 0 });
    const [first, nonce, header] = parts as [Term, Term, Term];
    const sealed = (...inside: readonly Term[]): Term => terms.make('seal', [first, nonce, header, ...inside], label);
    for (const octets of [
      terms.name('octets'),
      terms.make('seal', [first, nonce, terms.name('another header'), ...parts.slice(3)], label),
      sealed(),
      sealed(terms.name('no record')),
      sealed(terms.make('record', [], 'no type')),
      sealed(terms.make('record', [], 'data')),
    ])
      expect(algebra.openRecord({ ...place, octets })).toMatchObject(refused);
  });
});

it('a commitment is compared as a term (PQ-C-10)', () => {
  const expected = terms.name('commitment') as Commitment<Term>;
  expect(algebra.publish(expected)).toBe(expected);
  expect(algebra.checkCommitment({ expected, received: expected })).toMatchObject({ ok: true });
  expect(algebra.checkCommitment({ expected, received: key })).toMatchObject({ ok: false, code: 'wrong-commitment' });
});
