// Numbers of runs that pages state are those of the runs: octets are measured here, and how often something is tried is read where it is set.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { mutualTlsOctets } from '../src/cli/demo/ladder.ts';
import { encodePem } from '../src/keys/pem.ts';
import { encodeSignaturePrivateKey } from '../src/keys/privateKey.ts';
import { edited, elements, type Issuing, leaf, root } from '../src/lab/chains/certificates.ts';
import { at, extension, identifiers } from '../src/lab/chains/fixtures.ts';
import { loadManifest } from '../src/lab/prove/index.ts';
import { fromHex } from '../src/octets.ts';
import { pquake } from './cli/commands.ts';

const page = (name: string): string => readFileSync(name, 'utf8').replace(/\s+/g, ' ');
/** The only number that a pattern finds in a file. */
function numberIn(file: string, pattern: RegExp): number {
  const [, found] = pattern.exec(page(file)) ?? [];
  if (found === undefined) throw new Error(`${file} has no ${pattern}`);
  return Number(found.replace(/[,_]/g, ''));
}

describe('octets of a handshake', () => {
  const subjectKey = [0, 6];
  const extensions = [0, 7, 0];
  const digitalSignature = extension(identifiers.keyUsage, fromHex('03020780'), true);

  /** A certificate of the demo, but with a key that signs, as TLS needs it; and that key. */
  function credentialsOf(authority: Issuing, name: string): { cert: string; key: string } {
    const { der, seed } = root(name);
    const encapsulates = leaf(authority, { name, uris: [`https://${name}.example/agent`] });
    const signs = edited(encapsulates, authority.seed, subjectKey, () => at(der, subjectKey));
    const isUsage = (part: Uint8Array): boolean => Buffer.from(part).includes(identifiers.keyUsage);
    const cert = edited(
      signs,
      authority.seed,
      extensions,
      elements((parts) => parts.map((part) => (isUsage(part) ? digitalSignature : part))),
    );
    return { cert: encodePem('CERTIFICATE', cert), key: encodePem('PRIVATE KEY', encodeSignaturePrivateKey(seed)) };
  }

  /** Octets of mutual TLS 1.3 in both directions, up to its end on both sides: tickets come after that. */
  async function measureMutualTls(): Promise<number> {
    const authority = root('PQuAKE demo CA');
    const common = { minVersion: 'TLSv1.3', ecdhCurve: 'MLKEM1024', sigalgs: 'mldsa87' } as const;
    const ciphers = 'TLS_AES_256_GCM_SHA384';
    const contextOf = (name: string) => createSecureContext({ ...common, ciphers, ...credentialsOf(authority, name) });
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const near = connect(typeof bound === 'object' && bound !== null ? bound.port : 0, '127.0.0.1');
    const [far] = await accepted;
    // Who trusts whom changes no octet; without an authority the certificate of the peer comes alone, as in PQuAKE.
    const responder = new TLSSocket(far, {
      ...{ isServer: true, requestCert: true, rejectUnauthorized: false, secureContext: contextOf('bob') },
    });
    const completed = once(responder, 'secure');
    const initiator = tlsConnect({ socket: near, rejectUnauthorized: false, secureContext: contextOf('alice') });
    let received = Number.NaN;
    initiator.once('secureConnect', () => {
      received = near.bytesRead;
    });
    try {
      await Promise.all([completed, once(initiator, 'secureConnect')]);
      expect([responder.getProtocol(), responder.getCipher().name]).toEqual(['TLSv1.3', ciphers]);
      expect(responder.getPeerCertificate().subject.CN).toBe('alice');
      expect(initiator.getEphemeralKeyInfo()).toMatchObject({ name: 'MLKEM1024' });
      return received + far.bytesRead;
    } finally {
      for (const one of [initiator, responder, near, far]) one.destroy();
      server.close();
    }
  }

  it('of mutual TLS 1.3 with the same algorithms and names: what the demo compares with', async () => {
    expect(await measureMutualTls()).toBe(mutualTlsOctets);
  });

  it('the README states those of the demo', async () => {
    const { stdout } = await pquake('demo');
    const drawn = (name: string): string => {
      const [, octets = ''] = new RegExp(`^ {2}${name}.*? ([\\d,]+) +#`, 'm').exec(stdout) ?? [];
      return (Number(octets.replace(',', '')) / 1000).toFixed(1);
    };
    expect(numberIn('README.md', /handshake of the demo takes ([\d.]+) kB/).toFixed(1)).toBe(drawn('PQuAKE'));
    expect(numberIn('README.md', /with the same algorithms ([\d.]+) kB/).toFixed(1)).toBe(drawn('mutual TLS 1.3'));
  });
});

