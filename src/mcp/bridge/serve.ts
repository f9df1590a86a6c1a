// A server on standard streams, behind PQuAKE: each peer gets one of its own, or all share one.
import type { SecuredStream } from '../../node/transport/secured.ts';
import { carry } from './carry.ts';
import type { ServerCommand } from './child.ts';
import type { Variable } from './environment.ts';
import type { Link } from './lines.ts';
import {
  type Admitted,
  type Bridge,
  type ListenFor,
  type Listening,
  type ListeningOptions,
  listenFor,
  type Served,
  type Service,
} from './listening.ts';
import { type PlaceLimits, places } from './places.ts';
import { providerOf } from './provider.ts';

export type { Bridge } from './listening.ts';

export interface BridgeOptions extends ServerCommand, ListeningOptions {
  readonly variables: readonly Variable[];
  readonly places: PlaceLimits;
  /** One server for all connections. */
  readonly shared: boolean;
}

export const linkOf = (channel: SecuredStream): Link => ({
  source: channel,
  sink: channel,
  cut: () => void channel.destroy(),
});

function childrenOf(options: BridgeOptions, { gateFor, recorded }: Listening): Service {
  const { note, longest, grace } = options;
  const limit = places(options.places, () => performance.now());
  const provider = providerOf({ ...options, places: limit, recorded });

  async function serve({ channel, governed }: Admitted): Promise<Served | string> {
    const { connection } = governed;
    const provided = await provider.serverFor(governed);
    if (!provided.ok) {
      note(`connection ${connection}: ${provided.code}: ${provided.message}`);
      await recorded({ event: 'refused', ...provided.facts, code: provided.code, message: provided.message });
      channel.destroy();
      return provided.code;
    }
    const { link: server, onPeerEnd } = provided;
    const gate = gateFor(governed);
    const { end, finish, ended } = carry({
      ...{ peer: linkOf(channel), server, gate, longest, grace, onPeerEnd, lost: 'the server ended' },
      onNoMessage: (error) => provided.noMessage(error),
    });
    return { end, finish, ended, drain: gate.drain, waiting: gate.waiting };
  }

  return { serve, endServers: provider.endServers, close: provider.close };
}

/** @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound */
export const serveBridge = (listening: ListenFor, options: BridgeOptions): Promise<Bridge> =>
  listenFor(listening, options, (given) => childrenOf(options, given));
