// `pquake key`: key files on their own.

import type { Command } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import {
  changePassphrase,
  generateKeyFile,
  inspectKeyFile,
  type KeyInspection,
} from '../../node/authority/keyFiles.ts';
import { chooseSuite } from '../../node/suite.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import { toHex } from '../../octets.ts';
import type { Guarded } from '../guarded.ts';
import { newPassphrase, type PassphraseOptions, passphraseOption, withPassphrases } from '../passphrase.ts';

interface GenerateOptions extends PassphraseOptions, SuiteOptions {
  readonly out: string;
  readonly signature?: boolean;
  readonly iterations?: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

async function runGenerate(options: GenerateOptions): Promise<number> {
  const { out: file, signature, iterations, force, json } = options;
  const publicKeySha256 = await withPassphrases(options, (access) =>
    generateKeyFile({ suite: suiteOf(options), file, signature, iterations, force, ...access }),
  );
  if (json) printJson({ ok: true, key: file, publicKeySha256 });
  else print(`wrote ${file}; guard it`);
  return 0;
}

interface ChangeOptions extends PassphraseOptions {
  readonly newPassphraseFile?: string;
  readonly remove?: boolean;
  readonly iterations?: number;
  readonly json?: boolean;
}

async function runPassphrase(file: string, options: ChangeOptions): Promise<number> {
  const { newPassphraseFile, remove = false, iterations, json } = options;
  if (remove && newPassphraseFile !== undefined)
    throw new ConfigurationError('--remove and --new-passphrase-file exclude each other');
  const after = remove ? undefined : await newPassphrase(newPassphraseFile, file);
  if (!remove && after === undefined)
    throw new ConfigurationError(`${file}: a new passphrase is needed (--new-passphrase-file), or --remove`);
  await withPassphrases(options, (access) =>
    changePassphrase({ suite: chooseSuite(), file, newPassphrase: after, iterations, ...access }),
  );
  if (json) printJson({ ok: true, key: file, encrypted: !remove });
  else print(remove ? `wrote ${file} without encryption; guard it` : `wrote ${file}, encrypted`);
  return 0;
}

function jsonOf({ encryption, key }: KeyInspection): Record<string, unknown> {
  return {
    algorithm: key?.algorithm ?? null,
    form: key?.form ?? null,
    publicKeySha256: key?.publicKeySha256 ?? null,
    encryption: encryption
      ? {
          scheme: 'PBES2',
          derivation: 'PBKDF2',
          prf: `HMAC-${encryption.prf}`,
          iterations: encryption.iterations,
          salt: toHex(encryption.salt),
          cipher: encryption.cipher,
        }
      : null,
  };
}

function describe({ encryption, key }: KeyInspection): string[] {
  const forms = { seed: 'seed', expanded: 'expanded key', both: 'seed and expanded key' } as const;
  return [
    key ? `kind        ${key.algorithm}` : 'kind        unknown without the passphrase (--passphrase-file)',
    ...(key ? [`form        ${forms[key.form]}${key.publicKey ? ', with the public key' : ''}`] : []),
    ...(key ? [`public key  SHA-256 ${key.publicKeySha256}`] : []),
    encryption
      ? `encryption  PBES2: PBKDF2 with HMAC-${encryption.prf}, ${encryption.iterations} iterations, salt of ${encryption.salt.length} octets; ${encryption.cipher}; ${encryption.authenticated ? 'with' : 'no'} authenticator`
      : 'encryption  none',
  ];
}

async function runInspect(file: string, options: PassphraseOptions & { readonly json?: boolean }): Promise<number> {
  const inspection = await withPassphrases(options, (access) =>
    inspectKeyFile({ suite: chooseSuite(), file, ...access }),
  );
  if (options.json) printJson({ ok: true, key: file, ...jsonOf(inspection) });
  else for (const line of describe(inspection)) print(line);
  return 0;
}

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ pquake ${line}`).join('\n')}`);

/** Adds `key` with its commands. */
export function keyCommands(program: Command, guarded: Guarded): void {
  const key = program.command('key').description('private keys');
  const generate = key
    .command('generate')
    .description('make a key in a file of PKCS#8 (mode 0600): ML-KEM-1024, of a peer')
    .requiredOption('--out <file>', 'where to')
    .option('--signature', 'ML-DSA-87, of an authority')
    .option('--iterations <n>', 'of PBKDF2, at least 600000 (default: 600000)', parseCount)
    .option('--force', 'overwrite a file that is there')
    .option('--json', 'one line of JSON on standard output')
    .action((options: GenerateOptions) => guarded(options.json, () => runGenerate(options)));
  examples(suiteOptions(passphraseOption(generate)), 'key generate --out alice.key --passphrase-file alice.passphrase');
  const change = key
    .command('passphrase <file>')
    .description('encrypt a key under a passphrase, or under another one')
    .option('--new-passphrase-file <file>', 'its first line is the new passphrase (default: asked for)')
    .option('--remove', 'write the key without encryption')
    .option('--iterations <n>', 'of PBKDF2, at least 600000 (default: 600000)', parseCount)
    .option('--json', 'one line of JSON on standard output')
    .action((file: string, options: ChangeOptions) => guarded(options.json, () => runPassphrase(file, options)));
  examples(
    passphraseOption(change, 'that the key has now'),
    'key passphrase alice.key --new-passphrase-file new',
    'key passphrase alice.key --passphrase-file new --remove',
  );
  const inspect = key
    .command('inspect <file>')
    .description('say what a key file holds and how it is encrypted; nothing secret')
    .option('--json', 'one line of JSON on standard output')
    .action((file: string, options: PassphraseOptions & { json?: boolean }) =>
      guarded(options.json, () => runInspect(file, options)),
    );
  examples(passphraseOption(inspect, 'of the key'), 'key inspect alice.key --json');
}
