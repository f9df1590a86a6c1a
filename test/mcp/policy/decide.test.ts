// What a policy decides, and the reason that it gives.
import { describe, expect, it } from 'vitest';
import { policyOf, readPolicy } from '../../../src/mcp/policy/policy.ts';
import { protocolMethods } from '../../../src/mcp/policy/rules.ts';
import { call, peer, policyFrom, read, rulesFrom, time } from './peers.ts';

const nurse = peer({ names: ['CN=nurse', 'URI:spiffe://a.example/ns/3/sa/nurse'] });
const allowedBy = (rule: string) => ({ allowed: true, rule });
const denied = (reason: string, rule?: string) => ({ allowed: false, reason, ...(rule !== undefined && { rule }) });
const asked = (method: string, principal = nurse) => ({ principal, method, time });

describe('rules', () => {
  it('deny what none permits, to everybody', () => {
    const policy = rulesFrom('id: a, effect: permit, who: { names: [CN=nurse] }, tools: [read]');
    expect(policy.decide(call(nurse, 'read'))).toEqual(allowedBy('a'));
    expect(policy.decide(call(nurse, 'write'))).toEqual(denied('no-rule'));
    expect(policy.decide(call(peer({}), 'read'))).toEqual(denied('no-rule'));
    expect(policyFrom('version: 1\nrules: []').decide(call(nurse, 'read'))).toEqual(denied('no-rule'));
  });

  it('forbid whatever others permit, in any order', () => {
    const permit = 'id: p, effect: permit, who: { names: ["**"] }, methods: ["**"]';
    const forbid = 'id: f, effect: forbid, who: { names: ["URI:**"] }, tools: [read]';
    for (const policy of [rulesFrom(permit, forbid), rulesFrom(forbid, permit)]) {
      expect(policy.decide(call(nurse, 'read'))).toEqual(denied('forbidden', 'f'));
      expect(policy.decide(call(nurse, 'write'))).toEqual(allowedBy('p'));
    }
  });

  it('name the first of several that decide', () => {
    const rule = (id: string) => `id: ${id}, effect: permit, who: { names: ["**"] }, tools: [read]`;
    expect(rulesFrom(rule('x'), rule('b')).decide(call(nurse, 'read'))).toEqual(allowedBy('x'));
  });

  it('are about tools, resources and prompts by their own lists', () => {
    const policy = rulesFrom(
      'id: a, effect: permit, who: { names: [CN=nurse] }, tools: [t], resources: ["file:///r/*"], prompts: [p]',
    );
    const prompt = (name: string) => ({ ...asked('prompts/get'), kind: 'prompt' as const, name });
    expect(policy.decide(read(nurse, 'file:///r/1'))).toEqual(allowedBy('a'));
    expect(policy.decide(read(nurse, 'file:///r/1', 'resources/subscribe'))).toEqual(allowedBy('a'));
    expect(policy.decide(prompt('p'))).toEqual(allowedBy('a'));
    expect(policy.decide(prompt('t'))).toEqual(denied('no-rule'));
    expect(policy.decide(call(nurse, 'file:///r/1'))).toEqual(denied('no-rule'));
    expect(policy.decide(asked('logging/setLevel'))).toEqual(denied('no-rule'));
  });

  it('narrow by methods, or permit methods whatever they are about', () => {
    const policy = rulesFrom(
      'id: r, effect: permit, who: { names: [CN=nurse] }, methods: [resources/read], resources: ["a:**"]',
      'id: m, effect: permit, who: { names: [CN=nurse] }, methods: [logging/*, tools/call]',
    );
    expect(policy.decide(read(nurse, 'a:b', 'resources/subscribe'))).toEqual(denied('no-rule'));
    expect(policy.decide(read(nurse, 'a:b'))).toEqual(allowedBy('r'));
    expect(policy.decide(call(nurse, 'anything'))).toEqual(allowedBy('m'));
    expect(policy.decide(asked('logging/setLevel'))).toEqual(allowedBy('m'));
  });

  it('let whom they know do what a session consists of, unless one forbids it; strangers not', () => {
    const permit = 'id: a, effect: permit, who: { names: [CN=nurse] }, tools: [read]';
    const policy = rulesFrom(permit);
    for (const method of protocolMethods) {
      expect(policy.decide(asked(method))).toEqual(allowedBy('protocol'));
      expect(policy.decide(asked(method, peer({})))).toEqual(denied('no-rule'));
    }
    const quiet = rulesFrom(permit, 'id: f, effect: forbid, who: { names: ["**"] }, methods: [prompts/list]');
    expect(quiet.decide(asked('prompts/list'))).toEqual(denied('forbidden', 'f'));
  });
});

