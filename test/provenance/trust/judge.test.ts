// Signatures by a trust policy: who counts, and who does not, with which code.
import { describe, expect, it } from 'vitest';
import type { TrustDocument } from '../../../src/provenance/trust/document.ts';
import { judgedLimits, judgeSignatures, type SignaturesToJudge } from '../../../src/provenance/trust/judge.ts';
import {
  ask,
  byCertificate,
  byKey,
  type History,
  identifier,
  integrity,
  policyOf,
  requirement,
  signer,
} from './policies.ts';

/** The code of the refusal, or the signers that count for the first requirement. */
function outcome(
  policy: Partial<TrustDocument>,
  asked: Partial<SignaturesToJudge> = {},
  history: History = {},
): string | string[] {
  const judged = judgeSignatures(policyOf(policy, history), ask(asked));
  return judged.ok ? (judged.value.requirements[0]?.signers.map(({ id }) => id) ?? []) : judged.code;
}

const several = (...ids: string[]): Partial<TrustDocument> => ({ signers: ids.map((id) => signer(id)) });
const at = (time: string): { time: Date } => ({ time: new Date(time) });
const timestamp = (time: string) => ({ kind: 'timestamp', time: new Date(time) }) as const;
const log = (time: string) => ({ kind: 'log', time: new Date(time) }) as const;

describe('who counts', () => {
  it('a key that the policy lists', () => expect(outcome({})).toEqual(['alice']));
  it('no other key', () => expect(outcome({}, { signers: [byKey('mallory')] })).toBe('unlisted-signer'));
  it('nobody without a signature', () => expect(outcome({}, { signers: [] })).toBe('no-signatures'));

  it('an unlisted key beside a listed one changes nothing, in any order', () => {
    expect(outcome({}, { signers: [byKey('mallory'), byKey('alice')] })).toEqual(['alice']);
    expect(outcome({}, { signers: [byKey('alice'), byKey('mallory')] })).toEqual(['alice']);
  });

  it('what no requirement is about is not let through', () => {
    const requirements = [requirement({ subjects: ['other'] })];
    expect(outcome({ requirements })).toBe('no-requirement');
    expect(outcome({ requirements: [requirement({ predicateTypes: ['https://other/*'] })] })).toBe('no-requirement');
  });

  it('all requirements about a subject have to hold', () => {
    const requirements = [requirement(), requirement({ id: 'two', subjects: ['mod*'], threshold: 2 })];
    const policy = { ...several('alice', 'bob'), requirements };
    expect(outcome(policy)).toBe('too-few-signers');
    expect(outcome(policy, { subject: 'other' })).toEqual(['alice']);
  });
});

describe('what a signer may sign', () => {
  const scoped = (subjects: string[], predicateTypes: string[]): Partial<TrustDocument> => ({
    signers: [signer('alice', { maySign: [{ subjects, predicateTypes }] })],
  });
  it('subjects by pattern', () => {
    expect(outcome(scoped(['llm/*'], ['**']), { subject: 'llm/small' })).toEqual(['alice']);
    expect(outcome(scoped(['llm/*'], ['**']), { subject: 'llm/small/tiny' })).toBe('subject-not-permitted');
    expect(outcome(scoped(['llm/*'], ['**']), { subject: 'model' })).toBe('subject-not-permitted');
  });
  it('predicate types by pattern, of the same entry as the subject', () => {
    expect(outcome(scoped(['model'], ['https://other/**']))).toBe('predicate-type-not-permitted');
    const maySign = [
      { subjects: ['model'], predicateTypes: ['https://other/**'] },
      { subjects: ['other'], predicateTypes: [integrity] },
    ];
    expect(outcome({ signers: [signer('alice', { maySign })] })).toBe('predicate-type-not-permitted');
  });
});

