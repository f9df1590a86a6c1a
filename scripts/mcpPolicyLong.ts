// Our policies and Cedar on random requests: `npm run policy:long -- [REQUESTS] [SEED]`, 1,000,000 requests by default.
import { compare, type Difference } from './mcpPolicy/compare.ts';

const [requests = 1_000_000, first = 1] = process.argv.slice(2).map(Number);
const batch = { policies: 50, requests: 200 } as const;
const batches = Math.ceil(requests / (batch.policies * batch.requests));
const started = performance.now();
const reasons = new Map<string, number>();
const differences: Difference[] = [];
let allowed = 0;

for (let i = 0; i < batches; i += 1) {
  const told = compare(first + i, batch.policies, batch.requests);
  allowed += told.allowed;
  for (const [reason, count] of told.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  for (const one of told.differences) {
    differences.push(one);
    console.log(`seed ${first + i}: ${JSON.stringify(one)}`);
  }
  if ((i + 1) % 10 === 0) console.error(`${(i + 1) * batch.policies * batch.requests} requests`);
}

const seconds = Math.round((performance.now() - started) / 1_000);
const denied = [...reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
console.log(
  `${batches * batch.policies * batch.requests} requests of ${batches * batch.policies} policies in ${seconds} s: ` +
    `${allowed} allowed; denied: ${denied}; ${differences.length} judged otherwise by Cedar`,
);
process.exitCode = differences.length === 0 ? 0 : 1;