it('a subscription is part of a session, and each resource in it is judged by the rules', () => {
  const policy = rulesFrom('id: a, effect: permit, who: { names: [CN=nurse] }, resources: ["a:b"]');
  expect(policy.decide(asked('subscriptions/listen'))).toEqual(allowedBy('protocol'));
  expect(policy.decide(read(nurse, 'a:b', 'subscriptions/listen'))).toEqual(allowedBy('a'));
  expect(policy.decide(read(nurse, 'a:c', 'subscriptions/listen'))).toEqual(denied('no-rule'));
});

describe('a resource whose URI could name another one', () => {
  const policy = rulesFrom(
    'id: all, effect: permit, who: { names: [CN=nurse] }, methods: ["**"]',
    'id: public, effect: permit, who: { names: [CN=nurse] }, resources: ["file:///**"]',
    'id: odd, effect: permit, who: { names: [CN=nurse] }, resources: ["file:///odd/../x"]',
    'id: secret, effect: forbid, who: { names: ["**"] }, resources: ["file:///secret/**"]',
  );

  it.each(['file:///public/../secret/a', 'file:///%73ecret/a', 'file:////secret/a', 'FILE:///secret/a'])(
    '%s is denied',
    (uri) => {
      expect(policy.decide(read(nurse, uri))).toEqual(denied('no-rule'));
      expect(policy.mayUse(nurse, 'resource', uri)).toBe(false);
    },
  );

  it('is permitted by a rule that has this very text', () =>
    expect(policy.decide(read(nurse, 'file:///odd/../x'))).toEqual(allowedBy('odd')));
});

describe('whom a rule is about', () => {
  it('one of its names, also by pattern', () => {
    const policy = rulesFrom(
      'id: a, effect: permit, who: { names: ["URI:spiffe://a.example/ns/*/sa/nurse"] }, tools: [t]',
    );
    expect(policy.decide(call(nurse, 't')).allowed).toBe(true);
    const other = peer({ names: ['CN=nurse', 'URI:spiffe://a.example/ns/3/4/sa/nurse'] });
    expect(policy.decide(call(other, 't')).allowed).toBe(false);
  });

  it('its common name, and its whole subject, as two names', () => {
    const staff = peer({ names: ['nurse', 'CN=nurse,O=Hospital'] });
    const by = (name: string) => rulesFrom(`id: a, effect: permit, who: { names: ["${name}"] }, tools: [t]`);
    expect(by('nurse').decide(call(staff, 't')).allowed).toBe(true);
    expect(by('CN=nurse,O=Hospital').decide(call(staff, 't')).allowed).toBe(true);
    expect(by('CN=nurse').decide(call(staff, 't')).allowed).toBe(false);
  });

  it('all its authorities where it permits, one of them where it forbids', () => {
    const policy = rulesFrom(
      'id: a, effect: permit, who: { authorities: [CN=A, CN=B] }, tools: [t]',
      'id: f, effect: forbid, who: { authorities: [CN=B] }, tools: [t]',
    );
    const under = (...authorities: string[]) => policy.decide(call(peer({ authorities }), 't'));
    expect(under('CN=A')).toEqual(allowedBy('a'));
    expect(under('CN=A', 'CN=C')).toEqual(denied('no-rule'));
    expect(under('CN=A', 'CN=B')).toEqual(denied('forbidden', 'f'));
    expect(under()).toEqual(denied('no-rule'));
  });
});

