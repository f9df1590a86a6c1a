// The recorded bounds in numbers.
import { describe, expect, it } from 'vitest';
import { boundTables } from '../../../src/lab/report/bounds.ts';
import { type Asked, loadAsked } from '../../../src/lab/report/models.ts';
import { loadSpec } from '../../../src/lab/spec/spec.ts';

const spec = loadSpec();
const asked = loadAsked('models');
const rowsOf = (table = ''): string[] => table.split('\n').slice(2);

/** The numbers of a bound that a query would have, at 2^20, 2^40, 2^60 sessions. */
function numbersOf(bound: string): string[] {
  const lemma = asked.filter(({ query }) => query.id === 'sealing-psk');
  const [one] = asked.filter(({ query }) => query.id === 'initiator-agreement');
  const edited = { ...(one as Asked), bound };
  const [, row = ''] = rowsOf(boundTables([...lemma, edited], spec)['numbers']);
  return row
    .split(' | ')
    .slice(1)
    .map((cell) => cell.replace(' |', ''));
}

describe('bounds of CryptoVerif in numbers', () => {
  it('every query that CryptoVerif proved has its bound and its numbers', () => {
    const proved = asked.filter(({ tool, query }) => tool === 'cryptoverif' && query.expected === 'true');
    const tables = boundTables(asked, spec);
    expect(rowsOf(tables['bounds'])).toHaveLength(proved.length);
    expect(rowsOf(tables['numbers'])).toHaveLength(proved.length);
  });

  it.each([
    // Sizes are those of the specification: 32 octets, 12, 48.
    ['N_I / |kemsec|', ['2^-236.0', '2^-216.0', '2^-196.0']],
    ['n^2 / |iv_t|', ['2^-56.0', '2^-16.0', 'none']],
    ['N_I N_R / |session_t|', ['2^-344.0', '2^-304.0', '2^-264.0']],
    // 2^100 queries to the oracle; T^2 / 2^384; 2^10 agents share the sessions.
    ['N_H N_I / |ss_t|', ['2^-136.0', '2^-116.0', '2^-96.0']],
    ['2 P_H(t)', ['2^-183.0', '2^-183.0', '2^-183.0']],
    ['N_A N_Ia / |key_t|', ['2^-236.0', '2^-216.0', '2^-196.0']],
  ])('%s', (bound, numbers) => {
    expect(numbersOf(bound)).toEqual(numbers);
  });

  it('the lemma on sealing stands for what it is assumed for', () => {
    const [own] = rowsOf(
      boundTables(
        asked.filter(({ query }) => query.id === 'sealing-psk'),
        spec,
      )['numbers'],
    );
    for (const number of numbersOf("P_seal(t, n, n')")) expect(own).toContain(number);
  });

  it('a probability, parameter or type of which nothing is known is told', () => {
    expect(() => numbersOf('P_free(t)')).toThrow('nothing is assumed of P_free');
    expect(() => numbersOf('N_X / |kemsec|')).toThrow('no number is assumed for N_X');
    expect(() => numbersOf('N_I / |mac_t|')).toThrow('no size is known for mac_t');
  });
});
