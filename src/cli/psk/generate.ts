import { Option } from 'commander';
import { writePreSharedSecret } from '../../node/files/preSharedSecretFile.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';

interface GenerateOptions extends JsonOptions {
  readonly force?: boolean;
}

function runGenerate(file: string, { force = false, json }: GenerateOptions): number {
  const octets = writePreSharedSecret({ suite: chooseSuite(), file, force });
  if (json) printJson({ ok: true, psk: file, octets });
  else print(`wrote ${file}: ${octets} octets in hexadecimal digits; guard it, and give the other peer the same`);
  return 0;
}

/** The command `psk generate`. */
export const generatePskCommand: CommandDefinition = {
  words: 'generate <file>',
  description: 'make a pre-shared secret of 48 random octets, in hexadecimal digits (mode 0600), for --psk-file',
  options: [new Option('--force', 'overwrite a file that is there'), jsonOption],
  examples: ['psk generate psk.hex'],
  action: runGenerate,
};