describe('certificates', () => {
  const release = {
    id: 'release',
    names: ['URI:spiffe://lab.example/ns/*/sa/release'],
    authorities: ['CN=Lab CA'],
    maySign: [{ subjects: ['**'], predicateTypes: ['**'] }],
  };
  const name = 'URI:spiffe://lab.example/ns/a/sa/release';
  const policy = { signers: [release] };

  it('count by a name and by who issued them', () => {
    expect(outcome(policy, { signers: [byCertificate([name], ['CN=Lab CA'])] })).toEqual(['release']);
    expect(outcome(policy, { signers: [byCertificate([name], ['CN=Other CA'])] })).toBe('wrong-authority');
    expect(outcome(policy, { signers: [byCertificate([`${name}/x`], ['CN=Lab CA'])] })).toBe('unlisted-signer');
  });
  it('under several trust anchors, all of them have to be permitted', () => {
    expect(outcome(policy, { signers: [byCertificate([name], ['CN=Lab CA', 'CN=Other'])] })).toBe('wrong-authority');
    expect(outcome(policy, { signers: [byCertificate([name], [])] })).toBe('wrong-authority');
  });
  it('a bare key with such a name for people is not one', () => {
    const { signer: bare } = byKey('mallory');
    expect(outcome(policy, { signers: [{ signer: { ...bare, name } }] })).toBe('unlisted-signer');
  });

  it('assurance is what the authority asserts, the least of several, and nothing for one that is not listed', () => {
    const two = { ...release, authorities: ['CN=Lab CA', 'CN=Other'], assurance: { ial: 2, aal: 3 } as const };
    const asserted = (aal: 1 | 2 | 3, more: TrustDocument['authorities'] = []): Partial<TrustDocument> => ({
      signers: [two],
      authorities: [{ name: 'CN=Lab CA', assurance: { ial: 2, aal } }, ...more],
    });
    const one = { signers: [byCertificate([name], ['CN=Lab CA'])] };
    const both = { signers: [byCertificate([name], ['CN=Lab CA', 'CN=Other'])] };
    expect(outcome(asserted(3), one)).toEqual(['release']);
    expect(outcome(asserted(2), one)).toBe('assurance-too-low');
    expect(outcome(asserted(3), both)).toBe('assurance-too-low');
    expect(outcome(asserted(3, [{ name: 'CN=Other', assurance: { ial: 3, aal: 3 } }]), both)).toEqual(['release']);
    expect(outcome(asserted(3, [{ name: 'CN=Other', assurance: { aal: 3 } }]), both)).toBe('assurance-too-low');
    expect(outcome({ signers: [two] }, one)).toBe('assurance-too-low');
  });

  it('that fit two signers count for none', () => {
    const wide = { ...release, id: 'wide', names: ['URI:spiffe://lab.example/**'] };
    expect(outcome({ signers: [release, wide] }, { signers: [byCertificate([name], ['CN=Lab CA'])] })).toBe(
      'ambiguous-signer',
    );
  });
  it('of one key with the names of two signers do not make two of one holder', () => {
    const audit = { ...release, id: 'audit', names: ['URI:spiffe://lab.example/audit'] };
    const signers = [
      byCertificate([name], ['CN=Lab CA'], 'one key'),
      byCertificate(['URI:spiffe://lab.example/audit'], ['CN=Lab CA'], 'one key'),
    ];
    const policy = { signers: [release, audit], requirements: [requirement({ threshold: 2 })] };
    expect(outcome(policy, { signers })).toBe('ambiguous-signer');
  });
});

