import { Option } from 'commander';
import { type CommandDefinition, parsed } from '../../node/terminal/command.ts';
import { cryptoOption } from '../../node/terminal/suite.ts';
import { parseReading } from '../../node/terminal/words.ts';
import type { InspectOptions } from './options.ts';

/** The command `inspect`. The module that runs it is loaded when it is used. */
export const inspectCommand: CommandDefinition = {
  words: 'inspect <file> [file2]',
  description:
    'show the handshakes of a capture (pcap, pcapng), of a file with octets or hexadecimal digits, or of two',
  options: [
    new Option('--keylog <file>', 'secrets of the handshakes (spec/keylog.md): decrypts, recomputes, compares'),
    new Option('--psk-file <file>', 'pre-shared secret: hexadecimal; with a key log says whether it was used'),
    parsed(
      '--reading <k=v,...>',
      'try only these readings of the draft; without it all, the default first',
      parseReading,
    ),
    new Option('--full', 'every octet of every field'),
    new Option(
      '--secrets',
      'the secrets of the key log and those derived from them; without it the beginning of their SHA-384',
    ),
    cryptoOption,
    new Option('--json', 'one document of JSON on standard output'),
  ],
  notes: '\nThe exit status is 0 when everything can be read, nothing is refused and the handshakes completed, else 1.',
  examples: [
    'inspect capture.pcapng',
    'inspect capture.pcapng --keylog keys.log --psk-file psk.hex',
    'inspect initiator.bin responder.bin --json',
  ],
  action: async (file: string, second: string | undefined, options: InspectOptions) =>
    (await import('./inspect.ts')).runInspect(second === undefined ? [file] : [file, second], options),
};
