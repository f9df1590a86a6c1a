// Proofs beside bundles: the form, what verifies, and that nothing changed does.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignedEnvelope } from '../../../src/provenance/contract.ts';
import { entryOf } from '../../../src/provenance/log/entry.ts';
import type { LogTrust } from '../../../src/provenance/log/judge.ts';
import { utf8 } from '../../../src/provenance/log/note.ts';
import { parsePolicy } from '../../../src/provenance/log/policy.ts';
import { formatProof, parseProof, verifyProof } from '../../../src/provenance/log/proof.ts';
import { checkpointOf, cosignerOf, given, schemes, vkeyOf } from './signing.ts';
import { entriesOf, flipped, mth, path } from './trees.ts';

const log = cosignerOf('example.com/log');
const [one, two, stranger] = ['w1', 'w2', 'w3'].map(cosignerOf) as [never, never, never];
const entries = entriesOf(11);
const tree = { size: entries.length, root: mth(entries) };
const time = new Date('2027-01-01T00:00:00Z');
const now = time.getTime() / 1000;

const policyOf = (...lines: string[]) => given(parsePolicy(utf8(`${lines.join('\n')}\n`)));
const policy = policyOf(
  `log ${vkeyOf(log)}`,
  `witness A ${vkeyOf(one)}`,
  `witness B ${vkeyOf(two)}`,
  'group G any A B',
  'quorum G',
);
const trust: LogTrust = { policy, schemes, time };
const both = (when: number) =>
  [
    [one, when],
    [two, when + 60],
  ] as const;
const index = 6;
const entry = entries[index] ?? new Uint8Array();
const proofOf = (checkpoint: Uint8Array): Uint8Array => formatProof({ index, path: path(index, entries), checkpoint });
const proof = proofOf(checkpointOf(log, tree, both(now - 3600)));

describe('a proof', () => {
  it('verifies, and says since when the quorum has known the tree, and who has cosigned', () => {
    const logged = given(verifyProof(proof, entry, trust));
    expect([logged.index, logged.checkpoint.origin, logged.checkpoint.size]).toEqual([6, 'example.com/log', 11]);
    expect(logged.witnessed).toEqual(new Date(1000 * (now - 3600)));
    expect(logged.witnesses.map(({ name, type }) => [name, type])).toEqual([
      ['w1', 'ml-dsa-44'],
      ['w2', 'ml-dsa-44'],
    ]);
  });

  it('reads as it was written', () => {
    const { read: _, ...parts } = given(parseProof(proof));
    expect(formatProof(parts)).toEqual(proof);
  });

  it('of the only entry has no hashes', () => {
    const alone = { size: 1, root: mth(entriesOf(1)) };
    const octets = formatProof({ index: 0, path: [], checkpoint: checkpointOf(log, alone, both(now - 1)) });
    expect(verifyProof(octets, entriesOf(1)[0] ?? new Uint8Array(), trust)).toMatchObject({ ok: true });
  });

  it('of another entry, for another index, or with one bit of its entry changed is refused', () => {
    expect(verifyProof(proof, entries[7] ?? entry, trust)).toMatchObject({ code: 'log-inclusion' });
    expect(
      verifyProof(utf8(new TextDecoder().decode(proof).replace('index 6', 'index 7')), entry, trust),
    ).toMatchObject({ code: 'log-inclusion' });
    for (let bit = 0; bit < 8 * entry.length; bit += 1)
      expect(verifyProof(proof, flipped(entry, bit), trust)).toMatchObject({ code: 'log-inclusion' });
  });

  it('with any bit changed is refused with a code, where the quorum needs all that have signed', () => {
    const all: LogTrust = {
      ...trust,
      policy: policyOf(
        `log ${vkeyOf(log)}`,
        `witness A ${vkeyOf(one)}`,
        `witness B ${vkeyOf(two)}`,
        'group G all A B',
        'quorum G',
      ),
    };
    expect(verifyProof(proof, entry, all)).toMatchObject({ ok: true });
    fc.assert(
      fc.property(fc.nat(8 * proof.length - 1), (bit) => {
        expect(verifyProof(flipped(proof, bit), entry, all)).toMatchObject({
          ok: false,
          code: expect.stringMatching(/^log-/),
        });
      }),
      { numRuns: 400 },
    );
  });
});

