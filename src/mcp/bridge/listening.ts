// A listener whose peers speak with servers: who came, who stays, and what is recorded of it.
import { chooseSuite } from '../../node/suite.ts';
import { addressText } from '../../node/transport/network.ts';
import type { SecuredStream } from '../../node/transport/secured.ts';
import { type Listener, type ListenOptions, listen, type TcpResult } from '../../node/transport/tcp.ts';
import type { Bytes } from '../../octets.ts';
import type { ConnectionFacts, Principal, RecordedEvent } from '../contract.ts';
import type { Gate, GateLimits, GateParts } from '../gate/index.ts';
import { type Patience, watchPeer } from '../resilience/patience.ts';
import { principalOn } from '../transport/principal.ts';
import { type Governance, type Governed, gateOf, recordOf } from './governance.ts';
import { standings } from './standing.ts';
import { toldUnrecorded, wordsOf } from './words.ts';

export interface ListeningOptions {
  readonly version: string;
  readonly identityInMeta: boolean;
  /** Octets of a message. */
  readonly longest: number;
  /** Milliseconds that a server has to end by itself, and one end of a connection after the other. */
  readonly grace: number;
  /** Bounds on each connection. */
  readonly limits: Partial<GateLimits>;
  /** How long a peer may be silent, or not read. */
  readonly patience?: Patience;
  readonly governance: Governance;
  readonly note: (line: string) => void;
}

/** A listener whose peers speak with servers. */
export interface Bridge extends Pick<Listener, 'address' | 'update'> {
  /**
   * Accepts no more, and denies new requests. Each connection ends in order when none of its requests is under way. Fulfilled when all have
   * ended, or when it is closed.
   */
  readonly drain: () => Promise<void>;
  /** Ends what is open, and all servers. */
  readonly close: () => Promise<void>;
}

/** A connection that was let in. */
export interface Admitted {
  readonly channel: SecuredStream;
  /** The identifier of the session whose handshake opened it, 48 octets. */
  readonly identifier: Bytes;
  readonly governed: Governed;
}

/** A connection at work. */
export interface Served extends Pick<Gate, 'drain' | 'waiting'> {
  /** Ends it in order, when nothing of it is under way. */
  readonly finish: (code: string) => void;
  readonly end: (code: string) => void;
  /** Fulfilled when it is over; with the code of what ended it, when it did not end in order. */
  readonly ended: Promise<string | undefined>;
}

/** A connection whose server may not have been started yet. */
type Opened = Omit<Served, 'ended'>;

interface Kept {
  /** Fulfilled when it is over, as `ended`. */
  readonly serve: (admitted: Admitted) => Promise<string | undefined>;
  readonly leave: () => void;
}

type OpenConnection = Extract<TcpResult, { readonly ok: true }> & { readonly channel: SecuredStream };

/** What stands behind a listener. */
export interface Service {
  /** Begins to serve a connection; a text is the code for which it is not served: the channel was ended. */
  readonly serve: (admitted: Admitted) => Promise<Served | string>;
  /** Ends servers that were started here, where there are some: the next connection gets another one. */
  readonly endServers?: () => void;
  readonly close: () => Promise<void>;
}

/** What a listener gives to its service. */
export interface Listening {
  readonly gateFor: (governed: Governed, more?: Pick<GateParts, 'underWay'>) => Gate;
  /** Writes an entry. @returns whether what it is about may go on */
  readonly recorded: (event: RecordedEvent) => Promise<boolean>;
}

export type ListenFor = Omit<ListenOptions, 'onHandshake' | 'onError' | 'channel'> &
  Pick<Required<ListenOptions>, 'channel'>;

