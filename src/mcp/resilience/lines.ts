// Messages of ours, in the form in which a splitter gives those of others.
import type { Message } from '../contract.ts';
import { encode, errorCodes, errorTo, type Id } from '../gate/index.ts';
import { idOf, kindOf } from '../transport/message.ts';
import type { Framed } from '../transport/splitMessages.ts';

export const framed = (message: Message): Framed => ({
  ...{ ok: true, message, kind: kindOf(message), id: idOf(message) },
  octets: encode(message),
});

const unreachable = (id: Id, message: string): Buffer => encode(errorTo(id, errorCodes.unreachable, message));

/** The error of a request that was under way when the connection was lost: whether it took effect is not known. */
export const connectionLost = (id: Id): Buffer => unreachable(id, 'connection lost');

/** Why there is no connection. */
export interface Absence {
  readonly code: string;
  readonly message: string;
}

/** The error of a request that was not sent: it took no effect. */
export const noConnection = (id: Id, { code, message }: Absence): Buffer =>
  unreachable(id, `no connection to the server: ${code}: ${message}`);
