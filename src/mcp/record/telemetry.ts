// Traces and metrics of what is recorded, through the API of OpenTelemetry, which does nothing until a program registers an
// SDK. Names are those of its semantic conventions for MCP (semantic-conventions-genai, in development).
import {
  type Attributes,
  type Context,
  context,
  defaultTextMapGetter,
  type Meter,
  type MeterProvider,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { match, P } from 'ts-pattern';
import type { RecordedEvent, Recorder, TraceContext } from '../contract.ts';
import { shown } from './text.ts';

/** What telemetry is told of the peers that it watches. */
export interface TelemetryOptions {
  /** Whether this process answers the requests, or sends them. */
  readonly role: 'server' | 'client';
  readonly transport?: 'tcp' | 'unix' | 'pipe';
  /** Default: the provider that the program registered, if any. */
  readonly tracerProvider?: Pick<TracerProvider, 'getTracer'>;
  readonly meterProvider?: Pick<MeterProvider, 'getMeter'>;
  /** Milliseconds that only go forward. Default: those of the process. */
  readonly now?: () => number;
}

type Decided = Extract<RecordedEvent, { event: 'decided' }>;
type Answered = Extract<RecordedEvent, { event: 'answered' }>;

/** Seconds, as the conventions want them for all durations of MCP. */
const explicitBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
const durationOptions = { unit: 's', advice: { explicitBucketBoundaries } };

/** Values of one attribute that metrics tell apart: peers choose names, and each new one costs memory. */
const mostNames = 1_000;
/** Requests under way that are watched. */
const mostUnderWay = 65_536;
/** Characters of a trace context that are read. */
const mostTrace = 512;

/** Lets a bounded number of names through; `otherwise` stands for the others. */
function boundedNames<T>(otherwise: T): (name: string) => string | T {
  const known = new Set<string>();
  return (name) => {
    if (known.size < mostNames) known.add(name);
    return known.has(name) ? name : otherwise;
  };
}

const instrumentsOf = (meter: Meter, role: TelemetryOptions['role']) => ({
  operation: meter.createHistogram(`mcp.${role}.operation.duration`, durationOptions),
  session: meter.createHistogram(`mcp.${role}.session.duration`, durationOptions),
  refused: meter.createCounter('pquake.mcp.refused', { description: 'Connections that were refused.' }),
});

/** What a request is about, by the attributes of the conventions. */
const targetOf = (method: string, name: string): Attributes =>
  match(method)
    .with('tools/call', () => ({ 'gen_ai.tool.name': name, 'gen_ai.operation.name': 'execute_tool' }))
    .with('prompts/get', () => ({ 'gen_ai.prompt.name': name }))
    .otherwise(() => ({}));

/** The parent that a peer names. It joins traces, and decides on nothing else. */
function parentOf(given: TraceContext | undefined): Context {
  const { traceparent = '', tracestate = '' } = given ?? {};
  if (traceparent === '' || traceparent.length > mostTrace) return context.active();
  const carrier = { traceparent, ...(tracestate !== '' && tracestate.length <= mostTrace && { tracestate }) };
  return propagation.extract(context.active(), carrier, defaultTextMapGetter);
}

/** A request under way. */
interface UnderWay {
  readonly span: Span;
  readonly since: number;
  /** Of its metric. */
  readonly attributes: Attributes;
}

/** How an operation failed. */
interface Failure {
  readonly type: string;
  /** Of JSON-RPC. */
  readonly code?: number;
}

const failureOf = ({ error, toolError }: Answered): Failure | undefined => {
  if (error !== undefined) return { type: String(error), code: error };
  return toolError === true ? { type: 'tool_error' } : undefined;
};

const failureAttributes = (failure: Failure | undefined): Attributes => ({
  ...(failure && { 'error.type': failure.type }),
  ...(failure?.code !== undefined && { 'rpc.response.status_code': String(failure.code) }),
});

const idOf = (id: string | number): string => JSON.stringify(id);

/** Watches requests and sessions. */
function watcher(options: TelemetryOptions) {
  const {
    role,
    transport = 'tcp',
    tracerProvider = trace,
    meterProvider = metrics,
    now = () => performance.now(),
  } = options;
  const tracer = tracerProvider.getTracer('pquake-mcp');
  const instruments = instrumentsOf(meterProvider.getMeter('pquake-mcp'), role);
  const network = { 'network.transport': transport };
  const [methodName, targetName] = [boundedNames('_OTHER'), boundedNames(undefined)];
  const sessions = new Map<string, number>();
  const underWay = new Map<string, Map<string, UnderWay>>();
  let count = 0;

  function end({ span, since, attributes }: UnderWay, failure?: Failure): void {
    const failed = failureAttributes(failure);
    if (failure !== undefined) span.setAttributes(failed).setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    instruments.operation.record((now() - since) / 1000, { ...attributes, ...failed });
  }

  function take(connection: string, id: string): UnderWay | undefined {
    const own = underWay.get(connection);
    const one = own?.get(id);
    if (one === undefined) return undefined;
    own?.delete(id);
    if (own?.size === 0) underWay.delete(connection);
    count -= 1;
    return one;
  }

  function begin(event: Decided): void {
    const { connection, principal, id, name, decision, address } = event;
    const method = methodName(shown(event.method));
    // A name that the policy does not know is any text: it is no name of a metric.
    const known = decision.allowed && name !== undefined ? targetName(shown(name)) : undefined;
    const target = known === undefined ? {} : targetOf(event.method, known);
    const attributes = { ...network, ...target, 'mcp.method.name': method };
    const spanAttributes: Attributes = {
      ...attributes,
      ...(id !== undefined && { 'jsonrpc.request.id': shown(String(id)) }),
      ...(event.method.startsWith('resources/') && name !== undefined && { 'mcp.resource.uri': shown(name) }),
      ...(principal && { 'pquake.channel': principal.channelBinding }),
      ...(role === 'server' && address !== undefined && { 'client.address': shown(address) }),
    };
    const spanName = target['gen_ai.tool.name'] ?? target['gen_ai.prompt.name'];
    const kind = role === 'server' ? SpanKind.SERVER : SpanKind.CLIENT;
    const title = spanName === undefined ? method : `${method} ${spanName}`;
    const span = tracer.startSpan(title, { kind, attributes: spanAttributes }, parentOf(event.trace));
    const one = { span, since: now(), attributes };
    if (!decision.allowed || id === undefined || count >= mostUnderWay) {
      end(one, decision.allowed ? undefined : { type: decision.reason });
      return;
    }
    const again = take(connection, idOf(id));
    if (again !== undefined) end(again, { type: '_OTHER' });
    const own = underWay.get(connection) ?? new Map<string, UnderWay>();
    underWay.set(connection, own.set(idOf(id), one));
    count += 1;
  }

  function finish(connection: string, id: string | number | undefined, failure?: Failure): void {
    const one = id === undefined ? undefined : take(connection, idOf(id));
    if (one !== undefined) end(one, failure);
  }

  function leave(connection: string, code: string | undefined): void {
    const failure = { type: code ?? 'connection-closed' };
    for (const id of [...(underWay.get(connection)?.keys() ?? [])]) {
      const one = take(connection, id);
      if (one !== undefined) end(one, failure);
    }
    const since = sessions.get(connection);
    if (since === undefined) return;
    sessions.delete(connection);
    const failed = code === undefined ? {} : failureAttributes({ type: code });
    instruments.session.record((now() - since) / 1000, { ...network, ...failed });
  }

  return {
    see: (event: RecordedEvent): void =>
      match(event)
        .with({ event: 'authenticated' }, ({ connection }) => {
          if (!sessions.has(connection)) sessions.set(connection, now());
        })
        .with({ event: 'refused' }, ({ connection, code }) => {
          instruments.refused.add(1, failureAttributes({ type: code }));
          leave(connection, code);
        })
        .with({ event: 'disconnected' }, ({ connection, code }) => leave(connection, code))
        .with({ event: 'decided' }, begin)
        .with({ event: 'answered' }, (answered) => finish(answered.connection, answered.id, failureOf(answered)))
        .with({ event: P.string }, () => {})
        .exhaustive(),
    /** The entry of an event could not be recorded. */
    unrecorded: (event: RecordedEvent): void => {
      if (event.event === 'decided') finish(event.connection, event.id, { type: 'record-unavailable' });
    },
  };
}

/** Runs what watches. Its failure is nobody's. */
function quietly(watch: () => void): void {
  try {
    watch();
  } catch {
    // An exporter or a propagator of the program: work goes on without it.
  }
}

/**
 * A recorder that shows its events to OpenTelemetry too. A span and a duration of each request, from its decision to its
 * answer; a duration of each session, from its first authentication to its end.
 */
export function withTelemetry(recorder: Recorder, options: TelemetryOptions): Recorder {
  const { see, unrecorded } = watcher(options);
  return {
    append: async (event) => {
      quietly(() => see(event));
      try {
        await recorder.append(event);
      } catch (error) {
        quietly(() => unrecorded(event));
        throw error;
      }
    },
    standing: recorder.standing,
    close: recorder.close,
  };
}
