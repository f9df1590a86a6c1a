// What has to carry valid signatures before a server or a client begins, and as long as it goes on: models, and the manifest of the server.
import { ConfigurationError } from '../../configuration.ts';
import type { ProvenanceRefusal } from '../../provenance/contract.ts';
import type { VerifiedModel } from '../../provenance/disk/verifyModel.ts';
import type { NotAdmitted } from '../bridge/governance.ts';
import type { VerifiedEvent } from '../contract.ts';
import type { Guard } from '../gate/index.ts';
import { judgeServer, type KnownServer } from '../tools/signed.ts';
import {
  ManifestError,
  type ManifestSource,
  type ManifestSourceOptions,
  manifestSource,
  type SignedManifest,
} from '../tools/signedFiles.ts';
import { signedGuard } from '../tools/signedGuard.ts';
import { signerText } from '../tools/signers.ts';
import { differenceTitle } from '../tools/words.ts';
import { heeding } from './heeding.ts';
import { type Models, type ModelsOptions, verifiedModels } from './models.ts';

export interface VerifiedOptions {
  readonly models?: Omit<ModelsOptions, 'now'> | undefined;
  /** The signed manifest. With `server`, it has to be of that server from the beginning. */
  readonly manifest?:
    | (Pick<ManifestSourceOptions, 'files' | 'signers'> & { readonly server?: KnownServer | undefined })
    | undefined;
  readonly now?: (() => Date) | undefined;
}

/** What was verified, and is looked at from then on. */
export interface Verified {
  readonly models: () => readonly VerifiedModel[];
  readonly manifest: ManifestSource | undefined;
  /** Why nothing may begin now: a model or the manifest does not verify any more. */
  readonly look: () => Promise<NotAdmitted | undefined>;
  /**
   * Holds the server of a connection to its signed manifest; without one it lets everything through.
   * @param tell - takes a line for the person on this side, of each difference
   * @throws ManifestError when no manifest of this server is in force
   */
  readonly guardFor: (server: KnownServer, tell?: (line: string) => void) => Guard;
  /** Tells what is verified, now and whenever it changes; what is not verified any more has `refused`. */
  readonly onEvent: (listener: (event: VerifiedEvent) => void) => () => void;
  readonly close: () => void;
}

/** The code with which connections end when a model does not verify any more. */
export const modelNotVerified = 'model-not-verified';

const manifestEvent = ({ name, manifest: { digest }, signers }: SignedManifest): VerifiedEvent => ({
  ...{ event: 'verified', of: 'manifest', name, digest },
  signers: signers.map(signerText),
});

const modelEvent = ({ name, digest, signers, unverified }: VerifiedModel): VerifiedEvent => ({
  ...{ event: 'verified', of: 'model', name, digest },
  signers: signers.map(signerText),
  ...(unverified.length > 0 && { unverified: unverified.map(({ algorithm }) => algorithm) }),
});

const lostEvent = ({ path = '', code, detail }: ProvenanceRefusal): VerifiedEvent => ({
  ...{ event: 'verified', of: 'model', name: path },
  refused: `${code}: ${detail ?? code}`,
});

/** An event in one line. */
export const verifiedText = ({ of, name, digest, signers = [], unverified = [], refused }: VerifiedEvent): string => {
  if (refused !== undefined) return `${of} ${name} is not verified any more: ${refused}`;
  const unread = unverified.map((one) => `; no key for its signature by ${one} is trusted`).join('');
  return `verified ${of} ${name}, SHA-256 ${digest}, signed by ${signers.join('; ')}${unread}`;
};

const allowed = { forward: true } as const;
/** Of a server without a signed manifest. */
const noGuard: Guard = { asked: () => allowed, answered: () => allowed, notified: () => {} };

/** The manifest in force. @throws ManifestError when it is of another server */
function manifestOf(source: ManifestSource, server: KnownServer | undefined): SignedManifest {
  const signed = source.read();
  const judged = server === undefined ? undefined : judgeServer(signed, server);
  if (judged?.ok === false) throw new ManifestError(source.file, judged);
  return signed;
}

function guardOf(source: ManifestSource, server: KnownServer, tell: (line: string) => void): Guard {
  manifestOf(source, server);
  const { guard } = signedGuard({ source, server, refuse: 'server' });
  return heeding(guard, ({ differences }) => {
    for (const difference of differences) tell(differenceTitle(difference));
  });
}

/** Why the manifest is not in force. */
function againstManifest(source: ManifestSource | undefined, server: KnownServer | undefined): NotAdmitted | undefined {
  if (source === undefined) return undefined;
  try {
    manifestOf(source, server);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { code: error instanceof ManifestError ? error.code : 'configuration', message: error.message };
  }
}

/**
 * Verifies models and a signed manifest, and looks at them until it is closed: a server or client that calls this first begins with nothing
 * that is not signed by whom it trusts.
 * @throws ModelError, ManifestError (as rejections), each with a `code` @throws ConfigurationError for files that cannot be used
 * @example
 * const verified = await requireVerified({
 *   models: { models: [{ path: 'llama' }], signers: { policy: 'trust.json' } },
 *   manifest: { files: ['bob.manifest'], signers: { policy: 'trust.json' } },
 * });
 * serveOverChannel(opened, () => makeServer(), { guard: verified.guardFor({ names: ['bob'] }) });
 */
export async function requireVerified(options: VerifiedOptions): Promise<Verified> {
  const { manifest, now } = options;
  const listeners = new Set<(event: VerifiedEvent) => void>();
  const tell = (event: VerifiedEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const source =
    manifest &&
    manifestSource({
      files: manifest.files,
      signers: manifest.signers,
      now,
      onManifest: (one) => tell(manifestEvent(one)),
    });
  if (source !== undefined) manifestOf(source, manifest?.server);
  const models: Models | undefined = options.models && (await verifiedModels({ ...options.models, now }));
  models?.onChange((state) => {
    for (const event of state.ok ? state.value.map(modelEvent) : [lostEvent(state)]) tell(event);
  });
  const verified = (): readonly VerifiedModel[] => models?.verified() ?? [];
  return {
    ...{ models: verified, manifest: source },
    look: async () => {
      const against = await models?.look();
      if (against !== undefined)
        return {
          code: modelNotVerified,
          message: `${against.path}: ${against.code}: ${against.detail ?? against.code}`,
        };
      return againstManifest(source, manifest?.server);
    },
    guardFor: (server, tellLine = () => {}) => (source === undefined ? noGuard : guardOf(source, server, tellLine)),
    onEvent: (listener) => {
      for (const event of verified().map(modelEvent)) listener(event);
      if (source !== undefined) listener(manifestEvent(source.read()));
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => models?.close(),
  };
}
