// The file of a trust policy: what is read, and how each fault in it is told.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { algorithmNames } from '../../../src/provenance/signature/algorithms.ts';
import { phasePresets } from '../../../src/provenance/trust/phases.ts';
import { readTrustDocument, trustPolicyLimits } from '../../../src/provenance/trust/policy.ts';
import { document, identifier, octetsOf, policyFault, policyOf, requirement, signer } from './policies.ts';

const read = (value: unknown) =>
  readTrustDocument(typeof value === 'string' ? new TextEncoder().encode(value) : octetsOf(value), policyFault);
const told = (value: unknown): string => {
  const judged = read(value);
  return judged.ok ? 'ok' : `${judged.code} ${judged.detail}`;
};
const key = (name: string) => ({ identifier: identifier(name) });

describe('a policy', () => {
  it('is read, with words for people and the place of its schema', () => {
    const words = { $schema: 'trust-policy.schema.json', $comment: 'two\nlines', description: 'of the lab' };
    expect(told({ ...words, ...document() })).toBe('ok');
  });

  it.each([
    ['no JSON', '{', /^policy-not-json /],
    ['a key twice', '{"version":1,"version":1}', /^policy-not-json .*repeated-key/],
    ['half of a surrogate pair', JSON.stringify(document()).replace('alice', '\\ud800'), /^policy-not-json /],
    ['too deep', `${'['.repeat(17)}${']'.repeat(17)}`, /^policy-not-json .*at most 16 levels/],
    ['a list', [], /^policy-wrong-form .*expected object/],
    [
      'a field more',
      { ...document(), singers: [] },
      /^policy-wrong-form singers: an unknown field, expected one of .*signers/,
    ],
    ['another version', { ...document(), version: 2 }, /^policy-wrong-form version: expected 1; found 2/],
    ['no signers', { ...document(), signers: [] }, /^policy-wrong-form signers: /],
    ['no requirements', { version: 1, signers: [signer('a')] }, /^policy-wrong-form expected the field requirements/],
    [
      'no phases',
      document({ requirements: [{ ...requirement(), phases: [] }] }),
      /^policy-wrong-form requirements\[0\]\.phases: /,
    ],
    [
      'a phase that is none',
      document({ requirements: [requirement({ phases: 'soon' as 'eu-2030' })] }),
      /^policy-wrong-form requirements\[0\]\.phases: expected one of .*eu-2030.*; found "soon"/,
    ],
    [
      'an algorithm that is none',
      document({ requirements: [requirement({ phases: [{ phase: 'hybrid', algorithms: ['rsa' as 'ed25519'] }] })] }),
      /^policy-wrong-form requirements\[0\]\.phases\[0\]\.algorithms\[0\]: expected one of .*; found "rsa"/,
    ],
    [
      'an identifier in capital letters',
      document({ signers: [signer('a', { keys: [{ identifier: 'AB'.repeat(32) }] })] }),
      /^policy-wrong-form signers\[0\]\.keys\[0\]\.identifier: /,
    ],
    [
      'a key in two ways',
      document({ signers: [signer('a', { keys: [{ ...key('a'), file: 'a.pub' }] })] }),
      /^policy-wrong-form signers\[0\]\.keys\[0\]: /,
    ],
    [
      'a character that is not seen',
      document({ signers: [signer('alice', { names: ['URI:x\u200b'] })] }),
      /^policy-wrong-form signers\[0\]\.names\[0\]: .*not seen/,
    ],
    [
      'a signer twice',
      document({ signers: [signer('a'), signer('a')] }),
      /^policy-inconsistent signers\[1\]\.id: found "a" a second time/,
    ],
    [
      'a signer without a key',
      document({ signers: [{ id: 'a', maySign: signer('a').maySign }] }),
      /^policy-inconsistent signers\[0\]: expected keys, or names/,
    ],
    [
      'names without authorities',
      document({ signers: [signer('a', { names: ['CN=a'] })] }),
      /^policy-inconsistent signers\[0\]: expected names and authorities together/,
    ],
    [
      'assurance of a key',
      document({ signers: [signer('a', { assurance: { aal: 1 } })] }),
      /^policy-inconsistent signers\[0\]\.assurance: /,
    ],
    [
      'a URI without its word',
      document({ signers: [signer('a', { names: ['spiffe://a/b'], authorities: ['CN=a'] })] }),
      /^policy-inconsistent signers\[0\]\.names\[0\]: found "spiffe:.*expected URI:/,
    ],
    [
      'a pattern that is none',
      document({ requirements: [requirement({ subjects: ['***'] })] }),
      /^policy-inconsistent requirements\[0\]\.subjects\[0\]: found three \*/,
    ],
    [
      'a pattern of many wildcards',
      document({ signers: [signer('a', { maySign: [{ subjects: ['*a'.repeat(17)], predicateTypes: ['**'] }] })] }),
      /^policy-inconsistent signers\[0\]\.maySign\[0\]\.subjects\[0\]: found 17 wildcards/,
    ],
    [
      'a requirement twice',
      document({ requirements: [requirement(), requirement()] }),
      /^policy-inconsistent requirements\[1\]\.id/,
    ],
    [
      'a signer who is not there',
      document({ requirements: [requirement({ signers: ['zoe'] })] }),
      /^policy-inconsistent requirements\[0\]\.signers\[0\]: found "zoe", expected the id of a signer/,
    ],
    [
      'a signer named twice',
      document({ requirements: [requirement({ signers: ['alice', 'alice'] })] }),
      /^policy-inconsistent requirements\[0\]\.signers\[1\]/,
    ],
    [
      'a threshold that nobody reaches',
      document({ requirements: [requirement({ threshold: 2 })] }),
      /^policy-inconsistent requirements\[0\]\.threshold: found 2, expected at most 1/,
    ],
    [
      'a day that does not exist',
      document({ requirements: [requirement({ phases: [{ phase: 'hybrid', notAfter: '2027-02-29' }] })] }),
      /^policy-inconsistent requirements\[0\]\.phases\[0\]: notAfter: found 2027-02-29, a time that does not exist/,
    ],
    [
      'an end before the beginning',
      document({
        requirements: [requirement({ phases: [{ phase: 'hybrid', notBefore: '2027-02-02', notAfter: '2027-02-01' }] })],
      }),
      /^policy-inconsistent requirements\[0\]\.phases\[0\]: notAfter: .*expected a time after 2027-02-02/,
    ],
    [
      'an authority twice',
      document({ authorities: [{ name: 'CN=a' }, { name: 'CN=a' }] }),
      /^policy-inconsistent authorities\[1\]\.name/,
    ],
  ])('%s', (_, value, expected) => expect(told(value)).toMatch(expected));

  it('is bounded', () => {
    const padded = `${JSON.stringify(document())}${' '.repeat(trustPolicyLimits.octets)}`;
    expect(told(padded)).toMatch(/^policy-too-large /);
  });

  it('gives one key to one signer', () => {
    const shared = [signer('alice'), signer('bob', { keys: [key('bob'), key('alice')] })];
    expect(() => policyOf({ signers: shared })).toThrow(
      /policy-inconsistent: signers\[1\]\.keys\[1\]: .*"alice" has it/,
    );
    expect(() => policyOf({ signers: [signer('alice', { keys: [key('a'), key('a')] })] })).toThrow(/second time/);
  });
  it('gives the keys of one succession to one signer', () => {
    const signers = [signer('alice'), signer('bob')];
    const successions = [['alice', 'bob', '2027-01-01']] as const;
    expect(() => policyOf({ signers }, { successions })).toThrow(/policy-inconsistent: .*bob and alice/);
    const further = [
      ['alice', 'new', '2027-01-01'],
      ['new', 'bob', '2027-02-01'],
    ] as const;
    expect(() => policyOf({ signers }, { successions: further })).toThrow(/policy-inconsistent/);
  });
  it('has the keys that took the place of its own to verify with, and no others', () => {
    const successions = [
      ['alice', 'new', '2027-01-01'],
      ['mallory', 'mallory 2', '2027-01-01'],
    ] as const;
    expect(policyOf({}, { successions }).keys.map((one) => one.identifier)).toEqual([identifier('new')]);
  });
});

it('the schema knows the algorithms and the presets that there are', () => {
  const { $defs } = JSON.parse(readFileSync('spec/schema/trust-policy.schema.json', 'utf8'));
  expect($defs.phase.properties.algorithms.items.enum).toEqual([...algorithmNames]);
  expect($defs.requirement.properties.phases.then.enum).toEqual(Object.keys(phasePresets));
});
