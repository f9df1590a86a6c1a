// Peers in this process, for the runner to test: the product's own, and ones with a defect.

import { type Duplex, duplexPair } from 'node:stream';
import { parseIntermediate } from '../../../src/certificate/authority.ts';
import { parseCertificate } from '../../../src/certificate/parse.ts';
import { parseRevocationList } from '../../../src/certificate/revocationList.ts';
import { type TrustStore, trustStore } from '../../../src/certificate/trustStore.ts';
import { certificateValidator } from '../../../src/certificate/validate.ts';
import type { Suite } from '../../../src/crypto/suite.ts';
import { passed, refused } from '../../../src/failure.ts';
import { defaultChoice, type ReadingChoice, readingOf } from '../../../src/generated/keySchedule.ts';
import { initiator, responder } from '../../../src/handshake/handshake.ts';
import type { Case } from '../../../src/lab/conformance/case.ts';
import { casesFor } from '../../../src/lab/conformance/cases/index.ts';
import { type Engine, engine, type Standing } from '../../../src/lab/conformance/engine.ts';
import type { Ended } from '../../../src/lab/conformance/judge.ts';
import {
  anchorOf,
  authority,
  expectedName,
  type Identity,
  issue,
  large,
  type Material,
} from '../../../src/lab/conformance/material.ts';
import { chosen } from '../../../src/lab/conformance/runner/command.ts';
import type { Patience } from '../../../src/lab/conformance/runner/conversation.ts';
import type { Launch } from '../../../src/lab/conformance/runner/peer.ts';
import { type Result, runCases } from '../../../src/lab/conformance/runner/run.ts';
import { trusting } from '../../../src/lab/conformance/trust.ts';
import { handshakeOver } from '../../../src/node/transport/stream.ts';
import type { Schedule } from '../../../src/protocol/parameters.ts';
import type { Role } from '../../../src/role.ts';
import type { Defect, World } from './defect.ts';
import { peerSeed } from './seed.ts';
import { inVirtualTime } from './virtualTime.ts';

/** As the command has by default, on a clock that stands while anybody is at work. */
export const patience: Patience = { start: 10_000, deadline: 5_000, stall: 30_000, quiet: 300 };
/** Milliseconds that the peers wait for a message, as `serve` and `connect` do by default. */
const messageTimeout = 10_000;
const handshakeTimeout = 30_000;

export function material(suite: Suite): Material {
  const now = new Date();
  const issuing = { suite, now, authority: authority({ suite, now }, 'Test CA') };
  const key = suite.generateKemKey(peerSeed);
  return {
    ...issuing,
    tester: issue(issuing),
    peer: issue(issuing, { name: 'peer', key }),
    preSharedSecret: suite.randomOctets(32),
    largePeer: large(issuing, 'peer', key),
  };
}

const identityFor = (test: Case, { peer, largePeer }: Material): Identity =>
  test.peerCertificate === 'large' && largePeer !== undefined ? largePeer : peer;

/** Everything that a peer is given to trust; why it refuses that otherwise. */
function storeOf(from: Material): { readonly store?: TrustStore; readonly refused?: string } {
  const { algorithms } = from.suite;
  const value = <T>(one: { ok: true; value: T } | { ok: false; code: string }): T => {
    if (!one.ok) throw new Error(one.code);
    return one.value;
  };
  const store = trustStore({
    trustAnchors: [anchorOf(from)],
    intermediates: from.intermediates?.map((der) => value(parseIntermediate(from.suite, der))),
    revocationLists: from.revocationLists?.map((der) => value(parseRevocationList(der, algorithms))),
  });
  return store.ok ? { store: store.value } : { refused: store.code };
}

const noStart = (reason = ''): Awaited<ReturnType<Launch>> => ({
  failed: `the peer ended with 1 before it accepted a connection; it wrote: ${reason}`,
  ended: { status: 1, tail: reason },
});

/** `pquake serve` and `pquake connect`, without processes. */
export function ownPeer(
  material: Material,
  reading: ReadingChoice = defaultChoice,
  schedule: Schedule = 'eager',
): Launch {
  return async (test) => {
    const from = trusting(material, test.trust);
    const { store, refused } = storeOf(from);
    if (store === undefined) return noStart(refused);
    const [stream, ours] = duplexPair();
    const { certificate, key } = identityFor(test, from);
    const parsed = parseCertificate(certificate, from.suite.algorithms);
    if (!parsed.ok) throw new Error(parsed.code);
    const handshake = (test.peer === 'responder' ? responder : initiator)({
      suite: from.suite,
      allowedSuites: [from.suite.algorithms.name],
      trustAnchors: store,
      expectedPeer: expectedName(test),
      time: new Date(),
      reading,
      schedule,
      afterwards: 'refuse',
      credentials: { certificate: parsed.value, decapsulationKey: key },
      preSharedSecret: test.psk?.peer === 'own' ? from.preSharedSecret : undefined,
    });
    const ended = handshakeOver(ours, handshake, { messageTimeout, handshakeTimeout }).then((result): Ended => {
      if (result.ok) ours.end();
      return result.ok ? { status: 0, tail: '' } : { status: 1, tail: result.failure.message };
    });
    return { stream, ended, dispose: () => ours.destroy() };
  };
}

