// Time of every parser of text and octets from outside, for hostile input beside harmless input of the same length.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { checked } from '../../src/certificate/codes.ts';
import { isDnsName } from '../../src/certificate/generalNames.ts';
import { comparable, textOf } from '../../src/certificate/name.ts';
import { forbiddenName } from '../../src/certificate/nameConstraints.ts';
import { ConfigurationError } from '../../src/configuration.ts';
import { inspect } from '../../src/inspect/inspect.ts';
import { readKeyLog } from '../../src/inspect/keyLog.ts';
import { decodePemAll, encodePem } from '../../src/keys/pem.ts';
import { parseScript, ScriptError } from '../../src/lab/adversary/script.ts';
import { readExpectedFailures } from '../../src/lab/conformance/runner/expected.ts';
import { fill, parseCommand } from '../../src/lab/conformance/runner/words.ts';
import { blankComments, splitBlocks } from '../../src/lab/prove/blocks.ts';
import { ManifestError } from '../../src/lab/prove/model.ts';
import { readCryptoverif } from '../../src/lab/prove/readCryptoverif.ts';
import { readProverif } from '../../src/lab/prove/readProverif.ts';
import { readEnrolmentFile } from '../../src/node/authority/enrolmentFiles.ts';
import { decodePreSharedSecret } from '../../src/node/files/preSharedSecret.ts';
import { chooseSuite } from '../../src/node/suite.ts';
import { printable } from '../../src/node/terminal/output.ts';
import { parseAddress, parseCount, parseReading, parseSeconds, parseTime } from '../../src/node/terminal/words.ts';
import { pcap, pcapng } from '../inspect/capture.ts';
import { type Parser, slowOnes } from './timing.ts';

const directory = mkdtempSync(join(tmpdir(), 'pquake-hostile-'));
afterAll(() => rmSync(directory, { recursive: true }));

const suite = chooseSuite();
const octetsOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOfOctets = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');
const filled = (part: string, length: number): string => part.repeat(Math.ceil(length / part.length)).slice(0, length);

/** Reads; errors that are told to people are answers, others are not. */
const told =
  (read: (text: string) => unknown) =>
  (text: string): void => {
    try {
      read(text);
    } catch (error) {
      const kinds = [InvalidArgumentError, ConfigurationError, ManifestError, ScriptError];
      if (!kinds.some((kind) => error instanceof kind)) throw error;
    }
  };

/** A file of a text, for what reads files. */
const inFile =
  (read: (file: string) => unknown) =>
  (text: string): void => {
    const file = join(directory, 'file');
    writeFileSync(file, text);
    told(read)(file);
  };

const tlv = (tag: number, contents: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.of(tag, 0x83, contents.length >> 16, (contents.length >> 8) & 0xff, contents.length & 0xff),
    contents,
  ]);
/** A Name with one common name: lengths that are not minimal below 64 KiB are refused, so short texts are cheap. */
const nameOf = (text: string): Uint8Array => {
  const short = (tag: number, contents: Uint8Array): Buffer =>
    contents.length < 128
      ? Buffer.concat([Buffer.of(tag, contents.length), contents])
      : contents.length < 256
        ? Buffer.concat([Buffer.of(tag, 0x81, contents.length), contents])
        : contents.length < 65_536
          ? Buffer.concat([Buffer.of(tag, 0x82, contents.length >> 8, contents.length & 0xff), contents])
          : tlv(tag, contents);
  const type = Buffer.of(6, 3, 0x55, 4, 3);
  return short(0x30, short(0x31, short(0x30, Buffer.concat([type, short(0x0c, Buffer.from(text))]))));
};
const names = { subjectName: Uint8Array.of(0x30, 0), uris: [], dnsNames: [], directoryNames: [] };

const block = (length: number): string =>
  encodePem('CERTIFICATE', new Uint8Array(Math.max(1, (length >> 1) + (length >> 3))));
const begin = '-----BEGIN CERTIFICATE-----\n';
const line = `${'A'.repeat(64)}\n`;
const capture = (make: typeof pcap | typeof pcapng, length: number): string =>
  textOfOctets(make([{ octets: new Uint8Array(Math.max(1, length - 200)) }]));
