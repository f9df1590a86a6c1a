// The server of a ward: two tools and a resource, by the official SDK. It knows nothing of PQuAKE, of who may ask, or of the record.
import { readFileSync } from 'node:fs';
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

interface Prescription {
  readonly patient: string;
  readonly drug: string;
  readonly milligrams: number;
}

const text = { type: 'string' } as const;
const ofPatient = fromJsonSchema<{ readonly patient: string }>({
  type: 'object',
  properties: { patient: text },
  required: ['patient'],
});
const prescription = fromJsonSchema<Prescription>({
  type: 'object',
  properties: { patient: text, drug: text, milligrams: { type: 'number' } },
  required: ['patient', 'drug', 'milligrams'],
});

const saying = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });

/** @param description - of `read_vitals`, which the example changes */
function ward(description: string): McpServer {
  const server = new McpServer({ name: 'ward', version: '1.0.0' });
  server.registerTool('read_vitals', { description, inputSchema: ofPatient }, ({ patient }) =>
    saying(`${patient}: pulse 72, 118/76 mmHg`),
  );
  server.registerTool(
    'prescribe',
    { description: 'Prescribes a drug to a patient.', inputSchema: prescription },
    ({ patient, drug, milligrams }) => saying(`${patient}: ${drug}, ${milligrams} mg`),
  );
  server.registerResource('beds', 'stats://hospital.example/beds', { mimeType: 'text/plain' }, ({ href }) => ({
    contents: [{ uri: href, text: '41 of 48 beds are taken' }],
  }));
  return server;
}

const [, , file = ''] = process.argv;
serveStdio(() => ward(readFileSync(file, 'utf8').trim()));
