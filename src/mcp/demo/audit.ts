// The last step: the gateway has ended, and its record is judged.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verification } from '../record/verify.ts';
import type { Command } from './peers.ts';
import { entriesIn, type Row, type Step, wordsOf } from './told.ts';
import { copyWithOneChange, type Ward } from './ward.ts';

/** Why something was refused in the steps before. */
const reasons = [
  ...['arguments', 'forbidden', 'no-rule', 'rate', 'tool-changed'].map((reason) => `denied: ${reason}`),
  ...['certificate-revoked', 'certificate-untrusted', 'too-many-violations'],
];

type Verify = (files: readonly string[]) => Command;

async function verified(verify: Verify, files: readonly string[]): Promise<Verification> {
  const { ended, results, notes } = verify(files);
  await ended;
  const [line] = results;
  if (line === undefined) throw new Error(`log verify said nothing: ${notes.join(' ')}`);
  return JSON.parse(line);
}

const wordFor = ({ ok }: Verification): string => (ok ? 'whole' : 'not whole');

/** Changes the time of the doctor's denied call by a millisecond, in a copy. @returns the copy, and the number of the line */
function withChange({ directory, records: { server } }: Ward): { readonly copy: string; readonly line: number } {
  const lines = readFileSync(server, 'latin1').split('\n');
  const at = lines.findIndex((line) => line.includes('"reason":"arguments"'));
  const before = lines.slice(0, at).reduce((octets, line) => octets + line.length + 1, 0);
  const stamp = /"time":"[^"]*Z"/.exec(lines[at] ?? '');
  const lastDigit = (stamp?.index ?? 0) + (stamp?.[0].length ?? 0) - 'nZ"'.length;
  mkdirSync(join(directory, 'changed'), { mode: 0o700 });
  const copy = join(directory, 'changed', 'gateway.jsonl');
  copyWithOneChange(server, copy, before + lastDigit);
  return { copy, line: at + 1 };
}

/** Which servers were started and have not ended, by the record. */
function serversLeft(file: string): string {
  const count = (wanted: string): number => entriesIn(file).filter(({ event }) => event === wanted).length;
  return count('spawned') === count('exited') ? 'all have ended' : `${count('spawned') - count('exited')} are left`;
}

/** @param status - with which the gateway ended */
export async function audit(ward: Ward, verify: Verify, status: number | null): Promise<Step> {
  const files = [ward.records.server, ward.records.nurse];
  const whole = await verified(verify, files);
  const { copy, line } = withChange(ward);
  const changed = await verified(verify, [copy]);
  const found = changed.faults.map((fault) => `${fault.kind}, line ${fault.line}`).join('; ');
  const seen = new Set(files.flatMap(entriesIn).map(wordsOf));
  const missing = reasons.filter((reason) => !seen.has(reason));
  const sequence = whole.records.reduce((entries, { head }) => entries + head.sequence, 0);
  const rows: readonly Row[] = [
    {
      ...{ who: 'operator', does: 'ends mcp serve', expected: { gets: 'status 0', record: 'all have ended' } },
      found: { gets: `status ${status}`, record: serversLeft(ward.records.server) },
      remark: 'its servers, by the record',
    },
    {
      ...{ who: 'auditor', does: 'mcp log verify', expected: { gets: 'whole', record: 'every reason above' } },
      found: {
        gets: wordFor(whole),
        record: missing.length === 0 ? 'every reason above' : `not ${missing.join(', ')}`,
      },
      remark: `${sequence} entries in two records`,
    },
    {
      ...{ who: 'auditor', does: 'mcp log verify', expected: { gets: 'not whole', record: `changed, line ${line}` } },
      found: { gets: wordFor(changed), record: found },
      remark: 'a copy in which one octet is another one',
    },
  ];
  return { title: 'The record', rows };
}
