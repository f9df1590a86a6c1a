// Cedar as a judge of our decisions, and as the engine of a policy.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { seed } from '../../../properties/seed.ts';
import { compare } from '../../../scripts/mcpPolicy/compare.ts';
import { loadCedar } from '../../../src/mcp/policy/cedar/engine.ts';
import { policyOf, readPolicy } from '../../../src/mcp/policy/policy.ts';
import { call, peer, time } from './peers.ts';

it('5,000 random requests of 50 random policies are judged as Cedar judges them', () => {
  const { differences, allowed, reasons } = compare(seed, 50, 100);
  expect(differences).toEqual([]);
  expect(allowed).toBeGreaterThan(300);
  expect([...reasons.keys()].sort()).toEqual(['arguments', 'assurance', 'forbidden', 'no-rule']);
});

describe('engine: cedar', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pquake-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'policy.yaml');
  const yaml = `version: 1
engine: cedar
cedar: { policies: rules.cedar }
authorities: [{ name: CN=Staff CA, assurance: { aal: 2 } }]
limits: { callsPerMinute: 7 }
`;
  const made = (cedar: string, text = yaml) => {
    writeFileSync(file, text);
    writeFileSync(join(folder, 'rules.cedar'), cedar);
    return readPolicy(file);
  };
  const vitals = 'permit(principal, action == Action::"tools/call", resource == Tool::"read_vitals")';
  const nurse = peer({ names: ['CN=nurse'], authorities: ['CN=Staff CA'] });

  it('decides by the names, authorities and assurance of the peer; the policy that decided is named', () => {
    const policy = made(`
      @id("nurses") permit(principal in Name::"CN=nurse", action, resource == Tool::"read_vitals")
        when { principal in Authority::"CN=Staff CA" && principal.aal >= 2 };
      @id("session") permit(principal, action in Action::"protocol", resource);
      @id("locked") forbid(principal, action, resource is Tool) when { resource.name == "reset" };`);
    expect(policy.engine).toBe('cedar');
    expect(policy.decide(call(nurse, 'read_vitals'))).toEqual({ allowed: true, rule: 'nurses' });
    expect(policy.decide(call(nurse, 'prescribe'))).toEqual({ allowed: false, reason: 'no-rule' });
    expect(policy.decide(call(nurse, 'reset'))).toEqual({ allowed: false, reason: 'forbidden', rule: 'locked' });
    expect(policy.decide({ principal: nurse, method: 'tools/list', time })).toEqual({ allowed: true, rule: 'session' });
    expect(policy.mayUse(nurse, 'tool', 'read_vitals')).toBe(true);
    expect(policy.mayUse(nurse, 'tool', 'prescribe')).toBe(false);
    expect(policy.explain(call(nurse, 'reset')).rules.map(({ rule, matched }) => [rule, matched])).toEqual([
      ['nurses', false],
      ['session', false],
      ['locked', true],
    ]);
  });

  it('limits and the age of the authentication stay ours', () => {
    const policy = made(`${vitals};`);
    const late = new Date(time.getTime() + 13 * 3_600_000);
    expect(policy.limitsFor(nurse).callsPerMinute).toBe(7);
    expect(policy.decide({ ...call(nurse, 'read_vitals'), time: late })).toMatchObject({
      reason: 'authentication-too-old',
    });
  });

  it('sees the arguments; a tool that some arguments permit is listed', () => {
    const policy = made(`${vitals} when { context.arguments.ward == 3 && context.complete };`);
    expect(policy.decide(call(nurse, 'read_vitals', { ward: 3 })).allowed).toBe(true);
    expect(policy.decide(call(nurse, 'read_vitals', { ward: 4 })).allowed).toBe(false);
    expect(policy.decide(call(nurse, 'read_vitals', { ward: 3, half: 0.5 })).allowed).toBe(false);
    expect(policy.mayUse(nurse, 'tool', 'read_vitals')).toBe(true);
  });

  it('arguments cannot pass for entities of Cedar', () => {
    const policy = made(`${vitals} when { context.arguments.of == Name::"CN=nurse" };`);
    const forged = { of: { __entity: { type: 'Name', id: 'CN=nurse' } } };
    expect(policy.decide(call(nurse, 'read_vitals', forged)).allowed).toBe(false);
  });

  it('a policy that cannot be evaluated denies, also where Cedar would pass over it', () => {
    const policy = made(`${vitals}; @id("broken") forbid(principal, action, resource) when { context.nothing };`);
    expect(policy.decide(call(nurse, 'read_vitals'))).toEqual({ allowed: false, reason: 'forbidden', rule: 'broken' });
  });

  it('a URI that could name another resource is denied', () => {
    const policy = made('permit(principal, action, resource) when { resource.name like "file:///public/*" };');
    const read = (name: string) =>
      policy.decide({ principal: nurse, method: 'resources/read', kind: 'resource', name, time }).allowed;
    expect(read('file:///public/a')).toBe(true);
    expect(read('file:///public/../secret')).toBe(false);
  });

  it('the digest covers the files of Cedar', () => {
    const one = made(`${vitals};`).digest;
    expect(made(`${vitals}; `).digest).not.toBe(one);
    expect(made(`${vitals};`).digest).toBe(one);
  });

  it('says what is wrong with its files', () => {
    expect(() => made('permit(principal')).toThrow(/rules\.cedar: not policies of Cedar: /);
    expect(() => made('permit(principal == ?principal, action, resource);')).toThrow(/found a template/);
    expect(() => made(`@id("a") ${vitals}; @id("a") ${vitals};`)).toThrow(/two policies with the id a/);
    const schema = yaml.replace('rules.cedar', 'rules.cedar, schema: s.cedarschema');
    writeFileSync(
      join(folder, 's.cedarschema'),
      'entity Peer; entity Tool; action "tools/list" appliesTo { principal: Peer, resource: Tool };',
    );
    expect(() => made(`${vitals};`, schema)).toThrow(/rules\.cedar: does not fit its schema: /);
    expect(() => made(`${vitals};`, yaml.replace('rules.cedar', 'none.cedar'))).toThrow(
      /none\.cedar: there is no such file/,
    );
  });

  it('without its package the policy is refused, and the package named', () => {
    const absent = (name: string): never => {
      throw Object.assign(new Error(`no ${name}`), { code: 'MODULE_NOT_FOUND' });
    };
    writeFileSync(join(folder, 'rules.cedar'), '');
    expect(() => policyOf(file, Buffer.from(yaml), (name) => loadCedar(name, absent))).toThrow(
      `${file}: engine: cedar needs a package; install it: npm install @cedar-policy/cedar-wasm`,
    );
  });
});
