// A server of the official SDK that serves both eras, for tests.
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

function make(): McpServer {
  const server = new McpServer({ name: 'modern', version: '1' });
  server.registerTool('process', { description: 'which process answers' }, () => text(String(process.pid)));
  server.registerTool('steps', { description: 'tells its progress' }, async (context) => {
    const { _meta: meta, notify } = context.mcpReq;
    const progressToken = meta?.progressToken;
    for (let progress = 1; progress <= 3; progress += 1) {
      if (progressToken !== undefined)
        await notify({ method: 'notifications/progress', params: { progressToken, progress, total: 3 } });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return text('done');
  });
  return server;
}

serveStdio(make);
