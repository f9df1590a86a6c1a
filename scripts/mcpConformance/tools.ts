// A server for the conformance suite: everything that it asks a server for, as briefly as it accepts.
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  type InputRequests,
  inputRequired,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { forms, picture, plainTools, text, wideSchema } from './answers.ts';

/** What tools do beyond their answer. */
export interface Surroundings {
  /** Ends the stream of events of a request, so that the client has to come back for the rest. */
  readonly cutStream: (ctx: ServerContext) => void;
  readonly toolsChanged: () => void;
  readonly promptsChanged: () => void;
}

type Given = Readonly<Record<string, string>>;
type Answer = ReturnType<typeof text> | ReturnType<typeof inputRequired>;
type Handler = (given: Given, ctx: ServerContext) => Answer | Promise<Answer>;

const codec = createRequestStateCodec<Record<string, unknown>>({ key: crypto.getRandomValues(new Uint8Array(32)) });

const ofTexts = (...names: readonly string[]) => ({
  type: 'object' as const,
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
  required: [...names],
});

const ask = {
  name: () => inputRequired.elicit({ message: 'What is your name?', requestedSchema: forms.name as never }),
  confirmation: () => inputRequired.elicit({ message: 'Please confirm', requestedSchema: forms.confirmation as never }),
  greeting: () =>
    inputRequired.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'Generate a greeting' } }],
      maxTokens: 50,
    }),
  roots: () => inputRequired.listRoots(),
};

/** Tools of 2026-07-28 that ask for more before they answer. */
const asking: Readonly<Record<string, Handler>> = {
  test_input_required_result_elicitation: (_given, { mcpReq }) => {
    const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'user_name')?.name;
    if (typeof name === 'string') return text(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: ask.name() } });
  },
  test_input_required_result_sampling: (_given, { mcpReq }) =>
    mcpReq.inputResponses?.['capital_question'] === undefined
      ? inputRequired({ inputRequests: { capital_question: ask.greeting() } })
      : text(`Sampling response: ${JSON.stringify(mcpReq.inputResponses['capital_question'])}`),
  test_input_required_result_list_roots: (_given, { mcpReq }) =>
    mcpReq.inputResponses?.['client_roots'] === undefined
      ? inputRequired({ inputRequests: { client_roots: ask.roots() } })
      : text(JSON.stringify(mcpReq.inputResponses['client_roots'])),
  test_input_required_result_request_state: async (_given, { mcpReq }) =>
    mcpReq.requestState() !== undefined && acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined
      ? text('state-ok')
      : inputRequired({ inputRequests: { confirm: ask.confirmation() }, requestState: await codec.mint({ round: 1 }) }),
  test_input_required_result_tampered_state: async (_given, { mcpReq }) =>
    mcpReq.requestState() !== undefined && acceptedContent(mcpReq.inputResponses, 'confirm') !== undefined
      ? text('integrity-ok')
      : inputRequired({ inputRequests: { confirm: ask.confirmation() }, requestState: await codec.mint({ round: 1 }) }),
  test_input_required_result_multiple_inputs: async (_given, { mcpReq }) => {
    const { user_name, greeting, client_roots } = mcpReq.inputResponses ?? {};
    if ([user_name, greeting, client_roots].every((one) => one !== undefined)) return text('all there');
    const inputRequests = { user_name: ask.name(), greeting: ask.greeting(), client_roots: ask.roots() };
    return inputRequired({ inputRequests, requestState: await codec.mint({ round: 1 }) });
  },
  test_input_required_result_multi_round: async (_given, { mcpReq }) => {
    const { round = 0 } = mcpReq.requestState<{ round?: number }>() ?? {};
    if (round >= 2) return text('two rounds');
    const inputRequests = { [`step${round + 1}`]: ask.name() };
    return inputRequired({ inputRequests, requestState: await codec.mint({ round: round + 1, at: Math.random() }) });
  },
  test_input_required_result_capabilities: (_given, { mcpReq }) => {
    if (mcpReq.inputResponses !== undefined) return text('fulfilled');
    const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
    const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as Readonly<Record<string, unknown>> | undefined;
    const { elicitation, sampling, roots } = declared ?? {};
    const inputRequests: InputRequests = {};
    if (elicitation !== undefined) inputRequests['user_name'] = ask.name();
    if (sampling !== undefined) inputRequests['greeting'] = ask.greeting();
    if (roots !== undefined) inputRequests['client_roots'] = ask.roots();
    return Object.keys(inputRequests).length === 0 ? text('nothing to ask') : inputRequired({ inputRequests });
  },
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Tools that speak with the client while they work. */
function speaking({ cutStream, toolsChanged, promptsChanged }: Surroundings): Readonly<Record<string, Handler>> {
  const elicited =
    (requestedSchema: (typeof forms)['defaults' | 'choices' | 'name']): Handler =>
    async ({ message = 'Please fill in' }, { mcpReq }) => {
      const { action, content = {} } = await mcpReq.elicitInput({ message, requestedSchema } as never);
      return text(`action=${action}, content=${JSON.stringify(content)}`);
    };
  return {
    test_tool_with_logging: async (_given, { mcpReq }) => {
      for (const data of ['started', 'at work', 'completed']) {
        await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } });
        await pause();
      }
      return text('logged');
    },
    test_tool_with_progress: async (_given, { mcpReq }) => {
      const { progressToken = 0 } = mcpReq._meta ?? {};
      for (const progress of [0, 50, 100]) {
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
        await pause();
      }
      return text(String(progressToken));
    },
    test_reconnection: async (_given, ctx) => {
      cutStream(ctx);
      await pause();
      return text('come back');
    },
    test_sampling: async ({ prompt = '' }, { mcpReq }) => {
      const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }];
      return text(`LLM response: ${JSON.stringify(await mcpReq.requestSampling({ messages, maxTokens: 100 }))}`);
    },
    test_elicitation: elicited(forms.name),
    test_elicitation_sep1034_defaults: elicited(forms.defaults),
    test_elicitation_sep1330_enums: elicited(forms.choices),
    test_missing_capability: (_given, { mcpReq }) =>
      mcpReq.inputResponses?.['sample'] === undefined
        ? inputRequired({ inputRequests: { sample: ask.greeting() } })
        : text('sampled'),
    test_streaming_elicitation: async (given, ctx) =>
      await (asking['test_input_required_result_elicitation'] as Handler)(given, ctx),
    test_logging_tool: async (_given, { mcpReq }) => {
      await mcpReq.log('info', 'a line of the log');
      return text('logged');
    },
    test_trigger_tool_change: () => {
      toolsChanged();
      return text('tools changed');
    },
    test_trigger_prompt_change: () => {
      promptsChanged();
      return text('prompts changed');
    },
  };
}

