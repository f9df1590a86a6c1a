// Signed manifests, as the gates of both sides ask them; what they refuse goes into the record.
import type { ConnectionFacts, Recorder } from '../contract.ts';
import type { Guard, GuardJudgement } from '../gate/index.ts';
import { labelOf, type Pins, type ServerIdentity } from '../tools/pins.ts';
import type { KnownServer } from '../tools/signed.ts';
import type { ManifestSource } from '../tools/signedFiles.ts';
import { signedGuard } from '../tools/signedGuard.ts';
import { pinsGuard } from './pins.ts';

interface Surroundings {
  readonly source: ManifestSource;
  readonly facts: () => ConnectionFacts;
  readonly record?: Recorder | undefined;
  /** Takes a line for the person on this side. */
  readonly tell: (line: string) => void;
}

/** A client holds the server of a connection to its signed manifest. */
export function clientGuard(
  server: ServerIdentity,
  refuse: 'server' | 'changed',
  { source, ...around }: Surroundings & { readonly pins?: (() => Pins) | undefined },
): Guard {
  const heading = `pquake: ${labelOf(server)} declares something else than its signed manifest, ${source.file}`;
  return pinsGuard({ ...signedGuard({ source, server, refuse, pins: around.pins }), ...around, heading });
}

/** What peers are told: that it is refused, and nothing of what the server shows. */
const toPeers: GuardJudgement = {
  forward: false,
  message: 'refused: what the server declares is not what its signed manifest says',
};

/** Who has the server behind it withholds from its peers what the signed manifest does not declare. */
export function serverGuard(server: KnownServer, { source, ...around }: Surroundings): Guard {
  const heading = `the server declares something else than its signed manifest, ${source.file}`;
  const { asked, answered, ...guard } = pinsGuard({
    ...signedGuard({ source, server, refuse: 'server' }),
    ...around,
    heading,
  });
  const masked = (judgement: GuardJudgement): GuardJudgement => (judgement.forward ? judgement : toPeers);
  return {
    ...guard,
    asked: (method, params) => masked(asked(method, params)),
    answered: (method, params, result) => masked(answered(method, params, result)),
  };
}
