// reliability.md, promise 7: nothing secret is written to a log, a journal, an error or a reply. One value in every place where a secret
// can come from, servers that say it wherever they can, and one list of the places where it must never be seen.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { open, send } from '../serve/http/support.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, program, startProxy, writeConfig, type Workspace } from './support.ts';

/** One per source, so that a failure says which one leaks. Words that no redaction by shape would find. */
const canaries = {
  environment: 'orchid-seventeen-lantern-harbor',
  argument: 'velvet-thirty-copper-meadow',
  header: 'saffron-eleven-glacier-anchor',
  file: 'juniper-forty-marble-falcon',
  envFile: 'walnut-ninety-cobalt-prairie',
  clientSecret: 'thistle-sixty-amber-lagoon',
  unnamed: 'maple-eighty-indigo-canyon',
  /** With what JSON, URLs and base64 write differently. */
  odd: 'rust"ninety\\willow+basalt/oü',
} as const;

let workspace: Workspace;
/** What was written, by the name of the place. */
const seen = new Map<string, string>();
let token = '';

beforeAll(async () => {
  workspace = createWorkspace();
  workspace.write('secret.txt', canaries.file);
  workspace.write('.env', `FROM_ENV_FILE=${canaries.envFile}\n`);
  const both = { TOKEN: '${CANARY_ENV}', KEY: '${FROM_ENV_FILE}', FILE: '${file:secret.txt}', ODD: '${CANARY_ODD}' };
  const config = writeConfig(workspace, {
    envFile: '.env',
    log: { level: 'trace' },
    servers: {
      it: { ...fixtureServer('scripted.mjs', ['--note', '${CANARY_ARG}']), env: both },
      exits: { ...fixtureServer('leaky.mjs', ['exit']), env: both },
      refuses: { ...fixtureServer('leaky.mjs', ['refuse']), env: both },
      'refuses-long': { ...fixtureServer('leaky.mjs', ['refuse', '270']), env: both },
      shapes: { ...fixtureServer('leaky.mjs', ['shapes']), env: both },
      quotes: { ...fixtureServer('leaky.mjs', ['quote']), env: both },
      missing: { command: './no-such-program', args: ['--key', '${CANARY_ARG}'] },
      far: { url: 'http://127.0.0.1:9/mcp', headers: { Authorization: 'Bearer ${CANARY_HEADER}' } },
      login: {
        url: 'http://127.0.0.1:9/other',
        auth: { type: 'client_credentials', clientId: 'me', clientSecret: '${CANARY_CLIENT}' },
      },
    },
  });
  const broken = workspace.write(
    'broken.yaml',
    JSON.stringify({
      version: 1,
      servers: {
        it: {
          command: '${CANARY_ENV}\0',
          url: 'ftp://${CANARY_HEADER}',
          headers: { 'a b': '${CANARY_ARG}' },
          maxParallel: '${CANARY_ENV}',
        },
      },
    }),
  );
  const created = await run(['token', 'create', 'me', '--scopes', 'read,write,destructive', '--config', config]);
  token = /mmt_[\w-]+/.exec(created.stdout)![0];

  await serveOverStdio(config);
  await serveOverHttp(config);
  await look('lock', ['lock', '--config', config]);
  for (const command of ['check', 'tools', 'log', 'doctor', 'approvals']) {
    await look(command, [command, '--config', config]);
    await look(`${command} --json`, [command, '--json', '--config', config]);
  }
  await look('token list', ['token', 'list', '--config', config]);
  await look('report', ['report', '--config', config]);
  await look('tools explain', ['tools', 'explain', 'it__echo', '--config', config]);
  await look('call', ['call', 'far__anything', '--config', config]);
  await look('call, refused', ['call', 'refuses__anything', '--config', config]);
  await look('call, refused at length', ['call', 'refuses-long__anything', '--config', config]);
  await look('call, an error that quotes', ['call', 'quotes__anything', '--config', config]);
  await look('call, an error that quotes, --json', ['call', 'quotes__anything', '--json', '--config', config]);
  await look('call, an error', ['call', 'it__rpc_error', '--config', config]);
  await look('call --json', ['call', 'it__fail', '--json', '--config', config]);
  await look('login', ['login', 'far', '--no-browser', '--config', config]);
  await look('a broken configuration', ['check', '--config', broken]);
  for (const [name, bytes] of filesOf(join(workspace.path, 'state'))) seen.set(`state: ${name}`, bytes);
  seen.set('the lock file', readIfThere(join(workspace.path, 'marshal.lock')));
}, 180_000);

afterAll(() => workspace.close());

describe('a secret is not to be found', () => {
  test.each(Object.entries(canaries))(
    '[secrets] %s: in no log, journal, error, reply, file or command',
    (_, canary) => {
      const leaks = [...seen]
        .filter(([, text]) => formsOf(canary).some((form) => text.includes(form)))
        .map(([place]) => place);
      expect(leaks).toEqual([]);
    },
  );

  test("[secrets] a client's token: neither, and its file holds its hash alone", () => {
    expect(token.length).toBeGreaterThan(20);
    const leaks = [...seen]
      .filter(([, text]) => formsOf(token).some((form) => text.includes(form)))
      .map(([place]) => place);
    expect(leaks).toEqual([]);
  });

  test('and it was looked for where something stands', () => {
    const empty = [...seen].filter(([, text]) => text.length < 2).map(([place]) => place);
    expect(empty.filter((place) => !['token list'].includes(place) && !place.startsWith('state: '))).toEqual([]);
    expect([...seen.keys()].some((place) => place.includes('journal'))).toBe(true);
    expect(seen.get('the log over stdio')).toContain('•••');
  });

  test('a variable that the configuration does not name does not reach a server, and one that it names does', () => {
    expect(seen.get('variables of a server')).toContain('"named":"yes"');
    expect(seen.get('variables of a server')).toContain('"unnamed":"no"');
  });
});

