import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { eventually } from '../eventually.ts';
import { modernRequest, send } from '../serve/http/support.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, firstText, fixtureServer, serveLaunch, startProxy, writeConfig } from './support.ts';
import type { Workspace } from './support.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

/** A server of SDK version 1 that asks its client in the middle of a call. */
function configure(): string {
  return writeConfig(workspace, { servers: { it: fixtureServer('v1-stdio.mjs') }, log: { level: 'info' } });
}

async function listen(): Promise<URL> {
  const proxy = startProxy(workspace, { args: ['serve', '--config', configure(), '--http', '0', '--no-auth'] });
  const find = (): string | undefined => /"url":"([^"]+)","msg":"listening"/.exec(proxy.stderr())?.[1];
  // Over HTTP it serves on when its input ends.
  workspace.closeLater(() => proxy.signal('SIGTERM'));
  await until(() => find() !== undefined);
  return new URL(find()!);
}

const wait = (ms: number): JsonObject => ({ id: 'w', tool: 'it__wait', arguments: { ms } });
const elicit = { tool: 'it__elicit', arguments: { marker: 'which one?' }, dependsOn: ['w'] };
const related = 'io.modelcontextprotocol/related-task';

describe.each(['stdio', 'HTTP'] as const)('a client of SDK version 1 over %s', (transport) => {
  async function connect() {
    const client = new ClientV1({ name: 'e2e', version: '1.0.0' }, { capabilities: { elicitation: {} } });
    const asked: unknown[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params._meta?.[related]?.taskId);
      return { action: 'accept', content: { answer: 'this one' } };
    });
    const target =
      transport === 'stdio'
        ? new StdioClientTransport({ ...serveLaunch(configure()), stderr: 'ignore' })
        : new StreamableHTTPClientTransport(await listen());
    await client.connect(target);
    workspace.closeLater(() => client.close());
    // A first list leaves after four seconds, with those that are there.
    await eventually(async () => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain('it__wait');
    });
    return { client, asked };
  }

  test('follows a batch as a task to its result, and is asked in the middle of it', async () => {
    const { client, asked } = await connect();
    const batch = { calls: [wait(300), elicit], deadlineMs: 200 };
    const seen: string[] = [];
    let taskId: string | undefined;
    let text = '';
    const stream = client.experimental.tasks.callToolStream({ name: 'batch_call', arguments: batch });
    for await (const message of stream) {
      if (message.type === 'taskStatus') seen.push(message.task.status);
      if (message.type === 'taskCreated') taskId = message.task.taskId;
      if (message.type === 'error') throw message.error;
      if (message.type === 'result') text = JSON.stringify(message.result);
    }
    expect([seen[0], seen.at(-1)]).toEqual(['working', 'input_required']);
    expect(asked).toEqual([taskId]);
    expect(text).toContain('2 calls, 2 ok');
    expect(text).toContain('this one');
    const { tasks } = await client.experimental.tasks.listTasks();
    expect(tasks).toMatchObject([{ taskId, status: 'completed' }]);
  });

  test('cancels one, and finds in its result what became of the calls', async () => {
    const { client } = await connect();
    const params = { name: 'batch_call', arguments: { calls: [wait(60_000)] } };
    const stream = client.experimental.tasks.callToolStream(params);
    const { value: first } = await stream.next();
    const taskId = first?.type === 'taskCreated' ? first.task.taskId : '';
    expect(await client.experimental.tasks.cancelTask(taskId)).toMatchObject({ status: 'cancelled' });
    const result = await client.experimental.tasks.getTaskResult(taskId, CallToolResultSchema);
    expect(firstText(result)).toContain('1 cancelled');
    await stream.return(undefined);
  });

  test('calls it plainly as ever', async () => {
    const { client } = await connect();
    const result = await client.callTool({ name: 'batch_call', arguments: { calls: [wait(1)] } });
    expect(firstText(result)).toContain('1 call, 1 ok');
  });
});

