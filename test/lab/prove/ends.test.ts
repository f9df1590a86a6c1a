// Twins and controls are made from the text of other models; the changes are small, and a prover sees nothing else.
import { describe, expect, it } from 'vitest';
import { edited, withEnds } from '../../../src/lab/prove/ends.ts';
import { assemble, loadManifest } from '../../../src/lab/prove/index.ts';

const roles = [
  'let Initiator(cert_i: bitstring, sk_i: bitstring) =',
  '  in(c, cert_r: bitstring); new k_session: bitstring;',
  '  0.',
  '',
  'let Responder(cert_r: bitstring, sk_r: bitstring) =',
  '  in(c, cert_i: bitstring); new k_session: bitstring;',
  '  0.',
  '',
].join('\n');

describe('a twin with ends', () => {
  it('runs the first side of a choice, whatever stands in it', () => {
    const text = withEnds(`${roles}\nprocess out(c, choice[f(a, (b, x)), g(choice[y, z])])`);
    expect(text).toContain('process out(c, f(a, (b, x)))');
  });

  it('ends each process with an event, and the tested session with one of its own', () => {
    const text = withEnds(
      `${roles}\nprocess Initiator(choice[a, b], choice[x, y]) | !Initiator(a, x) | Responder(p, z)`,
    );
    expect(text).toContain('process TestedInitiator(a, x) | !Initiator(a, x) | Responder(p, z)');
    expect(text.match(/event \w+Ends\(cert_i, cert_r, k_session\);/g)).toEqual(
      ['Initiator', 'TestedInitiator', 'Responder', 'TestedResponder'].map(
        (name) => `event ${name}Ends(cert_i, cert_r, k_session);`,
      ),
    );
  });

  it('ends the process itself where it runs no role', () => {
    const text = withEnds(`${roles}\nprocess\n  !new k: bitstring;\n  out(c, f(choice[k, n], x))\n`);
    expect(text).toMatch(/^event ProcessEnds\(\)\.\n/);
    expect(text).toMatch(/out\(c, f\(k, x\)\);\n {2}event ProcessEnds\(\)\n$/);
  });

  it.each(['Initiator(choice[a, b], x)', 'Transcript(a, x)'])(
    'leaves a process that runs %s to its roles',
    (session) => {
      expect(withEnds(`${roles}\nprocess (!${session})`)).not.toContain('ProcessEnds');
    },
  );

  it('differs from its model in nothing else', () => {
    const models = loadManifest('models');
    const twins = models.filter(({ ends }) => ends === true);
    expect(twins.length).toBeGreaterThan(0);
    for (const twin of twins) {
      const text = assemble(twin).text.replaceAll('\r', '');
      const [id = '', protocol] = twin.id.split('@');
      const base = models.find(
        (one) => one.id === [id.replace(/\.completes$/, ''), protocol].filter(Boolean).join('@'),
      );
      expect(base?.parts).toEqual(twin.parts);
      const own = text
        .replaceAll(/^event (?:Tested)?\w+Ends\(bitstring, bitstring, bitstring\)\.\n/gm, '')
        .replaceAll(/^let Tested(?:(?!^let )[\s\S])*?^ {2}0\.$\n/gm, '')
        .replaceAll(/^event ProcessEnds\(\)\.\n|;\n {2}event ProcessEnds\(\)$/gm, '')
        .replaceAll(/^ {2}event \w+Ends\(.*\n/gm, '')
        .replaceAll('Tested', '');
      const processes = (of: string): string =>
        of.replaceAll(/\(\*[\s\S]*?\*\)/g, '').replaceAll(/^query [\s\S]*?\.$/gm, '');
      const plain = (of: string): string =>
        processes(of)
          .replaceAll(/choice\[(\w+), \w+\]/g, '$1')
          .replaceAll(/\s+/g, ' ');
      const before = base === undefined ? '' : assemble(base).text;
      expect(plain(own)).toBe(plain(before).replace('weaksecret ss_pre. ', ''));
    }
  });
});

describe('the edits of a control', () => {
  it('replace a text, and find it exactly once', () => {
    expect(edited('a b c', [{ find: 'b', put: 'x' }])).toEqual({ text: 'a x c', unfit: [] });
    expect(edited('a b b', [{ find: 'b', put: 'x' }])).toEqual({
      text: 'a b b',
      unfit: ['edits: expected the text "b" once in its parts, found it 2 times'],
    });
    expect(edited('a', [{ find: 'b', put: 'x' }]).unfit[0]).toContain('found it 0 times');
  });
});
