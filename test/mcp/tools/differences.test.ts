// Differences: complete, so that what was approved and the differences give what is there now; and shown so that nothing hides.
import { describe, expect, it } from 'vitest';
import { isObject, type Json } from '../../../src/mcp/contract.ts';
import { sameJson } from '../../../src/mcp/tools/canonical.ts';
import { type Change, changesOf, differencesOf } from '../../../src/mcp/tools/differences.ts';
import { likeness } from '../../../src/mcp/tools/names.ts';
import { compareWithPins, noPins, withPin } from '../../../src/mcp/tools/pins.ts';
import { shown, shownJson } from '../../../src/mcp/tools/shown.ts';
import { differenceLines, textLines } from '../../../src/mcp/tools/words.ts';
import fc from '../../property.ts';
import { anyJson, anyTools, bob, carol, how, manifest, pinsWith, tool } from './declared.ts';

const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** A value with one change made to it. */
function changed(value: Json | undefined, steps: readonly string[], to: Json | undefined): Json | undefined {
  const [first, ...rest] = steps;
  if (first === undefined) return to;
  const inner = Array.isArray(value) ? value[Number(first)] : isObject(value) ? value[first] : undefined;
  const next = changed(inner, rest, to);
  if (Array.isArray(value)) {
    const copy: Json[] = [...value];
    if (next === undefined) copy.length = Math.min(copy.length, Number(first));
    else copy[Number(first)] = next;
    return copy;
  }
  const others = Object.entries(value ?? {}).filter(([name]) => name !== first);
  return Object.fromEntries(next === undefined ? others : [...others, [first, next]]);
}

const withAll = (value: Json, changes: readonly Change[]): Json =>
  changes.reduce<Json | undefined>((now, { pointer, to }) => changed(now, stepsOf(pointer), to), value) ?? null;

describe('changes', () => {
  it('of two values turn the one into the other, and none are between equals', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        expect(sameJson(withAll(one, changesOf(one, other)), other)).toBe(true);
        expect(changesOf(one, JSON.parse(JSON.stringify(one)))).toEqual([]);
      }),
    );
  });

  it('of members with names that objects have of their own are seen', () => {
    const [one, other] = [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":2}}')];
    expect(changesOf(one, other)).toEqual([{ pointer: '/__proto__/a', from: 1, to: 2 }]);
    expect(changesOf(JSON.parse('{"toString":1}'), {})).toEqual([{ pointer: '/toString', from: 1 }]);
  });
});

describe('differences between manifests', () => {
  it('are none exactly when the digests are equal', () => {
    fc.assert(
      fc.property(anyTools, anyTools, fc.boolean(), (one, other, isSame) => {
        const [a, b] = [manifest(one), manifest(isSame ? one : other)];
        expect(differencesOf(a, b).length === 0).toBe(a.digest === b.digest);
      }),
    );
  });

  it('name each added, removed, changed and renamed one', () => {
    const approved = manifest([tool('send'), tool('read'), tool('list'), tool('old', 'the same')]);
    const now = manifest([
      tool('send', 'does send', { annotations: { readOnlyHint: true } }),
      tool('read', 'does read', { title: 'Read' }),
      tool('new', 'the same'),
      tool('more'),
    ]);
    expect(differencesOf(approved, now)).toMatchObject([
      { kind: 'added', name: 'more' },
      { kind: 'renamed', from: 'old', name: 'new' },
      { kind: 'changed', name: 'read', material: false, changes: [{ pointer: '/title', to: 'Read' }] },
      {
        kind: 'changed',
        name: 'send',
        material: true,
        changes: [{ pointer: '/annotations', to: { readOnlyHint: true } }],
      },
      { kind: 'removed', name: 'list' },
    ]);
  });

  it('of descriptions are lines, of schemas places', () => {
    const approved = manifest([tool('send', 'Sends mail.\nTo one person.')]);
    const schema = { type: 'object', properties: { to: { type: 'string' }, 'a/b': { default: 'x' } } };
    const now = manifest([tool('send', 'Sends mail.\nAlso to eve.\nTo one person.', { inputSchema: schema })]);
    expect(differencesOf(approved, now).flatMap(differenceLines)).toEqual([
      'tool send is changed',
      '  /description',
      '    Sends mail.',
      '  + Also to eve.',
      '    To one person.',
      '  /inputSchema/properties/a~1b',
      '  + {"default":"x"}',
    ]);
  });
});

