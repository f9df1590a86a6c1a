// Checks of the server, step by step: TCP, handshake, channel, the Model Context Protocol in both eras, its tools.
import type { Material } from '../../node/files/material.ts';
import type { PeerOptions } from '../../node/terminal/peer/options.ts';
import { dial } from '../../node/transport/dial.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { timeText } from '../../time.ts';
import { askServer, type Era, manifestFrom, ServerError } from '../tools/ask.ts';
import { isRefused } from '../tools/differences.ts';
import type { Manifest } from '../tools/manifest.ts';
import { compareWithPins, labelOf, type Pins, type ServerIdentity } from '../tools/pins.ts';
import { count, differenceTitle } from '../tools/words.ts';
import { advice } from './advice.ts';
import { type Finding, look, ok, skipped, whyNot, wrong } from './check.ts';
import { dialServer, hangUp, identityOf } from './dial.ts';
import { validity } from './setup.ts';

/** A server to be reached. */
export interface Reach {
  readonly address: Address;
  readonly options: PeerOptions;
  readonly material: Material;
  readonly pins?: Pins | undefined;
  /** Whether what nobody approved is refused. */
  readonly pinsOnly: boolean;
  readonly now: Date;
}

const eras: readonly Era[] = ['2026-07-28', '2025-11-25'];
const later = ['handshake', 'server', 'channel', ...eras.map((era) => `MCP ${era}`), 'tools'];
const restFrom = (first: string, after: string): readonly Finding[] =>
  later.slice(later.indexOf(first)).map((check) => skipped(check, after));

async function checkTcp({ address, options: { messageTimeout = 10_000 } }: Reach): Promise<Finding> {
  const dialled = await dial(address, messageTimeout);
  if (!dialled.ok)
    return wrong(
      'TCP',
      dialled.reason,
      'look whether the server runs, the address is right, and no firewall is between',
    );
  dialled.socket.on('error', () => {}).destroy();
  return ok('TCP', `${addressText(address)} answers`);
}

/** What a server declares, in one era. */
async function checkEra(reach: Reach, era: Era): Promise<{ readonly finding: Finding; readonly manifest?: Manifest }> {
  const check = `MCP ${era}`;
  const result = await dialServer(reach.address, reach.options, reach.material);
  if (!result.ok) return { finding: wrong(check, result.failure.message, advice[result.failure.code]) };
  try {
    const server = await askServer(result.channel, { era, timeout: reach.options.messageTimeout });
    return { finding: ok(check, `${server.server} answers`), manifest: await manifestFrom(server) };
  } catch (error) {
    const isOther = error instanceof ServerError && error.code !== undefined;
    const why = whyNot(error);
    if (isOther) return { finding: look(check, why, 'clients of this version cannot use this server') };
    const isSilent = result.channel.bytesRead === 0 && (result.channel.destroyed || result.channel.readableEnded);
    const otherwise = 'look whether it is `pquake mcp serve`, and whether the server behind it starts';
    const todo = isSilent ? advice['connection-closed'] : otherwise;
    return { finding: wrong(check, why, todo) };
  } finally {
    await hangUp(result.channel);
  }
}

function checkTools(manifest: Manifest, identity: ServerIdentity, { pins, pinsOnly }: Reach): readonly Finding[] {
  const counts = `${count(manifest.tools?.length ?? 0, 'tool')}, ${count(manifest.prompts?.length ?? 0, 'prompt')}; digest ${manifest.digest}`;
  const listed = ok('tools', counts);
  if (pins === undefined) return [listed];
  const { standing, differences } = compareWithPins(identity, manifest, pins);
  const titles = differences.map(differenceTitle).join('; ');
  const approve = 'look at the differences, and approve them if they are right: `pquake mcp approve`';
  if (standing === 'different' || differences.some(isRefused))
    return [listed, wrong('approved tools', `not what was approved: ${titles}`, approve)];
  const none = `nothing is approved of ${labelOf(identity)}`;
  if (standing === 'first use') return [listed, (pinsOnly ? wrong : look)('approved tools', none, approve)];
  return [listed, ok('approved tools', titles === '' ? 'what was approved' : `what was approved; ${titles}`)];
}

/** Checks a server. Stops where the next step has nothing to stand on. */
export async function checkServer(reach: Reach): Promise<readonly Finding[]> {
  const tcp = await checkTcp(reach);
  if (tcp.standing === 'wrong') return [tcp, ...restFrom('handshake', 'TCP')];
  const result = await dialServer(reach.address, reach.options, reach.material);
  if (!result.ok) {
    const { code, message } = result.failure;
    return [tcp, wrong('handshake', `${code}: ${message}`, advice[code]), ...restFrom('server', 'the handshake')];
  }
  const { channel, milliseconds } = result;
  const identity = identityOf(result);
  const standing = [
    tcp,
    ok('handshake', `${Math.round(milliseconds)} ms`),
    validity(
      'server',
      labelOf(identity),
      channel.peer.certificate,
      reach.now,
      'have its operator renew its certificate',
    ),
    ok('channel', `open, ${channel.peer.suite}, authenticated at ${timeText(channel.peer.authenticated)}`),
  ];
  await hangUp(channel);
  const answers = [];
  for (const era of eras) answers.push(await checkEra(reach, era));
  const findings = answers.map(({ finding }) => finding);
  const manifest = answers.find((one) => one.manifest !== undefined)?.manifest;
  if (manifest !== undefined) return [...standing, ...findings, ...checkTools(manifest, identity, reach)];
  const none = wrong(
    'tools',
    'no version of the protocol lists any',
    'look whether it is a server of the Model Context Protocol',
  );
  return [...standing, ...findings, none];
}
