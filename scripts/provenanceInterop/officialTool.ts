// The official tool of OpenSSF Model Signing, installed into an environment of its own, and certificates that OpenSSL makes for it.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The release that the results were noted for; it needs pyopenssl, which it does not say. */
const packages = ['model-signing==1.1.1', 'pyopenssl'];

/** What a program said, and whether it ended well. */
export interface Ran {
  readonly ok: boolean;
  readonly said: string;
}

/** Runs a program to its end. */
export function run(program: string, words: readonly string[], cwd?: string): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd, encoding: 'utf8', timeout: 600_000 });
  const said = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim();
  return { ok: status === 0, said };
}

const lastLine = (text: string): string => text.split('\n').at(-1) ?? '';

/** Installs the tool below a folder. @returns its path, or why it cannot be installed */
export function installTool(folder: string): { readonly tool: string } | { readonly why: string } {
  const environment = join(folder, 'python');
  const made = run('python3', ['-m', 'venv', environment]);
  if (!made.ok) return { why: `no environment of Python can be made: ${lastLine(made.said)}` };
  const installed = run(join(environment, 'bin/pip'), ['install', '--quiet', ...packages]);
  if (!installed.ok) return { why: `${packages.join(' and ')} cannot be installed: ${lastLine(installed.said)}` };
  return { tool: join(environment, 'bin/model_signing') };
}

const configuration = `[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

/** Makes a root and a certificate of a signer under it, P-256: `root.pem`, `signer.pem`, `signer.key`. @returns what failed, or nothing */
export function makeCertificates(folder: string): string | undefined {
  writeFileSync(join(folder, 'certificates.cnf'), configuration);
  const commands = [
    'ecparam -name prime256v1 -genkey -noout -out root.key',
    'ecparam -name prime256v1 -genkey -noout -out sec1.key',
    'pkcs8 -topk8 -nocrypt -in sec1.key -out signer.key',
    'req -new -x509 -key root.key -subj /CN=root -days 2 -config certificates.cnf -extensions ca -out root.pem',
    'req -new -key signer.key -subj /CN=signer -config certificates.cnf -out signer.csr',
    'x509 -req -in signer.csr -CA root.pem -CAkey root.key -set_serial 0x4f2a7c91b3d5e608 -days 1 -extfile certificates.cnf -extensions signer -out signer.pem',
  ];
  for (const command of commands) {
    const made = run('openssl', command.split(' '), folder);
    if (!made.ok) return `openssl ${command}: ${lastLine(made.said)}`;
  }
  return undefined;
}
