// The packages as they are published: their size, and their work in an empty folder on the Node of the machine.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const noPython = spawnSync('python3', ['--version']).error !== undefined;
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

it('an initiator in a browser is less than 45.5 kB, compressed', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "export { initiator } from './src/index.ts';", resolveDir: '.' },
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  });
  const [bundle] = outputFiles;
  expect(gzipSync(bundle?.contents ?? '', { level: 9 }).length).toBeGreaterThan(20_000);
  expect(gzipSync(bundle?.contents ?? '', { level: 9 }).length).toBeLessThan(45_500);
});

it('the library bundles for browsers: no module of Node anywhere behind it', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
  });
  const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const ofNode = imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path));
  expect(ofNode).toEqual([]);
  expect(Object.keys(metafile.inputs).filter((path) => path.startsWith('src/node/'))).toEqual([]);
  expect(outputFiles[0]?.text).toMatch(/initiator/);
});

it.each(['lab', 'mcp'])(
  'pquake and pquake-%s state the same version, and the same one of each package that both need',
  (name) => {
    const [pquake, other] = [json('package.json'), json(`src/${name}/package.json`)];
    expect(other.version).toBe(pquake.version);
    expect(other.engines).toEqual(pquake.engines);
    const shared = Object.keys(other.dependencies).filter((one) => Object.hasOwn(pquake.dependencies, one));
    expect(shared).toContain('@noble/post-quantum');
    for (const one of shared) expect([one, other.dependencies[one]]).toEqual([one, pquake.dependencies[one]]);
  },
);

/** Every package that a user of `pquake` installs with it. */
const production = [
  '@cfworker/json-schema',
  '@noble/ciphers',
  '@noble/curves',
  '@noble/hashes',
  '@noble/post-quantum',
  '@peculiar/asn1-schema',
  '@peculiar/asn1-x509',
  '@peculiar/utils',
  'asn1js',
  'commander',
  'pvtsutils',
  'pvutils',
  'ts-pattern',
  'tslib',
];

