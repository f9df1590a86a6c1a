// Values of JSON, looked at.
import type { Json, Message } from '../contract.ts';
import type { Id } from './codes.ts';

export const isObject = (value: Json | undefined): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of an object; undefined of any other value, and when there is none. */
export const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** An id, where the value is one. */
export const idIn = (value: Json | undefined): Id | undefined =>
  typeof value === 'string' || typeof value === 'number' ? value : undefined;
