// An example: metrics of a program that Prometheus reads at http://127.0.0.1:9464/metrics. Only the program chooses an SDK and an
// exporter; what it uses of pquake-mcp calls the API of OpenTelemetry alone.
//
//   const { end } = await exportMetrics(9464); // before the gateway starts
//   const recorder = withTelemetry(await recordFile({ ... }), { role: 'server' });
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Registers metrics that are read on loopback. @returns where, and what ends it */
export async function exportMetrics(
  port: number,
): Promise<{ readonly url: string; readonly end: () => Promise<void> }> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  metrics.setGlobalMeterProvider(provider);
  const end = async (): Promise<void> => {
    server.close();
    await provider.shutdown();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, end };
}