const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  test_sampling: ['prompt'],
  test_elicitation: ['message'],
};

function addTools(server: McpServer, surroundings: Surroundings): void {
  const plain = Object.entries(plainTools).map(([name, result]): [string, Handler] => [name, () => result]);
  for (const [name, handler] of [...plain, ...Object.entries(speaking(surroundings)), ...Object.entries(asking)]) {
    const inputSchema = fromJsonSchema<Given>(ofTexts(...(argumentsOf[name] ?? [])));
    server.registerTool(name, { description: `Of the suite: ${name}`, inputSchema }, handler as never);
  }
  const mirrored = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } } as const;
  const others = { test_x_mcp_header: mirrored, json_schema_2020_12_tool: wideSchema } as const;
  for (const [name, schema] of Object.entries(others)) {
    const inputSchema = fromJsonSchema<Given>(schema as never);
    server.registerTool(name, { description: `Of the suite: ${name}`, inputSchema }, (given) =>
      text(JSON.stringify(given)),
    );
  }
}

const said = (words: string) => ({ role: 'user' as const, content: { type: 'text' as const, text: words } });

function addPrompts(server: McpServer): void {
  const argsOf = (...names: readonly string[]) => fromJsonSchema<Given>(ofTexts(...names));
  const description = 'Of the suite';
  server.registerPrompt('test_simple_prompt', { description }, () => ({ messages: [said('a simple prompt')] }));
  const two = { description, argsSchema: argsOf('arg1', 'arg2') };
  server.registerPrompt('test_prompt_with_arguments', two, ({ arg1, arg2 }) => ({
    messages: [said(`arg1='${arg1}', arg2='${arg2}'`)],
  }));
  const one = { description, argsSchema: argsOf('resourceUri') };
  server.registerPrompt('test_prompt_with_embedded_resource', one, ({ resourceUri: uri = '' }) => ({
    messages: [
      { role: 'user', content: { type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'embedded' } } },
      said('Please process the resource'),
    ],
  }));
  server.registerPrompt('test_prompt_with_image', { description }, () => ({
    messages: [{ role: 'user', content: { type: 'image', data: picture, mimeType: 'image/png' } }, said('Look')],
  }));
  server.registerPrompt('test_input_required_result_prompt', { description }, ((ctx: ServerContext) => {
    const given = acceptedContent(ctx.mcpReq.inputResponses, 'user_context');
    if (given !== undefined) return { messages: [said(JSON.stringify(given))] };
    const requestedSchema = { type: 'object' as const, properties: { context: { type: 'string' as const } } };
    return inputRequired({
      inputRequests: { user_context: inputRequired.elicit({ message: 'Which context?', requestedSchema }) },
    });
  }) as never);
}

function addResources(server: McpServer): void {
  const plain = { mimeType: 'text/plain' };
  const contents = (uri: string, words: string, mimeType = 'text/plain') => ({
    contents: [{ uri, mimeType, text: words }],
  });
  server.registerResource('static-text', 'test://static-text', plain, ({ href }) => contents(href, 'static text'));
  server.registerResource('watched-resource', 'test://watched-resource', plain, ({ href }) =>
    contents(href, 'watched'),
  );
  server.registerResource('static-binary', 'test://static-binary', { mimeType: 'image/png' }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: picture }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, { mimeType: 'application/json' }, ({ href }, { id }) =>
    contents(href, JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }), 'application/json'),
  );
}

/** Makes the server: one for a session, or for a request of 2026-07-28. */
export function everything(surroundings: Surroundings): McpServer {
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: {
        ...{ tools: { listChanged: true }, prompts: { listChanged: true }, logging: {}, completions: {} },
        resources: { subscribe: true, listChanged: true },
      },
      requestState: { verify: codec.verify },
    },
  );
  addTools(server, surroundings);
  addPrompts(server);
  addResources(server);
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  server.server.setRequestHandler('logging/setLevel', () => ({}));
  server.server.setRequestHandler('completion/complete', () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  return server;
}
