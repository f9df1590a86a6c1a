// Every command that writes files, on a directory, told of each step; run as a program it kills itself before the n-th step.
import { join } from 'node:path';
import { backUpAuthority, restoreAuthority } from '../../../src/node/authority/backup.ts';
import { changePassphrase, generateKeyFile } from '../../../src/node/authority/keyFiles.ts';
import { createAuthority, issueCredentials } from '../../../src/node/authority/pki.ts';
import { renewCertificate, rotateCredentials } from '../../../src/node/authority/renewal.ts';
import { revokeCertificates, writeRevocationList } from '../../../src/node/authority/revocation.ts';
import type { OnStep } from '../../../src/node/files/change.ts';
import { chooseSuite } from '../../../src/node/suite.ts';

export const passphrase = 'a passphrase of the tests';
const suite = chooseSuite();

export type Run = (directory: string, force: boolean, onStep?: OnStep) => unknown;

/** The effect of each command on `DIR/pki`; `force` where a file that is there would stop it. */
export const commands = {
  'ca init': (directory, force, onStep) => createAuthority({ suite, directory: join(directory, 'new'), force, onStep }),
  'ca init --force': (directory, _, onStep) =>
    createAuthority({ suite, directory: join(directory, 'alone'), force: true, onStep }),
  'cert issue': (directory, force, onStep) =>
    issueCredentials({ suite, directory: join(directory, 'pki'), name: 'carol', force, onStep }),
  'cert issue --force': (directory, _, onStep) =>
    issueCredentials({ suite, directory: join(directory, 'pki'), name: 'alice', force: true, onStep }),
  'cert renew': (directory, _, onStep) =>
    renewCertificate({ suite, directory: join(directory, 'pki'), name: 'alice', force: true, onStep }),
  'cert renew --new-key': (directory, _, onStep) =>
    renewCertificate({ suite, directory: join(directory, 'pki'), name: 'alice', newKey: true, force: true, onStep }),
  'cert rotate': (directory, force, onStep) =>
    rotateCredentials({ suite, directory: join(directory, 'pki'), name: 'alice', force, onStep }),
  'ca revoke': (directory, _, onStep) =>
    revokeCertificates({ suite, directory: join(directory, 'pki'), which: 'alice', onStep }),
  'ca crl': (directory, _, onStep) => writeRevocationList({ suite, directory: join(directory, 'pki'), onStep }),
  'ca backup': (directory, force, onStep) =>
    backUpAuthority({
      ...{ suite, directory: join(directory, 'pki'), file: join(directory, 'new.backup'), passphrase, force, onStep },
    }),
  'ca restore': (directory, force, onStep) =>
    restoreAuthority({
      ...{ suite, directory: join(directory, 'new'), file: join(directory, 'old.backup'), passphrase, force, onStep },
    }),
  'key generate': (directory, force, onStep) =>
    generateKeyFile({ suite, file: join(directory, 'new.key'), force, onStep }),
  'key passphrase': (directory, _, onStep) =>
    changePassphrase({ suite, file: join(directory, 'old.key'), passphrase, newPassphrase: undefined, onStep }),
} satisfies Record<string, Run>;

export type CommandName = keyof typeof commands;

const [name, directory, last] = process.argv.slice(2);
if (last !== undefined && directory !== undefined) {
  let step = 0;
  (commands[name as CommandName] as Run)(directory, false, () => {
    step += 1;
    if (step === Number(last)) process.kill(process.pid, 'SIGKILL');
  });
}
