// The time of a decision of a policy of 200 rules over that of a policy of 10: `npm run bench -- policy`.
import type { AccessRequest, Principal } from '../../src/mcp/contract.ts';
import type { PolicyDocument, RuleDocument } from '../../src/mcp/policy/document.ts';
import { policyOf } from '../../src/mcp/policy/policy.ts';
import { at, inTurns, medianOf, ratiosOf } from './cost.ts';
import { type Plan, type Row, rowOf } from './rows.ts';

const rules = 200;
const calls = 20_000;

/** Rules as an organisation writes them: roles by pattern, some tools each, every tenth with a schema, every twentieth forbids. */
const documentOf = (count: number): PolicyDocument => ({
  version: 1,
  authorities: [{ name: 'CN=Staff CA', assurance: { ial: 2, aal: 3 } }],
  rules: Array.from({ length: count }, (_, at): RuleDocument => {
    const who = {
      names: [`URI:spiffe://hospital.example/ns/*/sa/role-${at}`, `URI:spiffe://hospital.example/team-${at}/**`],
      authorities: ['CN=Staff CA'],
    };
    const what = { tools: [`tool_${at}`, `group_${at}.*`], resources: [`records://hospital.example/${at}/**`] };
    if (at % 20 === 19) return { id: `rule-${at}`, effect: 'forbid', who, ...what };
    const schema = {
      type: 'object',
      required: ['patient'],
      properties: { patient: { type: 'string', maxLength: 64 } },
    };
    const minimum = { ...who, assurance: { aal: 2 as const } };
    return { id: `rule-${at}`, effect: 'permit', who: minimum, ...what, ...(at % 10 === 0 && { arguments: schema }) };
  }),
});

const time = new Date('2027-01-01T00:00:00Z');

const principalOf = (role: number): Principal => ({
  identity: `role-${role}`,
  names: [`CN=role-${role}`, `URI:spiffe://hospital.example/ns/ward-3/sa/role-${role}`],
  authorities: ['CN=Staff CA'],
  notAfter: new Date('2028-01-01T00:00:00Z'),
  certificateDigest: '',
  channelBinding: '',
  authenticated: time,
  epoch: 0,
});

/** Calls of all rules in turns, of which every third is denied. */
const requests = Array.from({ length: rules }, (_, at): AccessRequest => {
  const name = at % 3 === 0 ? 'unknown' : at % 2 === 0 ? `tool_${at}` : `group_${at}.read`;
  const given = { patient: '7', comment: 'x'.repeat(64) };
  return { principal: principalOf(at), method: 'tools/call', kind: 'tool', name, arguments: given, time };
});

/** Microseconds of one call each. */
function timesOf(count: number, ask: (request: AccessRequest) => unknown): number[] {
  return Array.from({ length: count }, (_, which) => {
    const request = requests[(which * 7) % rules] as AccessRequest;
    const started = process.hrtime.bigint();
    ask(request);
    return Number(process.hrtime.bigint() - started) / 1_000;
  });
}

const few = 10;

const deciding = (count: number): ((request: AccessRequest) => unknown) =>
  policyOf('bench', new TextEncoder().encode(JSON.stringify(documentOf(count)))).decide;

export async function measurePolicy(plan: Plan): Promise<readonly Row[]> {
  const decides = [deciding(rules), deciding(few)];
  const each = 200;
  const full = plan.rounds(200);
  const costs = await inTurns(
    decides.map((decide) => () => timesOf(each, decide)),
    full,
    full,
  );
  const [decide] = decides;
  const times = timesOf(plan.rounds(calls), (request) => decide?.(request));
  const [many, less] = [0, 1].map((which) => ((1_000 * medianOf(costs, which, 'worked')) / each).toFixed(1));
  const note = `medians ${many} us, ${less} us; 99 of 100 of those of ${rules} rules within ${at(times, 0.99).toFixed(1)} us`;
  const told = { part: 'policy', name: `a decision of ${rules} rules`, of: `one of ${few}`, unit: 'CPU time', note };
  return [rowOf(told, ratiosOf(costs, 0, 1, 'worked'))];
}
