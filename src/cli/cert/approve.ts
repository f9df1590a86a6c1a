import { InvalidArgumentError, Option } from 'commander';
import { patternRefusal } from '../../enrolment/allowed.ts';
import { type Approval, approveRequest, challengeRequest } from '../../node/authority/enrolment.ts';
import { EnrolmentError } from '../../node/authority/enrolmentError.ts';
import type { KeyAccess } from '../../node/files/keys.ts';
import { type CommandDefinition, parsed, repeatable, UsageError } from '../../node/terminal/command.ts';
import { confirm, isAtTerminal } from '../../node/terminal/confirm.ts';
import { reportError } from '../../node/terminal/output.ts';
import { authorityPassphraseOptions, withAuthorityPassphrases } from '../../node/terminal/passphrase.ts';
import { suiteOf } from '../../node/terminal/suite.ts';
import { parseCount } from '../../node/terminal/words.ts';
import { type EnrolmentOptions, enrolmentOptions, tell } from './enrolmentOptions.ts';
import { showing } from './toBeSigned.ts';

interface ApproveOptions extends EnrolmentOptions {
  readonly out?: string;
  readonly response?: string;
  readonly hours: number;
  readonly days: number;
  readonly allowSan?: readonly string[];
  readonly allowTakenNames?: boolean;
}

function parsePattern(word: string): string {
  const refusal = patternRefusal(word);
  if (refusal !== undefined) throw new InvalidArgumentError(`Not a pattern of a URI: ${refusal}.`);
  return word;
}

/** One step of the authority: to challenge, or to issue. */
type Step = (approval: Approval & KeyAccess) => void;

/** The step that the options name: with --out the challenge, with --response the certificate. @throws UsageError */
function stepOf(options: ApproveOptions): Step {
  const { out, response, hours } = options;
  if (out !== undefined && response === undefined)
    return (approval) => {
      const { requestDigest, expires, signs } = challengeRequest({ ...approval, challengeFile: out, hours });
      const lines = [`wrote ${out}, to be answered until ${expires}`, `digest ${requestDigest}`];
      tell(options, lines, { challenge: out, digest: requestDigest, expires, signs });
    };
  if (out === undefined && response !== undefined)
    return (approval) => {
      const { certificateFile, signs } = approveRequest({ ...approval, responseFile: response });
      tell(options, [`wrote ${certificateFile}`], { certificate: certificateFile, signs });
    };
  throw new UsageError('expected one of --out, for the challenge, and --response, for the certificate');
}

/**
 * Runs the action. At a terminal, asks about names that no option allows, and runs it again with those that were shown.
 */
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

async function runApprove(directory: string, requestFile: string, options: ApproveOptions): Promise<number> {
  const step = stepOf(options);
  const { days, allowSan: allowedSans, allowTakenNames: allowTaken, force } = options;
  const { show, last } = showing();
  const request = { suite: suiteOf(options), directory, requestFile, time: new Date() };
  const approval: Approval = { ...request, days, allowedSans, allowTaken, force, show };
  try {
    await confirming(approval, (allowed) =>
      withAuthorityPassphrases(options, (access) => step({ ...allowed, ...access })),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof EnrolmentError)) throw error;
    return reportError(error, options.json === true, { signs: last() });
  }
}

/** The command `cert approve`. */
export const approveCommand: CommandDefinition = {
  words: 'approve <directory> <request>',
  description: 'challenge who asks for a certificate; with the response, issue it: DIRECTORY/NAME.pem',
  options: [
    new Option('--out <file>', 'the challenge to write'),
    new Option('--response <file>', 'the response to it'),
    parsed('--hours <n>', 'how long the challenge can be answered', parseCount, 24),
    parsed('--days <n>', 'validity of the certificate', parseCount, 365),
    repeatable(
      '--allow-san <pattern>',
      'certify URIs of the request like this one, * for one label or segment',
      parsePattern,
    ),
    new Option('--allow-taken-names', 'certify names that another subject or key of the authority has'),
    ...authorityPassphraseOptions(),
    ...enrolmentOptions,
  ],
  examples: [
    'cert approve pki carol.request --out carol.challenge',
    "cert approve pki carol.request --out carol.challenge --allow-san 'https://*.example'",
    'cert approve pki carol.request --response carol.response --days 90',
  ],
  action: runApprove,
};