function engineOf(role: Role, world: World, { algebra, reading, admits, accepts }: Defect): Engine {
  const { identity, from, psk, memory, expected } = world;
  const { store = [anchorOf(from)] } = storeOf(from);
  const validate = certificateValidator({ trustAnchors: store, time: new Date() });
  const context = { role, identity, from, memory, expected };
  return engine({
    suite: from.suite,
    role,
    certificate: identity.certificate,
    decapsulationKey: identity.key,
    reading: reading?.(readingOf(defaultChoice)) ?? readingOf(defaultChoice),
    preSharedSecret: psk ? from.preSharedSecret : undefined,
    policy: {
      verify: (certificate) => {
        const checked = validate(certificate);
        return checked.ok ? checked : (admits?.(certificate, checked, context) ?? checked);
      },
      accept: ({ certificate }) =>
        accepts !== undefined || [expected, undefined].includes(commonNameIn(certificate))
          ? passed(true)
          : refused('unexpected-peer'),
    },
    algebra: algebra && ((a) => algebra(a, context)),
  });
}

/** The common name in a certificate; undefined in one that only a peer with a defect reads. */
export const commonNameIn = (certificate: Uint8Array): string | undefined => {
  const parsed = parseCertificate(certificate);
  return parsed.ok ? parsed.value.commonName : undefined;
};

/** A peer with one defect. Its `memory` lasts from one handshake to the next. */
export function faultyPeer(material: Material, defect: Defect): Launch {
  const memory = new Map<string, unknown>();
  return async (test) => {
    const from = trusting(material, test.trust);
    if (storeOf(from).refused !== undefined && defect.startsAnyway !== true) return noStart();
    const [stream, ours] = duplexPair();
    const [identity, psk, expected] = [identityFor(test, from), test.psk?.peer === 'own', expectedName(test)];
    const world: World = { from, identity, psk, expected, memory };
    return { stream, ended: runFaulty(ours, test.peer, world, defect), dispose: () => ours.destroy() };
  };
}

function runFaulty(stream: Duplex, role: Role, world: World, defect: Defect): Promise<Ended> {
  return new Promise((resolve) => {
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    let awaited = '';
    const behaviour = {
      close: (): void => void stream.end(() => stream.destroy()),
      write: (octets: Uint8Array): void => void (stream.writable && stream.write(octets)),
      status: (success: boolean): void => resolve({ status: defect.status?.(success) ?? (success ? 0 : 1), tail: '' }),
    };
    const arm = (): void => {
      clearTimeout(timer);
      if (defect.patient !== true) timer = setTimeout(() => finish(false), defect.messageTimeout ?? messageTimeout);
    };

    function finish(success: boolean): void {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (!success && defect.onFailure !== undefined) defect.onFailure(behaviour, role, world);
      else {
        if (success) defect.onSuccess?.(behaviour, role);
        behaviour.close();
        behaviour.status(success);
      }
    }

    function took({ send, standing }: { send: readonly Uint8Array[]; standing: Standing }): void {
      const withheld = defect.withholds === true && standing.status === 'failed';
      for (const octets of withheld ? [] : send)
        for (const one of defect.outbound?.(octets, role) ?? [octets]) behaviour.write(one);
      const state = standing.status === 'awaiting' ? standing.message : standing.status;
      if (state !== awaited || defect.rearms === true) arm();
      awaited = state;
      if (standing.status === 'completed') finish(true);
      else if (standing.status === 'failed') finish(false);
    }

    const peer = engineOf(role, world, defect);
    const inbound = defect.inbound?.(role, () => awaited);
    stream.on('data', (chunk: Uint8Array) => {
      if (over) return;
      try {
        for (const octets of inbound?.(chunk) ?? [chunk]) if (!over) took(peer.receive(octets));
      } catch {
        finish(false);
      }
    });
    stream.on('end', () => (defect.ignoresEnd === true ? undefined : finish(false)));
    stream.on('error', () => finish(false)).on('close', () => finish(false));
    took(peer.start());
  });
}

/** Runs the cases whose ids match, in virtual time. */
export const conformance = (
  role: Role,
  from: Material,
  launch: Launch,
  only?: readonly string[],
  reading: ReadingChoice = defaultChoice,
): Promise<readonly Result[]> => {
  const cases = chosen(casesFor(role, reading), only);
  const options = { cases, launch, material: from, reading, psk: false, patience, jobs: 4 };
  return inVirtualTime(() => runCases(options));
};