describe('n of m', () => {
  const policy = (threshold: number, signers?: string[]): Partial<TrustDocument> => ({
    signers: [
      signer('alice', { keys: ['alice', 'alice 2'].map((name) => ({ identifier: identifier(name) })) }),
      signer('bob'),
      signer('carol'),
    ],
    requirements: [requirement({ threshold, ...(signers && { signers }) })],
  });
  it('counts different signers', () => {
    expect(outcome(policy(2), { signers: [byKey('alice'), byKey('bob')] })).toEqual(['alice', 'bob']);
    expect(outcome(policy(3), { signers: [byKey('alice'), byKey('bob')] })).toBe('too-few-signers');
  });
  it('counts one signer once: the same signature twice, two algorithms, two keys', () => {
    for (const signers of [
      [byKey('alice'), byKey('alice')],
      [byKey('alice'), byKey('alice', 'ecdsa-p256')],
      [byKey('alice'), byKey('alice 2')],
    ])
      expect(outcome(policy(2), { signers })).toBe('too-few-signers');
  });
  it('counts one signer once: the old key and the new one', () => {
    const history: History = { successions: [['alice', 'alice new', '2027-01-01']] };
    const signers = [byKey('alice', 'ml-dsa-87', [log('2026-12-31')]), byKey('alice new')];
    expect(outcome(policy(1), { signers }, history)).toEqual(['alice']);
    expect(outcome(policy(2), { signers }, history)).toBe('too-few-signers');
    expect(outcome(policy(2), { signers: [...signers, byKey('bob')] }, history)).toEqual(['alice', 'bob']);
  });
  it('counts only the signers that the requirement names', () => {
    expect(outcome(policy(1, ['bob', 'carol']), { signers: [byKey('alice')] })).toBe('not-among-signers');
    expect(outcome(policy(2, ['bob', 'carol']), { signers: [byKey('carol'), byKey('bob')] })).toEqual(['carol', 'bob']);
  });
  it('says of too few why another signature does not count', () => {
    const judged = judgeSignatures(policyOf(policy(2)), ask({ signers: [byKey('alice'), byKey('mallory')] }));
    expect(judged).toMatchObject({
      code: 'unlisted-signer',
      detail: expect.stringMatching(/requirement everything: .*found 1: alice; .*the key [0-9a-f]{64}/),
    });
  });
});

describe('phases', () => {
  const phases = (
    ...of: NonNullable<Exclude<Parameters<typeof requirement>[0], undefined>['phases'] & object>[number][]
  ) => ({
    signers: [
      signer('alice', { keys: ['alice', 'alice ec'].map((name) => ({ identifier: identifier(name) })) }),
      signer('bob'),
    ],
    requirements: [requirement({ phases: of })],
  });
  const classical = byKey('alice ec', 'ecdsa-p256');
  it.each([
    ['classical', [classical], ['alice']],
    ['classical', [byKey('alice')], ['alice']],
    ['hybrid', [classical], 'hybrid-incomplete'],
    ['hybrid', [byKey('alice')], 'hybrid-incomplete'],
    ['hybrid', [classical, byKey('alice')], ['alice']],
    ['hybrid', [classical, byKey('bob')], 'hybrid-incomplete'],
    ['hybrid', [byKey('alice', 'mldsa87-ecdsa-p384-sha512')], ['alice']],
    ['post-quantum', [classical], 'post-quantum-missing'],
    ['post-quantum', [byKey('alice', 'ed25519')], 'post-quantum-missing'],
    ['post-quantum', [byKey('alice', 'slh-dsa-sha2-128s')], ['alice']],
    ['post-quantum', [classical, byKey('alice')], ['alice']],
  ] as const)('%s, %#', (phase, signers, expected) => {
    expect(outcome(phases({ phase }), { signers })).toEqual(expected);
  });

  it('may ask for algorithms', () => {
    const policy = phases({ phase: 'hybrid', algorithms: ['ml-dsa-87', 'ecdsa-p384'] });
    expect(outcome(policy, { signers: [classical, byKey('alice')] })).toBe('phase-algorithm-missing');
    const signers = [byKey('alice ec', 'ecdsa-p384'), byKey('alice')];
    expect(outcome(policy, { signers })).toEqual(['alice']);
  });

  it('change with their moments, which both belong to them', () => {
    const policy = phases(
      { phase: 'classical', notBefore: '2027-01-01', notAfter: '2027-06-30T12:00:00Z' },
      { phase: 'post-quantum', notBefore: '2027-07-01', notAfter: '2027-12-31' },
    );
    const when = (time: string) => outcome(policy, { signers: [classical], ...at(time) });
    expect(when('2026-12-31T23:59:59.999Z')).toBe('no-phase-in-force');
    expect(when('2027-01-01T00:00:00Z')).toEqual(['alice']);
    expect(when('2027-06-30T12:00:00Z')).toEqual(['alice']);
    expect(when('2027-06-30T12:00:00.001Z')).toBe('no-phase-in-force');
    expect(when('2027-07-01T00:00:00Z')).toBe('post-quantum-missing');
    expect(when('2027-12-31T23:59:59.999Z')).toBe('post-quantum-missing');
    expect(when('2028-01-01T00:00:00Z')).toBe('no-phase-in-force');
    expect(outcome(policy, { time: new Date(Number.NaN) })).toBe('no-phase-in-force');
  });

  it('that are in force together all have to hold', () => {
    const policy = phases({ phase: 'classical' }, { phase: 'post-quantum', notBefore: '2027-01-01' });
    expect(outcome(policy, { signers: [classical] })).toBe('post-quantum-missing');
  });

  it.each([
    ['us-eo-14412', '2031-12-31'],
    ['eu-2030', '2030-12-31'],
    ['eu-2035', '2035-12-31'],
  ] as const)('%s accepts classical signatures until the end of %s', (name, last) => {
    const policy = { ...phases(), requirements: [requirement({ phases: name })] };
    const end = new Date(`${last}T23:59:59.999Z`);
    expect(outcome(policy, { signers: [classical], time: end })).toEqual(['alice']);
    const after = { time: new Date(+end + 1) };
    expect(outcome(policy, { signers: [classical], ...after })).toBe('post-quantum-missing');
    expect(outcome(policy, { signers: [byKey('alice')], ...after })).toEqual(['alice']);
  });
});

