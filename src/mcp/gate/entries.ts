// What a gate writes into the record.
import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import type { Json, RecordedEvent, TraceContext } from '../contract.ts';
import type { Id } from './codes.ts';
import type { GateParts } from './contract.ts';
import { memberOf } from './json.ts';

// The package is CommonJS whose types say otherwise.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** An entry on a decision, without the facts of its connection. */
export type Entry = Omit<
  Extract<RecordedEvent, { readonly event: 'decided' }>,
  'event' | 'connection' | 'principal' | 'address'
>;

/** How a request was answered. */
export type Outcome = Pick<Extract<RecordedEvent, { readonly event: 'answered' }>, 'error' | 'toolError'>;

/** Writes entries. Each says whether what it is about may go on. */
export interface Entries {
  readonly decided: (entry: Entry) => Promise<boolean>;
  readonly answered: (id: Id, outcome: Outcome) => Promise<boolean>;
}

/** SHA-256 of arguments as RFC 8785 JSON, hexadecimal; absent without a record, without arguments, and where they are nested too deeply. */
export function argumentsDigestOf(
  record: GateParts['record'],
  given: Json | undefined,
): { readonly argumentsDigest?: string } {
  if (record === undefined || given === undefined) return {};
  try {
    return {
      argumentsDigest: createHash('sha256')
        .update(canonicalize(given) ?? '')
        .digest('hex'),
    };
  } catch {
    return {};
  }
}

/** The trace context in `_meta` of a request, for telemetry. */
export function traceOf(params: Json | undefined): { readonly trace?: TraceContext } {
  const meta = memberOf(params, '_meta');
  const [traceparent, tracestate] = [memberOf(meta, 'traceparent'), memberOf(meta, 'tracestate')];
  if (typeof traceparent !== 'string') return {};
  return { trace: { traceparent, ...(typeof tracestate === 'string' && { tracestate }) } };
}

export function recordWith({ record, facts, principal, unrecorded, onUnrecorded }: GateParts): Entries {
  const append = async (event: () => RecordedEvent): Promise<boolean> => {
    if (record === undefined) return true;
    try {
      await record.append(event());
      return true;
    } catch (error) {
      onUnrecorded?.(error);
      return unrecorded === 'continue';
    }
  };
  const common = () => ({ connection: '', ...facts, principal: principal() });
  return {
    decided: (entry) => append(() => ({ event: 'decided', ...common(), ...entry })),
    answered: (id, outcome) => append(() => ({ event: 'answered', ...common(), id, ...outcome })),
  };
}
