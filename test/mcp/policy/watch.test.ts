// A policy follows its files; what cannot be used changes nothing, and is told.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WatchedPolicy, watchPolicy } from '../../../src/mcp/policy/watch.ts';
import { eventually } from '../../waiting.ts';
import { call, peer } from './peers.ts';

const permitting = (tool: string): string =>
  `version: 1\nrules: [{ id: a, effect: permit, who: { names: ["**"] }, tools: [${tool}] }]\n`;
const timing = { quiet: 10, longest: 50, poll: 100 };

describe('a policy that is watched', () => {
  let folder = '';
  let watched: WatchedPolicy | undefined;
  const [changes, refusals]: [string[], string[]] = [[], []];
  const file = (): string => join(folder, 'policy.yaml');
  const mayCall = (tool: string): boolean | undefined => watched?.current().decide(call(peer({}), tool)).allowed;
  const watch = () => {
    watched = watchPolicy(file(), {
      onChange: ({ digest }) => changes.push(digest),
      onRefused: (reason) => refusals.push(reason),
      timing,
    });
  };
  const until = (count: number, list: readonly string[]) =>
    eventually(() => expect(list.length).toBeGreaterThanOrEqual(count));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pquake-'));
    changes.length = 0;
    refusals.length = 0;
    writeFileSync(file(), permitting('one'));
  });
  afterEach(() => {
    watched?.close();
    rmSync(folder, { recursive: true });
  });

  it('is replaced by the next content of its file', async () => {
    watch();
    expect(mayCall('one')).toBe(true);
    writeFileSync(join(folder, 'next'), permitting('two'));
    renameSync(join(folder, 'next'), file());
    await until(1, changes);
    expect([mayCall('one'), mayCall('two')]).toEqual([false, true]);
    expect(changes).toEqual([watched?.current().digest]);
  });

  it('stays when the next content cannot be used, which is told, and takes the one after that', async () => {
    watch();
    writeFileSync(file(), 'version: 1\nrules: none\n');
    await until(1, refusals);
    expect(refusals[0]).toBe(`${file()}: line 2: rules: expected array; found "none"`);
    expect(mayCall('one')).toBe(true);
    rmSync(file());
    await until(2, refusals);
    expect(mayCall('one')).toBe(true);
    writeFileSync(file(), permitting('three'));
    await eventually(() => expect(mayCall('three')).toBe(true));
  });

  it('follows the files of Cedar that it names, also when it names them later', async () => {
    watch();
    const cedar = (tool: string) => `permit(principal, action, resource == Tool::"${tool}");`;
    writeFileSync(join(folder, 'rules.cedar'), cedar('four'));
    writeFileSync(file(), 'version: 1\nengine: cedar\ncedar: { policies: rules.cedar }\n');
    await eventually(() => expect(mayCall('four')).toBe(true));
    writeFileSync(join(folder, 'rules.cedar'), cedar('five'));
    await eventually(() => expect([mayCall('four'), mayCall('five')]).toEqual([false, true]));
    writeFileSync(join(folder, 'rules.cedar'), 'permit(');
    await until(1, refusals);
    expect(mayCall('five')).toBe(true);
  });

  it('cannot begin with a file that cannot be used', () => {
    writeFileSync(file(), 'version: 1\n');
    expect(watch).toThrow(/expected the field rules/);
    watched = undefined;
  });
});
