// What other makers write, beside what is accepted: the table of spec/certificates.md says what is true, and a leniency
// loosens what it names and nothing else.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allLeniencies, type Leniency, leniencies } from '../../src/certificate/leniency.ts';
import { parseCertificate } from '../../src/certificate/parse.ts';
import { parseRevocationList } from '../../src/certificate/revocationList.ts';
import { decodePem } from '../../src/keys/pem.ts';
import { edited, leaf, list, listPaths, root, suite, time } from '../../src/lab/chains/certificates.ts';
import { at, extension, hex, identifiers, suites, tlv, value } from '../../src/lab/chains/fixtures.ts';
import { judge } from '../../src/lab/chains/judge.ts';
import { otherShapes } from '../../src/lab/chains/others.ts';

const page = readFileSync('spec/certificates.md', 'utf8');
const shapes = otherShapes();
const judged = (leafDer: Uint8Array, anchor: Uint8Array, lenient: readonly Leniency[], by = suite) =>
  judge(by, { leaf: leafDer, anchors: [anchor], at: time, lenient });

describe('what other makers write', () => {
  it.each(shapes.map((shape) => [shape.says, shape] as const))('%s: the page says what is judged', (_, shape) => {
    const { says, makers, leaf: der, anchor } = shape;
    const strict = judged(der, anchor, []).verdict;
    const enough = allLeniencies.filter((one) => judged(der, anchor, [one]).verdict === 'ok');
    const helps = strict === 'ok' ? '' : enough.map((one) => `\`${one}\``).join(', ') || 'no';
    const verdict = strict === 'ok' ? 'accepted' : `\`${strict}\``;
    expect(page).toContain(`\n| ${says} | ${makers} | ${verdict} | ${helps} |\n`);
  });

  it('the page names every leniency with what it lets through, and shows each', () => {
    for (const [name, says] of Object.entries(leniencies)) expect(page).toContain(`\n| \`${name}\` | ${says} |\n`);
    const shown = shapes.flatMap(({ leaf: der, anchor }) =>
      allLeniencies.filter(
        (one) => judged(der, anchor, []).verdict !== 'ok' && judged(der, anchor, [one]).verdict === 'ok',
      ),
    );
    expect([...new Set(shown)].sort()).toEqual([...allLeniencies].sort());
  });

  it.each(suites)('$name: a certificate says which leniencies it needed; one that needs none says none', (by) => {
    const needed = shapes.map(({ leaf: der }) => {
      const parsed = parseCertificate(der, by.algorithms, allLeniencies);
      return parsed.ok ? parsed.value.leniencies : [];
    });
    expect(needed.flat().sort()).toEqual([...allLeniencies].sort());
    expect(value(parseCertificate(leaf(root('Other Root')), by.algorithms, allLeniencies)).leniencies).toEqual([]);
  });

  it('a refusal says what was found: a legal key identifier is not called malformed DER', () => {
    const [shape] = shapes.filter(({ makers }) => makers === 'Bouncy Castle');
    expect(shape && judged(shape.leaf, shape.anchor, [])).toEqual({
      verdict: 'certificate-malformed',
      reason:
        'authority key identifier: states issuer and serial number, which RFC 5280 permits and the profile does not',
    });
  });
});

describe('a leniency lets through what it names, and nothing else', () => {
  const directory = 'test/certificate/chains';
  interface Indexed extends Record<'id' | 'leaf' | 'at' | 'verdict', string> {
    readonly anchors: readonly string[];
    readonly intermediates: readonly string[];
    readonly lists: readonly string[];
    readonly revocation: 'required' | 'if-present';
  }
  const index: readonly Indexed[] = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
  function der(file: string, label = 'CERTIFICATE'): Uint8Array {
    const decoded = decodePem(readFileSync(join(directory, file), 'latin1'), label);
    if (!decoded.ok) throw new Error(`${file}: ${decoded.detail}`);
    return decoded.value;
  }

  it('of all faulty chains, signatures, validity, constraints and unknown critical extensions stay refused', () => {
    const permitted = index
      .filter(({ verdict }) => verdict !== 'ok')
      .filter((chain) => {
        const found = judge(suite, {
          leaf: der(chain.leaf),
          anchors: chain.anchors.map((file) => der(file)),
          intermediates: chain.intermediates.map((file) => der(file)),
          lists: chain.lists.map((file) => der(file, 'X509 CRL')),
          revocation: chain.revocation,
          at: new Date(chain.at),
          lenient: allLeniencies,
        });
        return found.verdict === 'ok';
      })
      .map(({ id }) => id);
    // The three that state what a leniency names.
    expect(permitted).toEqual(['intermediate-no-key-usage', 'no-key-usage', 'alternative-name-of-other-form']);
  });

  it.each([
    ['an issuer without a serial number', '300da10b820961626364656667686a'],
    ['a serial number without an issuer', '3003820101'],
    ['an issuer of no names', '3005a100820101'],
    ['an empty serial number', '3007a1038201618200'],
    ['a fourth element', '300aa103820161820101830101'],
  ])('authority key identifier with %s: malformed all the same', (_, contents) => {
    const anchor = root('Other Root');
    const changed = edited(leaf(anchor), anchor.seed, [0, 7, 0], () =>
      tlv(
        0x30,
        extension(identifiers.keyUsage, hex('03020520'), true),
        extension(identifiers.authorityKeyIdentifier, hex(contents)),
      ),
    );
    expect(judged(changed, anchor.der, allLeniencies).verdict).toBe('certificate-malformed');
  });

  it.each([
    ['an address of five octets', '30078705c000020100'],
    ['a mail address without its domain', '30058103656540'],
    ['another form of names', '30058803290101'],
    ['a name of no form', '3003890161'],
  ])('subject alternative name with %s: malformed all the same', (_, contents) => {
    const anchor = root('Other Root');
    const changed = edited(leaf(anchor), anchor.seed, [0, 7, 0], () =>
      tlv(
        0x30,
        extension(identifiers.keyUsage, hex('03020520'), true),
        extension(identifiers.subjectAlternativeName, hex(contents)),
      ),
    );
    expect(judged(changed, anchor.der, allLeniencies).verdict).toBe('certificate-malformed');
  });

  it('lists too may state issuer and serial number, beside a key identifier', () => {
    const anchor = root('Other Root');
    const issuer = tlv(0xa1, tlv(0xa4, at(anchor.der, [0, 5])));
    const number = extension(hex('551d14'), hex('020101'));
    const stated = (...parts: readonly Uint8Array[]) =>
      edited(list(anchor), anchor.seed, listPaths.extensions, () =>
        tlv(0x30, extension(identifiers.authorityKeyIdentifier, tlv(0x30, ...parts)), number),
      );
    const both = stated(tlv(0x80, new Uint8Array(20)), issuer, tlv(0x82, Uint8Array.of(1)));
    expect(parseRevocationList(both)).toMatchObject({ ok: false });
    expect(parseRevocationList(both, suite.algorithms, allLeniencies)).toMatchObject({ ok: true });
    expect(parseRevocationList(both, suite.algorithms, ['absentKeyUsage'])).toMatchObject({ ok: false });
    const neither = stated(issuer, tlv(0x82, Uint8Array.of(1)));
    expect(parseRevocationList(neither, suite.algorithms, allLeniencies)).toMatchObject({ ok: false });
  });
});
