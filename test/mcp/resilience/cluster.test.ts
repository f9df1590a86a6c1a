// Several processes on one port.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';
import { eventually } from '../../waiting.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL'); // its workers end with it
});

function start(...words: string[]) {
  const child = spawn(process.execPath, ['test/mcp/resilience/clustered.ts', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const told = (): Record<string, unknown>[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const events = (event: string) => told().filter((one) => one['event'] === event);
  const exit = once(child, 'exit');
  return { child, events, exit };
}

async function ask(port: number, word = 'hello'): Promise<{ number: number; id: number }> {
  const result = await connect({ ...who('alice'), host: '127.0.0.1', port, channel: true, onWarning: () => {} });
  if (!result.ok) throw new Error(result.failure.message);
  const { channel } = result;
  channel.on('error', () => {}).write(word);
  const [chunk] = await once(channel, 'data');
  channel.destroy();
  return JSON.parse(String(chunk));
}

describe('two processes on one port', () => {
  it('share the connections; one that crashes is started again; a signal ends them all, with status 0', async () => {
    const { child, events, exit } = start('2');
    await eventually(() => expect(events('listening')).toHaveLength(2));
    const ports = events('listening').map(({ port }) => port as number);
    expect(new Set(ports).size).toBe(1);
    const port = ports[0] ?? 0;
    const answers = [await ask(port), await ask(port), await ask(port), await ask(port)];
    expect(new Set(answers.map(({ number }) => number))).toEqual(new Set([1, 2]));
    const { number } = await ask(port, 'crash');
    await eventually(() => expect(events('ended')).toMatchObject([{ process: number, reason: 'status 3' }]));
    expect(events('restarting')).toMatchObject([{ process: number }]);
    await eventually(() => expect(events('listening')).toHaveLength(3));
    const again = [await ask(port), await ask(port)];
    expect(new Set(again.map((one) => one.number))).toEqual(new Set([1, 2]));
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(events('ended')).toHaveLength(3);
  });

  it('end with the worst status of all', async () => {
    const { child, events, exit } = start('2', '0', 'status');
    await eventually(() => expect(events('listening')).toHaveLength(2));
    child.kill('SIGTERM');
    expect(await exit).toEqual([5, null]);
  });

  it.each(['refused', 'thrown'])('end, and are not started again, when they could not begin: %s', async (fault) => {
    const { events, exit } = start('2', '0', fault);
    const [status] = await exit;
    expect(status).toBeGreaterThan(0);
    expect(events('restarting')).toEqual([]);
  });
});

describe('one process', () => {
  it('is this one', async () => {
    const { child, events, exit } = start('1');
    await eventually(() => expect(events('listening')).toHaveLength(1));
    expect((await ask(events('listening')[0]?.['port'] as number)).id).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
