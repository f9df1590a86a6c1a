// The options of policy and record, which `serve` and `connect` share.
import { Option } from 'commander';
import { parsed, UsageError } from '../../node/terminal/command.ts';
import { parseCount } from '../../node/terminal/words.ts';
import type { GoverningOptions } from '../governing/governing.ts';
import { standardRotation } from '../record/writer.ts';

/** As the parser returns them. */
export interface RecordWords {
  readonly record?: string;
  readonly recordFull?: 'deny' | 'continue';
  readonly recordRotate?: number;
  readonly recordKeep?: number;
  readonly recordFlush?: 'none' | 'each';
}

export const policyOption = new Option('--policy <file>', 'who may do what, YAML; without one every peer may do all');

export const recordOptions: readonly Option[] = [
  new Option('--record <file>', 'append every connection, decision and failure to it, hash-chained JSON lines'),
  new Option(
    '--record-full <what>',
    'when it cannot be written: deny what needs an entry, or continue (default: deny)',
  ).choices(['deny', 'continue']),
  parsed('--record-rotate <octets>', `from which another file is begun (default: ${standardRotation})`, parseCount),
  parsed('--record-keep <n>', 'files before the one that is written (default: all)', parseCount),
  new Option(
    '--record-flush <when>',
    'to the disk: none, or before what was recorded goes on: each (default: every second)',
  ).choices(['none', 'each']),
];

/** The record that the options ask for. @throws UsageError for an option without the file */
export function recordOf({ record: file, ...words }: RecordWords): GoverningOptions['record'] {
  const { recordFull: onFull = 'deny', recordRotate: rotateAt, recordKeep: keep, recordFlush: flush } = words;
  if (file !== undefined)
    return { file, onFull, ...(rotateAt && { rotateAt }), ...(keep && { keep }), ...(flush && { flush }) };
  if (words.recordFull !== undefined) throw new UsageError('--record-full needs --record FILE');
  if (rotateAt !== undefined) throw new UsageError('--record-rotate needs --record FILE');
  if (keep !== undefined) throw new UsageError('--record-keep needs --record FILE');
  if (flush !== undefined) throw new UsageError('--record-flush needs --record FILE');
  return undefined;
}
