// The machine that something was measured on: no figure means anything without it.
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memory: string;
  readonly node: string;
  readonly openssl: string;
  readonly date: string;
  /** Load averages of 1, 5 and 15 minutes when the run began: a machine that others use gives wider quartiles. */
  readonly load: readonly number[];
}

export const machine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  processors: availableParallelism(),
  memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
  node: `${process.versions.node} (${process.platform} ${process.arch})`,
  openssl: process.versions.openssl,
  date: new Date().toISOString(),
  load: loadavg().map((one) => Math.round(one * 100) / 100),
});
