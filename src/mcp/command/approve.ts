import { Argument, Option } from 'commander';
import { ConfigurationError } from '../../configuration.ts';
import { type CommandDefinition, required, UsageError } from '../../node/terminal/command.ts';
import { confirm, isAtTerminal } from '../../node/terminal/confirm.ts';
import { type JsonOptions, jsonOption } from '../../node/terminal/options.ts';
import { note, print, printJson } from '../../node/terminal/output.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { type GivenPeerOptions, identityOf, optionalPeerOptions, withServer } from '../doctor/dial.ts';
import { askServer, manifestFrom } from '../tools/ask.ts';
import type { Difference } from '../tools/differences.ts';
import { pinsFile, readManifest } from '../tools/files.ts';
import { type Manifest, parts } from '../tools/manifest.ts';
import { compareWithPins, labelOf, newOf, type Pins, pinsOf, type ServerIdentity } from '../tools/pins.ts';
import { differenceLines } from '../tools/words.ts';
import { describe } from './described.ts';
import { pinsOption } from './pins.ts';

interface ApproveOptions extends GivenPeerOptions, JsonOptions {
  readonly pins: string;
  readonly from?: string;
  readonly yes?: boolean;
  readonly show?: boolean;
}

/** A server, and what it declares. */
interface Shown {
  readonly identity: ServerIdentity;
  readonly manifest: Manifest;
}

/** The server of a file, which has no certificate: the options say whose it is. @throws UsageError */
function shownInFile(file: string, { expect = [], expectIssuer = [] }: GivenPeerOptions): Shown {
  if (expect.length === 0 || expect.includes('anyone') || expectIssuer.length === 0)
    throw new UsageError('--from needs the server whose tools these are: --expect NAME and --expect-issuer CN=...');
  const notSubject = expectIssuer.find((issuer) => !issuer.includes('='));
  if (notSubject !== undefined)
    throw new UsageError(
      `--expect-issuer ${notSubject}: with --from, the subject of a trust anchor is expected: CN=...`,
    );
  return { identity: { names: expect, authorities: expectIssuer }, manifest: readManifest(file) };
}

async function shownBy(address: Address, options: GivenPeerOptions): Promise<Shown> {
  if (options.cert !== undefined && options.key !== undefined && options.ca !== undefined) {
    checkExpected({ ...options, cert: options.cert, key: options.key, ca: options.ca });
    noteExpected({ ...options, cert: options.cert, key: options.key, ca: options.ca });
  }
  return await withServer(address, options, async (connected) => ({
    identity: identityOf(connected),
    manifest: await manifestFrom(await askServer(connected.channel, { timeout: options.messageTimeout })),
  }));
}

/** What a person is asked about, with the words for how the server stands. */
function judge(identity: ServerIdentity, manifest: Manifest, pins: Pins) {
  const comparison = compareWithPins(identity, manifest, pins);
  const pinned = comparison.standing === 'first use' ? undefined : comparison.pin.manifest;
  const fresh = newOf(manifest, pinned);
  const differences: readonly Difference[] = [...comparison.differences, ...fresh];
  const standing = comparison.standing === 'same' && differences.length > 0 ? 'different' : comparison.standing;
  return { standing, differences } as const;
}

const words = {
  same: 'declares what was approved',
  different: 'declares something else than was approved',
  'first use': 'has no approval yet; it declares',
} as const;

/** Lists what is pinned. */
function show(file: string, { servers }: Pins, json: boolean): number {
  if (json) printJson({ ok: true, pins: file, servers });
  for (const pin of json ? [] : servers) {
    print(`${labelOf(pin)}: ${describe(pin.manifest)}; by ${pin.by}, ${pin.at}`);
    for (const part of parts)
      for (const { name, contentHash } of pin.manifest[part] ?? [])
        print(`  ${part.slice(0, -1)} ${name} ${contentHash}`);
  }
  return 0;
}

/** Asks, unless that was answered already. @throws ConfigurationError when nobody can be asked */
async function isApproved({ yes }: ApproveOptions, identity: ServerIdentity): Promise<boolean> {
  if (yes === true) return true;
  if (!isAtTerminal())
    throw new ConfigurationError(
      'nothing is pinned: standard input is no terminal to ask at; --yes approves what is shown',
    );
  return await confirm(`Approve this for ${labelOf(identity)}?`);
}

async function runApprove(address: Address | undefined, options: ApproveOptions): Promise<number> {
  const { pins: file, from, json = false } = options;
  if (address !== undefined && from !== undefined)
    throw new UsageError('expected one of HOST:PORT and --from, not both');
  const store = pinsFile(file);
  const pins = store.read();
  if (address === undefined && from === undefined) {
    if (options.show === true) return show(file, pins, json);
    throw new UsageError('expected HOST:PORT of a server, or --from FILE with its tools');
  }
  const { identity, manifest } =
    address === undefined ? shownInFile(from ?? '', options) : await shownBy(address, options);
  const { standing, differences } = judge(identity, manifest, pins);
  const tell = json ? note : print;
  tell(`${labelOf(identity)} ${words[standing]}: ${describe(manifest)}`);
  for (const difference of differences) for (const line of differenceLines(difference)) tell(line);
  const isNeeded = standing !== 'same' && options.show !== true;
  const pinned = isNeeded && (await isApproved(options, identity));
  if (pinned) store.pin(identity, manifest, { by: 'approval', at: new Date().toISOString() });
  const [now] = pinsOf(store.read(), identity);
  if (json)
    printJson({
      ok: standing === 'same' || pinned || options.show === true,
      standing,
      pinned,
      names: identity.names,
      authorities: identity.authorities,
      digest: manifest.digest,
      approvedDigest: now?.manifest.digest ?? null,
      differences,
    });
  if (pinned) note(`approved, in ${file}`);
  else if (isNeeded) note('not approved; nothing is changed');
  return !isNeeded || pinned ? 0 : 1;
}

/** The command `approve`. */
export const approveCommand: CommandDefinition = {
  words: 'approve',
  description: 'show what a server declares against what was approved, and approve it',
  arguments: [new Argument('[host:port]', 'where the server listens').argParser(parseAddress)],
  options: [
    required(new Option(pinsOption.flags, pinsOption.description)),
    new Option('--from <file>', 'a result of tools/list, or a manifest, instead of a connection'),
    new Option('--yes', 'approve without asking'),
    new Option('--show', 'approve nothing: show differences; without a server, show what was approved'),
    ...optionalPeerOptions.filter(({ long }) => long !== '--json'),
    new Option(jsonOption.flags, 'the result as one line of JSON; words go to standard error'),
  ],
  examples: [
    'approve 127.0.0.1:4433 --pins pins.json --cert alice.pem --key alice.key --ca ca.pem --expect bob',
    'approve --from tools.json --pins pins.json --expect bob --expect-issuer CN=ca --yes',
    'approve --pins pins.json --show',
  ],
  action: runApprove,
};
