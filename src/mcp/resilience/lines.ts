// Messages of ours, in the form in which a splitter gives those of others.
import type { Message } from '../contract.ts';
import { encode, errorCodes, errorTo, type Id } from '../gate/index.ts';
import { idOf, kindOf } from '../transport/message.ts';
import type { Framed } from '../transport/splitMessages.ts';

export const framed = (message: Message): Framed => ({
  ...{ ok: true, message, kind: kindOf(message), id: idOf(message) },
  octets: encode(message),
});

export const isAnswer = ({ kind }: Framed): boolean => kind === 'result' || kind === 'error';

/** The error of a request that was under way when the connection was lost: whether it took effect is not known. */
export const connectionLost = (id: Id): Buffer => encode(errorTo(id, errorCodes.unreachable, 'connection lost'));
