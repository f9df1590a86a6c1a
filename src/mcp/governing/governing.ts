// Policy, record and pins of a process, joined: what its bridges ask.
import type { Governance, Governed } from '../bridge/governance.ts';
import { toldUnrecorded } from '../bridge/words.ts';
import type { Recorder, VerifiedEvent } from '../contract.ts';
import type { Guard } from '../gate/index.ts';
import { usageCounters } from '../policy/usage.ts';
import { type WatchedPolicy, watchPolicy } from '../policy/watch.ts';
import type { RecordOptions } from '../record/options.ts';
import { recordFile } from '../record/recorder.ts';
import { withTelemetry } from '../record/telemetry.ts';
import type { KnownServer } from '../tools/signed.ts';
import { manifestObserver } from './manifest.ts';
import { keepAuthenticated, policyParts } from './policy.ts';
import { serverGuard } from './signed.ts';
import { modelNotVerified, type Verified, verifiedText } from './verified.ts';

export interface GoverningOptions {
  /** Whether this process has the server behind it, or the host. */
  readonly role: 'server' | 'client';
  /** The file of a policy. Without one everything is allowed. */
  readonly policy?: string | undefined;
  /** Without it nothing is recorded on a file; telemetry is told all the same. */
  readonly record?: Pick<RecordOptions, 'file' | 'onFull' | 'rotateAt' | 'keep' | 'flush'> | undefined;
  /** What has to carry valid signatures. Of a server it decides who gets one, and what goes through. */
  readonly verified?: Verified | undefined;
  /** Of a server: the names that it has by its certificate. */
  readonly server?: KnownServer | undefined;
  /** Of a client: holds the server of a connection to what was approved. */
  readonly pins?: ((connection: Governed, record: Recorder) => Guard | undefined) | undefined;
  /** Takes a line for the operator. */
  readonly note: (line: string) => void;
}

/** What governs the connections of a process. */
export interface Governing {
  readonly governance: Governance;
  /** Reads the policy at once when its files changed. */
  readonly look: () => void;
  /** Flushes the record. Nothing is recorded after it. */
  readonly close: () => Promise<void>;
}

/** Takes nothing: a process without a record still has telemetry. */
const nowhere: Recorder = { append: async () => {}, standing: () => {}, close: async () => {} };

async function openRecord({ record, role, note }: GoverningOptions): Promise<Recorder> {
  const time = (): Date => new Date();
  const onHead: RecordOptions['onHead'] = ({ sequence, digest }) => note(`record: entry ${sequence}, digest ${digest}`);
  const file = record === undefined ? nowhere : await recordFile({ ...record, time, tell: note, onHead });
  return withTelemetry(file, { role, transport: 'tcp' });
}

/**
 * Opens the record and reads the policy of a process.
 * @throws FileError when one of them cannot be used
 */
export async function governing(options: GoverningOptions): Promise<Governing> {
  const { role, pins, note } = options;
  const record = await openRecord(options);
  const usage = usageCounters();
  const told = (event: Parameters<Recorder['append']>[0]): void => {
    record.append(event).catch(toldUnrecorded(note));
  };

  function watched(file: string): WatchedPolicy {
    const inForce = (policyDigest: string): void => {
      record.standing({ policyDigest });
      told({ event: 'policy', digest: policyDigest });
    };
    const policy = watchPolicy(file, {
      onChange: ({ digest }) => {
        note(`policy in force: ${file}, SHA-256 ${digest}`);
        inForce(digest);
      },
      onRefused: (reason) => {
        note(`policy not reloaded, the former one stays in force: ${reason}`);
        told({ event: 'policy', refused: reason });
      },
      onUnwatched: (reason) => note(`policy not watched, the files are compared every few seconds: ${reason}`),
    });
    inForce(policy.current().digest);
    return policy;
  }

  let manifest: string | undefined;
  /** The manifest of the server behind this process is that of all its connections. */
  const observer = (connection: Governed): Guard =>
    manifestObserver((digest) => {
      if (digest === manifest) return;
      manifest = digest;
      record.standing({ manifestDigest: digest });
      const { principal, ...facts } = connection;
      told({ event: 'tools', digest, connection: facts.connection, principal: principal() });
    });

  const { verified, server } = options;
  const onVerified = (event: VerifiedEvent): void => {
    note(verifiedText(event));
    told(event);
  };
  const forget = verified?.onEvent(onVerified);

  /** Of a server with a signed manifest: withholds what it does not declare. */
  function signed(connection: Governed): Guard | undefined {
    const source = verified?.manifest;
    if (source === undefined || server === undefined) return undefined;
    const { principal, authenticateAgain: _, ...facts } = connection;
    return serverGuard(server, { source, record, tell: note, facts: () => ({ ...facts, principal: principal() }) });
  }

  const policy = options.policy === undefined ? undefined : await closing(record, () => watched(options.policy ?? ''));
  const partsFor: Governance['partsFor'] = (connection) => {
    const guard = role === 'server' ? (signed(connection) ?? observer(connection)) : pins?.(connection, record);
    return {
      ...(policy && policyParts(policy.current, usage, connection, () => performance.now())),
      ...(guard && { guard }),
    };
  };
  return {
    governance: {
      record,
      unrecorded: 'deny', // with `continue`, the record resolves where it cannot write
      partsFor,
      ...(verified && {
        admit: verified.look,
        onDistrust: (end) =>
          verified.onEvent(({ of, refused }) => {
            if (of === 'model' && refused !== undefined) end(modelNotVerified);
          }),
      }),
      ...(policy && { attend: (connection) => keepAuthenticated(policy.current, connection) }),
    },
    look: () => policy?.look(),
    close: async () => {
      policy?.close();
      forget?.();
      await record.close();
    },
  };
}

/** Closes the record when what is opened after it cannot be. */
async function closing<T>(record: Recorder, open: () => T): Promise<T> {
  try {
    return open();
  } catch (error) {
    await record.close();
    throw error;
  }
}