describe('what a person sees', () => {
  const harmless = /^(?:[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\p{Zs}]| )*$/u;
  const anyText = fc.string({ unit: 'binary' });

  it('has no character that moves, hides or reorders, and two texts never look the same for it', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(shown(one)).toMatch(harmless);
        expect(shown(one) === shown(other)).toBe(one === other);
        expect(JSON.parse(shownJson({ [one]: other }))).toEqual({ [one]: other });
        expect(shownJson([one])).toMatch(harmless);
      }),
    );
  });

  it.each([
    ['the terminal', '\u001b[2J', '\\u{1b}[2J'],
    ['direction', 'a\u202eb', 'a\\u{202e}b'],
    ['zero width', 'a\u200bb', 'a\\u{200b}b'],
    ['tags', '\u{e0041}', '\\u{e0041}'],
    ['variation selectors', 'a\ufe0f', 'a\\u{fe0f}'],
    ['fillers', '\u3164', '\\u{3164}'],
    ['other spaces', 'a\u00a0b', 'a\\u{a0}b'],
    ['an escape that is none', '\\u{1b}', '\\\\u{1b}'],
  ])('%s', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
    const lines = differencesOf(manifest([tool('a')]), manifest([tool('a', text)])).flatMap(differenceLines);
    expect(lines.at(-1)).toBe(`  + ${expected}`);
  });

  it('of two texts has every line of both, once', () => {
    const anyLines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(anyLines, anyLines, (one, other) => {
        const lines = textLines(one.join('\n'), other.join('\n'));
        const side = (sign: string): string[] =>
          lines.filter((line) => line.startsWith(sign) || line.startsWith('  ')).map((line) => line.slice(2));
        expect(side('- ')).toEqual(one);
        expect(side('+ ')).toEqual(other);
      }),
    );
  });

  it('of very long texts is bounded work', () => {
    const long = (word: string): string => Array.from({ length: 20_000 }, (_, i) => `${word}${i}`).join('\n');
    expect(textLines(long('a'), long('b'))).toHaveLength(40_000);
  });
});

describe('against pins', () => {
  const approved = manifest([tool('send'), tool('read')]);
  const pins = pinsWith([bob, approved]);

  it('a server is the same, seen first, or different', () => {
    expect(compareWithPins(bob, manifest([tool('read'), tool('send')]), pins).standing).toBe('same');
    expect(compareWithPins(carol, manifest([tool('other')]), pins)).toEqual({ standing: 'first use', differences: [] });
    expect(compareWithPins(bob, manifest([tool('send', 'x'), tool('read')]), pins)).toMatchObject({
      standing: 'different',
      differences: [{ kind: 'changed', name: 'send' }],
    });
  });

  it('a tool that is gone is told, and not refused', () => {
    expect(compareWithPins(bob, manifest([tool('send')]), pins)).toMatchObject({
      standing: 'same',
      differences: [{ kind: 'removed', name: 'read' }],
    });
  });

  it('a certificate with more names, or fewer, is no way out of a pin', () => {
    const now = manifest([tool('send', 'x')]);
    expect(compareWithPins({ ...bob, names: ['URI:https://x', 'CN=bob'] }, now, pins).standing).toBe('different');
    expect(compareWithPins({ ...bob, names: ['bob'] }, now, pins).standing).toBe('different');
    // The same name of another authority is another server.
    expect(compareWithPins({ ...bob, authorities: ['CN=other'] }, manifest([tool('x')]), pins).standing).toBe(
      'first use',
    );
  });

  it.each([
    ['the same name', 'send'],
    ['case', 'SEND'],
    ['letters of another script', 's\u0435nd'],
    ['capitals of another script', '\u0405END'],
    ['full width', '\uff53end'],
    ['an accent', 'se\u0301nd'],
    ['what cannot be seen', 'se\u200bnd'],
  ])('a tool that shadows one of another server is told: %s', (_, name) => {
    expect(compareWithPins(carol, manifest([tool(name)]), pins)).toMatchObject({
      standing: 'first use',
      differences: [{ kind: 'shadows', name, other: 'send', server: 'bob (CN=ca)' }],
    });
  });

  it.each([
    ['call', '\u03f2all'],
    ['read', 're\u{1e030}d'],
    ['list', '1ist'],
    ['strasse', 'stra\u00dfe'],
  ])('%s looks like %s', (one, other) => {
    expect(likeness(other)).toBe(likeness(one));
    expect(likeness(`${other}s`)).not.toBe(likeness(one));
  });

  it('and one that looks like another of the same server', () => {
    expect(likeness('read-file')).toBe(likeness('read.file'));
    expect(compareWithPins(carol, manifest([tool('read-file'), tool('read.file')]), noPins).differences).toMatchObject([
      { kind: 'look-alike', name: 'read-file', other: 'read.file' },
      { kind: 'look-alike', name: 'read.file', other: 'read-file' },
    ]);
  });

  it('what was approved beside its namesake stays approved', () => {
    const both = withPin(pins, carol, manifest([tool('send', 'of carol')]), how);
    expect(compareWithPins(carol, manifest([tool('send', 'of carol')]), both)).toMatchObject({
      standing: 'same',
      differences: [],
    });
    expect(compareWithPins(bob, approved, both)).toMatchObject({ standing: 'same', differences: [] });
  });

  it('an approval takes the place of the one before, and leaves what it does not speak of', () => {
    const first = pinsWith([bob, manifest([tool('a')], { instructions: 'Be kind.' })]);
    const then = withPin(first, bob, manifest([tool('b')]), how);
    expect(then.servers).toHaveLength(1);
    expect(then.servers[0]?.manifest).toMatchObject({ tools: [{ name: 'b' }], instructions: 'Be kind.' });
    const late = withPin(then, bob, manifest([tool('c')], { prompts: [] }), { ...how, by: 'first use' });
    expect(late.servers[0]?.manifest).toMatchObject({ tools: [{ name: 'b' }], prompts: [] });
  });
});
