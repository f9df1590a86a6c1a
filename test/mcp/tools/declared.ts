// Random declarations, and what a server is in the tests of tools.
import type { Json, JsonObject } from '../../../src/mcp/contract.ts';
import { type Manifest, manifestOf } from '../../../src/mcp/tools/manifest.ts';
import { noPins, type Pins, type ServerIdentity, withPin } from '../../../src/mcp/tools/pins.ts';
import fc from '../../property.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });

/** A value of JSON; names such as `__proto__` among its members. */
export const anyJson: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

/** A declaration with every member that hosts know, and some that nobody knows. */
export const anyTool: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      name: fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
      title: text,
      description: fc.string({ unit: 'grapheme' }),
      inputSchema: anyJson,
      outputSchema: anyJson,
      annotations: fc.record({ readOnlyHint: fc.boolean(), title: text }, { requiredKeys: [] }),
      icons: fc.array(fc.record({ src: text })),
      _meta: anyJson,
      execution: anyJson,
    },
    { requiredKeys: ['name'] },
  )
  .map((tool) => JSON.parse(JSON.stringify(tool)) as JsonObject);

export const anyTools = fc.uniqueArray(anyTool, { selector: ({ name }) => name, maxLength: 5 });

/** The manifest of tools that are as they must be. */
export function manifest(tools: Json, more: Parameters<typeof manifestOf>[1] = {}): Manifest {
  const made = manifestOf(tools, more);
  if (!made.ok) throw new Error(`${made.code}: ${made.detail}`);
  return made.value;
}

export const bob: ServerIdentity = { names: ['bob', 'CN=bob'], authorities: ['CN=ca'] };
export const carol: ServerIdentity = { names: ['carol', 'CN=carol'], authorities: ['CN=ca'] };

export const how = { by: 'approval', at: '2026-11-29T00:00:00Z' } as const;

/** Pins of what was approved of servers. */
export const pinsWith = (...approved: readonly (readonly [ServerIdentity, Manifest])[]): Pins =>
  approved.reduce((pins, [identity, one]) => withPin(pins, identity, one, how), noPins);

export const tool = (name: string, description = `does ${name}`, more: JsonObject = {}): JsonObject => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { to: { type: 'string' } } },
  ...more,
});
