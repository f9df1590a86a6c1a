// What a method is about.
import { match } from 'ts-pattern';
import type { AccessRequest } from '../contract.ts';

/** The kind of thing that a method names; `undefined` for one that names none, or one of several kinds (`completion/complete`). */
export const kindOf = (method: string): AccessRequest['kind'] =>
  match(method)
    .with('tools/call', () => 'tool' as const)
    .with('resources/read', 'resources/subscribe', 'resources/unsubscribe', () => 'resource' as const)
    .with('prompts/get', () => 'prompt' as const)
    .otherwise(() => undefined);
