// Runs the official conformance suite against a server directly and through our bridges, and fails where one finds another thing.
// Usage: npm run mcp:conformance -- [URL of a running server]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makePeers, type Route, start, throughCommands, throughPolicy } from './mcpConformance/routes.ts';
import { differences, runSuite, totalsOf } from './mcpConformance/suite.ts';

const revisions = ['2025-11-25', '2026-07-28'];
const [given] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'pquake-conformance-'));
makePeers(directory);
const server =
  given === undefined ? await start([resolve('scripts/mcpConformance/everything.ts')], /^(http:\S+)$/) : undefined;
const url = new URL(given ?? server?.told ?? '');

const ways: Readonly<Record<string, () => Promise<Route>>> = {
  'tunnel and serve --upstream': () => throughCommands(directory, url),
  'the same, with a policy and a record': () => throughPolicy(directory, url),
};

let different = 0;
try {
  for (const revision of revisions) {
    const direct = await runSuite(url.href, revision, directory);
    console.log(revision, 'directly', JSON.stringify(totalsOf(direct)));
    for (const [name, open] of Object.entries(ways)) {
      const route = await open();
      const through = await runSuite(route.url, revision, directory);
      await route.close();
      const found = differences(direct, through);
      different += found.length;
      console.log(revision, name, JSON.stringify(totalsOf(through)), `${found.length} scenarios differ`);
      for (const line of found) console.log(`  ${line}`);
    }
  }
} finally {
  await server?.close();
  rmSync(directory, { recursive: true });
}
process.exitCode = different === 0 ? 0 : 1;
