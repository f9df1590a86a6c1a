// The server of the soak: echoes, and remembers the number of the last call of each connection, so that one that was lost, doubled or overtaken is seen here.
import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const inputSchema = fromJsonSchema<{ readonly connection: number; readonly sequence: number; readonly octets: number }>(
  {
    type: 'object',
    required: ['connection', 'sequence', 'octets'],
    properties: { connection: { type: 'integer' }, sequence: { type: 'integer' }, octets: { type: 'integer' } },
  },
);

const last = new Map<number, number>();

serveStdio(() => {
  const server = new McpServer({ name: 'soak', version: '1.0.0' });
  server.registerTool('echo', { inputSchema }, ({ connection, sequence, octets }) => {
    const before = last.get(connection) ?? 0;
    last.set(connection, sequence);
    const said = sequence === before + 1 ? `${connection}:${sequence}:` : `${sequence} came behind ${before}`;
    return { content: [{ type: 'text', text: said.padEnd(octets, 'x') }] };
  });
  server.registerTool('secret', { inputSchema }, () => ({ content: [] })); // the policy permits it to nobody
  return server;
});
