// The shapes of JSON-RPC 2.0 that the protocol uses. Batches are not among them.
import { type Checked, passed, refused } from '../../failure.ts';
import { isObject, type Json, type Message } from '../contract.ts';
import type { FramingCode } from './framingError.ts';

/** What a message is. */
export type MessageKind = 'request' | 'notification' | 'result' | 'error';

/** Whether a message answers a request. */
export const isAnswer = ({ kind }: { readonly kind: MessageKind }): boolean => kind === 'result' || kind === 'error';

/** An id as both readers of a number understand it. */
export type Id = string | number;

const has = (message: Message, key: string): boolean => Object.hasOwn(message, key);

const isId = (value: Json | undefined): value is Id => typeof value === 'string' || Number.isSafeInteger(value);

/** The id of a message, where it has one that is a text or a whole number. */
export function idOf(message: Message): Id | undefined {
  const { id } = message;
  return isId(id) ? id : undefined;
}

/** What is wrong with a request or notification. */
function faultOfCall({ method, params, ...message }: Message): string | undefined {
  if (typeof method !== 'string') return 'the method is not a text';
  if (has(message, 'result') || has(message, 'error')) return 'it has a method and an answer';
  if (params !== undefined && !isObject(params)) return 'the parameters are not an object';
  if (has(message, 'id') && !isId(message['id'])) return 'the id of a request is neither a text nor a whole number';
  return undefined;
}

/** What is wrong with an answer. An error may be one to a request whose id could not be read. */
function faultOfAnswer(message: Message): string | undefined {
  const { id, error } = message;
  if (has(message, 'result') === has(message, 'error')) return 'it has neither a method, nor one of result and error';
  if (has(message, 'result')) return isId(id) ? undefined : 'the id of a result is neither a text nor a whole number';
  if (!isObject(error) || !Number.isInteger(error['code']) || typeof error['message'] !== 'string')
    return 'an error without code and message';
  return id === undefined || id === null || isId(id) ? undefined : 'the id of an error is no id';
}

/** The kind of a message that `checkMessage` let through. */
export function kindOf(message: Message): MessageKind {
  if (has(message, 'method')) return has(message, 'id') ? 'request' : 'notification';
  return has(message, 'result') ? 'result' : 'error';
}

/** Lets an object of JSON-RPC 2.0 through. */
export function checkMessage(value: Json): Checked<Message, FramingCode> {
  if (Array.isArray(value)) return refused('message-not-json-rpc', 'batches are not supported');
  if (!isObject(value)) return refused('message-not-json-rpc', 'it is not an object');
  if (value['jsonrpc'] !== '2.0') return refused('message-not-json-rpc', 'jsonrpc is not "2.0"');
  const fault = has(value, 'method') ? faultOfCall(value) : faultOfAnswer(value);
  return fault === undefined ? passed(value) : refused('message-not-json-rpc', fault);
}
