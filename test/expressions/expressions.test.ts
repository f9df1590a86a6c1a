import { describe, expect, it } from 'vitest';
import { findBelow, findInProgram, findInSchema } from './find.ts';
import { whyNotLinear } from './linear.ts';

describe('regular expressions', () => {
  const { expressions, unknown } = findBelow(['src', 'scripts', 'properties', 'spec/schema']);

  it('all are found', () => {
    expect(expressions.length).toBeGreaterThan(120);
    expect(expressions.some(({ where }) => where.startsWith('spec/schema/enrolment'))).toBe(true);
    const program =
      "const a = /x/g; new RegExp('y', 'u'); RegExp('z'); t.match('v'); ({ pattern: 'w' }); new RegExp(a);";
    expect(findInProgram('a.ts', program)).toEqual({
      expressions: [
        { where: 'a.ts:1', source: 'x', flags: 'g' },
        { where: 'a.ts:1', source: 'y', flags: 'u' },
        { where: 'a.ts:1', source: 'z', flags: '' },
        { where: 'a.ts:1', source: 'v', flags: '' },
        { where: 'a.ts:1', source: 'w', flags: 'u' },
      ],
      unknown: ['a.ts:1: new RegExp(a)'],
    });
    const schema = '{ "properties": { "a": { "pattern": "b" } }, "patternProperties": { "c": {} } }';
    expect(findInSchema('a', schema).expressions.map(({ source }) => source)).toEqual(['b', 'c']);
  });

  it('none is made of what is not known before the program runs', () => expect(unknown).toEqual([]));

  it.each([
    ['nested repetition', '^-----(BEGIN|END) ((?:[!-,.-~]+[ -]?)*)-----$', ''],
    ['alternatives for the same text', '^(?:a|a)*$', ''],
    ['two repetitions of the same, one behind the other', '^a*a*$', ''],
    ['a repetition that is tried from every place', ' +$', ''],
    ['an end that is looked for from every beginning', '<!--[\\s\\S]*?-->', 'g'],
    ['a rest that is looked for behind every match', 'a(?:.*b)?', 'g'],
    ['look-ahead, which is not understood', '^(?!same$).*$', ''],
    ['a back reference, which is not understood', '^(a*)b\\1$', ''],
  ])('%s is refused', (_, source, flags) => {
    expect(whyNotLinear({ where: '', source, flags })).toBeDefined();
  });

  it.each(expressions.map((one) => [`${one.where}: /${one.source}/${one.flags}`, one] as const))('%s', (_, one) => {
    expect(whyNotLinear(one)).toBeUndefined();
  });
});
