// A peer that is started once, and has one handshake after another. What a process repeats, such as the coins of its
// encapsulations, shows only in such a one.

import { environmentFor } from '../../../node/files/environment.ts';
import type { Case } from '../case.ts';
import type { Patience } from './conversation.ts';
import type { Launch, NoPeer, PeerUnderTest } from './peer.ts';
import { type Listener, listener, none } from './running.ts';
import {
  beyondCommand,
  commandFor,
  connectWhenListening,
  end,
  type FilesFor,
  freePort,
  type Process,
  run,
  type Start,
} from './spawn.ts';

/** The one process of now. */
interface Serving {
  /** Its command, with 0 for the port: a case that gives the peer something else needs another process. */
  readonly command: string;
  readonly process: Process;
  readonly port: number;
  /** Where an initiator connects. */
  readonly listener: Listener | undefined;
}

const cut = (text: string): string => text.trim().slice(-200);

/** Keeps one process for cases that give it the same. It starts another for the others, and where one has ended. */
export function servingOn(
  start: Start,
  filesFor: FilesFor,
  patience: Patience,
): { readonly launch: Launch; readonly close: () => void } {
  const environment = environmentFor(start.variables);
  const commandOf = commandFor(start, filesFor);
  let serving: Serving | undefined;

  function close(): void {
    if (serving === undefined) return;
    end(serving.process.child);
    serving.listener?.close();
    serving = undefined;
  }

  async function startFor(test: Case, command: string): Promise<Serving> {
    close();
    const own = test.peer === 'initiator' ? await listener({ host: '127.0.0.1', port: 0 }) : undefined;
    const port = own?.address.port ?? (await freePort());
    const process = run(commandOf(test, port), environment);
    const started: Serving = { command, process, port, listener: own };
    serving = started;
    void process.ended.then(() => {
      if (serving === started) close();
    });
    return started;
  }

  async function connection({ process, port, listener: own }: Serving): Promise<PeerUnderTest | NoPeer> {
    if (own === undefined) {
      const socket = await connectWhenListening(port, process, patience.start);
      return 'failed' in socket ? socket : { stream: socket, ...none };
    }
    const ended = process.ended.then(
      ({ status, tail }): NoPeer => ({ failed: `the peer ended with ${status} before it connected; ${cut(tail)}` }),
    );
    const late: NoPeer = { failed: `the peer did not connect in ${patience.start / 1000} s` };
    const stream = await Promise.race([own.connection(patience.start), ended]);
    if (stream === undefined) return late;
    return 'failed' in stream ? stream : { stream, ...none };
  }

  const launch: Launch = async (test) => {
    const beyond = beyondCommand(start, filesFor, test);
    if (beyond !== undefined) return beyond;
    const command = commandOf(test, 0).join('\0');
    const one = serving?.command === command ? serving : await startFor(test, command);
    return await connection(one);
  };
  return { launch, close };
}
