// One decision, whichever way a call takes: by itself, in a batch, in a recipe, in a batch that goes on after its reply, from the
// shell; of clients of either era. What was sent is what the server wrote down. To see the table fail, take the decision out of any
// one of the ways: `decideCall` in judge-call.ts (batches, recipes, the shell, the background) or in plan-passthrough.ts.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import {
  createWorkspace,
  fixtureServer,
  program,
  readLog,
  startProxy,
  writeConfig,
  type Workspace,
} from './support.ts';

const eras = ['legacy', 'modern'] as const;
type Era = (typeof eras)[number];
const ways = ['passthrough', 'batch', 'recipe', 'background', 'shell'] as const;
type Way = (typeof ways)[number];

/** How a call ended: `ok`, or the code of its error. */
type End = string;

interface Verdict {
  decision: string;
  tool: string;
  end: End;
  /** Where it differs by design (contract.md §3). */
  endAlone?: End;
  /** Whose token; absent: one that may do everything. */
  token?: 'reader' | 'reads-much';
  /** What its session, or its batch at a shell, has called before. */
  after?: readonly string[];
  /** A shell has no token, so nothing to be missing from it. */
  ways?: readonly Way[];
}

const clientWays = ways.filter((way) => way !== 'shell');
const verdicts: readonly Verdict[] = [
  { decision: 'allow: no rule forbids it', tool: 'write', end: 'ok' },
  { decision: 'allow: a rule waives the question', tool: 'progress', end: 'ok' },
  { decision: 'ask, by a rule', tool: 'big', end: 'approval_unavailable' },
  { decision: 'ask, since it is destructive', tool: 'destroy', end: 'approval_unavailable', endAlone: 'ok' },
  { decision: 'deny', tool: 'env', end: 'denied_by_policy' },
  { decision: 'quarantined', tool: 'odd', end: 'tool_changed' },
  { decision: 'scope missing', tool: 'write', end: 'denied_by_policy', token: 'reader', ways: clientWays },
  { decision: 'flow, nothing read before', tool: 'meta', end: 'ok' },
  {
    decision: 'flow, after what is untrusted and what is private',
    tool: 'meta',
    end: 'approval_unavailable',
    token: 'reads-much',
    after: ['echo', 'lists'],
  },
];

const policy = {
  version: 1,
  write: ['write'],
  destructive: ['destroy', 'progress'],
  allow: ['progress'],
  ask: ['big'],
  deny: ['env'],
  untrusted: ['echo'],
  private: ['lists'],
  exfiltrates: ['meta'],
};

let workspace: Workspace;
let config: string;
let url: string;
const tokens = new Map<string, string>();
const clients = new Map<string, Promise<Client>>();
let lastKey = 0;

beforeAll(async () => {
  workspace = createWorkspace();
  const server = fixtureServer('scripted.mjs', [], { SCRIPT_LOG: join(workspace.path, 'calls.log') });
  workspace.write('policy.yaml', JSON.stringify(policy));
  const recipes = Object.fromEntries(
    [...new Set(verdicts.map(({ tool }) => tool))].map((tool) => [tool.replaceAll('_', '-'), recipeOf(tool)]),
  );
  config = writeConfig(workspace, {
    log: { level: 'info' },
    servers: { it: { ...server, policy: 'policy.yaml' } },
    flow: { action: 'ask' },
    batch: { format: 'structured' },
    recipes,
  });
  await run(['lock', '--config', config]);
  spoilLock('odd');
  const created = Object.entries({ all: 'read,write,destructive', reader: 'read', 'reads-much': 'read,write' });
  for (const [name, scopes] of created) {
    const said = await run(['token', 'create', name, '--scopes', scopes, '--config', config]);
    tokens.set(name, /mmt_[\w-]+/.exec(said)![0]);
  }
  const proxy = startProxy(workspace, { args: ['serve', '--http', '127.0.0.1:0', '--config', config] });
  await until(() => proxy.stderr().includes('/mcp'), 10_000);
  url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(proxy.stderr())![0];
  workspace.closeLater(() => proxy.signal('SIGTERM'));
}, 60_000);

afterAll(() => workspace.close());

const table = verdicts.flatMap((verdict) =>
  (verdict.ways ?? ways).flatMap((way) =>
    (way === 'shell' ? (['legacy'] as const) : eras).map((era) => ({ ...verdict, verdict, way, era })),
  ),
);

describe('[policy] the same verdict', () => {
  test.each(table)('$decision, $way, $era', async ({ verdict, way, era }) => {
    const key = `k${++lastKey}`;
    const args = { key, bytes: 1, steps: 1, name: 'HOME' };
    const end = await take[way](verdict, { era, args });
    expect(end).toBe(way === 'passthrough' ? (verdict.endAlone ?? verdict.end) : verdict.end);
    const wasSent = readLog(join(workspace.path, 'calls.log')).some((event) => event.key === key);
    expect(wasSent).toBe(end === 'ok');
  });
});

type Taken = { era: Era; args: JsonObject };