describe('assurance', () => {
  const policy = policyFrom(`version: 1
authorities:
  - { name: CN=A, assurance: { ial: 2, aal: 3 } }
  - { name: CN=B, assurance: { ial: 3, aal: 1 } }
rules:
  - { id: a, effect: permit, who: { assurance: { aal: 2 } }, tools: [t] }
  - { id: b, effect: permit, who: { assurance: { fal: 1 } }, tools: [f] }
`);
  const under = (...authorities: string[]) => peer({ authorities });

  it('is what the authority of the peer asserts by the policy', () => {
    expect(policy.decide(call(under('CN=A'), 't'))).toEqual(allowedBy('a'));
    expect(policy.decide(call(under('CN=B'), 't'))).toEqual(denied('assurance', 'a'));
    expect(policy.decide(call(under('CN=A'), 'f'))).toEqual(denied('assurance', 'b'));
  });

  it('is not applicable to peers of others, and of several authorities the least', () => {
    expect(policy.assuranceOf(under('CN=C'))).toBeUndefined();
    expect(policy.assuranceOf(under('CN=A', 'CN=C'))).toBeUndefined();
    expect(policy.assuranceOf(under())).toBeUndefined();
    expect(policy.assuranceOf(under('CN=A', 'CN=B'))).toEqual({ ial: 2, aal: 1 });
    expect(policy.decide(call(under('CN=C'), 't'))).toEqual(denied('assurance', 'a'));
  });

  it('a peer that is short of it is not known for the rest of a session either', () => {
    expect(policy.decide(asked('tools/list', under('CN=B')))).toEqual(denied('no-rule'));
    expect(policy.mayUse(under('CN=B'), 'tool', 't')).toBe(false);
  });
});

describe('arguments', () => {
  const policy = rulesFrom(
    'id: p, effect: permit, who: { names: [CN=nurse] }, tools: [give], arguments: { type: object, required: [mg], properties: { mg: { type: number, maximum: 10 } }, additionalProperties: false }',
    'id: f, effect: forbid, who: { names: ["**"] }, tools: [give], arguments: { required: [mg], properties: { mg: { const: 7 } } }',
  );

  it('decide by the schema of the rule', () => {
    expect(policy.decide(call(nurse, 'give', { mg: 10 }))).toEqual(allowedBy('p'));
    expect(policy.decide(call(nurse, 'give', { mg: 11 }))).toEqual(denied('arguments', 'p'));
    expect(policy.decide(call(nurse, 'give', { mg: 1, more: 1 }))).toEqual(denied('arguments', 'p'));
    expect(policy.decide(call(nurse, 'give', { mg: 7 }))).toEqual(denied('forbidden', 'f'));
    expect(policy.decide(call(nurse, 'give'))).toEqual(denied('arguments', 'p'));
    expect(policy.mayUse(nurse, 'tool', 'give')).toBe(true);
  });

  it('that cannot be judged are never permitted', () => {
    const half = { mg: 1, '\ud800': 1 };
    expect(policy.decide(call(nurse, 'give', half)).allowed).toBe(false);
    const forged = JSON.parse('{"__proto__": {"mg": 1}}');
    expect(policy.decide(call(nurse, 'give', forged)).allowed).toBe(false);
  });
});

describe('age', () => {
  const policy = rulesFrom('id: a, effect: permit, who: { names: [CN=nurse] }, tools: [t]');
  const later = (hours: number) => new Date(time.getTime() + hours * 3_600_000);

  it('of 12 hours and 15 minutes without a request is the most, by default', () => {
    const at = (hours: number, lastActive = later(hours)) =>
      policy.decide({ ...call(nurse, 't'), time: later(hours), lastActive });
    expect(policy.reauthenticationFor(nurse)).toEqual({ every: 12 * 3_600_000, idle: 15 * 60_000 });
    expect(at(12)).toEqual(allowedBy('a'));
    expect(at(12.01)).toEqual(denied('authentication-too-old', 'a'));
    expect(at(0.25, time)).toEqual(allowedBy('a'));
    expect(at(0.26, time)).toEqual(denied('idle-too-long', 'a'));
  });

  it('counts from the last authentication: who authenticates again goes on', () => {
    const again = { ...nurse, authenticated: later(13) };
    expect(policy.decide({ ...call(again, 't'), time: later(13), lastActive: time })).toEqual(allowedBy('a'));
  });

  it('is no matter for what is not permitted', () =>
    expect(policy.decide({ ...call(nurse, 'x'), time: later(13) })).toEqual(denied('no-rule')));

  it('of the certificate is judged first', () =>
    expect(policy.decide({ ...call(nurse, 't'), time: nurse.notAfter })).toEqual(denied('certificate-expired')));
});

