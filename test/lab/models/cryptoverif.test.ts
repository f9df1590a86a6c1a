// The hand-written CryptoVerif models have the key schedule of the code.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectedFormulas, statedFormulas } from '../../../src/lab/models/cryptoverif.ts';
import { protocols } from '../../../src/lab/models/protocols.ts';
import type { Protocol } from '../../../src/lab/models/roles.ts';
import { symbolsOf } from '../../../src/lab/models/symbols.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

const symbols = symbolsOf(loadSpec());
const base = protocols.get('default') as Protocol;
const expected = expectedFormulas(symbols, base);
const directory = 'models/cryptoverif';
const files = readdirSync(directory).filter((name) => name.endsWith('.cv'));
const textOf = (name: string): string => readFileSync(`${directory}/${name}`, 'utf8');

describe('key schedule of the CryptoVerif models', () => {
  it('is the one of a run of the state machines on terms', () => {
    expect(Object.fromEntries(expected)).toEqual({
      k_hid: ['kdf_1(ss_pre, concat_HID(ss_e))', 'kdf_1(ss_e, HID)'],
      h_i: ['h_i(m1, m3, m5)', 'H(messages_i(m1, m3, m5))'],
      h_r: ['h_r(m2, m4, m6)', 'H(messages_r(m2, m4, m6))'],
      S: ['concat_S(ss_e, ss_i, ss_r, h_i, h_r)'],
      C_i: ['mac(concat_C(h_i, h_r), k_C_i)'],
      C_r: ['mac(concat_C(h_i, h_r), k_C_r)'],
      keys: ['keys(k_C_i, k_C_r, k_session)', 'cut(kdf_2(hf2, s))'],
    });
  });

  it.each(files)('%s states formulas, and each is that of the code', (name) => {
    const stated = statedFormulas(name, textOf(name));
    // The lemma about sealing ends with k_hid; every other model goes on to the session key.
    const names = stated.map(({ name: of }) => of);
    const needed = name === 'identity-hiding-sealing.cv' ? ['k_hid'] : ['S', 'h_i', 'h_r', 'keys'];
    expect(needed.filter((of) => !names.includes(of))).toEqual([]);
    for (const { name: of, formula } of stated) expect(expected.get(of), of).toContain(formula);
  });

  it('a difference is noticed', () => {
    const first = 'identity-hiding-initiator.cv';
    const broken = textOf(first).replaceAll('ss_pre, concat_HID(ss_e)', 'concat_HID(ss_e), ss_pre');
    const wrong = statedFormulas(first, broken).filter(({ name, formula }) => !expected.get(name)?.includes(formula));
    expect(wrong.map(({ name }) => name)).toEqual(['k_hid']);
    expect(() => statedFormulas('none.cv', 'process 0')).toThrow(/none\.cv: no block/);
  });

  it('follows the code: another order of S is another formula', () => {
    const { reading } = base;
    const keyMaterial: typeof reading.keyMaterial = (a, input) =>
      reading.keyMaterial(a, {
        ...input,
        initiatorSecret: input.responderSecret,
        responderSecret: input.initiatorSecret,
      });
    const swapped = expectedFormulas(symbols, { ...base, reading: { ...reading, keyMaterial } });
    expect(swapped.get('S')).toEqual(['concat_S(ss_e, ss_r, ss_i, h_i, h_r)']);
  });
});
