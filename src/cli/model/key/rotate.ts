// `pquake model key rotate`: a signed statement that a new key takes the place of an old one.
import { Argument, Option } from 'commander';
import { refuseFile } from '../../../node/files/fileErrors.ts';
import { writeFiles } from '../../../node/files/files.ts';
import { type CommandDefinition, parsed, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { parseTime } from '../../../node/terminal/words.ts';
import type { SigningKey } from '../../../provenance/contract.ts';
import { readSigningKey } from '../../../provenance/keys/files.ts';
import { signSuccession } from '../../../provenance/trust/succession.ts';
import { timeText } from '../../../time.ts';

interface RotateOptions extends PassphraseOptions, JsonOptions {
  readonly out: string;
  readonly from?: Date;
  readonly force?: boolean;
}

/** Reads both keys. What was read is forgotten when the other cannot be. */
function both(
  oldFile: string,
  newFile: string,
  access: Parameters<typeof readSigningKey>[1],
): [SigningKey, SigningKey] {
  const oldKey = readSigningKey(oldFile, access);
  try {
    const newKey = readSigningKey(newFile, access);
    if (newKey.publicKey.identifier !== oldKey.publicKey.identifier) return [oldKey, newKey];
    newKey.wipe();
    return refuseFile(newFile, `the key of ${oldFile}; expected another one, which takes its place`);
  } catch (error) {
    oldKey.wipe();
    throw error;
  }
}

async function runRotate(oldFile: string, newFile: string, options: RotateOptions): Promise<number> {
  const { out, from = new Date(), force = false, json } = options;
  const [oldKey, newKey] = await withPassphrases(options, (access) => both(oldFile, newFile, access));
  try {
    const content = signSuccession(oldKey, newKey, from);
    writeFiles([{ file: out, content, mode: 0o644 }], force);
    const [before, after] = [oldKey.publicKey.identifier, newKey.publicKey.identifier];
    if (json) printJson({ ok: true, out, oldKey: before, newKey: after, from: timeText(from) });
    else {
      print(`wrote ${out}: from ${timeText(from)} on the key ${after}`);
      print(`takes the place of the key ${before}`);
    }
    return 0;
  } finally {
    oldKey.wipe();
    newKey.wipe();
  }
}

/** The command `model key rotate`. */
export const rotateKeyCommand: CommandDefinition = {
  words: 'rotate',
  arguments: [
    new Argument('<old>', 'the private key that goes, PEM'),
    new Argument('<new>', 'the private key that comes, PEM'),
  ],
  description: 'sign with both keys that a new key takes the place of an old one',
  options: [
    required(new Option('--out <file>', 'where the signed statement goes; a trust policy names it')),
    parsed('--from <time>', 'when the new key takes the place (default: now)', parseTime),
    new Option('--force', 'overwrite a file that is there'),
    passphraseOption('of the keys, when they are encrypted'),
    jsonOption,
  ],
  examples: ['model key rotate release.key release-2.key --out succession.json'],
  action: runRotate,
};
