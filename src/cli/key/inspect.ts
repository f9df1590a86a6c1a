import { inspectKeyFile, type KeyInspection } from '../../node/authority/keyFiles.ts';
import { chooseSuite } from '../../node/suite.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { print, printJson } from '../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../node/terminal/passphrase.ts';
import { toHex } from '../../octets.ts';

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

const forms = { seed: 'seed', expanded: 'expanded key', both: 'seed and expanded key' } as const;

function describeEncryption({ encryption }: KeyInspection): string {
  if (!encryption) return 'none';
  const { prf, iterations, salt, cipher, authenticated } = encryption;
  const derivation = `PBKDF2 with HMAC-${prf}, ${iterations} iterations, salt of ${salt.length} octets`;
  return `PBES2: ${derivation}; ${cipher}; ${authenticated ? 'with' : 'no'} authenticator`;
}

function describe(inspection: KeyInspection): string[] {
  const { key } = inspection;
  return [
    key ? `kind        ${key.algorithm}` : 'kind        unknown without the passphrase (--passphrase-file)',
    ...(key ? [`form        ${forms[key.form]}${key.publicKey ? ', with the public key' : ''}`] : []),
    ...(key ? [`public key  SHA-256 ${key.publicKeySha256}`] : []),
    `encryption  ${describeEncryption(inspection)}`,
  ];
}

async function runInspect(file: string, options: PassphraseOptions & JsonOptions): Promise<number> {
  const inspection = await withPassphrases(options, (access) =>
    inspectKeyFile({ suite: chooseSuite(), file, ...access }),
  );
  if (options.json) printJson({ ok: true, key: file, ...jsonOf(inspection) });
  else for (const line of describe(inspection)) print(line);
  return 0;
}

/** The command `key inspect`. */
export const inspectKeyCommand: CommandDefinition = {
  words: 'inspect <file>',
  description: 'say what a key file holds and how it is encrypted; nothing secret',
  options: [passphraseOption('of the key'), jsonOption],
  examples: ['key inspect alice.key --json'],
  action: runInspect,
};
