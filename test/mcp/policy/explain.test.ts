// `pquake mcp explain`: what a policy decides, and why.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pquake } from '../../cli/commands.ts';

const nurse = ['--identity', 'URI:spiffe://hospital.example/ns/3/sa/nurse', '--authority', 'CN=Hospital Staff CA'];
const explain = (...words: string[]) => pquake('mcp', 'explain', '--policy', 'spec/mcp/hospital.yaml', ...words);

describe('pquake mcp explain', () => {
  it('names the rule that allows, with status 0', async () => {
    const { status, stdout } = await explain(...nurse, 'tools/call', 'read_vitals');
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'allowed by nurses-read-vitals',
      'assurance: IAL 2, AAL 3',
      'permit nurses-read-vitals: matches',
    ]);
    expect(lines[3]).toContain(
      'permit doctors-prescribe: does not match: tools: expected prescribe; found tool read_vitals',
    );
  });

  it('names the reason of a denial, and why each rule did not match, with status 1', async () => {
    const { status, stdout } = await explain(...nurse, 'tools/call', 'prescribe');
    expect(status).toBe(1);
    expect(stdout).toContain('denied: no-rule: no rule permits it\n');
    expect(stdout).toContain('names: expected URI:spiffe://hospital.example/ns/*/sa/doctor; found URI:spiffe');
  });

  it('judges arguments, authorities and ages', async () => {
    const doctor = ['--identity', 'URI:spiffe://hospital.example/ns/3/sa/doctor'];
    const staff = ['--authority', 'CN=Hospital Staff CA'];
    const given = ['--arguments', '{"patient":"7","drug":"x","milligrams":5000}', 'tools/call', 'prescribe'];
    expect((await explain(...doctor, ...staff, ...given)).stdout).toMatch(/^denied: arguments \(doctors-prescribe\)/);
    expect((await explain(...doctor, ...given)).stdout).toMatch(/^denied: no-rule/);
    const aged = await explain(...nurse, '--age', '13h', '--idle', '1m', 'tools/call', 'read_vitals');
    expect(aged.stdout).toMatch(/^denied: authentication-too-old \(nurses-read-vitals\)/);
    const idle = await explain(...nurse, '--age', '1h', '--idle', '16m', 'tools/call', 'read_vitals');
    expect(idle.stdout).toMatch(/^denied: idle-too-long/);
  });

  it('tells a program the same', async () => {
    const { status, stdout } = await explain(...nurse, '--json', 'tools/list');
    expect(status).toBe(0);
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({ ok: true, decision: { allowed: true, rule: 'protocol' }, assurance: { aal: 3 } });
    expect(told.policyDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(told.rules).toHaveLength(4);
  });

  it.each([
    ['no name', [...nurse, 'tools/call'], /tools\/call is about a tool: name it/],
    [
      'a name too many',
      [...nurse, 'tools/list', 'x'],
      /tools\/list is about no tool, resource or prompt: expected no name/,
    ],
    ['no JSON', [...nurse, '--arguments', '{', 'tools/call', 'x'], /--arguments <json>' argument '\{' is invalid/],
    ['no time', [...nurse, '--age', 'x', 'tools/list'], /--age <time>' argument 'x' is invalid/],
    ['no peer', ['tools/list'], /required option '--identity <name>'/],
  ])('wrong usage (%s) has status 2', async (_, words, message) => {
    const { status, stdout, stderr } = await explain(...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  describe('with a file that cannot be used', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pquake-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('has status 2, and names the line', async () => {
      const file = join(folder, 'p.yaml');
      writeFileSync(file, 'version: 1\nrule: []\n');
      const { status, stdout, stderr } = await pquake(
        'mcp',
        'explain',
        '--policy',
        file,
        '--identity',
        'a',
        '--json',
        'ping',
      );
      expect(status).toBe(2);
      expect(stderr).toContain(`pquake: ${file}: line 2: rule: an unknown field, expected one of version, `);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, code: 'configuration' });
    });
  });
});