// No SDK's own client takes the results of this extension yet: what goes over the wire is the specification's.
describe('a client of the modern era', () => {
  const able = { elicitation: {}, extensions: { 'io.modelcontextprotocol/tasks': {} } };

  async function connect() {
    const { port } = await listen();
    let lastId = 0;
    return async (method: string, params: JsonObject, capabilities: JsonObject = able): Promise<JsonObject> => {
      const { headers, body } = modernRequest(params, { method, id: ++lastId });
      const sent: JsonObject = isJsonObject(body['params']) ? body['params'] : {};
      const meta = { ...(isJsonObject(sent['_meta']) && sent['_meta']) };
      meta['io.modelcontextprotocol/clientCapabilities'] = capabilities;
      const { taskId } = params;
      const { status, text } = await send(Number(port), {
        headers: { ...headers, ...(typeof taskId === 'string' && { 'mcp-name': taskId }) },
        body: { ...body, params: { ...sent, _meta: meta } },
      });
      const line = text.split('\n').findLast((one) => one.startsWith('data: {')) ?? `data: ${text}`;
      return { status, ...JSON.parse(line.slice(6)) };
    };
  }

  test('gets a task for a batch that outlives its deadline, answers its question, and finds the result', async () => {
    const ask = await connect();
    await eventually(async () => expect(JSON.stringify(await ask('tools/list', {}))).toContain('it__wait'));
    expect(await ask('server/discover', {})).toMatchObject({
      result: { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
    });
    const batch = { calls: [wait(1_000), elicit], deadlineMs: 500 };
    const { result: made } = await ask('tools/call', { name: 'batch_call', arguments: batch });
    expect(made).toMatchObject({ resultType: 'task', status: 'working', ttlMs: expect.any(Number) });
    const taskId = isJsonObject(made) && typeof made['taskId'] === 'string' ? made['taskId'] : '';
    const untilIs = (status: string): Promise<JsonObject> =>
      vi.waitFor(
        async () => {
          const { result } = await ask('tasks/get', { taskId });
          if (isJsonObject(result) && result['status'] === status) return result;
          throw new Error(`the task did not get to ${status}: ${JSON.stringify(result)}`);
        },
        { timeout: 5_000, interval: 50 },
      );
    const { inputRequests } = await untilIs('input_required');
    const [key = ''] = Object.keys(isJsonObject(inputRequests) ? inputRequests : {});
    expect(inputRequests).toMatchObject({ [key]: { method: 'elicitation/create', params: { message: 'which one?' } } });
    const answer = { action: 'accept', content: { answer: 'this one' } };
    const updated = await ask('tasks/update', { taskId, inputResponses: { [key]: answer } });
    expect(updated).toMatchObject({ status: 200, result: { resultType: 'complete' } });
    const task = await untilIs('completed');
    expect(task).toMatchObject({ resultType: 'complete', taskId });
    expect(JSON.stringify(task['result'])).toMatch(/2 calls, 2 ok.*this one/);
  });

  test('without the extension gets none, and hears what it would need', async () => {
    const ask = await connect();
    await eventually(async () => expect(JSON.stringify(await ask('tools/list', {}, {}))).toContain('it__wait'));
    const batch = { calls: [wait(1_000)], deadlineMs: 200 };
    const { result } = await ask('tools/call', { name: 'batch_call', arguments: batch }, {});
    expect(result).toMatchObject({ resultType: 'complete' });
    expect(JSON.stringify(result)).toContain('1 pending');
    const requiredCapabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
    const refused = { status: 400, error: { code: -32021, data: { requiredCapabilities } } };
    expect(await ask('tasks/get', { taskId: 'x' }, {})).toMatchObject(refused);
    expect(await ask('subscriptions/listen', { notifications: { taskIds: ['x'] } }, {})).toMatchObject(refused);
  });
});