/** @throws ConfigurationError (as a rejection) when the options cannot work or the address cannot be bound */
export async function listenFor(
  listening: ListenFor,
  options: ListeningOptions,
  serviceOf: (listening: Listening) => Service,
): Promise<Bridge> {
  const { governance, note, version, identityInMeta, limits } = options;
  const suite = listening.suite ?? chooseSuite();
  const standing = standings(suite, listening.handshakeTimeout);
  const open = new Set<Opened>();
  let isDraining = false;
  const underWay = new Set<Promise<void>>();
  const onUnrecorded = toldUnrecorded(note);
  const recorded = (event: RecordedEvent): Promise<boolean> => recordOf(governance, event, onUnrecorded);

  const gateFor: Listening['gateFor'] = (governed, more) =>
    gateOf(governance, governed, { identityInMeta, onUnrecorded, limits, ...more });
  const service = serviceOf({ gateFor, recorded });

  const trusting = governance.onDistrust?.((code) => {
    for (const { end } of open) end(code);
    service.endServers?.();
  });

  /** Begins to serve a connection, unless something is against it. */
  async function begin(admitted: Admitted): Promise<Served | string> {
    const against = await governance.admit?.();
    if (against === undefined) return await service.serve(admitted);
    const { channel, governed } = admitted;
    const { principal, authenticateAgain: _, ...facts } = governed;
    note(`connection ${governed.connection}: ${against.code}: ${against.message}`);
    await recorded({ event: 'refused', ...facts, principal: principal(), ...against });
    channel.destroy();
    return against.code;
  }

  /** Keeps a connection from its handshake on, so that nothing that ends or drains all misses one whose server is being started. */
  function keep(channel: SecuredStream): Kept {
    let [served, ending]: [Served | undefined, string | undefined] = [undefined, undefined];
    const end = (code: string): void => {
      ending ??= code;
      if (served === undefined) channel.destroy();
      else served.end(code);
    };
    const one: Opened = {
      end,
      finish: (code) => (served === undefined ? end(code) : served.finish(code)),
      drain: () => served?.drain(),
      waiting: () => served?.waiting() ?? 0,
    };
    open.add(one);
    const { remove } = standing.add({ channel, end });
    const leave = (): void => {
      remove();
      open.delete(one);
    };
    return {
      leave,
      serve: async (admitted) => {
        if (ending !== undefined) return ending;
        const begun = await begin(admitted);
        if (typeof begun === 'string') return ending ?? begun;
        served = begun;
        if (isDraining) served.drain();
        if (ending !== undefined) served.end(ending);
        const unattended = governance.attend?.(admitted.governed);
        const code = await served.ended;
        unattended?.();
        leave();
        return code;
      },
    };
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
    const kept = keep(channel);
    await acceptKept(Object.assign({}, result, { channel }), kept, facts).finally(kept.leave);
  }

  async function acceptKept(
    { stream, session, channel }: OpenConnection,
    kept: Kept,
    facts: Omit<ConnectionFacts, 'principal'>,
  ): Promise<void> {
    const { connection } = facts;
    watchPeer({ channel, socket: stream }, options.patience ?? {});
    const identifier = Uint8Array.from(session.identifier);
    const principal = principalOn({ channel, session: { identifier } });
    const told = (): { readonly principal: Principal } => ({ principal: principal() });
    channel.on('rehandshaken', () => void recorded({ event: 'authenticated', ...facts, ...told() }));
    note(`connection ${connection}: ${principal().identity}`);
    if (!(await recorded({ event: 'authenticated', ...facts, ...told() }))) {
      channel.destroy();
      return;
    }
    const authenticateAgain = channel.rehandshake;
    const code = await kept.serve({ channel, identifier, governed: { ...facts, principal, authenticateAgain } });
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
      isDraining = true;
      for (const one of open) one.drain();
      await listener.close();
      while (open.size > 0) {
        for (const one of open) if (one.waiting() === 0) one.finish('shutting-down');
        await new Promise<void>((resolve) => setTimeout(resolve, 50));
      }
    },
    close: async () => {
      await listener.close();
      trusting?.();
      for (const { end } of open) end('shutting-down');
      await Promise.all(underWay);
      await service.close();
      standing.close();
      await recorded({ event: 'stopped', reason: 'ended by its operator' });
    },
  };
}
