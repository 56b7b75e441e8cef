// Clients over HTTP that cannot be told apart by what they send: the same request ids, the same progress tokens, one shared server, which
// answers what comes together in an order of its own.
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendMarkedCalls } from '../../bench/isolation/send-marked-calls.mjs';
import { echoProgram } from '../../bench/servers.mjs';
import { isJsonObject } from '../../src/core/json.ts';
import { createWorkspace, program, writeConfig, type Workspace } from './support.ts';

const listenWithinMs = 10_000;

/** Thousands of calls take a second or two, and several times that on a machine that does something else as well. */
const timeout = 60_000;

let workspace: Workspace;
let url: string;

beforeEach(async () => {
  workspace = createWorkspace();
  const servers = { echo: echoProgram({ BENCH_SHUFFLE: '1' }) };
  url = await serveHttp(writeConfig(workspace, { log: { level: 'info', format: 'json' }, servers }));
});

afterEach(() => workspace.close());

test(
  '[apart] 64 HTTP clients with equal request ids and progress tokens: each gets its own answers, and nobody a foreign marker',
  { timeout },
  async () => {
    const crowd = { legacyClients: 64, modernClients: 0, callsPerClient: 100, inFlight: 4 };
    const { pids, ...counts } = await sendMarkedCalls({ url, ...crowd, tool: 'echo__echo' });
    expect(counts).toMatchObject({
      calls: 6_400,
      foreign: 0,
      errors: 0,
      lostProgress: 0,
      firstFault: undefined,
      sessions: 64,
    });
    expect(pids).toHaveLength(1);
  },
);

test(
  'modern clients, who have no sessions to tell them apart, share a server with legacy ones and get their own answers',
  { timeout },
  async () => {
    const crowd = { legacyClients: 8, modernClients: 24, callsPerClient: 100, inFlight: 4 };
    const { pids, ...counts } = await sendMarkedCalls({ url, ...crowd, tool: 'echo__echo' });
    expect(counts).toMatchObject({
      calls: 3_200,
      foreign: 0,
      errors: 0,
      lostProgress: 0,
      firstFault: undefined,
      sessions: 8,
    });
    expect(pids).toHaveLength(1);
  },
);

/** Starts the program and resolves with the address that its log names; the workspace ends it. */
function serveHttp(config: string): Promise<string> {
  const args = [program, 'serve', '--http', '127.0.0.1:0', '--no-auth', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: workspace.path });
  const exited = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  workspace.closeLater(async () => {
    child.kill('SIGTERM');
    const killed = setTimeout(() => child.kill('SIGKILL'), 6_000);
    await exited;
    clearTimeout(killed);
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const giveUp = (): void => reject(new Error(`mcp-marshal does not listen: ${said}`));
    const late = setTimeout(giveUp, listenWithinMs);
    void exited.then(giveUp);
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const listening = said
        .split('\n')
        .map(toListening)
        .find((found) => found !== undefined);
      if (listening === undefined) return;
      clearTimeout(late);
      resolve(listening);
    });
  });
}

function toListening(line: string): string | undefined {
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  const entry: unknown = JSON.parse(line);
  return isJsonObject(entry) && entry['msg'] === 'listening' && typeof entry['url'] === 'string'
    ? entry['url']
    : undefined;
}