const environment = {
  CANARY_ENV: canaries.environment,
  CANARY_ARG: canaries.argument,
  CANARY_HEADER: canaries.header,
  CANARY_CLIENT: canaries.clientSecret,
  CANARY_ODD: canaries.odd,
  UNNAMED: canaries.unnamed,
};

/** Whole, and as it looks in a URL, in base64 and cut short. */
function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    // Without the signs that depend on what stands around it, wherever it stands.
    ...['', '_', '__'].map((before) =>
      Buffer.from(before + secret)
        .toString('base64')
        .slice(before.length + 1, -4),
    ),
    JSON.stringify(secret).slice(1, -1),
    secret.slice(0, 10),
    secret.slice(0, 20),
    secret.slice(-20),
  ];
}

async function serveOverStdio(config: string): Promise<void> {
  const proxy = startProxy(workspace, { config, env: environment });
  await proxy.initialize();
  const call = (name: string, args: object): Promise<unknown> => proxy.request('tools/call', { name, arguments: args });
  await call('batch_call', {
    idempotencyKey: 'once',
    calls: [
      { tool: 'it__echo', arguments: { x: 1 } },
      { tool: 'exits__anything' },
      { tool: 'refuses__anything' },
      { tool: 'refuses-long__anything' },
      { tool: 'shapes__anything' },
      { tool: 'quotes__anything' },
      { tool: 'missing__anything' },
      { tool: 'far__anything' },
      { tool: 'login__anything' },
      { tool: 'it__write', arguments: { key: 'k' } },
      { tool: 'it__destroy', arguments: { key: 'k' } },
    ],
  });
  for (const name of [
    'far__x',
    'exits__x',
    'refuses__x',
    'refuses-long__x',
    'shapes__x',
    'quotes__anything',
    'missing__x',
    'login__x',
  ])
    await call(name, {}).catch(() => {});
  for (const method of ['prompts/list', 'resources/list']) await proxy.request(method, {}).catch(() => {});
  await proxy.request('prompts/get', { name: 'quotes__any' }).catch(() => {});
  await proxy.request('resources/read', { uri: 'any://thing' }).catch(() => {});
  const named = await valueOf(call('it__env', { name: 'TOKEN' }));
  const unnamed = await valueOf(call('it__env', { name: 'UNNAMED' }));
  seen.set(
    'variables of a server',
    JSON.stringify({ named: named === canaries.environment ? 'yes' : 'no', unnamed: unnamed === null ? 'no' : 'yes' }),
  );
  // A server's own result is the server's own: what it says of its environment was asked for just now, and is not looked at here.
  seen.set(
    'replies over stdio',
    proxy
      .stdout()
      .split('\n')
      .filter((line) => !line.includes('\\"value\\"'))
      .join('\n'),
  );
  proxy.endInput();
  await proxy.exited;
  seen.set('the log over stdio', proxy.stderr());
}

async function serveOverHttp(config: string): Promise<void> {
  const proxy = startProxy(workspace, {
    args: ['serve', '--http', '127.0.0.1:0', '--config', config],
    env: environment,
  });
  await until(() => proxy.stderr().includes('/mcp'), 10_000);
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(proxy.stderr())![1]);
  const said: string[] = [];
  const headers = { Authorization: `Bearer ${token}` };
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
  };
  for (const given of [headers, {}, { Authorization: `Bearer ${token}x` }, { Authorization: `Basic ${token}` }]) {
    const answer = await send(port, { headers: given, body });
    said.push(JSON.stringify(answer));
  }
  const health = await open(port, { method: 'GET', path: `/readyz?token=${token}` });
  said.push(JSON.stringify(health.headers));
  seen.set('answers over HTTP', said.join('\n'));
  proxy.signal('SIGTERM');
  await proxy.exited;
  seen.set('the log over HTTP', proxy.stderr());
}

async function valueOf(answer: Promise<unknown>): Promise<unknown> {
  const { result }: { result: { content: { text: string }[] } } = JSON.parse(JSON.stringify(await answer));
  const { value }: { value: unknown } = JSON.parse(result.content[0]!.text);
  return value;
}

async function look(place: string, args: readonly string[]): Promise<void> {
  const { stdout, stderr } = await run(args);
  seen.set(place, stdout + stderr);
}

function run(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: workspace.path,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (said.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (said.stderr += chunk));
  const killed = setTimeout(() => child.kill('SIGKILL'), 30_000);
  return new Promise((resolve) => {
    child.once('close', () => {
      clearTimeout(killed);
      resolve(said);
    });
  });
}

function* filesOf(folder: string): Generator<[name: string, bytes: string]> {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name);
    if (statSync(file).isFile()) yield [name, readFileSync(file, 'latin1')];
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    writeFileSync(file, '');
    return '{}';
  }
}