describe('what the statement says', () => {
  const policy = several('alice', 'bob');
  it('each algorithm that it requires has to count: a signature that was taken away is missed', () => {
    const requiredAlgorithms = ['ecdsa-p256', 'ml-dsa-87'];
    expect(outcome(policy, { requiredAlgorithms, signers: [byKey('alice', 'ecdsa-p256')] })).toBe(
      'required-algorithm-missing',
    );
    const both = [byKey('alice', 'ecdsa-p256'), byKey('alice')];
    expect(outcome(policy, { requiredAlgorithms, signers: both })).toEqual(['alice']);
    const foreign = [byKey('alice', 'ecdsa-p256'), byKey('mallory')];
    expect(outcome(policy, { requiredAlgorithms, signers: foreign })).toBe('unlisted-signer');
  });
  it('a signature of a required algorithm by somebody whom the requirement does not name does not help', () => {
    const signers = [byKey('alice', 'ecdsa-p256'), byKey('bob')];
    const requirements = [requirement({ signers: ['alice'] })];
    expect(outcome({ ...policy, requirements }, { requiredAlgorithms: ['ml-dsa-87'], signers })).toBe(
      'required-algorithm-missing',
    );
  });
  it('paths that it leaves out have to be among those that may be left out', () => {
    expect(outcome({}, { ignoredPaths: ['.git', 'model.sig'] })).toEqual(['alice']);
    expect(outcome({}, { ignoredPaths: ['.git', 'weights.bin'] })).toBe('ignored-path-not-allowed');
    expect(outcome({}, { ignoredPaths: ['folder/other.sig'] })).toBe('ignored-path-not-allowed');
    const requirements = [requirement({ ignoredPaths: [] })];
    expect(outcome({ requirements }, { ignoredPaths: ['.git'] })).toBe('ignored-path-not-allowed');
  });
});

describe('evidence', () => {
  const policy = { requirements: [requirement({ evidence: ['log', 'timestamp'] })] };
  it('has to be there of each kind', () => {
    const signed = (...evidence: Parameters<typeof byKey>[2] & object) => ({
      signers: [byKey('alice', 'ml-dsa-87', evidence)],
    });
    expect(outcome(policy, signed(timestamp('2027-01-01')))).toBe('log-proof-missing');
    expect(outcome(policy, signed(log('2027-01-01')))).toBe('timestamp-missing');
    expect(outcome(policy, signed(log('2027-01-01'), timestamp('2027-01-01')))).toEqual(['alice']);
  });
});

