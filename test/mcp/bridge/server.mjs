// A server on standard streams for tests, without any library: it says what it was given, and misbehaves when told to.
import { existsSync, readFileSync } from 'node:fs';

const [mode = ''] = process.argv.slice(2);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
if (mode === 'noise') process.stdout.write('hello, I am no message\n');
if (mode === 'ignores-signals') {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1_000);
}

const tools = {
  whoami: () => ({ words: process.argv.slice(2), environment: process.env, process: process.pid }),
  echo: ({ text }) => text,
  crash: () => process.exit(3),
  floodErrors: ({ lines }) => {
    for (let i = 0; i < lines; i += 1) process.stderr.write(`error ${i} ${'x'.repeat(100)}\n`);
    return 'flooded';
  },
  /** Until a file is there. */
  slow: async ({ file }) => {
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
    return 'late';
  },
  never: () => new Promise(() => {}),
  flood: ({ messages }) => {
    for (let i = 0; i < messages; i += 1)
      send({ method: 'notifications/message', params: { level: 'info', data: 'y'.repeat(1_000) } });
    return 'flooded';
  },
};

async function answer({ id, method, params = {} }) {
  if (id === undefined) return;
  if (method === 'initialize') {
    const { protocolVersion } = params;
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'test', version: '1' } } });
  } else if (method === 'tools/list') {
    const description = mode.endsWith('.txt') ? readFileSync(mode, 'utf8') : mode; // of a file, so that it can change
    const list = Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' }, description }));
    send({ id, result: { tools: list } });
  } else if (method === 'tools/call') {
    const value = await tools[params.name](params.arguments ?? {});
    send({
      id,
      result: { content: [{ type: 'text', text: JSON.stringify(value) }], ...(params._meta && { meta: params._meta }) },
    });
  } else if (method === 'half') send({ id, result: { text: '\ud83d' } });
  else if (method === 'twice') process.stdout.write(`{"jsonrpc":"2.0","id":${id},"result":{"a":1,"a":2}}\n`);
  else send({ id, result: {} });
}

// Not by `readline`, to which more than a newline ends a line.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop();
  for (const line of lines) answer(JSON.parse(line));
});
