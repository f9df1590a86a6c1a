// Holds a server to its signed manifest: nothing of it goes through that the manifest does not declare.
import type { Json } from '../contract.ts';
import { type ToolsGuard, toolsGuard } from './guard.ts';
import { noPins, type Pins, type ServerIdentity } from './pins.ts';
import { judgeServer, type KnownServer, signedPins } from './signed.ts';
import { ManifestError, type ManifestSource } from './signedFiles.ts';

export interface SignedGuardOptions {
  readonly source: ManifestSource;
  /** The server of the connection. */
  readonly server: KnownServer;
  /** What was approved of other servers, whose names may not be imitated. What was approved of this one does not count. */
  readonly pins?: (() => Pins) | undefined;
  /** What is refused when declarations differ: everything of the server, or those declarations alone. */
  readonly refuse: 'server' | 'changed';
}

/** A guard, and the digest of the manifest that it stands on. */
export interface SignedGuard {
  readonly guard: ToolsGuard;
  /** @throws ConfigurationError when no manifest of this server is in force */
  readonly digest: () => string;
}

/**
 * Guards a connection by a signed manifest. Every request and result is refused with a ConfigurationError that is thrown while no manifest of
 * this server is in force: its time is over, its signature is not that of whom it should be, it is for another server.
 */
export function signedGuard({ source, server, pins = () => noPins, refuse }: SignedGuardOptions): SignedGuard {
  function inForce() {
    const signed = source.read();
    const judged = judgeServer(signed, server);
    if (!judged.ok) throw new ManifestError(source.file, judged);
    return signed;
  }
  const { names, authorities = ['this server'] } = server; // who serves does not know which authority its peers trust
  const identity: ServerIdentity = { names, authorities };
  let now: Pins = noPins; // for one message
  const guard = toolsGuard({
    ...{ identity, refuse, firstUse: 'refuse' },
    pins: () => now,
    pin: () => {
      throw new TypeError('what is signed is not pinned');
    },
  });
  const after = <T>(judge: () => T): T => {
    now = signedPins(pins(), identity, inForce());
    return judge();
  };
  return {
    guard: {
      asked: (method: string, params: Json | undefined) => after(() => guard.asked(method, params)),
      answered: (method: string, params: Json | undefined, result: Json) =>
        after(() => guard.answered(method, params, result)),
      notified: guard.notified,
    },
    digest: () => inForce().manifest.digest,
  };
}
