// The official conformance suite finds the same in a server behind a gate that permits everything as in the server itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makePeers, type Route, type Started, start, throughPolicy } from '../../scripts/mcpConformance/routes.ts';
import { compare, totalsOf } from '../../scripts/mcpConformance/suite.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-conformance-'));
let everything: Started;
let route: Route;
beforeAll(async () => {
  makePeers(directory);
  everything = await start(['scripts/mcpConformance/everything.ts'], /^(http:\S+)$/);
  route = await throughPolicy(directory, new URL(everything.told));
});
afterAll(async () => {
  await route?.close();
  await everything?.close();
  rmSync(directory, { recursive: true });
});

it.each([
  ['2025-11-25', { scenarios: 33, passed: 84, failed: 0 }],
  // What fails is of the extension for tasks, which is not scored, and which this server does not have.
  ['2026-07-28', { scenarios: 50, passed: 164, failed: 30 }],
])('the requirements of %s', async (revision, totals) => {
  const urls = { direct: everything.told, through: route.url };
  const { through, differences } = await compare(urls, revision, directory);
  expect(differences).toEqual([]);
  expect(totalsOf(through)).toEqual(totals);
  expect(route.events?.filter(({ event }) => event === 'answered').length).toBeGreaterThan(40);
});
