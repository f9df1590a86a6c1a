import { Argument } from 'commander';
import { wipeMaterial } from '../../node/files/material.ts';
import type { CommandDefinition } from '../../node/terminal/command.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { type PeerOptions, peerOptions } from '../../node/terminal/peer/options.ts';
import { firstMaterial, settingsOf } from '../../node/terminal/peer/settings.ts';
import { parseAddress } from '../../node/terminal/words.ts';
import { type Address, connect } from '../../node/transport/tcp.ts';
import { hangUp, tellingOf } from './peer.ts';
import { type PipeWords, pipeOptions, pipeSettingsOf, pipeUntil } from './pipe.ts';
import { reportEnded } from './report.ts';

/** A terminal that closes sends SIGHUP: nothing is read again here. */
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One handshake as the initiator. */
async function runConnect(address: Address, options: PeerOptions & PipeWords): Promise<number> {
  checkExpected(options);
  const channel = pipeSettingsOf(options);
  const json = options.json === true;
  noteExpected(options);
  const { material } = await firstMaterial(options);
  const control = new AbortController();
  let by: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    by = signal;
    control.abort();
  };
  for (const signal of endingSignals) process.once(signal, onSignal);
  try {
    const { signal } = control;
    const result = await connect({ ...settingsOf(options, channel), ...material, ...address, signal });
    if (!result.ok || result.channel === undefined) {
      reportEnded(result, by, hangUp(result, options));
      return result.ok ? 0 : 1;
    }
    reportEnded(result, undefined, tellingOf(result, options));
    return await pipeUntil(signal, result.channel, json);
  } finally {
    for (const signal of endingSignals) process.off(signal, onSignal);
    wipeMaterial(material);
  }
}

/** The command `connect`. */
export const connectCommand: CommandDefinition = {
  words: 'connect',
  description: 'connect as the initiator',
  arguments: [new Argument('<host:port>', 'where the responder listens').argParser(parseAddress)],
  options: [...peerOptions, ...pipeOptions],
  examples: [
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect bob',
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect URI:https://bob.example --json',
    'connect 127.0.0.1:4433 --cert a.pem --key a.key --ca ca.pem --ca partner.pem --expect bob --expect-issuer ca.pem',
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect bob --psk-file psk.hex',
    'connect 127.0.0.1:4433 --cert pki/alice.pem --key pki/alice.key --ca pki/ca.pem --expect bob --pipe',
    'connect 127.0.0.1:4433 --cert a.pem --key a.key --ca ca.pem --expect bob --pipe --rehandshake-after 600',
  ],
  action: runConnect,
};