const inspected = (text: string): unknown => inspect([{ name: 'f', octets: octetsOf(text) }], { suite });
const empty = (make: typeof pcap | typeof pcapng): string => textOfOctets(make([]));
const ended = (output: string) => ({ status: 0, stdout: output, output, seconds: 1 });
const query = (declaration: string) => ({
  ...{ id: 'q', claims: [], requirements: [], means: '', reachability: false, expected: 'true' as const, declaration },
});

const parsers: readonly Parser[] = [
  {
    name: 'PEM and its base64',
    read: (text) => decodePemAll(text, 'CERTIFICATE'),
    benign: block,
    longest: 1_048_576,
    hostile: [
      ['-----BEGIN I', 'E', ' '],
      ['-----BEGIN ', 'a-', '-----'],
      ['-----BEGIN ', ' ', '-----'],
      [begin, 'A', ''],
      [begin, line, '!'],
      [begin, line, '=\n-----END CERTIFICATE-----\n'],
      [begin, '=', '\n-----END CERTIFICATE-----\n'],
      [begin, '\n', ''],
      ['', begin, ''],
      ['', '-----\n', ''],
      ['', ' -----', ''],
      ['', `${begin}AAAA\n-----END CERTIFICATE-----\n`, '-----BEGIN'],
    ],
  },
  {
    name: 'distinguished names, and what compares them',
    read: (text) => checked(() => [textOf(nameOf(text)), comparable(nameOf(text))]),
    benign: (length) => filled('a\u0001', length), // escapes as well: what they may cost is measured elsewhere
    hostile: [
      ['a', ' ', 'a'],
      ['', '\u202e', ''],
      ['', '\u0001', ''],
      ['', '\ufb03', ''],
    ],
  },
  {
    name: 'DNS names and the hosts of URIs, against constraints',
    read: (text) => {
      const uri = { form: 'uri', name: '.example' } as const;
      const constraints = { permitted: [uri, { form: 'dns', name: 'example' } as const], excluded: [uri] };
      forbiddenName(constraints, { ...names, uris: [text], dnsNames: [text] });
      return isDnsName(text);
    },
    benign: (length) => `https://${filled('a', 60)}.example/${filled('a', length)}`,
    hostile: [
      ['https://', '@', ''],
      ['https://', ':', ''],
      ['https://', 'a:', '/'],
      ['https://a', '.1', ''],
      ['https://', '0', ''],
      ['', 'a+', '://'],
      ['', 'a-', '.'],
    ],
  },
  {
    name: 'a pre-shared secret',
    read: (text) => decodePreSharedSecret(octetsOf(text)),
    benign: (length) => filled('0a', length),
    hostile: [['00', ' ', '00']],
  },
  {
    name: 'a key log',
    read: readKeyLog,
    benign: (length) => filled(`PQUAKE_K_SESSION ${'a'.repeat(64)} ${'b'.repeat(64)}\n`, length),
    hostile: [
      ['PQUAKE_K_SESSION ', 'a ', ''],
      ['', 'PQUAKE_K_SESSION a b\n', ''],
    ],
    longest: 1_048_576,
  },
  {
    name: 'a recording: pcap',
    read: inspected,
    benign: (length) => capture(pcap, length),
    hostile: [
      [empty(pcap), '\0', ''],
      [empty(pcap), '\x01', ''],
      [empty(pcap).slice(0, -4), '\x65\0\0\0', ''],
    ],
    longest: 262_144,
  },
  {
    name: 'a recording: pcapng',
    read: inspected,
    benign: (length) => capture(pcapng, length),
    hostile: [
      [empty(pcapng), '\x03\0\0\0\x10\0\0\0\0\0\0\0\x10\0\0\0', ''],
      [empty(pcapng), '\x01\0\0\0\x14\0\0\0\x01\0\0\0\0\0\0\0\x14\0\0\0', ''],
      [empty(pcapng), '\x77\0\0\0\x0c\0\0\0\x0c\0\0\0', ''],
    ],
    longest: 262_144,
  },
  {
    name: 'a recording: octets or hexadecimal digits',
    read: inspected,
    benign: (length) => filled('00 ', length),
    hostile: [
      ['', '\x01\x01\0\0', ''],
      ['', '\x01\x07\0\0', ''],
      ['', '01 01 00 00\n', ''],
    ],
    longest: 262_144,
  },
  {
    name: 'the command of --spawn',
    read: told((text) => {
      for (const command of [text, `sh -c '${text} {port}'`]) {
        const values = { port: '1', cert: 'c', key: 'k', ca: 'a', expect: 'e' };
        fill(parseCommand(command), values);
        fill([command], values);
      }
    }),
    benign: (length) => filled('peer --option value ', length),
    hostile: [
      ['peer {port} ', '-a={pskhex}', ''],
      ['peer {port} ', '-a {pskhex} ', ''],
      ['peer {port} -a ', '{pskhex}', ' '],
      ['peer {port} -a=', "'a", ' '],
      ['peer {port} -', 'a', '={pskhex}'],
    ],
    longest: 16_384,
  },
  {
    name: 'options: addresses, counts, seconds, times, readings',
    read: (text) => {
      for (const parse of [parseAddress, parseCount, parseSeconds, parseTime, parseReading]) told(parse)(text);
    },
    benign: (length) => `${filled('a', length)}:80`,
    hostile: [
      ['[', ':', ']:1'],
      ['', '1', ':1'],
      ['2026-01-01T00:00:00.', '0', 'z'],
      ['', 'bound,', ''],
      ['', 'k_hid=bound,', ''],
    ],
  },
  {
    name: 'a file of an enrolment',
    read: inFile((file) => readEnrolmentFile(file, 'request')),
    longest: 65_536,
    benign: (length) => JSON.stringify({ kind: 'request', name: filled('a', length) }),
    hostile: [
      ['{"name":"', 'a', '"}'],
      ['{"uris":["', 'a', '"]}'],
      ['{"uris":[', '"a",', '"a"]}'],
      ['{', '"a":1,', '"b":1}'],
    ],
  },
  {
    name: 'a script of an adversary',
    read: told(parseScript),
    benign: (length) => JSON.stringify({ moves: filled('a', length) }),
    hostile: [['{"moves":[', '"send",', '"send"]}']],
  },
  {
    name: 'YAML of expected failures',
    read: inFile((file) => readExpectedFailures(file, ['sanity'])),
    benign: (length) => Array.from({ length: Math.ceil(length / 12) }, (_, i) => `case-${i}: a b\n`).join(''),
    hostile: [
      ['sanity: "', 'a ', ''],
      ['sanity: ', '&a ', ''],
      ['sanity: |\n', ' a\n', ''],
      ['a: &a [x]\nb: [', '*a,', '*a]'],
    ],
    longest: 16_384,
  },
  {
    name: 'queries of models, and their comments',
    read: (text) => {
      for (const tool of ['proverif', 'cryptoverif', 'verifpal'] as const)
        told(() => splitBlocks(text, tool, 'f'))(text);
      return blankComments(text);
    },
    benign: (length) => filled('let x = y.\n', length),
    hostile: [
      ['', '(* query a\n', ''],
      ['', '(*', ''],
      ['(* query a', '\t', '*)'],
      ['', '// query a ', '\n'],
      ['// query ', ' ', '\n'],
      ['', '//\n', ''],
    ],
    longest: 16_384,
  },
  {
    name: 'what provers print',
    read: (text) => {
      for (const output of [text, `\nVerification summary:\n - ${text}`, `RESULT Could not prove ${text}`]) {
        readProverif([query(text)], ended(output), text);
        readCryptoverif([query(text)], ended(output));
      }
    },
    benign: (length) => filled('RESULT x is true.\n', length),
    hostile: [
      ['noninterf ', ' ', ''],
      ['query ', 'forall x ', ''],
      ['query a', '==> exists ', '('],
      ['secret a ', '[', ''],
      ['', 'event ( ', ''],
      ['', '; ', ''],
      ['', 'in game', '\n'],
    ],
    longest: 16_384,
  },
  {
    name: 'what is printed',
    read: printable,
    benign: (length) => filled('a\u001b', length),
    hostile: [
      ['', '\u001b', ''],
      ['', '\ud800', ''],
      ['', '\u{e0001}', ''],
    ],
  },
];

describe('hostile input takes no longer than harmless input of its length, by a factor', () => {
  it.each(parsers.map((one) => [one.name, one] as const))('%s', (_, parser) => {
    expect(slowOnes(parser)).toEqual([]);
  });
});
