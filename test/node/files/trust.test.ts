// Journals, locks, pipes and devices that strangers put beside files. None of them changes what a file means, or holds anybody up.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readAuthority } from '../../../src/node/authority/authority.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { inDirectory, readTogether } from '../../../src/node/files/change.ts';
import {
  readCertificate,
  readCredentials,
  readPreSharedSecret,
  readTrustAnchors,
  writeFiles,
} from '../../../src/node/files/files.ts';
import { keyLogFile } from '../../../src/node/files/keyLog.ts';
import { chooseSuite } from '../../../src/node/suite.ts';
import { spent } from '../../duration.ts';
import { eventually } from '../../waiting.ts';

const suite = chooseSuite();
const root = mkdtempSync(join(tmpdir(), 'pquake-trust-'));
const [genuine, stranger] = [join(root, 'genuine'), join(root, 'stranger')];
const isRoot = process.geteuid?.() === 0;
const onPosix = process.platform !== 'win32';
let directory = root;
let count = 0;

beforeAll(() => {
  createAuthority({ suite, directory: genuine, name: 'Genuine' });
  issueCredentials({ suite, directory: genuine, name: 'alice' });
  createAuthority({ suite, directory: stranger, name: 'Stranger' });
});
beforeEach(() => {
  count += 1;
  directory = join(root, String(count));
  mkdirSync(directory, { mode: 0o755 });
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string): string => join(directory, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');
const file = (name: string, content = 'new', replace = false) => ({ file: at(name), content, mode: 0o600, replace });
const subjectOf = (name: string): string | undefined => readTrustAnchors(suite, [at(name)])[0]?.subject.text;

interface Planted {
  readonly name?: string;
  readonly temporary?: string;
  readonly from?: string;
}

/** Two dot files, as right as they can be: the journal names the very file that lies there. */
function plant({ name = 'ca.pem', temporary = '.pquake.00112233aabbccdd.tmp', from }: Planted = {}): void {
  cpSync(from ?? join(stranger, 'ca.pem'), at(temporary));
  const { ino, ctimeNs } = lstatSync(at(temporary), { bigint: true });
  writeFileSync(at('.pquake.pending'), JSON.stringify([{ temporary, name, is: `${ino}.${ctimeNs}` }]));
}

/** The warnings that come while something runs. */
async function toldIn(run: () => unknown): Promise<string[]> {
  await new Promise((resolve) => setImmediate(resolve)); // what was told before
  const told: string[] = [];
  const listen = ({ message }: Error): number => told.push(message);
  process.on('warning', listen);
  try {
    run();
    await new Promise((resolve) => setImmediate(resolve));
    return told;
  } finally {
    process.off('warning', listen);
  }
}

function asUser<T>(user: number, run: () => T): T {
  process.seteuid?.(user);
  try {
    return run();
  } finally {
    process.seteuid?.(0);
  }
}

describe.runIf(onPosix)('a journal', () => {
  it("of one's own directory is believed", () => {
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    plant();
    expect(subjectOf('ca.pem')).toBe('CN=Stranger');
    inDirectory(directory, () => 0);
    expect([subjectOf('ca.pem'), readdirSync(directory)]).toEqual(['CN=Stranger', ['ca.pem']]);
  });

  it.each([0o1777, 0o777, 0o775, 0o757])('in a directory of mode %o is not looked at, nor a lock there', (mode) => {
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    plant();
    symlinkSync(`1@${hostname()}`, at('.pquake.lock'));
    chmodSync(directory, mode);
    expect(subjectOf('ca.pem')).toBe('CN=Genuine');
    const before = readdirSync(directory);
    inDirectory(directory, (write) => write([file('mine'), file('mine too')]), undefined, 50);
    writeFiles([file('mine', 'newer', true)], true);
    expect([text('mine'), text('mine too'), subjectOf('ca.pem')]).toEqual(['newer', 'new', 'CN=Genuine']);
    expect(readdirSync(directory)).toEqual([...before, 'mine', 'mine too'].sort());
    expect(readlinkSync(at('.pquake.lock'))).toBe(`1@${hostname()}`);
  });

  it('out of an archive is not believed beside the file that it came with, and no command obeys it', async () => {
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    plant();
    const archive = join(root, `${count}.tar`);
    execFileSync('tar', ['-cf', archive, '-C', directory, '.']);
    const [packed, unpacked] = [directory, join(root, `${count}-unpacked`)];
    mkdirSync(unpacked);
    execFileSync('tar', ['-xf', archive, '-C', unpacked]);
    rmSync(packed, { recursive: true });
    directory = unpacked;
    expect(await toldIn(() => expect(subjectOf('ca.pem')).toBe('CN=Genuine'))).toEqual([
      expect.stringMatching(/\.pquake\.pending: .* is not the file that was written for ca\.pem; not believed/),
    ]);
    const before = readdirSync(directory);
    expect(() => writeFiles([file('mine')], false)).toThrow(/\.pquake\.pending: .*; not obeyed/);
    expect([subjectOf('ca.pem'), readdirSync(directory)]).toEqual(['CN=Genuine', before]);
  });

  it.runIf(isRoot)(
    "of somebody else, or of files of somebody else, is not believed in an authority's directory",
    () => {
      for (const foreign of [
        ['.pquake.pending'],
        ['.pquake.00112233aabbccdd.tmp'],
        ['.pquake.pending', '.pquake.00112233aabbccdd.tmp'],
      ]) {
        rmSync(directory, { recursive: true });
        cpSync(genuine, directory, { recursive: true });
        plant();
        for (const name of foreign) chownSync(at(name), 1234, 1234);
        const { ino, ctimeNs } = lstatSync(at('.pquake.00112233aabbccdd.tmp'), { bigint: true });
        const [entry] = JSON.parse(text('.pquake.pending')) as [object];
        writeFileSync(at('.pquake.pending'), JSON.stringify([{ ...entry, is: `${ino}.${ctimeNs}` }]));
        expect(subjectOf('ca.pem')).toBe('CN=Genuine');
        expect(() => issueCredentials({ suite, directory, name: 'bob' })).toThrow(/\.pquake\.pending: .*not obeyed/);
        expect([subjectOf('ca.pem'), existsSync(at('bob.pem'))]).toEqual(['CN=Genuine', false]);
      }
    },
  );

  it.runIf(isRoot)('in a directory of somebody else is not obeyed by root, who writes there all the same', () => {
    plant({ name: 'authorized_keys' });
    for (const name of ['.', ...readdirSync(directory)]) chownSync(at(name), 1234, 1234);
    writeFiles([file('mine'), file('mine too')], false);
    expect(existsSync(at('authorized_keys'))).toBe(false);
    expect([text('mine'), text('mine too')]).toEqual(['new', 'new']);
  });

  it.runIf(isRoot)("of root in root's directory is believed by a user", () => {
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    plant();
    chmodSync(root, 0o755);
    expect(asUser(1234, () => subjectOf('ca.pem'))).toBe('CN=Stranger');
  });

  it.each(['journal', 'temporary file', 'target'])('is not believed when the %s is a symbolic link', (which) => {
    cpSync(join(genuine, 'ca.pem'), at('real.pem'));
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    plant();
    const name = { journal: '.pquake.pending', 'temporary file': '.pquake.00112233aabbccdd.tmp' }[which];
    if (name === undefined) {
      rmSync(at('ca.pem'));
      symlinkSync('real.pem', at('ca.pem'));
    } else {
      renameSync(at(name), at('elsewhere'));
      symlinkSync('elsewhere', at(name));
    }
    expect(subjectOf('ca.pem')).toBe('CN=Genuine');
    expect(() => writeFiles([file('mine')], false)).toThrow(/not obeyed/);
    expect(lstatSync(at('ca.pem')).isSymbolicLink()).toBe(name === undefined);
  });

  it('that is a pipe holds nobody up', () => {
    cpSync(join(genuine, 'ca.pem'), at('ca.pem'));
    execFileSync('mkfifo', [at('.pquake.pending')]);
    expect(subjectOf('ca.pem')).toBe('CN=Genuine');
    expect(() => writeFiles([file('mine')], false)).toThrow(/\.pquake\.pending: .*not obeyed/);
  });
});

describe.runIf(onPosix)('in a directory in which others write', () => {
  it('of several files none is left when one cannot be written', () => {
    chmodSync(directory, 0o1777);
    const write = (): void =>
      writeFiles([file('a'), file('b')], false, (step) => {
        if (step === 'write b') writeFileSync(at('b'), 'of a stranger');
      });
    expect(write).toThrow(/EEXIST/);
    expect([readdirSync(directory), text('b')]).toEqual([['b'], 'of a stranger']);
  });

  it('a temporary file that somebody replaced gets no name', () => {
    chmodSync(directory, 0o777);
    const write = (): void =>
      writeFiles([file('a')], true, (step) => {
        if (step !== 'write a') return;
        const [name = ''] = readdirSync(directory);
        rmSync(at(name)); // the inode may be used again
        writeFileSync(at(name), 'of a stranger');
      });
    expect(write).toThrow(/replaced by somebody/);
    expect(existsSync(at('a'))).toBe(false);
  });

  it('there is no authority where everybody writes; one where a group writes is told, once', async () => {
    cpSync(genuine, directory, { recursive: true });
    for (const mode of [0o777, 0o1777]) {
      chmodSync(directory, mode);
      const refusal = /lets everybody write in the directory of an authority/;
      expect(() => issueCredentials({ suite, directory, name: 'bob' })).toThrow(refusal);
      expect(() => readAuthority(suite, directory)).toThrow(refusal);
      expect(() => createAuthority({ suite, directory, force: true })).toThrow(refusal);
    }
    chmodSync(directory, 0o775);
    const told = await toldIn(() => {
      issueCredentials({ suite, directory, name: 'bob' });
      issueCredentials({ suite, directory, name: 'carol' });
    });
    expect(told).toEqual([expect.stringMatching(/mode 0775 lets a group write/)]);
    expect(readCredentials(suite, at('carol.pem'), at('carol.key')).certificate.subject).toBe('CN=carol');
  });
});

describe.runIf(process.platform === 'linux')('a lock', () => {
  const [boot, space] =
    process.platform === 'linux'
      ? [
          readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
          readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''),
        ]
      : ['', ''];
  const nobody = 2147483646; // above the largest process id
  const lock = (holder: string): void => symlinkSync(holder, at('.pquake.lock'));
  const enter = (patience = 40): unknown => inDirectory(directory, () => 'in', undefined, patience);

  const inSpace = ['--pid', '--fork', '--kill-child'];
  const canLeave = spawnSync('unshare', [...inSpace, 'true']).status === 0;
  it.runIf(canLeave)('of another name space of processes is waited for, whatever ids are used here', async () => {
    const other = spawn('unshare', [...inSpace, 'sleep', '600']);
    try {
      let theirs = space;
      await eventually(() => {
        theirs = readlinkSync(`/proc/${other.pid}/ns/pid_for_children`).replace(/\D/g, '');
        expect(theirs).not.toBe(space);
      });
      lock(`${nobody}..00@${hostname()}/${boot}/${theirs}`);
      expect(() => enter()).toThrow(/held by/);
      lutimesSync(at('.pquake.lock'), new Date(), new Date(Date.now() - 11_000)); // no sign of life for so long
      expect(enter()).toBe('in');
    } finally {
      other.kill();
    }
  });

  it('of a container of another name, of which nothing is known, is taken over when it gave no sign of life', () => {
    lock(`${nobody}..00@a-container/${boot}/1`);
    lutimesSync(at('.pquake.lock'), new Date(), new Date(Date.now() - 11_000));
    expect(enter()).toBe('in');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('of another machine is taken over after ten seconds in which it was seen to give none; the wait is told', async () => {
    lock('1234@another-machine');
    lutimesSync(at('.pquake.lock'), 1, 1); // its clock may be wrong: what it says does not count
    expect(() => enter()).toThrow(/held by 1234@another-machine/);
    const told = await toldIn(() => expect(enter(60_000)).toBe('in'));
    expect(told).toEqual([
      expect.stringMatching(/\.pquake\.lock: held by 1234@another-machine: waits for \d+ seconds .* after 10 seconds/),
    ]);
  }, 60_000);

  it('is renewed before each step, and one who lost it stops before it changes anything', () => {
    inDirectory(directory, (write) => {
      lutimesSync(at('.pquake.lock'), 1, 1);
      write([file('a')]);
      expect(Date.now() - lstatSync(at('.pquake.lock')).mtimeMs).toBeLessThan(60_000);
      rmSync(at('.pquake.lock'));
      lock('1234@another-machine');
      expect(() => write([file('b')])).toThrow(/\.pquake\.lock: taken over by 1234@another-machine/);
    });
    expect(readdirSync(directory)).toEqual(['.pquake.lock', 'a']);
  });

  it.runIf(canLeave)('is seen from another name space for what it is', () => {
    const modulePath = join(import.meta.dirname, '../../../src/node/files/change.ts');
    const script = `
      const { inDirectory } = await import(${JSON.stringify(modulePath)});
      inDirectory(${JSON.stringify(directory)}, () => console.log('in'), undefined, 100);`;
    const words = [...inSpace, process.execPath, '--input-type=module', '-e', script];
    inDirectory(directory, () => {
      const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8' });
      expect([stdout, stderr]).toEqual(['', expect.stringContaining(`held by ${process.pid}.`)]);
    });
    expect(execFileSync('unshare', words, { encoding: 'utf8' })).toBe('in\n');
  });

  it('of a boot before is taken over; of another machine of the same name, and younger, it is waited for', () => {
    lock(`1..00@${hostname()}/00000000-0000-0000-0000-000000000000/${space}`);
    expect(() => enter()).toThrow(/held by/);
    lutimesSync(at('.pquake.lock'), 1, 1);
    expect(enter(60_000)).toBe('in');
  });

  it('of a process whose id another one has now is taken over', () => {
    lock(`${process.pid}.1.00@${hostname()}/${boot}/${space}`);
    expect(enter(60_000)).toBe('in');
    let mine = '';
    inDirectory(directory, () => {
      mine = readlinkSync(at('.pquake.lock'));
    });
    expect(mine).toMatch(new RegExp(`^${process.pid}\\.\\d+\\.[0-9a-f]{16}@.*/${boot}/${space}$`));
    lock(mine);
    expect(() => enter()).toThrow(/held by/);
  });

  it('that is a file, as where there are no symbolic links, counts as one; an empty one for five seconds', () => {
    writeFileSync(at('.pquake.lock'), `1@${hostname()}`);
    expect(() => enter()).toThrow(/held by 1@/);
    writeFileSync(at('.pquake.lock'), `${nobody}@${hostname()}`);
    expect(enter(60_000)).toBe('in');
    writeFileSync(at('.pquake.lock'), '');
    expect(() => enter()).toThrow(/held by nobody/);
    utimesSync(at('.pquake.lock'), 1, 1);
    expect(enter(60_000)).toBe('in');
    expect(readdirSync(directory)).toEqual([]);
  });

  it.runIf(isRoot)('of somebody else is not believed', () => {
    writeFileSync(at('.pquake.lock'), `1@${hostname()}`);
    chownSync(at('.pquake.lock'), 1234, 1234);
    expect(enter(60_000)).toBe('in');
  });

  it('that was taken since it was found stale is never moved', () => {
    lock(`${nobody}@${hostname()}`);
    let fresh = 0n;
    const late = (): unknown =>
      inDirectory(
        directory,
        () => 'in',
        (step) => {
          if (step !== 'take over a lock' || fresh > 0n) return;
          rmSync(at('.pquake.lock'));
          lock(`1@${hostname()}`);
          fresh = lstatSync(at('.pquake.lock'), { bigint: true }).ctimeNs;
        },
        40,
      );
    expect(late).toThrow(/held by 1@/);
    expect(lstatSync(at('.pquake.lock'), { bigint: true }).ctimeNs).toBe(fresh);
    expect(readdirSync(directory)).toEqual(['.pquake.lock']);
  });

  it('of one who died while taking over is taken over, and nothing is left', () => {
    lock(`${nobody}@${hostname()}`);
    const dying = (): unknown =>
      inDirectory(
        directory,
        () => 'in',
        (step) => {
          if (step !== 'remove a lock') return;
          // The second lock is made to name a process that is no more.
          const second = readdirSync(directory).find((name) => name.endsWith('.tmp')) ?? '';
          rmSync(at(second));
          symlinkSync(`${nobody}@${hostname()}`, at(second));
          throw new Error('dies here');
        },
      );
    expect(dying).toThrow('dies here');
    expect(readdirSync(directory).length).toBe(2);
    expect(enter(60_000)).toBe('in');
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe.runIf(onPosix)('a key', () => {
  const credentials = (): unknown => readCredentials(suite, at('alice.pem'), at('alice.key'));
  beforeEach(() => {
    for (const name of ['alice.pem', 'alice.key']) cpSync(join(genuine, name), at(name));
  });

  it('that others can read is told once, and used', async () => {
    expect(await toldIn(credentials)).toEqual([]);
    chmodSync(at('alice.key'), 0o644);
    expect(await toldIn(() => [credentials(), credentials()])).toEqual([
      `${at('alice.key')}: mode 0644 lets others at a secret; expected 0600`,
    ]);
  });

  it('that others can read is told by the command line on standard error only', () => {
    chmodSync(at('alice.key'), 0o644);
    const words = ['src/cli/main.ts', 'key', 'inspect', at('alice.key'), '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    const warning = `pquake: warning: ${at('alice.key')}: mode 0644 lets others at a secret; expected 0600\n`;
    expect([status, JSON.parse(stdout).ok, stderr]).toEqual([0, true, warning]);
  });

  it('that others can change is refused, in whatever file it is', () => {
    chmodSync(at('alice.key'), 0o646);
    expect(credentials).toThrow(/alice\.key: mode 0646 lets others change a secret/);
    expect(() => readTogether([at('alice.key')])).toThrow(/lets others change a secret/);
  });

  it.runIf(isRoot)("that a group can change is refused, unless the group is the user's own", async () => {
    chmodSync(at('alice.key'), 0o660);
    expect(await toldIn(credentials)).toEqual([expect.stringMatching(/mode 0660 lets others at a secret/)]);
    chownSync(at('alice.key'), 0, 100);
    expect(credentials).toThrow(/mode 0660 lets others change a secret/);
  });

  it.runIf(isRoot)('of another user is refused, to root told; one of root is used', async () => {
    chmodSync(root, 0o755);
    chmodSync(at('alice.key'), 0o644);
    expect(asUser(1234, credentials)).toBeDefined();
    chownSync(at('alice.key'), 4321, 4321);
    expect(() => asUser(1234, credentials)).toThrow(/alice\.key: owned by user 4321/);
    expect(await toldIn(credentials)).toContainEqual(expect.stringMatching(/alice\.key: owned by user 4321/));
  });

  it('and a pre-shared secret too', async () => {
    writeFileSync(at('psk.hex'), '0123456789abcdef'.repeat(4), { mode: 0o600 });
    chmodSync(at('psk.hex'), 0o640);
    expect(await toldIn(() => readPreSharedSecret(at('psk.hex')))).toEqual([
      expect.stringMatching(/psk\.hex: mode 0640/),
    ]);
    chmodSync(at('psk.hex'), 0o602);
    expect(() => readPreSharedSecret(at('psk.hex'))).toThrow(/mode 0602 lets others change a secret/);
  });
});

describe.runIf(onPosix)('what never ends, or never begins', () => {
  const readers: Record<string, (name: string) => unknown> = {
    certificate: (name) => readCertificate(name),
    anchors: (name) => readTrustAnchors(suite, [name]),
    'pre-shared secret': (name) => readPreSharedSecret(name),
    'certificate and key': (name) => readCredentials(suite, join(genuine, 'alice.pem'), name),
  };

  it.each(Object.keys(readers))('a pipe without a writer as %s is given up', (which) => {
    execFileSync('mkfifo', [at('pipe')]);
    // Time goes on where it is waited for, and nowhere else.
    let now = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now);
    vi.spyOn(Atomics, 'wait').mockImplementation((_, _index, _value, milliseconds = 0) => {
      now += milliseconds;
      return 'timed-out';
    });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(() => readers[which]?.(at('pipe'))).toThrow(/pipe: .* did not end within 2 seconds/);
    expect(now).toBeGreaterThanOrEqual(2_000);
    expect(now).toBeLessThan(2_100);
  });

  it.each(Object.keys(readers))('a device without an end as %s is read up to a bound', (which) => {
    const took = spent(() =>
      expect(() => readers[which]?.('/dev/zero')).toThrow(/\/dev\/zero: more than \d+ octets; at most \d+ are read/),
    );
    expect(took).toBeLessThan(2_000);
  });

  it.each(Object.keys(readers))('a file of 2^40 octets as %s is not read', (which) => {
    writeFileSync(at('large'), '', { mode: 0o600 });
    truncateSync(at('large'), 2 ** 40);
    expect(() => readers[which]?.(at('large'))).toThrow(/large: 1099511627776 octets; at most \d+ are read/);
  });

  it('a pipe whose writer is slow is read to its end', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const writer = execFile('sh', [
      '-c',
      'sleep 0.3; exec 3>"$1"; for i in 1 2; do sleep 0.3; printf "%s" "$2" >&3; done',
      'sh',
      at('pipe'),
      'ab12'.repeat(10),
    ]);
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    // The clock of the reader stands, so that a writer on a busy machine is not given up.
    vi.spyOn(Date, 'now').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(readPreSharedSecret(at('pipe'))).toEqual(new Uint8Array(Buffer.from('ab12'.repeat(20), 'hex')));
    await ended;
  });

  it('a passphrase out of a substituted process encrypts', async () => {
    const script = '"$1" src/cli/main.ts key generate --out "$2" --passphrase-file <(sleep 0.3; echo secret)';
    execFileSync('bash', ['-c', script, 'bash', process.execPath, at('new.key')]);
    expect(text('new.key')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  });
});

describe.runIf(onPosix)('a key log', () => {
  const open = (name: string): unknown => keyLogFile(at(name), () => {});

  it("is appended to when it is a file of one's own", () => {
    keyLogFile(at('keys.log'), () => {})('one line');
    keyLogFile(at('keys.log'), () => {})('another');
    expect([text('keys.log'), lstatSync(at('keys.log')).mode & 0o777]).toEqual(['one line\nanother\n', 0o600]);
  });

  it('that is a pipe, read or not, is refused at once', () => {
    execFileSync('mkfifo', ['-m', '600', at('pipe')]);
    expect(() => open('pipe')).toThrow(/pipe: a pipe that nobody reads/);
    const reader = openSync(at('pipe'), 'r+');
    try {
      expect(() => open('pipe')).toThrow(/pipe: not a regular file/);
    } finally {
      closeSync(reader);
    }
    expect(() => keyLogFile('/dev/null', () => {})).toThrow(/not a regular file/);
  });

  it('that is a link is refused: what it leads to stays as it is', () => {
    writeFileSync(at('mine'), '', { mode: 0o600 });
    symlinkSync('mine', at('link'));
    symlinkSync('to be', at('dangling'));
    linkSync(at('mine'), at('hard'));
    expect(() => open('link')).toThrow(/link: a symbolic link/);
    expect(() => open('dangling')).toThrow(/a symbolic link/);
    expect(() => open('hard')).toThrow(/hard: 2 names lead to it/);
    expect(existsSync(at('to be'))).toBe(false);
  });

  it.runIf(isRoot)('of another user is refused', () => {
    writeFileSync(at('theirs'), '', { mode: 0o600 });
    chownSync(at('theirs'), 1234, 1234);
    expect(() => open('theirs')).toThrow(/theirs: owned by user 1234/);
  });
});
