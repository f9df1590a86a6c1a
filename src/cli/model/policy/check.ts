// `pquake model policy check`: whether a trust policy can be used, and what is in it.
import { Argument } from 'commander';
import type { CommandDefinition } from '../../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../../node/terminal/options.ts';
import { note, print, printJson } from '../../../node/terminal/output.ts';
import { readTrustPolicy } from '../../../provenance/keys/trustPolicyFile.ts';
import type { KeyHistory } from '../../../provenance/trust/history.ts';
import { inForce } from '../../../provenance/trust/phases.ts';
import type { TrustPolicy } from '../../../provenance/trust/policy.ts';
import { timeText } from '../../../time.ts';
import { withRefusals } from '../report.ts';

export const policyArgument = new Argument('<file>', 'the trust policy, JSON');

/** What works, and is probably not meant. */
function warningsOf({ requirements, logPolicy }: TrustPolicy, time: Date): readonly string[] {
  const idle = requirements.filter(({ phases }) => inForce(phases, time).length === 0);
  const unlogged = requirements.filter(({ evidence }) => logPolicy === undefined && evidence.includes('log'));
  return [
    ...idle.map(({ id }) => `requirement ${id}: no phase is in force now, so nothing is let through`),
    ...unlogged.map(
      ({ id }) => `requirement ${id}: asks for a log, and the policy has no logPolicy, so nothing counts`,
    ),
  ];
}

/** The keys that lost their place, and those that are revoked. */
const endedKeys = ({ successions, revocations }: KeyHistory) => ({
  rotated: successions.map(({ oldKey, newKey, from }) => ({ key: oldKey, by: newKey, from: timeText(from) })),
  revoked: revocations.map(({ key, from, reason }) => ({ key, from: timeText(from), reason })),
});

function tell(policy: TrustPolicy): void {
  const { digest, signers, requirements, history } = policy;
  for (const { id, document } of signers) {
    const keys = document.keys?.length ?? 0;
    const names = document.names?.length ?? 0;
    print(`signer ${id}: ${keys === 1 ? '1 key' : `${keys} keys`}, ${names === 1 ? '1 name' : `${names} names`}`);
  }
  for (const { id, threshold, signers: of, phases } of requirements)
    print(`requirement ${id}: ${threshold} of ${of.length}, ${phases.map(({ text }) => text).join('; ')}`);
  const { rotated, revoked } = endedKeys(history);
  for (const { key, by, from } of rotated) print(`the key ${by} takes the place of ${key} at ${from}`);
  for (const { key, from, reason } of revoked) print(`the key ${key} is revoked from ${from} on: ${reason}`);
  print(`digest ${digest}`);
}

async function runCheck(file: string, { json }: JsonOptions): Promise<number> {
  return withRefusals(json, async () => {
    const policy = readTrustPolicy(file);
    const warnings = warningsOf(policy, new Date());
    const [signers, requirements] = [policy.signers.length, policy.requirements.length];
    const { digest, history } = policy;
    if (json) printJson({ ok: true, digest, signers, requirements, ...endedKeys(history), warnings });
    else tell(policy);
    for (const warning of warnings) note(`pquake: warning: ${warning}`);
    return 0;
  });
}

/** The command `model policy check`. */
export const checkPolicyCommand: CommandDefinition = {
  words: 'check',
  arguments: [policyArgument],
  description: 'read a trust policy with all files that it names, and say what is in it',
  options: [jsonOption],
  examples: ['model policy check trust.json', 'model policy check trust.json --json'],
  action: runCheck,
};
