// Policies of logs: what is read, what is refused and in which line, and which witnesses are enough.
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/provenance/log/note.ts';
import { parsePolicy, quorumReached } from '../../../src/provenance/log/policy.ts';
import { cosignerOf, given, vkeyOf } from './signing.ts';

const log = vkeyOf(cosignerOf('example.com/log'));
const names = ['X1', 'X2', 'X3', 'Y1', 'Y2'];
const vkeys = names.map((name) => vkeyOf(cosignerOf(name)));
const [x1 = '', x2 = '', x3 = '', y1 = '', y2 = ''] = vkeys;
const ed25519 = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

const read = (...lines: string[]) => parsePolicy(utf8(`${lines.join('\n')}\n`));

const whole = [
  `log ${log} https://example.com/log`,
  '',
  '  # two organisations',
  `witness X1 ${x1}`,
  `\twitness\tX2 ${x2} https://x2.example/`,
  `witness X3 ${x3}`,
  'group X-witnesses 2 X1 X2 X3',
  `witness Y1 ${y1}`,
  `witness Y2 ${y2}`,
  'group Y-witnesses any Y1 Y2',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
];

describe('a policy in the form of the specification', () => {
  const { logs, witnesses, quorum } = given(read(...whole));

  it('has its logs, its witnesses and their URLs', () => {
    expect(logs.map(({ key, url }) => [key.name, url])).toEqual([['example.com/log', 'https://example.com/log']]);
    expect(witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['X1', undefined],
      ['X2', 'https://x2.example/'],
      ['X3', undefined],
      ['Y1', undefined],
      ['Y2', undefined],
    ]);
  });

  it.each([
    ['X1:10 X2:20 Y1:5', 20],
    ['X1:10 X2:20 X3:15 Y1:30', 30],
    ['X1:10 X2:20 X3:15 Y1:3 Y2:1', 15],
    ['X1:10 X2:20 X3:30', undefined],
    ['X1:10 Y1:1 Y2:2', undefined],
    ['', undefined],
  ])('%s: the quorum was there at %s', (words, time) => {
    const times = new Map(
      words
        .split(' ')
        .filter((word) => word !== '')
        .map((word) => word.split(':'))
        .flatMap(([name, at]) =>
          witnesses.filter((one) => one.name === name).map(({ key }) => [key, Number(at)] as const),
        ),
    );
    expect(quorumReached(quorum, times)).toBe(time);
  });

  it('with quorum none needs nobody; with a witness as its quorum, that one', () => {
    const none = given(read(`log ${log}`, 'quorum none'));
    expect(quorumReached(none.quorum, new Map())).toBe(0);
    const one = given(read(`witness X1 ${x1}`, 'quorum X1'));
    expect(quorumReached(one.quorum, new Map())).toBeUndefined();
    expect(quorumReached(one.quorum, new Map(one.witnesses.map(({ key }) => [key, 7])))).toBe(7);
  });

  it('may name logs with Ed25519 keys, and 32 of each kind', () => {
    expect(given(read(`log ${ed25519}`, 'quorum none')).logs[0]?.key.type).toBe('ed25519');
    const many = Array.from({ length: 32 }, (_, i) => `witness W${i} ${vkeyOf(cosignerOf(`w${i}`))}`);
    const groups = Array.from({ length: 32 }, (_, i) => `group G${i} all W${i}`);
    expect(given(read(...many, ...groups, 'group G any G0 G1', 'quorum G')).witnesses).toHaveLength(32);
  });
});

describe('what is refused, with its line', () => {
  it.each([
    ['no quorum', [`log ${log}`], 'line 2'],
    ['a second quorum', ['quorum none', 'quorum none'], 'line 2'],
    ['a quorum that no line before defines', ['quorum X1', `witness X1 ${x1}`], 'line 1'],
    ['a quorum of two names', ['quorum a b'], 'line 1'],
    ['a word that is none of the four', ['# a comment', 'trust me'], 'line 2'],
    ['a log twice', [`log ${log}`, `log ${log}`, 'quorum none'], 'line 2'],
    ['a witness key twice', [`witness A ${x1}`, `witness B ${x1}`, 'quorum A'], 'line 2'],
    ['a name twice', [`witness A ${x1}`, `witness A ${x2}`, 'quorum A'], 'line 2'],
    ['a witness called none', [`witness none ${x1}`, 'quorum none'], 'line 1'],
    ['a member called none', [`witness A ${x1}`, 'group G any none', 'quorum A'], 'line 2'],
    ['a member of two groups', [`witness A ${x1}`, 'group G any A', 'group H any A', 'quorum G'], 'line 3'],
    ['a member twice', [`witness A ${x1}`, 'group G 2 A A', 'quorum G'], 'line 2'],
    ['a group in itself', ['group G any G', 'quorum G'], 'line 1'],
    ['a group without members', ['group G any', 'quorum G'], 'line 1'],
    ['a number of 0', [`witness A ${x1}`, 'group G 0 A', 'quorum G'], 'line 2'],
    ['a number above the members', [`witness A ${x1}`, 'group G 2 A', 'quorum G'], 'line 2'],
    ['a number with a zero in front', [`witness A ${x1}`, 'group G 01 A', 'quorum G'], 'line 2'],
    ['words behind a URL', [`log ${log} https://a b`, 'quorum none'], 'line 1'],
    ['a log key as a witness', [`witness A ${ed25519}`, 'quorum A'], 'line 1'],
    ['a key with a changed ID', [`log ${log.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}`, 'quorum none'], 'line 1'],
    ['a carriage return', [`log ${log}\r`, 'quorum none'], 'line 1'],
    ['no key', ['log', 'quorum none'], 'line 1'],
  ])('%s', (_, lines, line) => {
    const refusal = read(...(lines as string[]));
    expect(refusal).toMatchObject({ ok: false, code: 'log-policy-malformed' });
    expect(refusal).toMatchObject({ detail: expect.stringMatching(new RegExp(`^${line}: `)) });
  });

  it('a policy that is cut off in its last line, and one that is too long', () => {
    expect(parsePolicy(utf8('quorum none'))).toMatchObject({ code: 'log-policy-malformed' });
    expect(parsePolicy(new Uint8Array(1_048_577))).toMatchObject({ code: 'log-policy-malformed' });
  });

  it('names are octets: two that look alike are two', () => {
    expect(read(`witness K ${x1}`, `witness \u212a ${x2}`, 'quorum K')).toMatchObject({ ok: true });
  });
});
