// The holder of a lock: a process, its start, and its place. A process id is unique only within one name space, one
// boot and one machine. Of a holder from elsewhere, such as a container, mostly nothing is known.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
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

/** What is known of the process of a lock. */
export interface Life {
  readonly is: 'alive' | 'gone' | 'unknown';
  /** Whether it runs on this machine, by the same clock. */
  readonly isHere: boolean;
}

/** The number of the first name space of processes, in which every process is seen (Linux, PROC_PID_INIT_INO). */
const firstSpace = '4026531836';

/** Whether a name space has no process any more. Only root, in the first name space, can see that. */
function isEmpty(space: string): boolean {
  if (here().space !== firstSpace || process.geteuid?.() !== 0) return false;
  const isElsewhere = (pid: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/ns/pid`).replace(/\D/g, '') !== space;
    } catch (error) {
      return codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH'; // it has ended
    }
  };
  return readdirSync('/proc').every((name) => !/^\d+$/.test(name) || isElsewhere(name));
}

function processIs(pid: number, start: string): Life['is'] {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return 'gone';
  }
  const startNow = startOf(pid);
  const isAnother = start !== '' && startNow !== '' && start !== startNow; // another process has this number now
  return isAnother ? 'gone' : 'alive';
}

/** Judges the process of a lock. `since` is its last sign of life, in milliseconds since the epoch. */
export function lifeOf(holder: string, since: number): Life {
  const [, pid, start = '', host, boot, space] = pattern.exec(holder) ?? [];
  if (pid === undefined) return { is: 'unknown', isHere: false };
  const mine = here();
  if (boot !== undefined && boot !== mine.boot) {
    const wasHere = host === hostname() && boot !== '' && mine.boot !== '';
    return { is: wasHere && since < Date.now() - uptime() * 1000 ? 'gone' : 'unknown', isHere: false };
  }
  const isHere = host === hostname() || (boot !== undefined && boot !== '');
  if (space !== undefined && space !== mine.space) return { is: isHere && isEmpty(space) ? 'gone' : 'unknown', isHere };
  return { is: host === hostname() ? processIs(Number(pid), start) : 'unknown', isHere };
}