const take: Record<Way, (verdict: Verdict, taken: Taken) => Promise<End>> = {
  async passthrough({ tool, token, after = [] }, { era, args }) {
    const client = await clientOf(era, token);
    for (const before of after) await client.callTool({ name: `it__${before}`, arguments: {} });
    const result = await client.callTool({ name: `it__${tool}`, arguments: args });
    return result.isError === true ? (/^(\w+): /.exec(textOf(result))?.[1] ?? textOf(result)) : 'ok';
  },
  async batch({ tool, token, after = [] }, { era, args }) {
    const client = await clientOf(era, token);
    const calls = [...after.map((before) => ({ tool: `it__${before}` })), { tool: `it__${tool}`, arguments: args }];
    return endIn(await client.callTool({ name: 'batch_call', arguments: { calls } }));
  },
  async recipe({ tool, token, after = [] }, { era, args }) {
    const client = await clientOf(era, token);
    for (const before of after) await client.callTool({ name: `it__${before}`, arguments: {} });
    return endIn(
      await client.callTool({ name: `recipe__${tool.replaceAll('_', '-')}`, arguments: { key: args['key'] } }),
    );
  },
  /** The reply has left when its turn comes. */
  async background({ tool, token, after = [] }, { era, args }) {
    const client = await clientOf(era, token);
    for (const before of after) await client.callTool({ name: `it__${before}`, arguments: {} });
    const slow = { id: 'slow', tool: 'it__sleep', arguments: { ms: 900 } };
    const last = { tool: `it__${tool}`, arguments: args, dependsOn: ['slow'] };
    const reply = await client.callTool({ name: 'batch_call', arguments: { calls: [slow, last], deadlineMs: 200 } });
    expect(rowsOf(reply)[0]).toMatchObject({ status: 'pending' });
    const { batchId } = structuredOf(reply);
    return endIn(await client.callTool({ name: 'batch_await', arguments: { batchId } }));
  },
  async shell({ tool, after = [] }, { args }) {
    const calls = [...after.map((before) => ({ tool: `it__${before}` })), { tool: `it__${tool}`, arguments: args }];
    const said: unknown = JSON.parse(await run(['batch', '--json', '--config', config], JSON.stringify({ calls })));
    return endOf(isJsonObject(said) && isJsonObject(said['data']) ? said['data'] : {});
  },
};

function recipeOf(tool: string): object {
  const args = { key: { $param: '/key' }, bytes: 1, steps: 1, name: 'HOME' };
  const parameters = { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] };
  return { description: `Calls ${tool}`, parameters, calls: [{ tool: `it__${tool}`, arguments: args }] };
}

/** As if the tool were not what it was when the lock file was made. */
function spoilLock(tool: string): void {
  const file = join(workspace.path, 'marshal.lock');
  const lock: { servers: { it: { tools: Record<string, { description: string }> } } } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  lock.servers.it.tools[tool]!.description = lock.servers.it.tools['echo']!.description;
  writeFileSync(file, JSON.stringify(lock));
}

function clientOf(era: Era, token = 'all'): Promise<Client> {
  const key = `${era} ${token}`;
  const client = clients.get(key) ?? connect(era, tokens.get(token)!);
  clients.set(key, client);
  return client;
}

async function connect(era: Era, token: string): Promise<Client> {
  const options = era === 'modern' ? { versionNegotiation: { mode: 'auto' as const } } : {};
  const client = new Client({ name: 'verdicts', version: '1.0.0' }, options);
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  workspace.closeLater(() => client.close());
  expect(client.getNegotiatedProtocolVersion() === '2026-07-28').toBe(era === 'modern');
  return client;
}

interface Row {
  status: string;
  error?: { code: string };
}

function structuredOf(result: object): JsonObject {
  const whole: unknown = JSON.parse(JSON.stringify(result));
  const structured = isJsonObject(whole) ? whole['structuredContent'] : undefined;
  if (!isJsonObject(structured)) throw new Error(`no structured reply: ${JSON.stringify(result)}`);
  return structured;
}

function rowsOf(result: object): Row[] {
  const { results }: { results: Row[] } = JSON.parse(JSON.stringify(structuredOf(result)));
  return results;
}

function endIn(result: object): End {
  return endOf(structuredOf(result));
}

/** Of the last call of a structured reply. */
function endOf(reply: JsonObject): End {
  const { results }: { results: Row[] } = JSON.parse(JSON.stringify(reply));
  const { status, error } = results.at(-1)!;
  return status === 'ok' ? 'ok' : (error?.code ?? status);
}

function textOf(result: object): string {
  const { content }: { content: { text?: string }[] } = JSON.parse(JSON.stringify(result));
  return content.map(({ text }) => text ?? '').join('\n');
}

/** Runs a command to its end and resolves with what it has printed. */
function run(args: readonly string[], input?: string): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { cwd: workspace.path, stdio: ['pipe', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (said += chunk));
  child.stdin.on('error', () => {}).end(input ?? '');
  return new Promise((resolve) => void child.once('close', () => resolve(said)));
}
