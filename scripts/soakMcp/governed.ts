// What the soak tests: `serve` in this process, with a policy and a record, and one server behind it for all connections.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bridge, serveBridge } from '../../src/mcp/bridge/serve.ts';
import { defaultLimits } from '../../src/mcp/gate/index.ts';
import { readPolicy } from '../../src/mcp/policy/policy.ts';
import { accountOf, usageCounters } from '../../src/mcp/policy/usage.ts';
import { recordFile } from '../../src/mcp/record/recorder.ts';
import { verifyRecords } from '../../src/mcp/record/verify.ts';

const policyText = `version: 1
rules:
  - { id: echo, effect: permit, who: { names: ["CN=alice"] }, tools: [echo] }
reauthenticate: { every: 12h, idle: 15m }
limits: { callsPerMinute: 1000000, concurrent: 65536 }
`;

type Listening = Parameters<typeof serveBridge>[0];

export interface Governed {
  readonly bridge: Bridge;
  /** Closes it, and verifies the record. @returns what is wrong with it, and how much of it there is */
  readonly close: () => Promise<{
    readonly problems: readonly string[];
    readonly entries: number;
    readonly files: number;
  }>;
}

export async function governed(listening: Listening, directory: string, problems: string[]): Promise<Governed> {
  const policyFile = join(directory, 'policy.yaml');
  writeFileSync(policyFile, policyText);
  const policy = readPolicy(policyFile);
  const records = join(directory, 'records');
  mkdirSync(records, { mode: 0o700 });
  const record = await recordFile({
    ...{ file: join(records, 'mcp.log'), onFull: 'deny', rotateAt: 33_554_432 },
    time: () => new Date(),
    tell: (message) => problems.push(message),
  });
  record.standing({ policyDigest: policy.digest });
  const usage = usageCounters();
  const bridge = await serveBridge(listening, {
    ...{ command: process.execPath, words: [new URL('server.ts', import.meta.url).pathname], version: '1.0.0' },
    ...{ variables: [], places: { servers: 1, startsPerSecond: 1 }, shared: true, identityInMeta: false, limits: {} },
    ...{ longest: defaultLimits.messageOctets, grace: 5_000 },
    note: (line) => {
      if (/within|not recorded|no message|slowly/.test(line)) problems.push(line);
    },
    governance: {
      record,
      partsFor: ({ principal }) => ({
        decide: policy.decide,
        mayUse: (kind, name) => policy.mayUse(principal(), kind, name),
        meter: {
          begin: () => usage.begin(accountOf(principal()), policy.limitsFor(principal()), performance.now()),
          end: () => usage.end(accountOf(principal())),
        },
      }),
    },
  });
  return {
    bridge,
    close: async () => {
      await bridge.close();
      await record.close();
      const { sequence, digest } = record.head();
      const verified = await verifyRecords([records], { heads: [digest] });
      const [one] = verified.records;
      return {
        problems: verified.faults.map(({ message }) => message),
        entries: sequence,
        files: one?.files.length ?? 0,
      };
    },
  };
}
