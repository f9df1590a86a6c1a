// What those who front a server record of its tools, and what a client says when its pins cannot be read any more.
import { expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/configuration.ts';
import type { Json } from '../../../src/mcp/contract.ts';
import { manifestObserver } from '../../../src/mcp/governing/manifest.ts';
import { pinsGuard } from '../../../src/mcp/governing/pins.ts';
import { bounds } from '../../../src/mcp/tools/bounds.ts';
import type { ToolsGuard } from '../../../src/mcp/tools/guard.ts';
import { manifestOf } from '../../../src/mcp/tools/manifest.ts';
import { nurse } from '../gate/parts.ts';

const tool = (name: string): Json => ({ name, inputSchema: { type: 'object' } });
const digestOf = (...tools: readonly Json[]): string => {
  const manifest = manifestOf(tools);
  if (!manifest.ok) throw new Error(manifest.code);
  return manifest.value.digest;
};

it('the digest of a server’s tools is that of all pages in their order, and of no part of them', () => {
  const digests: string[] = [];
  const { answered } = manifestObserver((digest) => digests.push(digest));
  const page = (cursor: string | undefined, tools: Json, nextCursor?: string): void => {
    const params = cursor === undefined ? {} : { cursor };
    expect(answered('tools/list', params, nextCursor === undefined ? { tools } : { tools, nextCursor })).toEqual({
      forward: true,
    });
  };
  page(undefined, [tool('a')], '2');
  page('3', [tool('x')]); // follows no page that came
  expect(digests).toEqual([]);
  page('2', [tool('b')]);
  page(undefined, [tool('c')]);
  expect(digests).toEqual([digestOf(tool('a'), tool('b')), digestOf(tool('c'))]);
});

it('pages without end are not gathered beyond what a manifest may have', () => {
  const digests: string[] = [];
  const { answered } = manifestObserver((digest) => digests.push(digest));
  const many = Array.from({ length: bounds.declarations }, (_, at) => tool(`t${at}`));
  answered('tools/list', {}, { tools: many, nextCursor: '2' });
  answered('tools/list', { cursor: '2' }, { tools: [tool('more')], nextCursor: '3' });
  answered('tools/list', { cursor: '3' }, { tools: [] });
  expect(digests).toEqual([]);
});

it('pins that cannot be read any more refuse what needs them, and say why', () => {
  const broken = (): never => {
    throw new ConfigurationError('pins.json: expected JSON, found something else');
  };
  const guard: ToolsGuard = { asked: broken, answered: broken, notified: () => {} };
  const facts = () => ({ connection: '1', principal: nurse });
  const pinned = pinsGuard({ guard, digest: broken, facts, tell: () => {}, heading: '' });
  const refused = { forward: false, message: 'refused: pins.json: expected JSON, found something else' };
  expect(pinned.asked('tools/call', { name: 'a' })).toEqual(refused);
  expect(pinned.answered('tools/list', {}, { tools: [] })).toEqual(refused);
});
