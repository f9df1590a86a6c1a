// The options of pins, for commands that let a client reach a server.
import { Option } from 'commander';
import { UsageError } from '../../node/terminal/command.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { pinsFile } from '../tools/files.ts';
import { type ToolsGuard, toolsGuard } from '../tools/guard.ts';
import { labelOf, pinsOf, type ServerIdentity } from '../tools/pins.ts';

/** The options, as the parser returns them. */
export interface PinsWords {
  readonly pins?: string;
  readonly pinsOnly?: boolean;
  readonly pinsRefuse?: 'server' | 'changed';
}

export const pinsOption = new Option('--pins <file>', 'what was approved, of each server; made when it is not there');

/** The options of a client that holds servers to what was approved. */
export const pinsOptions: readonly Option[] = [
  pinsOption,
  new Option('--pins-only', 'refuse what nobody approved; by default it is pinned when it is first seen'),
  new Option('--pins-refuse <what>', 'when declarations differ: everything of the server, or what differs')
    .choices(['server', 'changed'])
    .default('server'),
];

/** The line above what differs from what was approved: of whom, where, and the command that shows and approves it. */
export const pinsHeading = ({ pins: file = '' }: PinsWords, identity: ServerIdentity, to: Address): string =>
  `pquake: ${labelOf(identity)} declares something else than was approved in ${file}; to look at it and approve it: ` +
  `\`pquake mcp approve ${addressText(to)} --pins ${file}\`, with the same certificate, key and authorities`;

/** What a guard needs of its surroundings. */
export interface GuardSurroundings {
  readonly identity: ServerIdentity;
  /** Takes a line for the person on this side. */
  readonly tell: (line: string) => void;
  readonly now: () => Date;
}

/** A guard, and what it stands on. */
export interface PinnedGuard {
  readonly guard: ToolsGuard;
  /** The digest of what is pinned of the server now; undefined when nothing is. */
  readonly digest: () => string | undefined;
}

/**
 * The guard that the options ask for; `undefined` without pins.
 * @throws UsageError for an option without the file, ConfigurationError for a file that cannot be used
 */
export function guardOf(
  { pins: file, pinsOnly = false, pinsRefuse = 'server' }: PinsWords,
  { identity, tell, now }: GuardSurroundings,
): PinnedGuard | undefined {
  if (file === undefined) {
    if (pinsOnly) throw new UsageError('--pins-only needs --pins FILE');
    return undefined;
  }
  const store = pinsFile(file);
  store.read(); // a file that cannot be used is told now
  const guard = toolsGuard({
    identity,
    pins: store.read,
    firstUse: pinsOnly ? 'refuse' : 'pin',
    refuse: pinsRefuse,
    pin: (manifest) => {
      store.pin(identity, manifest, { by: 'first use', at: now().toISOString() });
      const seen = [
        manifest.tools && 'tools',
        manifest.prompts && 'prompts',
        manifest.instructions !== undefined && 'instructions',
      ];
      tell(`pinned what ${labelOf(identity)} shows first, in ${file}: ${seen.filter(Boolean).join(', ')}`);
    },
  });
  return { guard, digest: () => pinsOf(store.read(), identity).at(-1)?.manifest.digest };
}