describe('rotated keys', () => {
  const history: History = { successions: [['alice', 'new', '2027-01-01T00:00:00Z']] };
  it('the new key counts from the moment on, and not before', () => {
    const signers = [byKey('new')];
    expect(outcome({}, { signers }, history)).toEqual(['alice']);
    expect(outcome({}, { signers, ...at('2027-01-01T00:00:00Z') }, history)).toEqual(['alice']);
    expect(outcome({}, { signers, ...at('2026-12-31T23:59:59.999Z') }, history)).toBe('key-not-yet-valid');
  });
  it('the old key counts until then', () => {
    expect(outcome({}, at('2026-12-31T23:59:59.999Z'), history)).toEqual(['alice']);
    expect(outcome({}, at('2027-01-01T00:00:00Z'), history)).toBe('key-rotated-time-unknown');
  });
  it('an older signature counts with a trusted time, the earliest of several', () => {
    const signed = (...evidence: Parameters<typeof byKey>[2] & object) => ({
      signers: [byKey('alice', 'ml-dsa-87', evidence)],
    });
    expect(outcome({}, signed(timestamp('2026-12-31T23:59:59.999Z')), history)).toEqual(['alice']);
    expect(outcome({}, signed(timestamp('2027-01-01T00:00:00Z')), history)).toBe('key-rotated');
    expect(outcome({}, signed(timestamp('2027-02-01'), log('2026-02-01')), history)).toEqual(['alice']);
    expect(outcome({}, signed(timestamp('not a time')), history)).toBe('key-rotated-time-unknown');
    const trusting = { earlierSignatures: { trustedTimes: ['log'] } } as const;
    expect(outcome(trusting, signed(timestamp('2026-02-01')), history)).toBe('key-rotated-time-unknown');
    expect(outcome(trusting, signed(log('2026-02-01')), history)).toEqual(['alice']);
  });
  it('the policy may say that they count always, or never', () => {
    const signers = [byKey('alice', 'ml-dsa-87', [log('2026-02-01')])];
    const rule = (rotated: 'always' | 'never') => ({ earlierSignatures: { rotated } });
    expect(outcome(rule('always'), {}, history)).toEqual(['alice']);
    expect(outcome(rule('never'), { signers }, history)).toBe('key-rotated');
    const late = [byKey('alice', 'ml-dsa-87', [log('2027-02-01')])];
    expect(outcome(rule('always'), { signers: late }, history)).toBe('key-rotated');
  });
  it('a line of keys is followed', () => {
    const line: History = {
      successions: [
        ['new', 'newer', '2027-02-01'],
        ['alice', 'new', '2027-01-01'],
      ],
    };
    expect(outcome({}, { signers: [byKey('newer')] }, line)).toEqual(['alice']);
    expect(outcome({}, { signers: [byKey('new')] }, line)).toBe('key-rotated-time-unknown');
  });
});

