import { type Command, Option } from 'commander';
import { parseReading } from '../../node/terminal/words.ts';
import type { InspectCommandOptions } from './options.ts';

type Guarded = (json: boolean | undefined, action: () => number | Promise<number>) => Promise<void>;

/** Adds `pquake inspect` to the program. */
export function inspectCommand(program: Command, guarded: Guarded): void {
  program
    .command('inspect <file> [file2]')
    .description(
      'show the handshakes of a capture (pcap, pcapng), of a file with octets or hexadecimal digits, or of two',
    )
    .option('--keylog <file>', 'secrets of the handshakes (spec/keylog.md): decrypts, recomputes, compares')
    .option('--psk-file <file>', 'pre-shared secret: hexadecimal; with a key log says whether it was used')
    .option(
      '--reading <k=v,...>',
      'try only these readings of the draft; without it all, the default first',
      parseReading,
    )
    .option('--full', 'every octet of every field')
    .option(
      '--secrets',
      'the secrets of the key log and those derived from them; without it the beginning of their SHA-384',
    )
    .addOption(new Option('--crypto <name>', 'back end; default the fastest').choices(['noble', 'native']))
    .option('--json', 'one document of JSON on standard output')
    .addHelpText(
      'after',
      `
The exit status is 0 when everything can be read and nothing is refused, else 1.

Examples:
  $ pquake inspect capture.pcapng
  $ pquake inspect capture.pcapng --keylog keys.log --psk-file psk.hex
  $ pquake inspect initiator.bin responder.bin --json`,
    )
    .action((file: string, second: string | undefined, options: InspectCommandOptions) =>
      guarded(options.json, async () =>
        (await import('./inspect.ts')).runInspect(second === undefined ? [file] : [file, second], options),
      ),
    );
}
