// What OpenTelemetry is shown of a record: spans and durations by its conventions for MCP; and nothing where nobody asked.
import { context, metrics, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { exportMetrics } from '../../../scripts/examples/prometheus.ts';
import type { RecordedEvent, Recorder } from '../../../src/mcp/contract.ts';
import { type TelemetryOptions, withTelemetry } from '../../../src/mcp/record/telemetry.ts';
import { call, principal } from './records.ts';

afterEach(() => {
  metrics.disable();
  propagation.disable();
});

const nothing: Recorder = { append: async () => {}, standing: () => {}, close: async () => {} };

/** A recorder with telemetry in memory, by a clock of which each look takes a second. */
function watched(options: Partial<TelemetryOptions> = {}, recorder: Recorder = nothing) {
  const spans = new InMemorySpanExporter();
  const measures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measures, exportIntervalMillis: 1_000_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
  let time = 0;
  const now = (): number => {
    time += 1_000;
    return time;
  };
  const watching = withTelemetry(recorder, { role: 'server', tracerProvider, meterProvider, now, ...options });
  return {
    append: watching.append,
    see: async (...events: RecordedEvent[]) => {
      for (const event of events) await watching.append(event);
    },
    spans: () => spans.getFinishedSpans(),
    points: async () => {
      await meterProvider.forceFlush();
      const all =
        measures
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
      return new Map(all.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
    },
  };
}

const about = { connection: '1', principal };
const answer = (id: number, more: object = {}): RecordedEvent => ({ event: 'answered', ...about, id, ...more });

describe('a request', () => {
  it('is a span from its decision to its answer, and a duration in seconds', async () => {
    const { see, spans, points } = watched();
    await see(call(7), answer(7));
    const [span] = spans();
    expect(span).toMatchObject({
      name: 'tools/call read_chart',
      kind: SpanKind.SERVER,
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span?.attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'read_chart',
      'gen_ai.operation.name': 'execute_tool',
      'jsonrpc.request.id': '7',
      'network.transport': 'tcp',
      'pquake.channel': principal.channelBinding,
    });
    const [point] = (await points()).get('mcp.server.operation.duration') ?? [];
    expect(point?.value).toMatchObject({ sum: 1, count: 1 });
    expect(point?.value).toHaveProperty(
      'buckets.boundaries',
      [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    );
    expect(point?.attributes).not.toHaveProperty('jsonrpc.request.id');
  });

  it('of a client is one of a client', async () => {
    const { see, spans, points } = watched({ role: 'client', transport: 'pipe' });
    await see(call(7), answer(7));
    expect(spans()[0]).toMatchObject({ kind: SpanKind.CLIENT, attributes: { 'network.transport': 'pipe' } });
    expect([...(await points()).keys()]).toEqual(['mcp.client.operation.duration']);
  });

  it('that fails has the kind of its failure: denied, an error, a tool that failed, a connection that ended, no record', async () => {
    const failing: Recorder = { ...nothing, append: () => Promise.reject(new Error('full')) };
    const denied = { ...call(1), decision: { allowed: false, reason: 'no-rule' } } as RecordedEvent;
    const { see, spans } = watched();
    await see(denied, call(2), answer(2, { error: -32602 }), call(3), answer(3, { toolError: true }), call(4));
    await see({ event: 'disconnected', ...about, code: 'silence' });
    const other = watched({}, failing);
    await expect(other.append(call(5))).rejects.toThrow('full');
    const all = [...spans(), ...other.spans()];
    expect(all.map(({ attributes }) => attributes['error.type'])).toEqual([
      ...['no-rule', '-32602', 'tool_error', 'silence', 'record-unavailable'],
    ]);
    for (const { status } of all) expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(all[0]?.name).toBe('tools/call'); // the name of what is denied is any text of the peer
    expect(all[1]?.attributes['rpc.response.status_code']).toBe('-32602');
  });

  it('whose names peers make up costs no more than a bounded number of them', async () => {
    const { see, points } = watched();
    for (let i = 0; i < 1_200; i += 1) await see(call(i, `tool-${i}`), answer(i));
    const made = (await points()).get('mcp.server.operation.duration') ?? [];
    expect(made).toHaveLength(1_001);
  });

  it('has the parent that its peer names, where the program has a propagator', async () => {
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const named = { ...call(1), trace: { traceparent: `00-${traceId}-${spanId}-01` } } as RecordedEvent;
    const without = watched();
    await without.see(named, answer(1));
    expect(without.spans()[0]?.spanContext().traceId).not.toBe(traceId);
    propagation.setGlobalPropagator({
      inject: () => {},
      fields: () => ['traceparent'],
      extract: (to, carrier, { get }) => {
        const [, trace_ = '', span = ''] = String(get(carrier, 'traceparent')).split('-');
        return trace.setSpanContext(to, { traceId: trace_, spanId: span, traceFlags: 1, isRemote: true });
      },
    });
    const { see, spans } = watched();
    const long = {
      ...call(2),
      trace: { traceparent: `00-${traceId}-${spanId}-01${'0'.repeat(1_000)}` },
    } as RecordedEvent;
    await see(named, answer(1), long, answer(2));
    expect(spans().map((span) => span.spanContext().traceId === traceId)).toEqual([true, false]);
    expect(spans()[0]?.parentSpanContext?.spanId).toBe(spanId);
  });
});

it('a session lasts from its first authentication to its end, and refused connections are counted', async () => {
  const { see, points } = watched();
  await see(
    { event: 'connected', connection: '1' },
    { event: 'authenticated', ...about },
    { event: 'authenticated', ...about },
  );
  await see({ event: 'disconnected', ...about }, { event: 'disconnected', connection: '2' });
  await see({ event: 'refused', connection: '3', code: 'certificate-revoked', message: 'revoked' });
  const measured = await points();
  expect(measured.get('mcp.server.session.duration')?.[0]?.value).toMatchObject({ sum: 1, count: 1 });
  expect(measured.get('pquake.mcp.refused')?.[0]).toMatchObject({
    value: 1,
    attributes: { 'error.type': 'certificate-revoked' },
  });
});

it('without an SDK nothing is made, and a propagator that throws stops nothing', async () => {
  expect(trace.getSpan(context.active())).toBeUndefined();
  const seen: RecordedEvent[] = [];
  const recorder = withTelemetry({ ...nothing, append: async (event) => void seen.push(event) }, { role: 'server' });
  propagation.setGlobalPropagator({
    inject: () => {},
    fields: () => [],
    extract: () => {
      throw new Error('of the program');
    },
  });
  await recorder.append({ ...call(1), trace: { traceparent: '00-x' } } as RecordedEvent);
  expect(seen).toHaveLength(1);
  expect(trace.getSpan(ROOT_CONTEXT)).toBeUndefined();
});

it('Prometheus reads the metrics of a program that registers its exporter', async () => {
  const { url, end } = await exportMetrics(0);
  try {
    const recorder = withTelemetry(nothing, { role: 'server' });
    await recorder.append(call(1));
    await recorder.append(answer(1));
    const text = await (await fetch(url)).text();
    expect(text).toMatch(/^mcp_server_operation_duration_count\{[^}]*gen_ai_tool_name="read_chart"[^}]*\} 1$/m);
  } finally {
    await end();
  }
});