describe('the packed tarballs, installed in an empty folder', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pquake-package-'));
  const packed = join(directory, 'packed');
  // The Node of the machine, not the one that this project brings for its own scripts.
  const ours = resolve('node_modules');
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => !entry.startsWith(ours));
  // Nothing of this project's Node and npm, save the authorities that the machine trusts: npm reaches its registry by them.
  const isOurs = (name: string): boolean => /^npm_|^NODE/.test(name) && name !== 'NODE_EXTRA_CA_CERTS';
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
  const options = { cwd: directory, env: { ...environment, PATH: path.join(delimiter) }, maxBuffer: 1 << 24 };
  const npx = (...words: readonly string[]) => run('npx', ['--no-install', ...words], options);
  const install = async (name: RegExp): Promise<void> => {
    const tarballs = readdirSync(packed).filter((file) => name.test(file));
    expect(tarballs).toHaveLength(1);
    await run(
      'npm',
      ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.map((file) => join(packed, file))],
      options,
    );
  };

  beforeAll(async () => {
    mkdirSync(packed);
    const pack = ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', packed];
    await run('npm', pack);
    for (const name of ['pquake-lab', 'pquake-mcp']) await run('npm', [...pack, '--workspace', name]);
    await run('npm', ['init', '--yes'], options);
    await install(/^pquake-\d/);
  }, 240_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('pquake brings at most 14 packages, and no models, vectors or code of the lab', () => {
    const { packages } = json(join(directory, 'package-lock.json'));
    const names = Object.keys(packages).map((at) => at.split('node_modules/').at(-1) ?? '');
    expect(names.filter((name) => name !== '' && name !== 'pquake').sort()).toEqual(production);
    const files = readdirSync(join(directory, 'node_modules/pquake'), { recursive: true }).map(String);
    expect(files).toContain('dist/cli/main.js');
    expect(files.filter((file) => /models|vectors|\blab\/|\.ya?ml$/.test(file))).toEqual([]);
  });

  it('pquake alone: its demo and its library run', async () => {
    const { stdout } = await npx('pquake', 'demo');
    expect(stdout.match(/both hold the same session key/g)).toHaveLength(2);
    const script =
      "import { initiator } from 'pquake'; import { connect } from 'pquake/node'; console.log(typeof initiator, typeof connect)";
    const imported = await run('node', ['--input-type=module', '--eval', script], options);
    expect(imported.stdout).toBe('function function\n');
  }, 120_000);

  it('pquake alone: workers of a listener start from what is installed', async () => {
    await npx('pquake', 'ca', 'init', 'pki');
    for (const name of ['alice', 'bob']) await npx('pquake', 'cert', 'issue', 'pki', name);
    const script = `
      import { chooseSuite, connect, listen, readCredentials, readTrustAnchors } from 'pquake/node';
      const suite = chooseSuite();
      const who = (name) => ({ suite, credentials: readCredentials(suite, \`pki/\${name}.pem\`, \`pki/\${name}.key\`),
        trustAnchors: readTrustAnchors(suite, ['pki/ca.pem']), host: '127.0.0.1', expectedPeer: 'anyone' });
      let told;
      const completed = new Promise((resolve) => { told = resolve; });
      const onHandshake = (result) => { told(result.ok); result.stream?.destroy(); };
      const listener = await listen({ ...who('bob'), port: 0, workers: 1, onHandshake });
      const result = await connect({ ...who('alice'), ...listener.address });
      console.log(result.session.peer.displayName, await completed);
      result.stream.destroy();
      await listener.close();`;
    const { stdout } = await run('node', ['--input-type=module', '--eval', script], options);
    expect(stdout).toBe('CN=bob true\n');
  }, 120_000);

  it('pquake alone: a model is signed and verified by threads, and its files are opened as they were hashed', async () => {
    mkdirSync(join(directory, 'model'));
    for (const name of ['a.bin', 'b.bin']) writeFileSync(join(directory, 'model', name), Buffer.alloc(9_000_000, name));
    await npx('pquake', 'model', 'key', 'generate', 'release.key');
    await npx('pquake', 'model', 'sign', 'model', '--key', 'release.key');
    const verify = ['model', 'verify', 'model', '--signature', 'model/model.sig', '--public-key', 'release.key.pub'];
    const { stdout } = await npx('pquake', ...verify, '--workers', '2', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, algorithm: 'ml-dsa-87', files: 2 });
    const script = `
      import { readVerified, readVerifyingKey } from 'pquake/provenance';
      const trust = { signatures: ['model/model.sig'], keys: [readVerifyingKey('release.key.pub')] };
      const read = async (name) => { const one = await readVerified('model', name, trust); console.log(one.ok ? one.value.length : one.code); };
      await read('a.bin');
      (await import('node:fs')).appendFileSync('model/b.bin', 'x');
      await read('b.bin');`;
    const opened = await run('node', ['--input-type=module', '--eval', script], options);
    expect(opened.stdout).toMatch(/^9000000\nfile-\w+\n$/);
  }, 120_000);

  it('pquake alone: it names the commands of the lab, and says how they are installed', async () => {
    const { stdout } = await npx('pquake', '--help');
    for (const name of ['prove', 'replay', 'vectors', 'conformance']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
      await expect(npx('pquake', name, '--help')).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: `pquake: ${name} is a command of the package pquake-lab; install it: npm install pquake-lab\n`,
      });
    }
  }, 120_000);

  it('with pquake-lab beside it, it hands the commands over', async () => {
    await install(/^pquake-lab-/);
    const proved = await npx('pquake', 'prove', '--recorded', '--quiet');
    expect(proved.stdout).toMatch(/^(\d+) queries in \d+ models: \1 as expected\n$/);
    expect((await npx('pquake', 'prove', '--help')).stdout).toMatch(/^Usage: pquake prove /);
    expect((await npx('pquake', 'vectors', '--check')).stdout).toMatch(/^\d+ vectors in \d+ files are what the code/);
    expect((await npx('pquake-lab', 'conformance', 'responder', '--list')).stdout).toMatch(/^sanity/m);
  }, 240_000);

  it('pquake alone: it says how pquake-mcp is installed', async () => {
    await expect(npx('pquake', 'mcp', 'serve')).rejects.toMatchObject({
      code: 1,
      stderr: 'pquake: mcp is a command of the package pquake-mcp; install it: npm install pquake-mcp\n',
    });
  }, 120_000);

  it('with pquake-mcp beside it: a server behind it, and a host that reaches it by a policy', async () => {
    await install(/^pquake-mcp-/);
    writeFileSync(
      join(directory, 'policy.yaml'),
      'version: 1\nrules:\n  - { id: all, effect: permit, who: { names: [CN=alice] }, methods: [ping] }\n',
    );
    const explained = await npx('pquake', 'mcp', 'explain', '--policy', 'policy.yaml', '--identity', 'alice', 'ping');
    expect(explained.stdout).toMatch(/all/);
    const script = `
      import { spawn } from 'node:child_process';
      const who = (own, other) => ['--cert', 'pki/' + own + '.pem', '--key', 'pki/' + own + '.key', '--ca', 'pki/ca.pem', '--expect', other];
      const server = "require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => console.log(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(line).id, result: { by: process.env.PQUAKE_PEER_IDENTITY } })))";
      const pquake = (...words) => spawn('node_modules/.bin/pquake-mcp', words);
      const serve = pquake('serve', '--listen', '127.0.0.1:0', ...who('bob', 'alice'), '--policy', 'policy.yaml', '--', 'node', '-e', server);
      const address = await new Promise((resolve) => { let text = ''; serve.stderr.on('data', (chunk) => {
        const found = /listening on (\\S+)/.exec(text += chunk); if (found) resolve(found[1]); }); });
      const host = pquake('connect', address, ...who('alice', 'bob'));
      const lines = []; let rest = '';
      host.stdout.on('data', (chunk) => { const parts = (rest + chunk).split('\\n'); rest = parts.pop(); lines.push(...parts);
        if (lines.length === 2) { host.stdin.end(); serve.kill('SIGTERM'); } });
      for (const [id, method] of [[1, 'ping'], [2, 'prompts/get']]) host.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params: { name: 'x' } }) + '\\n');
      await Promise.all([serve, host].map((one) => new Promise((resolve) => one.once('close', resolve))));
      console.log(lines.map((line) => JSON.parse(line)).sort((a, b) => a.id - b.id).map(({ result, error }) => result?.by ?? error.message).join(' '));`;
    const { stdout } = await run('node', ['--input-type=module', '--eval', script], options);
    expect(stdout).toBe('CN=alice denied\n');
  }, 240_000);

  it.skipIf(noPython)(
    'the checker of the vectors that is no code of this project finds them in pquake-lab',
    async () => {
      const checker = 'node_modules/pquake-lab/dist/src/lab/vectors/verify-vectors.py';
      expect((await run('python3', [checker], options)).stdout).toMatch(/all as recomputed/);
    },
    120_000,
  );
});
