import { Option } from 'commander';
import { type CommandDefinition, required } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { print, printJson } from '../../../node/terminal/output.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../../../node/terminal/passphrase.ts';
import { readCosigner, readVerifierKey } from '../../../provenance/disk/logKeys.ts';
import { witnessLog } from '../../../provenance/disk/logWitness.ts';
import { withRefusals } from '../report.ts';
import { entriesText, keyOption, reportLogRefusal } from './words.ts';

interface WitnessOptions extends PassphraseOptions, JsonOptions {
  readonly state: string;
  readonly key: string;
  readonly vkey?: string;
  readonly logKey?: string;
}

async function witness(log: string, options: WitnessOptions): Promise<number> {
  const { state, key: keyFile, vkey = `${keyFile}.vkey`, logKey: logKeyFile, json } = options;
  const own = readVerifierKey(vkey);
  const logKey = logKeyFile === undefined ? undefined : readVerifierKey(logKeyFile);
  const cosigner = await withPassphrases(options, (access) => readCosigner(keyFile, own, access));
  const time = (): Date => new Date();
  const done = await witnessLog({ log, state, witness: cosigner, time, ...(logKey && { logKey }) });
  cosigner.wipe();
  if (!done.ok) return reportLogRefusal(log, done, json);
  const { origin, size, checkpoint, isPublished } = done.value;
  const at = done.value.time.toISOString();
  if (json) printJson({ ok: true, origin, size, witness: own.name, time: at, checkpoint, published: isPublished });
  else {
    print(`${own.name} has cosigned ${origin} with ${entriesText(size)} at ${at}; wrote ${checkpoint}`);
    if (!isPublished) print('the log does not have the cosignature yet: its operator takes it from that file');
  }
  return 0;
}

/** The command `model log witness`. */
export const logWitnessCommand: CommandDefinition = {
  words: 'witness <log>',
  description: 'cosign the checkpoint of a log (a directory or URL) when it goes on from the last one seen',
  options: [
    required(new Option('--state <directory>', 'where the witness remembers logs, and keeps the evidence of forks')),
    required(keyOption('the private key of the witness')),
    new Option('--vkey <file>', 'its public key, with its name (default: that of --key with .vkey behind it)'),
    new Option('--log-key <file>', 'the public key of the log, as its log.vkey (default: the first one seen)'),
    passphraseOption('of the key of the witness'),
    jsonOption,
  ],
  notes: '\nTo a log in a directory the cosignature is added. A fork or an older checkpoint is refused, status 1.',
  examples: [
    'model log witness log --state seen --key witness.key',
    'model log witness https://example.com/models --state seen --key witness.key --log-key log.vkey --json',
  ],
  action: (log: string, options: WitnessOptions) => withRefusals(options.json, () => witness(log, options)),
};