describe('values for some peers', () => {
  const policy = policyFrom(`version: 1
rules: []
reauthenticate: { every: 1d }
limits: { callsPerMinute: 100, concurrent: 4 }
peers:
  - { who: { names: [CN=nurse] }, limits: { callsPerMinute: 200 }, reauthenticate: { every: never, idle: 30s } }
  - { who: { names: ["CN=*"], authorities: [CN=Staff CA] }, limits: { callsPerMinute: 150, messageOctets: 2048 } }
`);

  it('stand for those of all; of several the strictest', () => {
    expect(policy.limitsFor(nurse)).toEqual({ callsPerMinute: 150, concurrent: 4, messageOctets: 2_048 });
    expect(policy.limitsFor(peer({ authorities: [] }))).toMatchObject({
      callsPerMinute: 100,
      messageOctets: 4_194_304,
    });
    expect(policy.reauthenticationFor(nurse)).toEqual({ idle: 30_000 });
    expect(policy.reauthenticationFor(peer({}))).toEqual({ every: 86_400_000, idle: 900_000 });
  });
});

it('names beyond 4,096 characters are denied before any pattern sees them', () => {
  const policy = rulesFrom('id: a, effect: permit, who: { names: ["**"] }, methods: ["**"]');
  expect(policy.decide(call(nurse, 'x'.repeat(4_097)))).toEqual(denied('size'));
  expect(policy.decide(asked('x'.repeat(257)))).toEqual(denied('size'));
  expect(policy.mayUse(nurse, 'tool', 'x'.repeat(4_097))).toBe(false);
});

it('the digest is that of the octets of the file', () => {
  const text = 'version: 1\nrules: []\n';
  expect(policyOf('a', Buffer.from(text)).digest).toBe(policyOf('b', Buffer.from(text)).digest);
  expect(policyOf('a', Buffer.from(`${text}#`)).digest).not.toBe(policyOf('a', Buffer.from(text)).digest);
});

describe('spec/mcp/hospital.yaml', () => {
  const policy = readPolicy('spec/mcp/hospital.yaml');
  const person = (role: string) =>
    peer({ names: [`URI:spiffe://hospital.example/ns/ward-3/sa/${role}`], authorities: ['CN=Hospital Staff CA'] });
  const research = peer({
    names: ['URI:spiffe://hospital.example/ns/research/sa/batch'],
    authorities: ['CN=Hospital Workloads CA'],
  });
  const prescription = { patient: '7', drug: 'x', milligrams: 5 };

  it('lets a nurse read, a doctor read and prescribe, research read what is of no person', () => {
    expect(policy.decide(call(person('nurse'), 'read_vitals')).allowed).toBe(true);
    expect(policy.decide(call(person('nurse'), 'prescribe', prescription)).allowed).toBe(false);
    expect(policy.decide(call(person('doctor'), 'read_vitals')).allowed).toBe(true);
    expect(policy.decide(call(person('doctor'), 'prescribe', prescription)).allowed).toBe(true);
    expect(policy.decide(call(person('doctor'), 'prescribe', { ...prescription, milligrams: 1001 })).allowed).toBe(
      false,
    );
    expect(policy.decide(call(research, 'read_vitals'))).toEqual(denied('forbidden', 'research-sees-no-person'));
    expect(policy.decide(read(research, 'stats://hospital.example/ward-3/beds')).allowed).toBe(true);
    expect(policy.decide(read(research, 'patient://7')).allowed).toBe(false);
  });
});
