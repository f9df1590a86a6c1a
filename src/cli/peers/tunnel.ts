// `tunnel`: plain connections of others cross PQuAKE, in the manner of stunnel.
import { setTimeout as sleep } from 'node:timers/promises';
import { materialFactsOf, wipeMaterial } from '../../node/files/material.ts';
import { type CommandDefinition, parsed, required, UsageError } from '../../node/terminal/command.ts';
import { goOnWithoutOutput, note } from '../../node/terminal/output.ts';
import { checkExpected, noteExpected } from '../../node/terminal/peer/expected.ts';
import { keepListenerFresh } from '../../node/terminal/peer/fresh.ts';
import { channelOptions, intakeOptions, peerOptions } from '../../node/terminal/peer/options.ts';
import { firstMaterial } from '../../node/terminal/peer/settings.ts';
import { parseEndpoint, parseSeconds } from '../../node/terminal/words.ts';
import { addressText } from '../../node/transport/network.ts';
import type { Fresh } from '../../node/transport/reload.ts';
import type { Address } from '../../node/transport/tcp.ts';
import { acceptingSide, defaults, listeningSide, type Side, type TunnelOptions } from './tunnelSides.ts';

/** Where it listens, and with which side of the tunnel. @throws UsageError */
function endsOf({ listen, accept }: TunnelOptions): { readonly at: Address; readonly sideOf: typeof acceptingSide } {
  if (listen !== undefined && accept === undefined) return { at: listen, sideOf: listeningSide };
  if (listen === undefined && accept !== undefined) return { at: accept, sideOf: acceptingSide };
  throw new UsageError('expected one of --listen, for plain connections, and --accept, for those of PQuAKE');
}

/** Until the first signal. The second one ends the wait for open connections. */
function signals(): { readonly first: Promise<void>; readonly second: Promise<void>; readonly forget: () => void } {
  const waiting: (() => void)[] = [];
  const [first, second] = [0, 1].map(() => new Promise<void>((resolve) => waiting.push(resolve))) as [
    Promise<void>,
    Promise<void>,
  ];
  const onSignal = (): void => waiting.shift()?.();
  const names = ['SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    first,
    second,
    forget: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** Carries connections until a signal ends it: no new ones then, and the open ones have a while to end. */
async function runTunnel(options: TunnelOptions): Promise<number> {
  const { at, sideOf } = endsOf(options);
  checkExpected(options);
  const seen = materialFactsOf(options);
  const { material, access } = await firstMaterial(options);
  let fresh: Fresh | undefined;
  const side: Side = await sideOf(at, options, material, () => fresh?.look()).catch((error: unknown) => {
    wipeMaterial(material);
    throw error;
  });
  const { first, second, forget } = signals();
  goOnWithoutOutput();
  fresh = keepListenerFresh(side, material, seen, access, options);
  note(`listening on ${addressText(side.address)}`);
  noteExpected(options); // after the address, which scripts wait for
  await first;
  const closed = side.close();
  const { shutdownTimeout = defaults.shutdown } = options;
  const done = new AbortController();
  await Promise.race([closed, second, sleep(shutdownTimeout, undefined, { signal: done.signal }).catch(() => {})]);
  done.abort();
  forget();
  side.cut();
  await closed;
  fresh.close();
  return 0;
}

/** The command `tunnel`. */
export const tunnelCommand: CommandDefinition = {
  words: 'tunnel',
  description: 'carry connections of other programs to a peer, over channels',
  options: [
    ...peerOptions,
    ...channelOptions,
    ...intakeOptions,
    parsed('--listen <address>', 'accept plain connections here, and connect with PQuAKE to --to', parseEndpoint),
    parsed('--accept <address>', 'accept connections with PQuAKE here, and connect plainly to --to', parseEndpoint),
    required(parsed('--to <address>', 'HOST:PORT or unix:PATH, as all addresses of this command', parseEndpoint)),
    parsed(
      '--idle-timeout <seconds>',
      `cut connections over which nothing crossed for so long (default: ${defaults.idle / 1_000})`,
      parseSeconds,
    ),
    parsed(
      '--shutdown-timeout <seconds>',
      `for open connections to end after SIGINT or SIGTERM (default: ${defaults.shutdown / 1_000})`,
      parseSeconds,
    ),
  ],
  examples: [
    'tunnel --accept 127.0.0.1:4433 --to 127.0.0.1:8080 --cert bob.pem --key bob.key --ca ca.pem --expect alice',
    'tunnel --listen 127.0.0.1:8081 --to 127.0.0.1:4433 --cert alice.pem --key alice.key --ca ca.pem --expect bob',
    'tunnel --listen unix:/run/db.socket --to [::1]:4433 --cert a.pem --key a.key --ca ca.pem --expect db --rehandshake-after 3600',
  ],
  action: runTunnel,
};
