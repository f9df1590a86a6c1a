import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defaultChoice, type ReadingChoice } from '../../../src/generated/keySchedule.ts';
import { conforming, levelOf } from '../../../src/lab/conformance/case.ts';
import { channelCasesFor } from '../../../src/lab/conformance/cases/channel.ts';
import { casesFor } from '../../../src/lab/conformance/cases/index.ts';
import { otherRole, type Role } from '../../../src/role.ts';

interface Requirement {
  readonly id: string;
  readonly level: string;
  readonly role: string;
  readonly observable: string;
}
const { requirements } = parse(readFileSync('spec/requirements.yaml', 'utf8')) as { requirements: Requirement[] };
const roles = ['responder', 'initiator'] as const;

/** Requirements of a role that a tester sees on the wire, and that no case serves. */
function unserved(role: Role, reading: ReadingChoice): Requirement[] {
  const all = [...casesFor(role, reading), ...channelCasesFor(role)];
  const served = new Set<string>(all.flatMap((test) => test.requirements));
  return requirements.filter(
    ({ id, role: whose, observable }) =>
      observable === 'wire' && (whose === role || !(roles as readonly string[]).includes(whose)) && !served.has(id),
  );
}

describe.each(roles)('the cases of a %s', (role) => {
  const cases = casesFor(role, defaultChoice);

  it('are 80 at least, each with an id of its own, a title, requirements and something to expect', () => {
    expect(cases.length).toBeGreaterThanOrEqual(80);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
    for (const test of cases) {
      expect(test.id).toMatch(/^[\w-]+$/);
      expect(test.requirements.length).toBeGreaterThan(0);
      expect(conforming(test)).not.toBe('');
    }
    expect([cases[0]?.id, cases.at(-1)?.id]).toEqual(['sanity', 'sanity-last']);
  });

  it('of the channel have ids and titles of their own, stand apart from the others, and begin with the sanity case', () => {
    const channel = channelCasesFor(role);
    expect(channel.length).toBeGreaterThan(60);
    expect(new Set(channel.map(({ title }) => title)).size).toBe(channel.length);
    expect(new Set([...cases, ...channel].map(({ id }) => id)).size).toBe(cases.length + channel.length);
    expect(channel[0]?.id).toBe('channel-sanity');
    for (const test of channel) {
      expect(test.id).toMatch(/^channel-[\w-]+$/);
      expect(test.requirements.every((id) => /^PQ-C-\d\d$/.test(id))).toBe(true);
      expect([levelOf(test), conforming(test)]).toEqual([
        'project',
        expect.stringMatching(/does not end with 0|ends with 0/),
      ]);
    }
    expect(cases.some((test) => test.channel !== undefined)).toBe(false);
  });

  it('serve every MUST, SHALL and SHOULD that is seen on the wire', () => {
    const strict = unserved(role, defaultChoice).filter(({ level }) => /^(MUST|SHALL|SHOULD)/.test(level));
    expect(strict.map(({ id }) => id)).toEqual([]);
  });

  it('serve every other rule that is seen on the wire; those of other readings, when the peer has these', () => {
    const ofReadings = ['PQ-3-18', 'PQ-3-21', 'PQ-3.1-16'];
    // Nobody can make a responder ask for an inner handshake.
    const ofChannels = role === 'responder' ? ['PQ-C-27'] : [];
    expect(unserved(role, defaultChoice).map(({ id }) => id)).toEqual([...ofReadings, ...ofChannels]);
    const other = {
      ...defaultChoice,
      hidingKey: 'bound',
      keyMaterial: 'hiding-key',
      confirmationInput: 'figure',
    } as const;
    const ids = unserved(role, other).map(({ id }) => id);
    expect(ids.filter((id) => ['PQ-3-18', 'PQ-3-21', 'PQ-3.1-16'].includes(id))).toEqual([]);
  });

  it('have the level of the first requirement that they cite: a key word of the draft, implied by it, or of this project', () => {
    const stated = new Map(requirements.map(({ id, level }) => [id, level]));
    const words: Readonly<Record<string, RegExp>> = {
      MUST: /^(MUST|SHALL)$/,
      SHOULD: /^SHOULD/,
      implied: /^(implied|MAY)$/,
      project: /^project$/,
    };
    for (const test of cases) expect(stated.get(test.requirements[0] ?? '')).toMatch(words[levelOf(test)] ?? /^$/);
    const levels = Object.fromEntries(cases.map((test) => [test.id.replace(/^m\d-/, 'mN-'), levelOf(test)]));
    expect(levels).toMatchObject({
      sanity: 'MUST',
      'certificate-signature-bit': 'MUST',
      'mN-type-255': 'SHOULD',
      'certificate-pem': 'implied',
      'mN-header-version': 'project',
      'certificate-no-key-usage': 'project',
      'own-certificate': 'project',
    });
  });

  it('cite no rule of the other role', () => {
    const whose = new Map(requirements.map(({ id, role: one }) => [id, one]));
    const other = otherRole(role);
    const foreign = [...cases, ...channelCasesFor(role)].flatMap((test) =>
      test.requirements.filter((id) => whose.get(id) === other).map((id) => `${test.id} ${id}`),
    );
    expect(foreign).toEqual([]);
  });
});
