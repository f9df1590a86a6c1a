// Manifests: any change of any member of a declaration changes its digest and that of the whole, and nothing else does.
import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import schema from '../../../spec/schema/mcp-manifest.schema.json' with { type: 'json' };
import { isObject, type Json, type JsonObject } from '../../../src/mcp/contract.ts';
import { bounds } from '../../../src/mcp/tools/bounds.ts';
import { sameJson } from '../../../src/mcp/tools/canonical.ts';
import { manifestOf } from '../../../src/mcp/tools/manifest.ts';
import fc from '../../property.ts';
import { anyJson, anyTool, anyTools, manifest, tool } from './declared.ts';

/** The same value with the members of all objects in another order. */
const turned = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(turned);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, one]) => [name, turned(one)]),
  );
};

describe('the digest of a declaration', () => {
  it('is SHA-256 in base64url over RFC 8785 JSON of all of it, as SEP-3140 has it', () => {
    // Written down by hand: members sorted, no white space.
    const form = '{"description":"d","inputSchema":{"a":1,"b":[2,"€"]},"name":"n"}';
    const given = { name: 'n', inputSchema: { b: [2.0, '\u20ac'], a: 1 }, description: 'd' };
    const [declared] = manifest([given]).tools ?? [];
    expect(declared?.contentHash).toBe(`sha256-${createHash('sha256').update(form).digest('base64url')}`);
  });

  it('leaves out contentHash alone, and refuses one that is wrong', () => {
    const [{ contentHash = '' } = {}] = manifest([tool('a')]).tools ?? [];
    expect(manifest([{ ...tool('a'), contentHash }])).toEqual(manifest([tool('a')]));
    expect(manifestOf([{ ...tool('a', 'other'), contentHash }])).toMatchObject({
      ok: false,
      code: 'wrong-content-hash',
    });
  });

  it('changes with every member, and so does the digest of the manifest', () => {
    const anyMember = fc.constantFrom(
      ...['title', 'description', 'inputSchema', 'outputSchema', 'annotations', 'icons', '_meta', 'execution', 'trust'],
    );
    fc.assert(
      fc.property(anyTool, anyMember, fc.option(anyJson, { nil: undefined }), (one, member, value) => {
        const { [member]: before, ...rest } = one;
        const other: JsonObject = value === undefined ? rest : { ...one, [member]: value };
        const isSame = before === undefined || value === undefined ? before === value : sameJson(before, value);
        const [a, b] = [manifest([one]), manifest([other])];
        expect(a.tools?.[0]?.contentHash === b.tools?.[0]?.contentHash).toBe(isSame);
        expect(a.digest === b.digest).toBe(isSame);
      }),
    );
  });

  it('changes with nothing else: the order of members and tools, white space', () => {
    fc.assert(
      fc.property(anyTools, (tools) => {
        const other = JSON.parse(JSON.stringify(turned([...tools].reverse()), undefined, 3));
        expect(manifest(other).digest).toBe(manifest(tools).digest);
      }),
    );
  });

  it('of the manifest changes with a tool more, prompts and instructions', () => {
    const tools = [tool('a')];
    const digests = [
      manifest(tools),
      manifest([...tools, tool('b')]),
      manifest(tools, { prompts: [] }),
      manifest(tools, { prompts: [{ name: 'a' }] }),
      manifest(tools, { instructions: null }),
      manifest(tools, { instructions: 'x' }),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe('a list of declarations is refused', () => {
  let deep: Json = 1;
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  const cases: readonly (readonly [string, Json | undefined, string])[] = [
    ['that is none', { tools: 1 }, 'not-declarations'],
    ['that is missing', undefined, 'not-declarations'],
    ['of what is no object', ['a'], 'not-declarations'],
    ['without a name', [{ description: 'x' }], 'not-declarations'],
    ['with an empty name', [{ name: '' }], 'not-declarations'],
    ['with two of one name', [tool('a'), tool('a', 'other')], 'duplicate-name'],
    [
      'with a number that no double holds',
      JSON.parse('[{"name":"a","inputSchema":{"maximum":1e400}}]'),
      'not-declarations',
    ],
    ['with half of a surrogate pair', [{ name: 'a', description: '\ud800' }], 'not-declarations'],
    ['that is nested too deeply', [{ name: 'a', inputSchema: deep }], 'not-declarations'],
    ['with too long a name', [{ name: 'a'.repeat(bounds.name + 1) }], 'too-much'],
    ['with too long a declaration', [{ name: 'a', description: 'x'.repeat(bounds.declaration) }], 'too-much'],
    ['of too many', Array.from({ length: bounds.declarations + 1 }, (_, i) => ({ name: `${i}` })), 'too-much'],
  ];
  it.each(cases)('%s', (_, list, code) => {
    expect(manifestOf(list)).toMatchObject({ ok: false, code });
  });
});

it('a manifest conforms to its schema', () => {
  const conforms = new Ajv({ strictTypes: false }).compile(schema);
  fc.assert(
    fc.property(anyTools, (tools) => {
      expect(conforms(manifest(tools, { prompts: [], instructions: 'x' })) || conforms.errors).toBe(true);
    }),
    { numRuns: 20 },
  );
});
