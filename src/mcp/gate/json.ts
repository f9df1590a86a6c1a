// Values of JSON, looked at.
import { isObject, type Json } from '../contract.ts';
import type { Id } from './codes.ts';

/** A member of an object; undefined of any other value, and when there is none. */
export const memberOf = (value: Json | undefined, name: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** An id, where the value is one. */
export const idIn = (value: Json | undefined): Id | undefined =>
  typeof value === 'string' || typeof value === 'number' ? value : undefined;
