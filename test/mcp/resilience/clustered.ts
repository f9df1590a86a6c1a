// A server in several processes: each channel gets the number and the id of its process. A peer that says `crash` ends the process.
import { processNumber, runProcesses } from '../../../src/mcp/resilience/cluster.ts';
import { onEndSignals } from '../../../src/mcp/resilience/shutdown.ts';
import { listen } from '../../../src/node/transport/tcp.ts';
import { who } from '../../node/transport/channels.ts';

const [processes = '2', port = '0', fault] = process.argv.slice(2);

async function run(): Promise<number> {
  if (fault === 'refused') return 2;
  if (fault === 'thrown') throw new Error('no such file');
  const listener = await listen({
    ...{ ...who('bob'), host: '127.0.0.1', port: Number(port), channel: true, onWarning: () => {} },
    onHandshake: (result) => {
      if (!result.ok || result.channel === undefined) return;
      const { channel } = result;
      channel
        .on('error', () => {})
        .on('data', (chunk) => {
          if (String(chunk) === 'crash') process.exit(3);
        });
      channel.end(JSON.stringify({ number: processNumber(), id: process.pid }));
    },
  });
  const ended = new Promise<void>((resolve) =>
    onEndSignals(
      process,
      () => resolve(),
      () => process.exit(4),
    ),
  );
  process.stdout.write(`${JSON.stringify({ event: 'listening', port: listener.address.port })}\n`);
  await ended;
  await listener.close();
  return fault === 'status' && processNumber() === 2 ? 5 : 0;
}

process.exitCode = await runProcesses(
  {
    processes: Number(processes),
    backoff: { first: 20, longest: 40 },
    onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  },
  run,
).catch(() => 1); // as a command line that tells what was wrong and goes on to its end
