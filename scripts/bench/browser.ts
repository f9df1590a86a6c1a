// Handshakes in a worker of Chromium, with noble, beside the same in this process, with noble and native. Chromium is the machine's: CHROMIUM names it
// where it is not in its usual place.
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { chooseSuite } from '../../src/node/suite.ts';
import { type Cost, measured, medianOf, ratiosOf } from './cost.ts';
import { handshakeInMemory } from './inMemory.ts';
import { makePeers } from './peers.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const each = 2;

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'browser/worker.ts')],
    ...{ bundle: true, minify: true, write: false, platform: 'browser', format: 'iife' },
  });
  return outputFiles[0]?.text ?? '';
}

/** A page that asks its worker, and the end of both. */
async function openBrowser(): Promise<{ readonly run: () => Promise<number>; readonly close: () => Promise<void> }> {
  const script = await bundled();
  const server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/worker.js' ? 'text/javascript' : 'text/html');
    response.end(url === '/worker.js' ? script : '<!doctype html><title>bench</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const run = (): Promise<number> =>
    page.evaluate(`new Promise((resolve, reject) => {
      globalThis.worker ??= new Worker('/worker.js');
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(${each});
    })`);
  const close = async (): Promise<void> => {
    await browser.close();
    server.close();
  };
  return { run, close };
}

/** A way to do so many handshakes in this process. */
function here(name: 'noble' | 'native'): () => Promise<Cost> {
  const suite = chooseSuite(name);
  const { anchor, alice, bob } = makePeers(suite);
  const anchors = [anchor];
  return () =>
    measured(() => {
      for (let i = 0; i < each; i += 1) handshakeInMemory(suite, { alice, bob }, anchors, false);
    });
}

export async function measureBrowser(plan: Plan): Promise<readonly Row[]> {
  if (!existsSync(executablePath)) {
    console.log(`browser: NOT measured: there is no Chromium at ${executablePath} (CHROMIUM names another place)`);
    return [];
  }
  const { run, close } = await openBrowser();
  const ways = [async (): Promise<Cost> => ({ elapsed: await run(), worked: 0 }), here('noble'), here('native')];
  const costs: Cost[][] = ways.map(() => []);
  const rounds = plan.rounds(60);
  for (let round = -Math.ceil(rounds / 2); round < rounds; round += 1)
    for (const [which, way] of ways.entries()) {
      const cost = await way();
      if (round >= 0) costs[which]?.push(cost);
    }
  await close();
  const medians = ways.map((_, which) => (medianOf(costs, which, 'elapsed') / each).toFixed(2));
  const note = `${rounds} rounds of ${each}; medians of both sides ${medians.join(', ')} ms (Chromium, noble here, native here)`;
  const told = { part: 'browser', name: 'in a worker of Chromium, noble', unit: 'time', note };
  return ['noble in Node', 'native in Node'].map((of, i) =>
    rowOf({ ...told, of }, ratiosOf(costs, 0, i + 1, 'elapsed')),
  );
}