describe('revoked keys', () => {
  const revoked = (reason: 'key-compromise' | 'superseded', from = '2027-01-01'): History => ({
    revocations: [['alice', from, reason]],
  });
  it('count only for signatures from before, by a trusted time', () => {
    const history = revoked('key-compromise');
    expect(outcome({}, {}, history)).toBe('key-revoked-time-unknown');
    const signed = (time: string) => ({ signers: [byKey('alice', 'ml-dsa-87', [log(time)])] });
    expect(outcome({}, signed('2026-12-31T23:59:59.999Z'), history)).toEqual(['alice']);
    expect(outcome({}, signed('2027-01-01T00:00:00Z'), history)).toBe('key-revoked');
    expect(outcome({ earlierSignatures: { revoked: 'never' } }, signed('2026-01-01'), history)).toBe('key-revoked');
    expect(outcome({ earlierSignatures: { revoked: 'always' } }, {}, history)).toEqual(['alice']);
    expect(outcome({ earlierSignatures: { rotated: 'always' } }, {}, history)).toBe('key-revoked-time-unknown');
  });
  it('count until then', () => expect(outcome({}, at('2026-12-31'), revoked('superseded'))).toEqual(['alice']));
  it('the earliest of several revocations holds', () => {
    const history: History = {
      revocations: [
        ['alice', '2027-03-01'],
        ['alice', '2027-01-01'],
      ],
    };
    const signers = [byKey('alice', 'ml-dsa-87', [log('2027-02-01')])];
    expect(outcome({}, { signers }, history)).toBe('key-revoked');
  });
  it('introduce nobody who could be a thief', () => {
    const successions: History['successions'] = [['alice', 'new', '2026-12-01']];
    const signers = [byKey('new')];
    expect(outcome({}, { signers }, { successions, ...revoked('key-compromise') })).toBe('succession-by-revoked-key');
    expect(outcome({}, { signers }, { successions, ...revoked('superseded') })).toEqual(['alice']);
    expect(outcome({}, { signers }, { successions, ...revoked('superseded', '2026-11-30') })).toBe(
      'succession-by-revoked-key',
    );
    const listed = [signer('alice', { keys: ['alice', 'new'].map((name) => ({ identifier: identifier(name) })) })];
    expect(outcome({ signers: listed }, { signers }, { successions, ...revoked('key-compromise') })).toEqual(['alice']);
  });
  it('introduce nobody although a thief signed an earlier revocation with a harmless reason', () => {
    const revocations: History['revocations'] = [
      ['alice', '2026-12-02', 'superseded'],
      ['alice', '2027-01-01', 'key-compromise'],
    ];
    const successions: History['successions'] = [['alice', 'new', '2026-12-01']];
    expect(outcome({}, { signers: [byKey('new')] }, { successions, revocations })).toBe('succession-by-revoked-key');
  });
});

describe('bounds', () => {
  it('more signatures than are judged', () => {
    const signers = Array.from({ length: judgedLimits.signatures + 1 }, () => byKey('alice'));
    expect(outcome({}, { signers })).toBe('too-many-signatures');
    expect(outcome({}, { signers: signers.slice(1) })).toEqual(['alice']);
  });
  it('names that are too long', () => {
    expect(outcome({}, { subject: 'a'.repeat(judgedLimits.name + 1) })).toBe('name-too-long');
    expect(outcome({}, { subject: 'a'.repeat(judgedLimits.name) })).toEqual(['alice']);
  });
});

describe('a hybrid of which one key does not count', () => {
  const policy: Partial<TrustDocument> = {
    signers: [signer('alice', { keys: ['alice', 'old'].map((name) => ({ identifier: identifier(name) })) })],
    requirements: [requirement({ phases: [{ phase: 'post-quantum' }] })],
  };
  const signers = [byKey('alice', 'ecdsa-p256'), byKey('old')];
  const from = '2027-01-01T00:00:00Z';
  it.each<[string, History, string]>([
    ['rotated', { successions: [['old', 'new', from]] }, 'key-rotated-time-unknown'],
    ['revoked', { revocations: [['old', from]] }, 'key-revoked-time-unknown'],
  ])('is refused as %s, in any order', (_, history, code) => {
    expect(outcome(policy, { signers }, history)).toBe(code);
    expect(outcome(policy, { signers: signers.toReversed() }, history)).toBe(code);
  });
  it('is refused as unlisted', () => {
    expect(outcome(policy, { signers: [byKey('alice', 'ecdsa-p256'), byKey('mallory')] })).toBe('unlisted-signer');
  });
  it('lacks a post-quantum signature where what does not count is none', () => {
    const classical = [byKey('alice', 'ecdsa-p256'), byKey('mallory', 'ecdsa-p256')];
    expect(outcome(policy, { signers: classical })).toBe('post-quantum-missing');
  });
});