describe('policies and times', () => {
  it.each([
    ['no witness', [], 'log-quorum'],
    ['a witness that the policy does not know', [[stranger, now]], 'log-quorum'],
    ['a witness without a time', [[one, 0]], 'log-quorum'],
    ['a witness an hour ahead', [[one, now + 3600]], 'log-quorum'],
  ])('cosigned by %s: refused', (_, cosigned, code) => {
    expect(verifyProof(proofOf(checkpointOf(log, tree, cosigned as never)), entry, trust)).toMatchObject({
      ok: false,
      code,
    });
  });

  it('a clock that is a minute ahead is no reason to refuse', () => {
    expect(verifyProof(proofOf(checkpointOf(log, tree, [[one, now + 60]])), entry, trust)).toMatchObject({ ok: true });
  });

  it('another log, and one that only its witnesses have signed, are refused', () => {
    const other = cosignerOf('example.com/other');
    expect(verifyProof(proofOf(checkpointOf(other, tree, both(now))), entry, trust)).toMatchObject({
      code: 'log-unsigned',
    });
    const text = new TextDecoder().decode(checkpointOf(log, tree, both(now)));
    const unsigned = text.split('\n').filter((line) => !line.startsWith('\u2014 example.com/log'));
    expect(verifyProof(proofOf(utf8(unsigned.join('\n'))), entry, trust)).toMatchObject({ code: 'log-unsigned' });
  });

  it('a key of the log under the name of another log signs nothing', () => {
    const renamed = { ...log, name: 'example.com/renamed' };
    expect(verifyProof(proofOf(checkpointOf(renamed, tree, both(now))), entry, trust)).toMatchObject({
      code: 'log-unsigned',
    });
  });
});

describe('the form', () => {
  const text = new TextDecoder().decode(proof);
  it.each([
    ['another header', text.replace('@v1', '@v2')],
    ['extra data', text.replace('\nindex', '\nextra AAAA\nindex')],
    ['no index', text.replace('index 6\n', '')],
    ['an index with a zero in front', text.replace('index 6', 'index 06')],
    ['a negative index', text.replace('index 6', 'index -6')],
    ['a short hash', text.replace('index 6\n', 'index 6\nAAAA\n')],
    ['more than 63 hashes', text.replace('index 6\n', `index 6\n${`${'A'.repeat(43)}=\n`.repeat(64)}`)],
    ['no empty line', text.replaceAll('\n\n', '\n')],
    ['nothing', ''],
  ])('%s is refused', (_, octets) => {
    expect(verifyProof(utf8(octets), entry, trust)).toMatchObject({ ok: false, code: 'log-proof-malformed' });
  });

  it('too many octets, and what is not UTF-8', () => {
    expect(parseProof(new Uint8Array(400_000))).toMatchObject({ code: 'log-proof-malformed' });
    expect(parseProof(Uint8Array.of(0xc0))).toMatchObject({ code: 'log-proof-malformed' });
  });
});

describe('the entry of a bundle', () => {
  const envelope: SignedEnvelope = {
    payloadType: 'application/vnd.in-toto+json',
    payload: utf8('{}'),
    signature: Uint8Array.of(1, 2, 3),
    reference: { by: 'key', hint: 'ab'.repeat(32) },
  };
  const text = (one: SignedEnvelope): string => new TextDecoder().decode(given(entryOf(one)));

  it('is one line of JSON with digests', () => {
    expect(text(envelope)).toBe(
      `{"format":"pquake-model-log-entry","payload":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","payloadType":"application/vnd.in-toto+json","signature":"039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81","signer":"key:${'ab'.repeat(32)}","version":1}`,
    );
  });

  it('names the certificate that signs by its digest', () => {
    const certified = {
      ...envelope,
      reference: { by: 'certificate', chain: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)] },
    } as const;
    expect(text(certified)).toContain(
      '"signer":"certificate:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81"',
    );
  });

  it('is another one when type, payload, signature or key are', () => {
    const others: SignedEnvelope[] = [
      { ...envelope, payloadType: 'text/plain' },
      { ...envelope, payload: utf8('{ }') },
      { ...envelope, signature: Uint8Array.of(1, 2, 4) },
      { ...envelope, reference: { by: 'key', hint: 'ac'.repeat(32) } },
      { ...envelope, reference: { by: 'certificate', chain: [Uint8Array.of(1)] } },
    ];
    expect(new Set([envelope, ...others].map(text)).size).toBe(6);
  });

  it('is not made of a bundle that names no key, or of a type that is too long', () => {
    expect(entryOf({ ...envelope, reference: { by: 'key', hint: 'somebody' } })).toMatchObject({
      code: 'log-entry-malformed',
    });
    expect(entryOf({ ...envelope, reference: { by: 'certificate', chain: [] } })).toMatchObject({
      code: 'log-entry-malformed',
    });
    expect(entryOf({ ...envelope, payloadType: 'a'.repeat(70_000) })).toMatchObject({ code: 'log-entry-malformed' });
  });
});
