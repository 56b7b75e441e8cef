import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Target } from './interop-client.ts';
import type { AnswerQuestion, SdkClient, SdkOptions } from './sdk-client.ts';
import { clientCapabilities, clientInfo, copyJson } from './sdk-client.ts';
import { watchStreamOpening } from './stream-opening.ts';
import { tapTransport } from './tap.ts';

export async function connectV1(target: Target, answerQuestion: AnswerQuestion): Promise<SdkClient> {
  const client = new Client(clientInfo, { capabilities: clientCapabilities });
  // What an answer may hold is the SDK's to judge; here it only has to get there.
  const answer = async <T>({ method, params = {} }: { method: string; params?: object | undefined }): Promise<T> =>
    copyJson(await answerQuestion({ method, params: copyJson(params) }));
  client.setRequestHandler(ElicitRequestSchema, answer);
  client.setRequestHandler(CreateMessageRequestSchema, answer);
  client.setRequestHandler(ListRootsRequestSchema, answer);
  const { transport, opened } = openTransport(target);
  await client.connect(transport);
  await opened;
  return {
    era: 'legacy',
    serverName: client.getServerVersion()?.name,
    instructions: client.getInstructions(),
    capabilities: copyJson(client.getServerCapabilities() ?? {}),
    tap: tapTransport(transport),
    request: (method, params, options) => {
      const typed = typedRequests(client)[method];
      return typed === undefined ? sendPlain(client, { method, params }, options) : typed(params, options);
    },
    send: (method, params, options) => sendPlain(client, { method, params }, options),
    notify: (method, params) => client.notification({ method, ...(params && { params }) }),
    listen: () => Promise.reject(new Error('version 1 of the SDK has no subscriptions/listen')),
    close: async () => {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}

type Typed = (params: JsonObject, options: SdkOptions) => Promise<unknown>;

function typedRequests(client: Client): Record<string, Typed> {
  return {
    ping: (_params, options) => client.ping(options),
    'tools/list': (params, options) => client.listTools(copyJson(params), options),
    'tools/call': (params, options) => client.callTool(copyJson(params), undefined, options),
    'resources/list': (params, options) => client.listResources(copyJson(params), options),
    'resources/templates/list': (params, options) => client.listResourceTemplates(copyJson(params), options),
    'resources/read': (params, options) => client.readResource(copyJson(params), options),
    'resources/subscribe': (params, options) => client.subscribeResource(copyJson(params), options),
    'resources/unsubscribe': (params, options) => client.unsubscribeResource(copyJson(params), options),
    'prompts/list': (params, options) => client.listPrompts(copyJson(params), options),
    'prompts/get': (params, options) => client.getPrompt(copyJson(params), options),
    'completion/complete': (params, options) => client.complete(copyJson(params), options),
    'logging/setLevel': ({ level }, options) => client.setLoggingLevel(copyJson(level), options),
  };
}

function sendPlain(
  client: Client,
  request: { method: string; params: JsonObject },
  options: SdkOptions,
): Promise<unknown> {
  return client.request(request, z.looseObject({}), options);
}

function openTransport(target: Target): { transport: Transport; opened: Promise<void> } {
  if (target.transport === 'stdio') {
    const { command, args, env } = target;
    const transport = new StdioClientTransport({ command, args: [...args], env, stderr: 'ignore' });
    return { transport, opened: Promise.resolve() };
  }
  const url = new URL(target.url);
  if (target.transport === 'sse') return { transport: new SSEClientTransport(url), opened: Promise.resolve() };
  const { fetch, opened } = watchStreamOpening();
  return { transport: new StreamableHTTPClientTransport(url, { fetch }), opened };
}
