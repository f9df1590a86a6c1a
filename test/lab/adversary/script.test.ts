import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { check, describe as ladderOf } from '../../../properties/check.ts';
import { honest } from '../../../properties/scripts.ts';
import { noble } from '../../../src/crypto/noble.ts';
import { formatScript, parseScript, replay, ScriptError, variantOf } from '../../../src/lab/adversary/script.ts';
import { broken, mutants } from '../../../src/lab/mutants/index.ts';
import { pquake } from '../../cli/commands.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-replay-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string): string => {
  const path = join(directory, 'script.json');
  writeFileSync(path, text);
  return path;
};
const good = { preSharedSecret: 'secret', listed: ['bob'], moves: honest } as const;

describe('scripts', () => {
  it('are one line that says the same again', () => {
    const line = formatScript({ ...good, reading: { transcript: 'chained' }, schedule: { first: 'initiator' } });
    expect(line).not.toContain('\n');
    expect(formatScript(parseScript(line))).toBe(line);
  });

  it('give the same run on terms and on octets', () => {
    const { lines, differences, violation, world } = replay(good, variantOf(good), { suite: noble });
    expect([differences, violation]).toEqual([[], undefined]);
    expect(lines).toHaveLength(honest.length);
    expect(lines.at(-1)).toContain('release');
    expect(world.sessions.map(({ releasedAt }) => releasedAt !== undefined)).toEqual([true, true]);
  });

  it('of a mutant show its violation again', () => {
    const variant = variantOf(good);
    for (const mutant of mutants.filter(({ id }) => ['no-ss_r', 'no-confirmation'].includes(id))) {
      const { found } = check(broken(variant, mutant), { seed: 7, runs: 5000, mutant: mutant.id });
      if (found === undefined) throw new Error(`${mutant.id} was not killed`);
      const again = replay(parseScript(formatScript(found.script)), broken(variantOf(found.script), mutant));
      expect(again.violation?.what).toBe(found.what);
      expect(ladderOf(found)).toMatch(/the adversary makes [\s\S]*violated: [\s\S]*replay: \{"mutant"/);
    }
  });

  it.each([
    ['', /expected JSON/],
    ['[]', /expected an object/],
    ['{"preSharedSecret":"weak","listed":[],"moves":[]}', /preSharedSecret: expected none, known or secret/],
    ['{"preSharedSecret":"none","listed":[1],"moves":[]}', /listed: expected a list of names/],
    ['{"preSharedSecret":"none","listed":[]}', /moves: expected a list/],
    ['{"preSharedSecret":"none","listed":[],"moves":[],"schedule":"slow"}', /schedule: expected "eager"/],
    ['{"preSharedSecret":"none","listed":[],"moves":[],"mutant":1}', /mutant: expected its id/],
    ['{"preSharedSecret":"none","listed":[],"moves":[],"reading":[]}', /reading: expected an object/],
    [
      '{"preSharedSecret":"none","listed":[],"moves":[],"reading":{"transcript":"salted"}}',
      /expected messages or fields or chained/,
    ],
    ['{"preSharedSecret":"none","listed":[],"moves":[],"reading":{"x":"y"}}', /x=y: expected transcript, /],
    ['{"preSharedSecret":"none","listed":[],"moves":[1]}', /move 1: expected an object/],
    [
      '{"preSharedSecret":"none","listed":[],"moves":[{"move":"toString"}]}',
      /move 1: unknown move "toString"; expected one of start/,
    ],
    [
      '{"preSharedSecret":"none","listed":[],"moves":[{"move":"deliver","to":-1,"which":0}]}',
      /move 1 \(deliver\): to: expected a whole/,
    ],
    [
      '{"preSharedSecret":"none","listed":[],"moves":[{"move":"start","agent":0,"expected":0}]}',
      /role: expected initiator or responder/,
    ],
    [
      '{"preSharedSecret":"none","listed":[],"moves":[{"move":"splice","to":0,"fields":[1]}]}',
      /fields: expected two whole numbers/,
    ],
  ])('%s is refused, and it is said why', (text, reason) => {
    expect(() => parseScript(text)).toThrow(ScriptError);
    expect(() => parseScript(text)).toThrow(reason);
  });
});

describe('pquake replay', () => {
  it('draws the ladder of a script; 0 when every invariant holds', async () => {
    const { status, stdout } = await pquake('replay', file(formatScript(good)), '--octets');
    expect(stdout).toMatch(
      / 3 {2}the adversary delivers 1 initiatorHello -> 1:bob\/responder\n {7}send responderHello/,
    );
    expect(stdout).toMatch(/octets did the same as terms, field by field\nevery invariant holds\n$/);
    expect(status).toBe(0);
    const json = await pquake('replay', file(formatScript(good)), '--json');
    expect([json.status, JSON.parse(json.stdout)]).toEqual([0, { ok: true, violated: null, differences: [] }]);
  });

  it('2 for a file that is no script, for a mutant that there is not, and for no file', async () => {
    const wrong = await pquake('replay', file('{}'));
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/script\.json: preSharedSecret: expected/)]);
    const mutant = await pquake('replay', file(formatScript({ ...good, mutant: 'no-such' })));
    expect([mutant.status, mutant.stderr]).toEqual([
      2,
      expect.stringMatching(/mutant no-such: no mutant has this name/),
    ]);
    expect((await pquake('replay', join(directory, 'none'))).status).toBe(2);
  });

  it('1 for a mutant whose invariant is violated, and it is said which one', async () => {
    const [mutant] = mutants.filter(({ id }) => id === 'no-ss_r');
    if (mutant === undefined) throw new Error('no such mutant');
    const { found } = check(broken(variantOf(good), mutant), { seed: 7, runs: 5000, mutant: mutant.id });
    if (found === undefined) throw new Error('it was not killed');
    const { status, stdout } = await pquake('replay', file(formatScript(found.script)));
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^violated: /m)]);
  });
});
