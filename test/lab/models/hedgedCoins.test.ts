// The CryptoVerif files about hedged coins are written by hand; their formulas must be those of the code (PQ-P-61).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { symbolicAlgebra, trusting } from '../../../src/algebra/symbolic.ts';
import { termStore } from '../../../src/algebra/terms.ts';
import { hedgedCoin, hedgingKey } from '../../../src/generated/keySchedule.ts';
import type { Kind } from '../../../src/generated/kinds.ts';
import { statedFormulas } from '../../../src/lab/models/cryptoverif.ts';
import { expression } from '../../../src/lab/models/formulas.ts';
import { namesFor } from '../../../src/lab/models/symbols.ts';

const terms = termStore();
const algebra = symbolicAlgebra(terms, trusting(terms.name('authority')));
const named = <K>(label: string): K => terms.name(label) as K;
type Hidden = Kind<ReturnType<typeof terms.name>, 'SharedSecret'>;
type Key = Kind<ReturnType<typeof terms.name>, 'HedgingKey'>;

const names = namesFor();
const coin = hedgedCoin(algebra, {
  hedgingKey: named<Key>('k_h'),
  ...{ name: named('name'), bound: named('bound'), length: 32 },
});
names.set(coin.parts[1], 'info');
const ofCode = [
  {
    name: 'k_h',
    formula: expression(
      hedgingKey(algebra, { hedgingSecret: named<Hidden>('ss_h'), randomness: named('randomness') }),
      names,
    ),
  },
  { name: 'coin', formula: expression(coin, names).replace('expand_32', 'hkdf') },
];

describe.each(['key', 'randomness'])('hedged-coins-%s.cv', (which) => {
  const text = readFileSync(`models/cryptoverif/hedged-coins-${which}.cv`, 'utf8');

  it('states the formulas of the code', () => {
    expect(statedFormulas(which, text)).toEqual(ofCode);
  });

  it('a difference is noticed', () => {
    const swapped = text.replace('extract(ss_h, randomness).', 'extract(randomness, ss_h).');
    expect(statedFormulas(which, swapped)).not.toEqual(ofCode);
  });
});
