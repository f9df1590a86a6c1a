// Measures, and writes what it measured to reports/: bench.json, bench.md, bench.svg. Everything is a ratio of two things that took turns in one run.
// Usage: npm run bench -- [--quick] [handshake|known|ahead|hedged|proposals|tcp|links|channel|mcp|policy|startup|browser|memory|connections|workers ...]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAhead } from './bench/ahead.ts';
import { measureBrowser } from './bench/browser.ts';
import { measureChannel } from './bench/channel.ts';
import { measureHedged, measureProposals } from './bench/choices.ts';
import { measureConnections } from './bench/connections.ts';
import { measureHandshake } from './bench/handshake.ts';
import { measureKnown } from './bench/known.ts';
import { measureLinks } from './bench/links.ts';
import { machine } from './bench/machine.ts';
import { measureMcp } from './bench/mcp.ts';
import { measurePolicy } from './bench/mcpPolicy.ts';
import { measureMemory } from './bench/memory.ts';
import { jsonOf, linesOf, markdownOf, pictureOf, type Report } from './bench/report.ts';
import { type Part, planOf, type Row } from './bench/rows.ts';
import { measureStartup } from './bench/startup.ts';
import { measureTcp } from './bench/tcp.ts';
import { measureWorkers } from './bench/workers.ts';

const parts: Readonly<Record<string, Part>> = {
  handshake: measureHandshake,
  known: measureKnown,
  ahead: measureAhead,
  hedged: measureHedged,
  proposals: measureProposals,
  tcp: measureTcp,
  links: measureLinks,
  channel: measureChannel,
  mcp: measureMcp,
  policy: measurePolicy,
  startup: measureStartup,
  browser: measureBrowser,
  memory: measureMemory,
  connections: measureConnections,
  workers: measureWorkers,
};

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((word) => parts[word] === undefined);
if (unknown.length > 0) {
  process.stderr.write(`bench: no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}
const asked = Object.entries(parts).filter(([word]) => positionals.length === 0 || positionals.includes(word));

const facts = machine();
const rows: Row[] = [];
for (const [, measure] of asked) {
  const own = await measure(planOf(values.quick));
  for (const line of own.flatMap(linesOf)) console.log(line);
  rows.push(...own);
}
const report: Report = { machine: facts, rows };
mkdirSync('reports', { recursive: true });
for (const [name, form] of [
  ['bench.json', jsonOf],
  ['bench.md', markdownOf],
  ['bench.svg', pictureOf],
] as const)
  writeFileSync(join('reports', name), form(report));
console.log(`${rows.length} rows in reports/bench.json, reports/bench.md, reports/bench.svg`);
