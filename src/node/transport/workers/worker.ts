// A worker: computes handshakes of responders. It is started from this file, as source and as it is built.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { parseIntermediate } from '../../../certificate/authority.ts';
import { allLeniencies } from '../../../certificate/leniency.ts';
import { parseCertificate } from '../../../certificate/parse.ts';
import { parseRevocationList } from '../../../certificate/revocationList.ts';
import { parseTrustAnchor } from '../../../certificate/trustAnchor.ts';
import { type TrustStore, trustStore } from '../../../certificate/trustStore.ts';
import { wipe } from '../../../crypto/secret.ts';
import type { Suite } from '../../../crypto/suite.ts';
import { type Checked, reasonOf } from '../../../failure.ts';
import { type Handshake, type Progress, responder } from '../../../handshake/handshake.ts';
import type { HandshakeOptions } from '../../../handshake/options.ts';
import { proposedProtocol } from '../../../handshake/proposed.ts';
import type { Session } from '../../../handshake/session.ts';
import type { Bytes } from '../../../octets.ts';
import { chooseSuite } from '../../suite.ts';
import {
  type FromWorker,
  type Port,
  pathKey,
  type SharedOptions,
  type SharedProgress,
  type SharedSession,
  type SharedTrust,
  type ToWorker,
  type WorkerSetting,
} from './messages.ts';
import { movable } from './shared.ts';

function accepted<T>(checked: Checked<T, string>): T {
  if (!checked.ok) throw new TypeError(`the main thread accepted what this one refuses: ${reasonOf(checked)}`);
  return checked.value;
}

function trustOf(suite: Suite, shared: SharedTrust): { readonly store: TrustStore; readonly octets: readonly Bytes[] } {
  const { certificates, revocationLists, revocation, lenient } = shared;
  const ofKind = (wanted: boolean): SharedTrust['certificates'] =>
    certificates.filter((one) => one.isAnchor === wanted);
  const store = trustStore({
    trustAnchors: ofKind(true).map((one) => accepted(parseTrustAnchor(suite, one.octets, one.lenient))),
    intermediates: ofKind(false).map((one) => accepted(parseIntermediate(suite, one.octets, one.lenient))),
    // What was permitted in a list is not kept with it; the main thread has accepted it.
    revocationLists: revocationLists.map((one) => accepted(parseRevocationList(one, suite.algorithms, allLeniencies))),
    revocation,
    lenient,
  });
  return { store: accepted(store), octets: certificates.map((one) => one.octets) };
}

interface Configured {
  readonly options: Omit<HandshakeOptions, 'time'>;
  readonly isLogged: boolean;
  /** The certificates of authorities, as `SharedTrust` numbers them. */
  readonly authorities: readonly Bytes[];
  readonly wipe: () => void;
}

function configured(suite: Suite, shared: SharedOptions): Configured {
  const { preSharedSecret, reading, schedule, hedgedCoins, allowedSuites, knownPeers, isLogged } = shared;
  const proposals = shared.proposals && proposedProtocol(shared.proposals);
  const certificate = accepted(parseCertificate(shared.certificate, suite.algorithms, shared.lenient));
  const decapsulationKey = suite.adoptKemKey(shared.decapsulationKey, certificate.encapsulationKey);
  if (decapsulationKey === undefined) throw new TypeError('the decapsulation key is of another back end');
  const { store, octets } = trustOf(suite, shared.trust);
  return {
    options: {
      ...{ suite, credentials: { certificate, decapsulationKey }, trustAnchors: store, preSharedSecret },
      ...{ reading, schedule, hedgedCoins, allowedSuites, knownPeers, proposals },
      expectedPeer: 'anyone', // the main thread judges, after both confirmations as well
      afterwards: 'keep', // as this is asked after that judgement
    },
    isLogged,
    authorities: octets,
    wipe: () => {
      decapsulationKey.wipe();
      if (preSharedSecret !== undefined) wipe(preSharedSecret);
    },
  };
}

interface Running {
  readonly handshake: Handshake;
  readonly authorities: readonly Bytes[];
  /** Lines that were not told yet. */
  readonly log: string[];
}

