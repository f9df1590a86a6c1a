// Records for tests: a folder of its own, a clock that is told the time, events of a peer.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Principal, RecordedEvent } from '../../../src/mcp/contract.ts';
import type { FileRecorder, RecordOptions } from '../../../src/mcp/record/options.ts';
import { recordFile } from '../../../src/mcp/record/recorder.ts';

const root = mkdtempSync(join(tmpdir(), 'pquake-record-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new folder that this user alone can write in. */
export const folder = (): string => mkdtempSync(join(root, 'record-'));

/** The names in a folder, sorted, that do not begin with a dot. */
export const namesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .sort();

const instant = new Date('2026-06-01T12:00:00.000Z');

export const principal: Principal = {
  identity: 'CN=nurse',
  names: ['CN=nurse', 'URI:spiffe://hospital/nurse'],
  authorities: ['CN=hospital'],
  notAfter: new Date('2026-12-31T00:00:00Z'),
  certificateDigest: 'ab'.repeat(32),
  channelBinding: 'cd'.repeat(48),
  authenticated: instant,
  epoch: 0,
};

/** A call that was decided. */
export const call = (id: number | string, name = 'read_chart'): RecordedEvent => ({
  ...{ event: 'decided', connection: '1', principal, id, method: 'tools/call', name },
  decision: { allowed: true, rule: 'nurses' },
});

/** What a recorder told. */
export interface Told {
  readonly messages: string[];
}

/** A recorder in a folder, at one instant, that does not flush. */
export async function recorderIn(
  directory: string,
  options: Partial<RecordOptions> = {},
): Promise<FileRecorder & Told & { readonly file: string }> {
  const file = join(directory, 'gateway.jsonl');
  const messages: string[] = [];
  const tell = (message: string): void => void messages.push(message);
  const standard = { file, onFull: 'deny', flush: 'none', patience: 0, time: () => instant, tell } as const;
  const recorder = await recordFile({ ...standard, ...options });
  return { ...recorder, messages, file };
}
