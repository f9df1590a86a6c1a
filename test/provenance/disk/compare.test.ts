import { describe, expect, it } from 'vitest';
import { compareModel, differencesOf } from '../../../src/provenance/disk/compare.ts';

const files = (...pairs: readonly (readonly [string, string])[]) => pairs.map(([name, digest]) => ({ name, digest }));
const signed = files(['a', '1'], ['b', '2'], ['c/d', '3']);

describe('a model and what was signed', () => {
  it('are the same in any order', () => {
    expect(compareModel([...signed].reverse(), signed)).toEqual({ ok: true, value: true });
  });

  it('differ in octets, in a missing, an extra and a renamed file', () => {
    expect(compareModel(files(['a', '1'], ['b', '9'], ['c/d', '3']), signed)).toMatchObject({
      ok: false,
      code: 'file-modified',
      path: 'b',
    });
    expect(compareModel(signed.slice(0, 2), signed)).toMatchObject({ code: 'file-missing', path: 'c/d' });
    expect(compareModel([...signed, ...files(['x', '9'])], signed)).toMatchObject({ code: 'file-extra', path: 'x' });
    expect(compareModel(files(['A', '1'], ['b', '2'], ['c/d', '3']), signed)).toMatchObject({
      code: 'file-renamed',
      path: 'a',
      detail: expect.stringContaining('now A'),
    });
  });

  it('are told as modified when contents change places', () => {
    expect(differencesOf(files(['a', '2'], ['b', '1'], ['c/d', '3']), signed)).toEqual([
      { code: 'file-modified', name: 'a' },
      { code: 'file-modified', name: 'b' },
    ]);
  });

  it('are told completely, in the order of names, and the first one refuses', () => {
    const found = files(['e', '7'], ['c/d', '8'], ['0', '9'], ['z', '2']);
    expect(differencesOf(found, signed)).toEqual([
      { code: 'file-extra', name: '0' },
      { code: 'file-missing', name: 'a' },
      { code: 'file-renamed', name: 'b', found: 'z' },
      { code: 'file-modified', name: 'c/d' },
      { code: 'file-extra', name: 'e' },
    ]);
    expect(compareModel(found, signed)).toMatchObject({
      code: 'file-extra',
      path: '0',
      detail: expect.stringContaining('4 more files differ'),
    });
  });

  it('extra files are allowed only where that is asked for; a renamed one is missing still', () => {
    expect(compareModel([...signed, ...files(['x', '9'])], signed, { allowExtra: true })).toMatchObject({ ok: true });
    expect(compareModel(files(['A', '1'], ['b', '2'], ['c/d', '3']), signed, { allowExtra: true })).toMatchObject({
      code: 'file-renamed',
    });
  });
});
