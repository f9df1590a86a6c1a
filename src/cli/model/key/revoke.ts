// `pquake model key revoke`: a signed statement that a key does not count any more.
import { Argument, Option } from 'commander';
import { writeFiles } from '../../../node/files/files.ts';
import { type CommandDefinition, parsed, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { parseTime } from '../../../node/terminal/words.ts';
import { readSigningKey, readVerifyingKey } from '../../../provenance/keys/files.ts';
import { type RevocationReason, revocationReasons } from '../../../provenance/trust/history.ts';
import { signRevocation } from '../../../provenance/trust/revocation.ts';
import { timeText } from '../../../time.ts';

interface RevokeOptions extends PassphraseOptions, JsonOptions {
  readonly reason: RevocationReason;
  readonly time?: Date;
  readonly publicKey?: string;
  readonly out: string;
  readonly force?: boolean;
}

async function runRevoke(file: string, options: RevokeOptions): Promise<number> {
  const { reason, time: from = new Date(), publicKey, out, force = false, json } = options;
  const other = publicKey === undefined ? undefined : readVerifyingKey(publicKey);
  const by = await withPassphrases(options, (access) => readSigningKey(file, access));
  try {
    const key = (other ?? by.publicKey).identifier;
    writeFiles([{ file: out, content: signRevocation(by, { key, from, reason }), mode: 0o644 }], force);
    if (json) printJson({ ok: true, out, key, by: by.publicKey.identifier, from: timeText(from), reason });
    else print(`wrote ${out}: the key ${key} is revoked from ${timeText(from)} on: ${reason}`);
    return 0;
  } finally {
    by.wipe();
  }
}

/** The command `model key revoke`. */
export const revokeKeyCommand: CommandDefinition = {
  words: 'revoke',
  arguments: [new Argument('<key>', 'the private key that signs, PEM: the one that is revoked, or an authority')],
  description: 'sign that a key does not count any more',
  options: [
    required(new Option('--reason <word>', 'why').choices(revocationReasons)),
    required(new Option('--out <file>', 'where the signed statement goes; a trust policy names it')),
    parsed('--time <time>', 'since when the key does not count (default: now)', parseTime),
    new Option('--public-key <file>', 'the key that is revoked, PEM, when <key> is an authority for revocations'),
    new Option('--force', 'overwrite a file that is there'),
    passphraseOption('of the key, when it is encrypted'),
    jsonOption,
  ],
  examples: [
    'model key revoke release.key --reason superseded --out revocation.json',
    'model key revoke authority.key --public-key release.key.pub --reason key-compromise --time 2027-01-01 --out lost.json',
  ],
  action: runRevoke,
};
