import { describe, expect, it } from 'vitest';
import { certificateValidator } from '../../src/certificate/validate.ts';
import { anchor, authority, during, peer, refusal } from '../../src/lab/chains/fixtures.ts';
import { mutant } from '../../src/lab/chains/mutants.ts';
import { objections } from '../../src/lab/chains/oracle.ts';
import { same } from '../../src/octets.ts';

const validate = certificateValidator({ trustAnchors: [anchor()], time: during });

describe('PQ-P-54, PQ-P-17: mutated certificates', () => {
  it('20,000: none is accepted but with the octets of the original, or rightly signed for what it says', () => {
    const codes = new Map<string, number>();
    for (let number = 0; number < 20_000; number += 1) {
      const { original, der, signedAnew } = mutant(number);
      const result = validate(der);
      const code = result.ok ? 'ok' : result.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (!result.ok) continue;
      if (!signedAnew && !same(der, original)) expect.fail(`mutant ${number} is accepted`);
      const wrong = objections(der);
      if (wrong.length > 0) expect.fail(`mutant ${number} is accepted: ${wrong.join(', ')}`);
    }
    // The mutants reach every stage: reading, key, names and time, signature, acceptance.
    for (const code of ['ok', 'certificate-malformed', 'certificate-untrusted', 'certificate-outside-validity']) {
      expect(codes.get(code) ?? 0).toBeGreaterThan(20);
    }
  });

  it('sanity: the oracle is content with what is issued, and not with an authority', () => {
    expect(refusal(validate(peer()))).toBe('ok');
    expect(objections(peer())).toEqual([]);
    expect(objections(authority())).toEqual(expect.arrayContaining(['key', 'key usage', 'an authority']));
  });

  it('the same number makes the same mutant', () => {
    expect(mutant(12_345).der).toEqual(mutant(12_345).der);
  });
});
