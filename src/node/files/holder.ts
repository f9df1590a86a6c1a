// The holder of a lock: a process, its start, and its place. A process id is unique only within one name space, one
// boot and one machine. A holder from another name space counts as alive, unless the machine has booted since.
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { codeOf } from './fileErrors.ts';

function words(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return ''; // not Linux, or not readable
  }
}

const startOf = (pid: number): string => {
  const stat = words(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''; // field 22, in ticks since the boot
};

interface Place {
  readonly boot: string;
  /** The name space of process ids. */
  readonly space: string;
}

let known: Place | undefined;

const here = (): Place => {
  known ??= {
    boot: words(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')),
    space: words(() => readlinkSync('/proc/self/ns/pid')).replace(/\D/g, ''),
  };
  return known;
};

/** The content of a lock of this process. It differs each time. */
export const holderText = (): string =>
  `${process.pid}.${startOf(process.pid)}.${randomBytes(8).toString('hex')}@${hostname()}/${here().boot}/${here().space}`;

const pattern = /^(\d{1,10})(?:\.(\d*)\.[0-9a-f]*)?@([^/]*)(?:\/([^/]*)\/([^/]*))?$/;

/**
 * Whether the process of a lock is alive; true when this is unknown. `since` is when the lock was made, in
 * milliseconds.
 */
export function isAlive(holder: string, since: number): boolean {
  const [, pid, start = '', host, boot, space] = pattern.exec(holder) ?? [];
  if (pid === undefined || host !== hostname()) return true; // on another machine, where this is unknown
  const bootTime = Date.now() - uptime() * 1000;
  if (boot !== undefined && boot !== here().boot) return boot === '' || here().boot === '' || since >= bootTime;
  if (space !== undefined && space !== here().space) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const startNow = startOf(Number(pid));
  return start === '' || startNow === '' || start === startNow; // otherwise another process has this number now
}
