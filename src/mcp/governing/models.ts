// Models that a server needs: verified before it starts, and again while it runs. What did not change is not read again.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../configuration.ts';
import { FileError } from '../../node/files/fileErrors.ts';
import type { Judged, ProvenanceRefusal } from '../../provenance/contract.ts';
import { defaultSignature } from '../../provenance/disk/signatureFiles.ts';
import { type VerifiedModel, verifyModel } from '../../provenance/disk/verifyModel.ts';
import { readSigners, type SignerFiles } from '../tools/signers.ts';

/** A model, a folder or a file, and its signatures: by default the file that `pquake model sign` writes. */
export interface ModelToVerify {
  readonly path: string;
  readonly signatures?: readonly string[] | undefined;
}

export interface ModelsOptions {
  readonly models: readonly ModelToVerify[];
  readonly signers: SignerFiles;
  /** Threads that hash; by default one for each processor. */
  readonly workers?: number | undefined;
  /** Milliseconds between two looks at the files. Default 5,000. */
  readonly every?: number | undefined;
  readonly now?: (() => Date) | undefined;
}

/** Why a model is not verified. `path` is that of the model. */
export interface Unverified extends ProvenanceRefusal {
  readonly path: string;
}

/** A model is not verified, and so nothing begins with it. */
export class ModelError extends FileError {
  /** Of the signature, the statement, the policy or the files of the model. */
  readonly code: string;

  constructor({ path, code, detail }: Unverified) {
    super(path, `${code}: ${detail ?? code}`);
    this.code = code;
  }
}

/** Is told when models were verified, or are not verified any more. */
export type OnModels = (state: Judged<readonly VerifiedModel[]>) => void;

export interface Models {
  /** The models, as they were verified the last time. */
  readonly verified: () => readonly VerifiedModel[];
  /**
   * Looks whether they still verify, and says why not. Files whose device, inode, size and times are as they were are not read again.
   * A look that is less than a second old is taken.
   */
  readonly look: () => Promise<Unverified | undefined>;
  /** Called when another state is found: models verify that did not, others than before do, or one does not any more. */
  readonly onChange: (listener: OnModels) => () => void;
  readonly close: () => void;
}

/** Milliseconds for which a look counts. */
const freshFor = 1_000;

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function verified(
  { path, signatures = [defaultSignature(path, isDirectory(path))] }: ModelToVerify,
  { signers: files, workers, now = () => new Date() }: ModelsOptions,
  directory: string,
): Promise<Judged<VerifiedModel>> {
  const { keys, authorities, names: expect, policy } = readSigners(files);
  return await verifyModel(path, {
    ...{ signatures, keys, authorities, expect, policy, workers, time: now(), cache: { directory } },
  });
}

/** A file that cannot be read or used refuses the model as others do. */
async function judged(model: ModelToVerify, options: ModelsOptions, directory: string): Promise<Judged<VerifiedModel>> {
  try {
    return await verified(model, options, directory);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { ok: false, code: 'configuration', detail: error.message };
  }
}

const sameModels = (one: readonly VerifiedModel[], other: readonly VerifiedModel[]): boolean =>
  JSON.stringify(one.map(({ digest, signers }) => [digest, signers])) ===
  JSON.stringify(other.map(({ digest, signers }) => [digest, signers]));

/**
 * Verifies models, all of their files, and looks at them from then on until it is closed. A server that opens the files itself may
 * read others than those that were verified: those of a moment before or after a look.
 * @throws ModelError (as a rejection) when one does not verify @throws ConfigurationError
 */
export async function verifiedModels(options: ModelsOptions): Promise<Models> {
  const { models, every = 5_000 } = options;
  readSigners(options.signers); // files that cannot be used are told as what they are
  const directory = mkdtempSync(join(tmpdir(), 'pquake-models-'));
  const listeners = new Set<OnModels>();
  let found: readonly VerifiedModel[] = [];
  let refused: Unverified | undefined;
  let looking: Promise<Unverified | undefined> | undefined;
  let looked = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function run(): Promise<Unverified | undefined> {
    const all: VerifiedModel[] = [];
    for (const model of models) {
      const one = await judged(model, options, directory);
      if (!one.ok) return { ...one, path: model.path };
      all.push(one.value);
    }
    const isNew = refused !== undefined || !sameModels(all, found);
    found = all;
    if (isNew) for (const listener of listeners) listener({ ok: true, value: all });
    return undefined;
  }

  async function lookAgain(): Promise<Unverified | undefined> {
    looking ??= run().finally(() => {
      looking = undefined;
      looked = performance.now();
    });
    const now = await looking;
    if (now !== undefined && refused === undefined) for (const listener of listeners) listener(now);
    refused = now;
    return now;
  }

  const look = (): Promise<Unverified | undefined> =>
    looking === undefined && performance.now() - looked < freshFor ? Promise.resolve(refused) : lookAgain();
  const again = (): void => {
    if (isClosed) return;
    timer = setTimeout(() => lookAgain().then(again, again), every).unref();
  };
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  const close = (): void => {
    isClosed = true;
    clearTimeout(timer);
    process.off('exit', remove);
    remove();
  };

  try {
    const first = await lookAgain();
    if (first !== undefined) throw new ModelError(first);
  } catch (error) {
    close();
    throw error;
  }
  again();
  return {
    ...{ verified: () => found, look, close },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
