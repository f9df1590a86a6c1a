// A process that records until it is killed. It says each entry that its record has taken. Run: DIR [deny or continue].
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { recordFile } from '../../../src/mcp/record/recorder.ts';

const [directory = '', onFull = 'deny'] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);
const record = await recordFile({
  ...{ file: join(directory, 'gateway.jsonl'), onFull: onFull as 'deny' | 'continue', flush: 'none', rotateAt: 40_000 },
  time: () => new Date(),
  tell: (message) => say(`told ${message}`),
});
await record.append({ event: 'started', version: '1' });
say(`recorded ${record.head().sequence}`);
for (let id = 0; ; id += 1) {
  const name = 'x'.repeat(id % 250);
  const appended = [0, 1, 2].map((part) =>
    record.append({
      ...{ event: 'decided', connection: '1', method: 'tools/call', id: 3 * id + part, name },
      decision: { allowed: true, rule: 'all' },
    }),
  );
  try {
    await Promise.all(appended);
    say(`recorded ${record.head().sequence}`);
  } catch (error) {
    say(`refused ${error instanceof Error ? error.message : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
