// A server on standard streams, behind PQuAKE: each peer gets one of its own, or all share one.

import { chooseSuite } from '../../node/suite.ts';
import { addressText } from '../../node/transport/network.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { type Listener, type ListenOptions, listen, type TcpResult } from '../../node/transport/tcp.ts';
import type { Principal, RecordedEvent } from '../contract.ts';
import { type Gate, type GateLimits, gate } from '../gate/index.ts';
import { type Carriage, carry } from './carry.ts';
import type { ServerCommand } from './child.ts';
import type { Variable } from './environment.ts';
import { type Governance, type Governed, recordOf } from './governance.ts';
import type { Link } from './lines.ts';
import { type PlaceLimits, places } from './places.ts';
import { principalOn } from './principal.ts';
import { type Provider, providerOf } from './provider.ts';
import { standings } from './standing.ts';
import { wordsOf } from './words.ts';

export interface BridgeOptions extends ServerCommand {
  readonly version: string;
  readonly variables: readonly Variable[];
  readonly places: PlaceLimits;
  /** One server for all connections. */
  readonly shared: boolean;
  readonly identityInMeta: boolean;
  /** Octets of a message. */
  readonly longest: number;
  /** Milliseconds that a server has to end by itself, and one end of a connection after the other. */
  readonly grace: number;
  /** Bounds on each connection. */
  readonly limits: Partial<GateLimits>;
  readonly governance: Governance;
  readonly note: (line: string) => void;
}

/** A listener whose peers speak with servers. */
export interface Bridge extends Pick<Listener, 'address' | 'update'> {
  /** Accepts no more, and denies new requests. Fulfilled when no request is under way, or when it is cut. */
  readonly drain: () => Promise<void>;
  /** Ends what is open, and all servers. */
  readonly close: () => Promise<void>;
}

interface Open {
  readonly gate: Gate;
  readonly carriage: Carriage;
}

const linkOf = (channel: SecuredStream): Link => ({
  source: channel,
  sink: channel,
  cut: () => void channel.destroy(),
});

type ListenFor = Omit<ListenOptions, 'onHandshake' | 'onError' | 'channel'> & Pick<Required<ListenOptions>, 'channel'>;

/** @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound */
export async function serveBridge(listening: ListenFor, options: BridgeOptions): Promise<Bridge> {
  const { governance, note, version, identityInMeta, longest, limits, grace } = options;
  const suite = listening.suite ?? chooseSuite();
  const standing = standings(suite);
  const open = new Set<Open>();
  const underWay = new Set<Promise<void>>();
  const onUnrecorded = (error: unknown): void => note(`not recorded: ${wordsOf(error)}`);
  const recorded = (event: RecordedEvent): Promise<boolean> => recordOf(governance, event, onUnrecorded);
  const limit = places(options.places, () => performance.now());
  const provider: Provider = providerOf({ ...options, places: limit, recorded });

  function gateFor(governed: Governed): Gate {
    const { principal, authenticateAgain: _, ...facts } = governed;
    const { record, unrecorded = 'deny', partsFor } = governance;
    const parts = partsFor?.(governed);
    return gate({
      ...{ principal, facts, identityInMeta, unrecorded, onUnrecorded },
      ...(record && { record }),
      ...parts,
      limits: { ...limits, ...parts?.limits },
    });
  }

  async function serveOne(channel: SecuredStream, governed: Governed): Promise<string | undefined> {
    const { connection } = governed;
    const provided = await provider.serverFor(governed);
    if (!provided.ok) {
      note(`connection ${connection}: ${provided.code}: ${provided.message}`);
      await recorded({ event: 'refused', ...provided.facts, code: provided.code, message: provided.message });
      channel.destroy();
      return provided.code;
    }
    const { link: server, onPeerEnd } = provided;
    const made = gateFor(governed);
    const carriage = carry({
      ...{ peer: linkOf(channel), server, gate: made, longest, grace, onPeerEnd, afterServer: 'end' },
      lost: () => 'the server ended',
      onNoMessage: (error) => provided.noMessage(error),
    });
    const one = { gate: made, carriage };
    open.add(one);
    const { remove } = standing.add({ channel, end: carriage.end });
    const leave = governance.attend?.(governed);
    const code = await carriage.ended;
    leave?.();
    remove();
    made.close();
    open.delete(one);
    return code;
  }

  async function accept(result: TcpResult): Promise<void> {
    const connection = String(result.connection?.number ?? 0);
    const { host, port } = result.connection?.remote ?? {};
    const facts = { connection, ...(host !== undefined && { address: `${host}:${port}` }) };
    if (!result.ok || result.channel === undefined) {
      if (result.ok) return;
      const { code, message } = result.failure;
      note(`connection ${connection}: refused: ${code}: ${message}`);
      await recorded({ event: 'refused', ...facts, code, message });
      return;
    }
    const { channel } = result;
    channel.on('error', () => {}); // who reads it hears of it
    const principal = principalOn(channel, Uint8Array.from(result.session.identifier));
    const told = (): { readonly principal: Principal } => ({ principal: principal() });
    channel.on('rehandshaken', () => void recorded({ event: 'authenticated', ...facts, ...told() }));
    note(`connection ${connection}: ${principal().identity}`);
    if (!(await recorded({ event: 'authenticated', ...facts, ...told() }))) {
      channel.destroy();
      return;
    }
    const code = await serveOne(channel, { ...facts, principal, authenticateAgain: channel.rehandshake });
    note(`connection ${connection}: closed${code === undefined ? '' : `: ${code}`}`);
    await recorded({ event: 'disconnected', ...facts, ...told(), ...(code !== undefined && { code }) });
  }

  const listener = await listen({
    ...listening,
    suite,
    onHandshake: (result) => {
      const done = accept(result)
        .catch((error: unknown) => {
          note(`a connection failed within: ${wordsOf(error)}`);
          if (result.ok) result.channel?.destroy();
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
    },
    onError: (error) => note(`a connection failed within: ${wordsOf(error)}`),
  });
  await recorded({ event: 'started', version, listening: addressText(listener.address) });

  return {
    address: listener.address,
    update: (changes) => {
      const updated = listener.update(changes);
      const { trustAnchors, expectedPeer } = changes;
      if (trustAnchors !== undefined)
        standing
          .judge({ trustAnchors, expectedPeer: expectedPeer ?? listening.expectedPeer })
          .catch((error: unknown) => note(`peers could not be judged again: ${wordsOf(error)}`));
      return updated;
    },
    drain: async () => {
      for (const one of open) one.gate.drain();
      await listener.close();
      while ([...open].some((one) => one.gate.waiting() > 0))
        await new Promise<void>((resolve) => setTimeout(resolve, 50));
    },
    close: async () => {
      await listener.close();
      for (const { carriage } of open) carriage.end('shutting-down');
      await provider.close();
      await Promise.all(underWay);
      standing.close();
      await recorded({ event: 'stopped', reason: 'ended by its operator' });
    },
  };
}
