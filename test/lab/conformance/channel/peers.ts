// Launches peers with a channel in this process: the product's own, and ones with a defect.
import { duplexPair, PassThrough } from 'node:stream';
import { parseCertificate } from '../../../../src/certificate/parse.ts';
import { isSameSubject } from '../../../../src/channel/inner.ts';
import { defaultChoice } from '../../../../src/generated/keySchedule.ts';
import type { ExpectedPeer } from '../../../../src/handshake/expectedPeer.ts';
import { type Handshake, initiator, responder } from '../../../../src/handshake/handshake.ts';
import type { Case } from '../../../../src/lab/conformance/case.ts';
import { channelCasesFor } from '../../../../src/lab/conformance/cases/channel.ts';
import type { RecordCounts } from '../../../../src/lab/conformance/channel/script.ts';
import type { Ended } from '../../../../src/lab/conformance/judge.ts';
import { anchorOf, type Material, testerName } from '../../../../src/lab/conformance/material.ts';
import { chosen } from '../../../../src/lab/conformance/runner/command.ts';
import type { Launch } from '../../../../src/lab/conformance/runner/peer.ts';
import { type Result, runCases } from '../../../../src/lab/conformance/runner/run.ts';
import { handshakeOver } from '../../../../src/node/transport/stream.ts';
import type { Role } from '../../../../src/role.ts';
import { patience } from '../peers.ts';
import { inVirtualTime } from '../virtualTime.ts';
import type { ChannelDefect } from './defects.ts';
import { ownChannel } from './own.ts';
import { type TestChannel, testChannel } from './peer.ts';

function handshakeOf(role: Role, from: Material, expectedPeer: ExpectedPeer): Handshake {
  const { certificate, key } = from.peer;
  const parsed = parseCertificate(certificate, from.suite.algorithms);
  if (!parsed.ok) throw new Error(parsed.code);
  return (role === 'responder' ? responder : initiator)({
    ...{ suite: from.suite, allowedSuites: [from.suite.algorithms.name], time: new Date(), expectedPeer },
    trustAnchors: [anchorOf(from)],
    credentials: { certificate: parsed.value, decapsulationKey: key },
  });
}

/** Counts of records that are soon reached, of the peers and of the tester alike. */
const limits: RecordCounts = { recordsBeforeRatchet: 200, recordsAtFailure: 3_000 };

/** A peer with one defect, or without one: then the product's own, or that of the tests. */
export function channelPeer(from: Material, defect?: ChannelDefect | 'own'): Launch {
  const has = (one: ChannelDefect): boolean => one === defect;
  return async (test: Case) => {
    const [stream, ours] = duplexPair();
    const [input, output] = [new PassThrough(), new PassThrough()];
    const ended = new Promise<Ended>((resolve) => {
      let over = false;
      let faulty = false;
      const status = (success: boolean): void => {
        const zero = (success || has('ends with 0 after a fault')) && !has('ends with 1 in any case');
        over = true;
        output.end();
        resolve({ status: zero ? 0 : 1, tail: '' });
      };
      const deliver = (data: Uint8Array): void =>
        void output.write(has('changes an octet that it delivers') ? data.map((o, i) => (i === 7 ? o ^ 1 : o)) : data);
      const write = (octets: Uint8Array): void => void (ours.writable && ours.write(octets));
      const done = (): void => {
        if (over) return;
        ours.end();
        status(true);
      };
      let channel: TestChannel | undefined;

      function fail(): void {
        if (over || faulty) return;
        faulty = true;
        if (has('delivers more after a fault')) output.write('more');
        if (has('sends an alert after a fault')) channel?.alert();
        if (has('keeps the connection open after a fault') || has('sends data after a fault')) {
          setTimeout(() => {
            ours.destroy();
            status(false);
          }, 20_000);
          return;
        }
        ours.end(() => ours.destroy());
        status(false);
      }
      const attempt = (act: () => void): void => {
        if (over || (faulty && !has('sends data after a fault'))) return;
        try {
          act();
        } catch {
          fail();
        }
      };

      void handshakeOver(ours, handshakeOf(test.peer, from, testerName)).then((result) => {
        if (!result.ok) return fail();
        const { session } = result;
        const accept = (peer: Parameters<typeof isSameSubject>[0]): boolean =>
          has('takes anybody in an inner handshake') || isSameSubject(peer, session.peer);
        const root = session.sessionKey.reveal();
        channel =
          defect === 'own'
            ? ownChannel({
                session,
                suite: from.suite,
                inner: (accept) => handshakeOf(test.peer, from, accept),
                limits,
                write,
                deliver,
                done,
              })
            : testChannel({
                ...{ role: test.peer, suite: from.suite, root, has, write, deliver, done },
                inner: () => handshakeOf(test.peer, from, accept),
                limits,
              });
        const { receive, send, close, end } = channel;
        if (has('loses octets behind the handshake')) ours.read();
        setImmediate(() => ours.resume()); // the handshake has left it paused
        ours.on('data', (chunk: Uint8Array) => attempt(() => (faulty ? undefined : receive(chunk))));
        ours
          .on('end', () => attempt(end))
          .on('error', fail)
          .on('close', () => attempt(end));
        const short = has('loses the last octets that it is given') ? 1 : 0;
        input.on('data', (data: Uint8Array) => attempt(() => send(data.subarray(0, data.length - short))));
        input.on('end', () => attempt(close));
      });
    });
    return { stream, ended, application: { input, output }, dispose: () => ours.destroy() };
  };
}

/** Runs the cases of the channel whose ids match, in virtual time. */
export function channelConformance(
  role: Role,
  from: Material,
  launch: Launch,
  only?: readonly string[],
): Promise<readonly Result[]> {
  const cases = chosen(channelCasesFor(role), only);
  const options = {
    cases,
    launch,
    material: from,
    reading: defaultChoice,
    psk: false,
    patience,
    jobs: 4,
    long: true,
    limits,
  };
  return inVirtualTime(() => runCases(options));
}
