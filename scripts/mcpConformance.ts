// Runs the official conformance suite against a server directly and through our bridges, and fails where one finds another thing.
// Usage: npm run mcp:conformance -- [URL of a running server]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makePeers, type Route, start, throughCommands, throughPolicy } from './mcpConformance/routes.ts';
import { compare, type Findings, totalsOf } from './mcpConformance/suite.ts';

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

function words(findings: Findings): string {
  const { scenarios, passed, failed } = totalsOf(findings);
  return `${scenarios} scenarios, ${passed} checks passed, ${failed} failed`;
}

let different = 0;
try {
  for (const [name, open] of Object.entries(ways)) {
    const route = await open();
    for (const revision of revisions) {
      const urls = { direct: url.href, through: route.url };
      const { direct, through, differences } = await compare(urls, revision, directory);
      different += differences.length;
      console.log(
        `${revision}, ${name}: directly ${words(direct)}, through ${words(through)}, ${differences.length} differ`,
      );
      for (const line of differences) console.log(`  ${line}`);
    }
    await route.close();
  }
} finally {
  await server?.close();
  rmSync(directory, { recursive: true });
}
process.exitCode = different === 0 ? 0 : 1;