/** Takes `k_session` out of a session, which is wiped. */
function sharedSession(session: Session, rest: Bytes, authorities: readonly Bytes[]): SharedSession {
  const sessionKey = session.sessionKey.reveal();
  session.wipe();
  const { octets, vouchers } = session.peer;
  const paths = vouchers.map(({ chain }) => pathKey(chain.map((one) => authorities.indexOf(one))));
  return { status: 'completed', sessionKey, certificate: Uint8Array.from(octets), paths, rest: Uint8Array.from(rest) };
}

/** Computes the handshakes that the other end of a port asks for. `ended` is called when everything is wiped. */
export function computeHandshakes(port: Port<FromWorker, ToWorker>, suite: Suite, ended: () => void): void {
  const configurations = new Map<number, Configured>();
  const handshakes = new Map<number, Running>();

  function begin(begun: NonNullable<Extract<ToWorker, { kind: 'receive' }>['begin']>): Running {
    const found = configurations.get(begun.configuration);
    if (found === undefined) throw new TypeError('these options were refused here');
    const log: string[] = [];
    const keyLog = found.isLogged ? { keyLog: (line: string) => void log.push(line) } : {};
    const handshake = responder({ ...found.options, ...keyLog, time: begun.time });
    handshake.start();
    return { handshake, log, authorities: found.authorities };
  }

  function tell(id: number, { received, send, outcome }: Progress, { log, authorities }: Running): void {
    if (outcome.status !== 'awaiting') handshakes.delete(id);
    const lines = log.splice(0);
    const ended = outcome.status === 'completed' ? sharedSession(outcome.session, outcome.rest, authorities) : outcome;
    const progress: SharedProgress = { received, send, outcome: ended, log: lines };
    const transfer = ended.status === 'completed' ? [movable(ended.sessionKey)] : [];
    port.postMessage({ kind: 'progress', handshake: id, progress }, transfer);
  }

  function receive({ handshake: id, octets, begin: begun }: Extract<ToWorker, { kind: 'receive' }>): void {
    try {
      const running = begun === undefined ? handshakes.get(id) : begin(begun);
      if (running === undefined) throw new TypeError('no such handshake');
      handshakes.set(id, running);
      tell(id, running.handshake.receive(octets), running);
    } catch (error) {
      forget(id);
      const reason = error instanceof Error ? error.message : 'not an Error';
      port.postMessage({ kind: 'threw', handshake: id, reason });
    }
  }

  function forget(id: number): void {
    const running = handshakes.get(id);
    handshakes.delete(id);
    running?.handshake.fail('connection-closed'); // wipes its state
  }

  function configure(configuration: number, options: SharedOptions): void {
    try {
      configurations.set(configuration, configured(suite, options));
      port.postMessage({ kind: 'configured', configuration });
    } catch (error) {
      const { decapsulationKey, preSharedSecret } = options;
      for (const one of [preSharedSecret, 'octets' in decapsulationKey ? decapsulationKey.octets : undefined])
        if (one !== undefined) wipe(one);
      const refused = error instanceof Error ? error.message : 'not an Error';
      port.postMessage({ kind: 'configured', configuration, refused });
    }
  }

  function retire(configuration: number): void {
    configurations.get(configuration)?.wipe();
    configurations.delete(configuration);
  }

  port.on('message', (message) => {
    switch (message.kind) {
      case 'configure':
        configure(message.configuration, message.options);
        return;
      case 'retire':
        retire(message.configuration);
        return;
      case 'receive':
        receive(message);
        return;
      case 'forget':
        forget(message.handshake);
        return;
      case 'close':
        for (const id of [...handshakes.keys()]) forget(id);
        for (const id of [...configurations.keys()]) retire(id);
        ended();
    }
  });
  port.postMessage({ kind: 'ready' });
}

/** Starts a worker. */
export function startWorker(setting: WorkerSetting): Worker {
  // Options of Node that this process was started with, as for code on its command line, may not suit a file.
  const worker = new Worker(new URL(import.meta.url), { workerData: setting, name: setting.kind, execArgv: [] });
  worker.unref(); // the listener keeps the process alive, and ends it
  return worker;
}

const setting = workerData as WorkerSetting | null | undefined;
if (!isMainThread && parentPort !== null && setting?.kind === 'pquake handshakes') {
  const port = parentPort;
  computeHandshakes(port as Port<FromWorker, ToWorker>, chooseSuite(setting.backEnd, setting.suite), () =>
    port.close(),
  );
}
