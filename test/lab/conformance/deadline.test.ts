import { once } from 'node:events';
import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { expect, it } from 'vitest';
import { afterDeadline, within } from '../../../src/lab/conformance/runner/deadline.ts';

/** Keeps this process busy. */
function work(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

it('what came in time is read before a deadline passes, though the process was busy meanwhile', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const theirs = tcpConnect({ port, host: '127.0.0.1', noDelay: true });
  const [ours] = (await accepted) as [Socket];
  const seen: string[] = [];
  ours.on('data', () => seen.push('octets'));
  const passed = new Promise<void>((resolve) => {
    afterDeadline(5, () => {
      seen.push('deadline');
      resolve();
    });
  });
  theirs.write('here');
  work(50);
  await passed;
  expect(seen).toEqual(['octets', 'deadline']);
  for (const one of [theirs, ours, server]) 'destroy' in one ? one.destroy() : one.close();
});

it('a deadline that is called off does not pass; another passes', async () => {
  let passed = false;
  const callOff = afterDeadline(1, () => {
    passed = true;
  });
  callOff();
  expect(await within(new Promise(() => {}), 20, 'late')).toBe('late');
  expect(passed).toBe(false);
  expect(await within(Promise.resolve('soon'), 60_000, 'late')).toBe('soon');
});
