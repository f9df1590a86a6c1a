// `pquake cert request`, `approve` and `respond`: a certificate for a key that its holder proves to hold.

import { type Command, InvalidArgumentError } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { patternRefusal } from '../../enrolment/allowed.ts';
import {
  type Approval,
  approveRequest,
  challengeRequest,
  requestCertificate,
  respondToChallenge,
} from '../../node/authority/enrolment.ts';
import { EnrolmentError } from '../../node/authority/enrolmentError.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import { note, print, printJson, reportError } from '../../node/terminal/output.ts';
import { type SuiteOptions, suiteOf, suiteOptions } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import { type PassphraseOptions, passphraseOption, withPassphrases } from '../passphrase.ts';
import { confirm, isAtTerminal } from './confirm.ts';
import { showing } from './toBeSigned.ts';

interface Told extends PassphraseOptions, SuiteOptions {
  readonly json?: boolean;
  readonly force?: boolean;
}

interface RequestOptions extends Told {
  readonly name: string;
  readonly san?: readonly string[];
  readonly key: string;
  readonly newKey?: boolean;
  readonly out: string;
}

interface ApproveOptions extends Told {
  readonly out?: string;
  readonly response?: string;
  readonly hours: number;
  readonly days: number;
  readonly allowSan?: readonly string[];
  readonly allowTakenNames?: boolean;
}

interface RespondOptions extends Told {
  readonly request: string;
  readonly key: string;
  readonly out: string;
  readonly ca?: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function collectPattern(value: string, before?: readonly string[]): readonly string[] {
  const refusal = patternRefusal(value);
  if (refusal !== undefined) throw new InvalidArgumentError(`Not a pattern of a URI: ${refusal}.`);
  return collect(value, before);
}

function tell({ json }: Told, text: string, members: Readonly<Record<string, unknown>>): void {
  if (json) printJson({ ok: true, ...members });
  else print(text);
}

/** @returns the exit status: 0, or 1 when it cannot be done; `refused` adds to what is told then */
async function guarded(
  options: Told,
  action: () => Promise<void>,
  refused: () => Readonly<Record<string, unknown>> = () => ({}),
): Promise<number> {
  const json = options.json === true;
  try {
    await action();
    return 0;
  } catch (error) {
    if (!(error instanceof EnrolmentError)) return reportError(error, json);
    const { code, message } = error;
    if (json) printJson({ ok: false, code, step: null, section: null, message, ...refused() });
    note(`pquake: ${message}`);
    return 1;
  }
}

function runRequest(options: RequestOptions, access: KeyAccess): void {
  const { name, san, key, newKey, out, force } = options;
  const made = { suite: suiteOf(options), name, uris: san, keyFile: key, newKey, requestFile: out, force, ...access };
  const { digest, keySha256 } = requestCertificate(made);
  const text = `wrote ${out}${newKey ? ` and ${key}; guard the key` : ''}\ndigest ${digest}`;
  note(`public key SHA-256 ${keySha256}`);
  tell(options, text, { request: out, digest, keySha256, ...(newKey && { key }) });
}

/** Either step of the authority. `confirmed` are names that a person confirmed. */
function runApprove(approval: Approval, options: ApproveOptions, access: KeyAccess): void {
  const { out, response, hours } = options;
  const common = { ...approval, ...access };
  if (response !== undefined) {
    const { certificateFile, signs } = approveRequest({ ...common, responseFile: response });
    tell(options, `wrote ${certificateFile}`, { certificate: certificateFile, signs });
  } else if (out !== undefined) {
    const { requestDigest, expires, signs } = challengeRequest({ ...common, challengeFile: out, hours });
    const text = `wrote ${out}, to be answered until ${expires}\ndigest ${requestDigest}`;
    tell(options, text, { challenge: out, digest: requestDigest, expires, signs });
  } else throw new ConfigurationError('neither --out nor --response'); // the parser refuses this before
}

/** Asks for names that no option allows, if there is somebody to ask, and goes on with those that were shown. */
async function confirming(approval: Approval, action: (approval: Approval) => Promise<void>): Promise<void> {
  const { show } = approval;
  let requestDigest: string | undefined;
  const remembering: Approval = {
    ...approval,
    show: (what) => {
      requestDigest = what.requestDigest;
      show?.(what);
    },
  };
  try {
    await action(remembering);
  } catch (error) {
    if (!(error instanceof EnrolmentError) || error.code !== 'name-not-allowed') throw error;
    if (requestDigest === undefined || !isAtTerminal()) throw error;
    if (!(await confirm(`Certify ${error.names.join(' ')} for it too?`))) throw error;
    await action({ ...remembering, confirmed: { names: error.names, requestDigest } });
  }
}

async function approve(directory: string, request: string, options: ApproveOptions): Promise<number> {
  const { days, allowSan, allowTakenNames, force } = options;
  const { show, last } = showing();
  const approval: Approval = {
    ...{ suite: suiteOf(options), directory, requestFile: request, days, force, show, time: new Date() },
    ...{ allowedSans: allowSan, allowTaken: allowTakenNames },
  };
  const step = (allowed: Approval): Promise<void> =>
    withPassphrases(options, (access) => runApprove(allowed, options, access));
  return await guarded(
    options,
    () => confirming(approval, step),
    () => ({ signs: last() }),
  );
}

function runRespond(challenge: string, options: RespondOptions, access: KeyAccess): void {
  const { request, key, out, ca, force } = options;
  respondToChallenge({
    suite: suiteOf(options),
    ...access,
    ...{ challengeFile: challenge, requestFile: request, keyFile: key, responseFile: out, authorityFile: ca, force },
  });
  tell(options, `wrote ${out}`, { response: out });
}

const common = (command: Command, what?: string): Command =>
  suiteOptions(passphraseOption(command, what))
    .option('--force', 'overwrite files that are there')
    .option('--json', 'one line of JSON on standard output');

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ pquake ${line}`).join('\n')}`);