/** What pages say of how often something is tried, and where that is set. */
const stated: readonly (readonly [page: string, says: RegExp, file: string, sets: RegExp])[] = [
  ['properties/README.md', /# ([\d,]+) scripts with a seed/, 'properties/adversary.test.ts', /seed, runs: ([\d_]+) \}/],
  ['properties/README.md', /, (\d+) on octets too/, 'properties/refinement.test.ts', /numRuns: (\d+)/],
  ['properties/README.md', /# ([\d,]+) scripts, every/, 'properties/long.ts', /scripts \?\? ([\d_]+)/],
  ['properties/README.md', /The ([\d,]+) mutated handshakes/, 'test/handshake/mutations.test.ts', /cases = ([\d_]+)/],
  ['CONTRIBUTING.md', /# ([\d,]+) scripts of the adversary/, 'properties/long.ts', /scripts \?\? ([\d_]+)/],
  ['CONTRIBUTING.md', /# ([\d,]+) mutated certificates/, 'src/lab/chains/long.ts', /count = ([\d_]+)/],
  ['CONTRIBUTING.md', /# ([\d,]+) certificates that are made/, 'src/lab/chains/bounds.ts', /count = ([\d_]+)/],
  ['spec/certificates.md', /: ([\d,]+) certificates mutated in/, 'src/lab/chains/long.ts', /count = ([\d_]+)/],
  ['spec/certificates.md', /: ([\d,]+) certificates of 64 KiB/, 'src/lab/chains/bounds.ts', /count = ([\d_]+)/],
  ['spec/certificates.md', /more than (\d+) times as long as an honest/, 'src/lab/chains/bounds.ts', /most = (\d+)/],
  ['spec/operating.md', /tries ([\d,]+) mutated certificates/, 'src/lab/chains/long.ts', /count = ([\d_]+)/],
  ['spec/operating.md', /of which `npm test` takes ([\d,]+)/, 'test/certificate/mutants.test.ts', /number < ([\d_]+)/],
  [
    'spec/operating.md',
    /while ([\d,]+) hostile connections/,
    'scripts/load.ts',
    /rate: \{ type: 'string', default: '(\d+)'/,
  ],
  ['spec/secrets.md', /after (\d+) finished and/, 'test/secrets/memory.test.ts', /const rounds = (\d+)/],
  ['spec/secrets.md', /finished and (\d+) aborted/, 'test/secrets/memory.test.ts', /const rounds = (\d+)/],
];

it.each(stated)('%s says %s as %s sets it', (name, says, file, sets) => {
  expect(numberIn(name, says)).toBe(numberIn(file, sets));
});

describe('models/README.md', () => {
  const records = readdirSync('models/verdicts').map(
    (name): { model: string; tool: string; version: string; seconds: number } =>
      JSON.parse(readFileSync(`models/verdicts/${name}`, 'utf8')),
  );

  it('names the versions of the provers that gave the verdicts, and no other', () => {
    const [, ProVerif, CryptoVerif, Verifpal] =
      /in the record: ProVerif ([\d.]+), CryptoVerif ([\d.]+), Verifpal ([\d.]+)\./.exec(page('models/README.md')) ??
      [];
    const used = new Set(records.map(({ tool, version }) => `${tool} ${version}`));
    expect([...used].sort()).toEqual([`cryptoverif ${CryptoVerif}`, `proverif ${ProVerif}`, `verifpal ${Verifpal}`]);
  });

  it('says how long the sets take: the seconds of the record, on two cores', () => {
    expect(page('models/README.md')).toContain(
      'The whole set needs less than an hour and a half on two cores, the default set at most eight minutes.',
    );
    const sets = new Map(loadManifest('models').map(({ id, set }) => [id, set]));
    const minutes = (of: typeof records): number => of.reduce((sum, { seconds }) => sum + seconds, 0) / 2 / 60;
    expect(minutes(records)).toBeLessThanOrEqual(90);
    expect(minutes(records.filter(({ model }) => sets.get(model) === 'default'))).toBeLessThanOrEqual(8);
  });

  it('says how long the protocol is, to ten lines', () => {
    const lines = readFileSync('models/generated/proverif/default.psk.traces.pvl', 'utf8').split('\n').length - 1;
    expect(numberIn('models/README.md', /\(generated; (\d+) lines\)/)).toBe(10 * Math.round(lines / 10));
  });
});
