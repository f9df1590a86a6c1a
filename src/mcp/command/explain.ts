// `explain`: what a policy would decide, and why.
import { Argument, InvalidArgumentError, Option } from 'commander';
import { shownAssurance } from '../../assurance.ts';
import { formOf } from '../../certificate/peerNames.ts';
import { ConfigurationError } from '../../configuration.ts';
import { type CommandDefinition, parsed, repeatable, required, UsageError } from '../../node/terminal/command.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import type { AccessRequest, Decision, DenyReason, Json } from '../contract.ts';
import { kindOf } from '../policy/about.ts';
import { type Explanation, readPolicy } from '../policy/policy.ts';
import type { RuleExplanation } from '../policy/rules.ts';
import { milliseconds } from '../policy/terms.ts';

interface ExplainOptions extends JsonOptions {
  readonly policy: string;
  readonly identity: readonly string[];
  readonly authority?: readonly string[];
  readonly arguments?: Json;
  readonly age: number;
  readonly idle: number;
}

/** In words, for those reasons that a policy gives. */
const words: Partial<Record<DenyReason, string>> = {
  'no-rule': 'no rule permits it',
  forbidden: 'a rule forbids it',
  arguments: 'the arguments are not those that the rule permits',
  assurance: 'the authority does not assert what the rule asks for',
  'authentication-too-old': 'the peer has to authenticate again, as it did so too long ago',
  'idle-too-long': 'the peer has to authenticate again, as it asked for nothing too long',
  size: 'a name is too long',
};

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('Expected JSON, such as {"patient":"7"}.');
  }
}

function parseDuration(text: string): number {
  const time = /^[1-9][0-9]{0,5}[smhd]$/.test(text) ? milliseconds(text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('Expected a time such as 30s, 15m, 12h, 7d.');
  return time;
}

/** The names of a peer of this one: the subject of nothing but a common name is a name, too. */
const namesOf = (name: string): string[] => (formOf(name) === 'common name' ? [name, `CN=${name}`] : [name]);

const shownDecision = (decision: Decision): string => {
  if (decision.allowed) return `allowed by ${decision.rule}`;
  const by = decision.rule === undefined ? '' : ` (${decision.rule})`;
  return `denied: ${decision.reason}${by}: ${words[decision.reason] ?? decision.reason}`;
};

const shownRule = ({ rule, effect, matched, because }: RuleExplanation): string => {
  const why = because.map(({ field, expected, found }) => `${field}: expected ${expected}; found ${found}`);
  return `${effect} ${rule}: ${matched ? 'matches' : `does not match: ${why.join('. ')}`}`;
};

function tell({ decision, rules, assurance }: Explanation): void {
  print(shownDecision(decision));
  print(`assurance: ${shownAssurance(assurance)}`);
  for (const rule of rules) print(shownRule(rule));
}

function requestOf(method: string, name: string | undefined, options: ExplainOptions): AccessRequest {
  const kind = kindOf(method);
  if (kind !== undefined && name === undefined) throw new UsageError(`${method} is about a ${kind}: name it`);
  if (kind === undefined && name !== undefined)
    throw new UsageError(`${method} is about no tool, resource or prompt: expected no name, found ${name}`);
  const time = new Date();
  const ago = (wait: number): Date => new Date(time.getTime() - wait);
  return {
    principal: {
      identity: options.identity[0] ?? '',
      names: options.identity.flatMap(namesOf),
      authorities: options.authority ?? [],
      notAfter: new Date(8_640_000_000_000_000),
      certificateDigest: '',
      channelBinding: '',
      authenticated: ago(options.age),
      epoch: 0,
    },
    method,
    time,
    lastActive: ago(options.idle),
    ...(kind !== undefined && name !== undefined && { kind, name }),
    ...(options.arguments !== undefined && { arguments: options.arguments }),
  };
}

/** @returns 0 when the request is allowed, 1 when it is denied, 2 for a file that cannot be used */
function explain(method: string, name: string | undefined, options: ExplainOptions): number {
  const request = requestOf(method, name, options);
  try {
    const policy = readPolicy(options.policy);
    const explanation = policy.explain(request);
    if (options.json) printJson({ ok: explanation.decision.allowed, policyDigest: policy.digest, ...explanation });
    else tell(explanation);
    return explanation.decision.allowed ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (options.json) printJson({ ok: false, code: 'configuration', message: error.message });
    note(`pquake: ${error.message}`);
    return 2;
  }
}

/** The command `explain`. */
export const explainCommand: CommandDefinition = {
  words: 'explain',
  arguments: [
    new Argument('<method>', 'the method of the protocol, such as tools/call'),
    new Argument('[name]', 'the tool or prompt, or the URI of the resource'),
  ],
  description: 'say what a policy decides, and why; the status is 0 when it allows, 1 when it denies, else 2',
  options: [
    required(new Option('--policy <file>', 'the policy, YAML')),
    required(
      repeatable(
        '--identity <name>',
        'a name of the peer: URI:..., DNS:..., a whole subject (CN=...) or a common name',
      ),
    ),
    repeatable('--authority <name>', 'the subject of a trust anchor of the peer, such as CN=Example CA'),
    parsed('--arguments <json>', 'the arguments of the call', parseJson),
    parsed('--age <time>', 'since the peer authenticated, such as 13h', parseDuration, 0, 'now'),
    parsed('--idle <time>', 'since it asked for something, such as 20m', parseDuration, 0, 'now'),
    jsonOption,
  ],
  examples: [
    'explain --policy hospital.yaml --identity URI:spiffe://hospital.example/ns/ward-3/sa/nurse --authority "CN=Hospital Staff CA" tools/call prescribe',
    'explain --policy hospital.yaml --identity nurse --json tools/list',
  ],
  action: explain,
};