/** Adds the commands to `cert`; `end` is told the exit status. */
export function enrolmentCommands(cert: Command, end: (status: number) => void): void {
  examples(
    common(
      cert
        .command('request')
        .description('ask for a certificate of a key')
        .requiredOption('--name <name>', 'common name: letters, digits, dot, dash, underscore')
        .option('--san <uri>', 'URI of the subject alternative name; may be given again', collect)
        .requiredOption('--key <file>', 'the private key, PKCS#8 PEM')
        .option('--new-key', 'make the key, and write it there (mode 0600)')
        .requiredOption('--out <file>', 'the request to write'),
    ).action(async (options: RequestOptions) =>
      end(await guarded(options, () => withPassphrases(options, (access) => runRequest(options, access)))),
    ),
    'cert request --name carol --key carol.key --new-key --out carol.request',
    'cert request --name carol --san https://carol.example --key carol.key --out carol.request --json',
  );
  const approveCommand = common(
    cert
      .command('approve <directory> <request>')
      .description('challenge who asks for a certificate; with the response, issue it: DIRECTORY/NAME.pem')
      .option('--out <file>', 'the challenge to write')
      .option('--response <file>', 'the response to it')
      .option('--hours <n>', 'how long the challenge can be answered', parseCount, 24)
      .option('--days <n>', 'validity of the certificate', parseCount, 365)
      .option(
        '--allow-san <pattern>',
        'certify URIs of the request like this one, * for one label or segment; may be given again',
        collectPattern,
      )
      .option('--allow-taken-names', 'certify names that another subject or key of the authority has'),
    'of the key of the authority',
  ).action(async (directory: string, request: string, options: ApproveOptions) => {
    if ((options.out === undefined) === (options.response === undefined))
      approveCommand.error('error: expected one of --out, for the challenge, and --response, for the certificate');
    end(await approve(directory, request, options));
  });
  examples(
    approveCommand,
    'cert approve pki carol.request --out carol.challenge',
    "cert approve pki carol.request --out carol.challenge --allow-san 'https://*.example'",
    'cert approve pki carol.request --response carol.response --days 90',
  );
  examples(
    common(
      cert
        .command('respond <challenge>')
        .description('prove to the authority that one holds the key')
        .requiredOption('--request <file>', 'one’s own copy of the request')
        .requiredOption('--key <file>', 'the private key, PKCS#8 PEM')
        .option('--ca <file>', 'answer this authority only: its certificate, PEM')
        .requiredOption('--out <file>', 'the response to write'),
    ).action(async (challenge: string, options: RespondOptions) =>
      end(await guarded(options, () => withPassphrases(options, (access) => runRespond(challenge, options, access)))),
    ),
    'cert respond carol.challenge --request carol.request --key carol.key --out carol.response',
    'cert respond carol.challenge --request carol.request --key carol.key --ca ca.pem --out carol.response --json',
  );
}
