// Notes, keys, checkpoints and cosignatures: values of the specifications and of another implementation, and what is refused.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../../../src/octets.ts';
import { checkpointText, parseCheckpoint } from '../../../src/provenance/log/checkpoint.ts';
import { cosign, cosignedMessage, verifySignatures } from '../../../src/provenance/log/cosignature.ts';
import { formatVerifierKey, noteKey, parseVerifierKey, verifyBy } from '../../../src/provenance/log/keys.ts';
import { formatNote, type NoteSignature, parseNote, utf8 } from '../../../src/provenance/log/note.ts';
import { checkpointOf, cosignerOf, given, keyOf, schemes } from './signing.ts';
import { entriesOf, flipped, mth } from './trees.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);
const log = cosignerOf('example.com/log');
const witness = cosignerOf('witness.example/1');
const tree = { size: 5, root: mth(entriesOf(5)) };
const noteOf = (...signatures: NoteSignature[]): Uint8Array =>
  formatNote({ text: checkpointText(log.name, tree), signatures });
const signed = checkpointOf(log, tree, [[witness, 1_800_000_000]]);

describe('values of others', () => {
  it('the key and the note of the specification of signed notes', () => {
    const key = given(parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'));
    const note = given(
      parseNote(
        utf8(
          'This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
        ),
      ),
    );
    expect([key.type, note.signatures[0]?.id]).toEqual(['ed25519', key.id]);
    expect(verifyBy(schemes, key, utf8(note.text), note.signatures[0]?.signature ?? new Uint8Array())).toBe(true);
    expect(verifyBy(schemes, key, utf8(`${note.text}\n`), note.signatures[0]?.signature ?? new Uint8Array())).toBe(
      false,
    );
  });

  it('a checkpoint that another implementation signed with ML-DSA-44 verifies, and no changed one', () => {
    const key = given(parseVerifierKey(text(fixture('log.vkey')).trim()));
    const checkpoint = given(parseCheckpoint(fixture('checkpoint')));
    expect([key.type, checkpoint.origin, checkpoint.size]).toEqual(['ml-dsa-44', 'example.com/mldsa-log', 1]);
    expect(given(verifySignatures(schemes, checkpoint, [key])).get(key)).toBe(0);
    expect(verifySignatures(schemes, { ...checkpoint, size: 2 }, [key])).toMatchObject({
      code: 'log-signature-invalid',
    });
    expect(formatVerifierKey(key)).toBe(text(fixture('log.vkey')).trim());
  });

  it('the example of a checkpoint of the specification', () => {
    const example = `example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n`;
    const checkpoint = given(parseCheckpoint(utf8(example)));
    expect([checkpoint.origin, checkpoint.size, checkpoint.signatures[0]?.id]).toEqual([
      'example.com/behind-the-sofa',
      20_852_163,
      '033de0ae',
    ]);
    expect(text(formatNote(checkpoint))).toBe(example);
  });

  it('the message of a cosignature has the fields of the specification, one after the other', () => {
    const message = cosignedMessage('w', 258, 'log', { size: 5, root: new Uint8Array(32).fill(0xaa) });
    const label = toHex(utf8('subtree/v1\n\0'));
    expect(toHex(message)).toBe(
      `${label}0177${'0000000000000102'}036c6f67${'00'.repeat(8)}${'0000000000000005'}${'aa'.repeat(32)}`,
    );
  });
});

describe('signatures', () => {
  it('of a log and a witness are found with their times; those of unknown keys are ignored', () => {
    const checkpoint = given(parseCheckpoint(signed));
    const keys = [keyOf(log), keyOf(witness)];
    expect([...given(verifySignatures(schemes, checkpoint, keys)).values()]).toEqual([0, 1_800_000_000]);
    expect(given(verifySignatures(schemes, checkpoint, [keyOf(cosignerOf('other'))])).size).toBe(0);
  });

  it('of a known key that does not verify refuses the checkpoint', () => {
    const forged = cosign(log, log.name, { ...tree, size: 6 }, 0);
    const checkpoint = given(parseCheckpoint(noteOf(forged)));
    expect(verifySignatures(schemes, checkpoint, [keyOf(log)])).toMatchObject({
      ok: false,
      code: 'log-signature-invalid',
    });
  });

  it('under another name, origin or time do not verify', () => {
    const { name, id, signature } = cosign(witness, log.name, tree, 1_800_000_000);
    const later = concat(Uint8Array.of(0, 0, 0, 1), signature.slice(4));
    for (const one of [
      { name, id, signature: later },
      { ...cosign(witness, 'example.com/other', tree, 1), name, id },
    ]) {
      const checkpoint = given(parseCheckpoint(noteOf(one)));
      expect(verifySignatures(schemes, checkpoint, [keyOf(witness)])).toMatchObject({ code: 'log-signature-invalid' });
    }
  });

  it('one bit of a signed checkpoint leaves nothing that its two keys have signed', () => {
    const keys = [keyOf(log), keyOf(witness)];
    fc.assert(
      fc.property(fc.nat(8 * signed.length - 1), (bit) => {
        const checkpoint = parseCheckpoint(flipped(signed, bit));
        if (!checkpoint.ok) return;
        const found = verifySignatures(schemes, checkpoint.value, keys);
        expect(found.ok && found.value.size === 2).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

const blank = (lines: readonly string[]): Uint8Array => utf8(`${lines.join('\n')}\n`);
const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const line = `\u2014 a ${'AAAAAAA='}`;

describe('what is refused', () => {
  it.each([
    ['no signature', [`a`, '1', root, ''], 'log-note-malformed'],
    ['no empty line', [`a`, '1', root, line], 'log-note-malformed'],
    ['a carriage return', ['a\r', '1', root, '', line], 'log-note-malformed'],
    ['a hyphen for the em dash', ['a', '1', root, '', '- a AAAAAAA='], 'log-note-malformed'],
    ['a key name with a plus', ['a', '1', root, '', '\u2014 a+b AAAAAAA='], 'log-note-malformed'],
    ['a key name with a no-break space', ['a', '1', root, '', '\u2014 a\u00a0b AAAAAAA='], 'log-note-malformed'],
    ['base64 without its padding', ['a', '1', root, '', '\u2014 a AAAAAAA'], 'log-note-malformed'],
    ['base64 with bits behind its end', ['a', '1', root, '', '\u2014 a AAAAAAB='], 'log-note-malformed'],
    ['a key ID without a signature', ['a', '1', root, '', '\u2014 a AAAAAA=='], 'log-note-malformed'],
    ['more than 64 signatures', ['a', '1', root, '', ...Array(65).fill(line)], 'log-note-malformed'],
    ['an empty origin', ['', '1', root, '', line], 'log-checkpoint-malformed'],
    ['a size with a zero in front', ['a', '01', root, '', line], 'log-checkpoint-malformed'],
    ['a size of 2^53', ['a', '9007199254740992', root, '', line], 'log-checkpoint-malformed'],
    ['a short root', ['a', '1', 'AAAA', '', line], 'log-checkpoint-malformed'],
    [
      'an extension line, which ML-DSA-44 does not sign',
      ['a', '1', root, 'more', '', line],
      'log-checkpoint-malformed',
    ],
    ['an empty tree with another root', ['a', '0', root, '', line], 'log-checkpoint-malformed'],
    ['two lines only', ['a', '1', '', line], 'log-checkpoint-malformed'],
  ])('%s', (_, lines, code) => {
    expect(parseCheckpoint(blank(lines as string[]))).toMatchObject({ ok: false, code });
  });

  it('octets that are not UTF-8, too many octets, and a note without its last line feed', () => {
    expect(parseNote(Uint8Array.of(0xff))).toMatchObject({ code: 'log-note-malformed', detail: 'not UTF-8' });
    expect(parseNote(new Uint8Array(300_000))).toMatchObject({ code: 'log-note-malformed' });
    expect(parseNote(signed.slice(0, -1))).toMatchObject({ code: 'log-note-malformed' });
  });

  it.each([
    ['no parts', 'example.com/foo'],
    ['another ID', 'example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['an ID in capitals', 'example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['another name', 'example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['a short key', 'example.com/foo+530d903a+Aeky'],
    ['the type of ECDSA', 'example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['no key', 'example.com/foo+530d903a+'],
    ['too many characters', `a+530d903a+${'A'.repeat(5000)}`],
  ])('a verifier key with %s', (_, key) => {
    expect(parseVerifierKey(key)).toMatchObject({ ok: false, code: 'log-key-malformed' });
  });

  it('names that no key may have are an error of whoever calls', () => {
    for (const name of ['', 'a b', 'a+b', 'a'.repeat(256)])
      expect(() => noteKey(name, log.publicKey)).toThrow(RangeError);
    expect(() => cosignedMessage('w', 0, '', tree)).toThrow(RangeError);
  });
});
