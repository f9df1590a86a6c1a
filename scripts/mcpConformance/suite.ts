// Runs the official conformance suite of the Model Context Protocol against a URL, and reads what it found.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What the suite found: the checks of each scenario, each with its status, in order. */
export type Findings = ReadonlyMap<string, readonly string[]>;

const program = resolve('node_modules/@modelcontextprotocol/conformance/dist/index.js');

interface Check {
  readonly id: string;
  readonly status: string;
}

/** `server-tools-list-2026-07-28T...` is of the scenario `tools-list`. */
const scenarioOf = (folder: string): string => folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');

function read(directory: string): Findings {
  const found = readdirSync(directory).map((folder): [string, readonly string[]] => {
    const checks: readonly Check[] = JSON.parse(readFileSync(join(directory, folder, 'checks.json'), 'utf8'));
    return [scenarioOf(folder), checks.map(({ id, status }) => `${id}: ${status}`)];
  });
  return new Map(found.sort());
}

/** Runs what a revision requires, or one scenario of it. @param directory - where results are kept */
async function runSuite(url: string, revision: string, directory: string, scenario?: string): Promise<Findings> {
  const results = mkdtempSync(join(directory, 'results-'));
  const which =
    scenario === undefined ? ['--requirements', revision] : ['--scenario', scenario, '--spec-version', revision];
  const words = [program, 'server', '--url', url, ...which, '--output-dir', results];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((ended, failed) => child.once('close', ended).once('error', failed));
  return read(results);
}

export interface Totals {
  readonly scenarios: number;
  readonly passed: number;
  readonly failed: number;
}

const statuses = (findings: Findings): readonly string[] =>
  [...findings.values()].flat().map((line) => line.slice(line.lastIndexOf(' ') + 1));

export function totalsOf(findings: Findings): Totals {
  const all = statuses(findings);
  const count = (status: string): number => all.filter((one) => one === status).length;
  return { scenarios: findings.size, passed: count('SUCCESS'), failed: count('FAILURE') };
}

/** What a scenario found of two servers, where that differs. */
function differenceIn(name: string, one: Findings, other: Findings): string | undefined {
  const [left = [], right = []] = [one, other].map((findings) => [...(findings.get(name) ?? [])].sort());
  if (JSON.stringify(left) === JSON.stringify(right)) return undefined;
  const only = (mine: readonly string[], theirs: readonly string[]): string =>
    mine.filter((line) => !theirs.includes(line)).join('; ') || 'nothing else';
  return `${name}: directly ${only(left, right)}; through ${only(right, left)}`;
}

export interface Comparison {
  readonly direct: Findings;
  readonly through: Findings;
  /** The scenarios in which they differ, in words. */
  readonly differences: readonly string[];
}

/**
 * Compares what the suite finds of two servers. A scenario that differs is run once more on both, as it has limits of time that a busy
 * machine does not keep.
 */
export async function compare(
  urls: { readonly direct: string; readonly through: string },
  revision: string,
  directory: string,
): Promise<Comparison> {
  const run = async (url: string, scenario?: string) => new Map(await runSuite(url, revision, directory, scenario));
  const [direct, through] = [await run(urls.direct), await run(urls.through)];
  const names = [...new Set([...direct.keys(), ...through.keys()])].sort();
  for (const name of names) {
    if (differenceIn(name, direct, through) === undefined) continue;
    for (const [url, findings] of [[urls.direct, direct] as const, [urls.through, through] as const])
      for (const [again, checks] of await run(url, name)) findings.set(again, checks);
  }
  return { direct, through, differences: names.flatMap((name) => differenceIn(name, direct, through) ?? []) };
}
