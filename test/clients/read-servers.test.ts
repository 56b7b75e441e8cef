import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientIds } from '../../src/clients/client.ts';
import type { ClientId, ClientReadings } from '../../src/clients/client.ts';
import { readClients } from '../../src/clients/read-clients.ts';
import { createServerNames } from '../../src/clients/server-names.ts';
import { cpuMs } from '../cpu-ms.ts';
import { createClientHome, layOutHome } from './client-home.ts';
import type { ClientHome } from './client-home.ts';

let place: ClientHome;

/** Once for tests that only look, anew for those that write. */
async function layOut(): Promise<void> {
  place = createClientHome([]);
  await layOutHome(place.home, place.project, { server: '/srv/server.mjs' });
}

function read(clients: readonly ClientId[] = clientIds): Promise<ClientReadings> {
  return readClients({ platform: 'linux', env: {}, home: place.home, cwd: place.project }, clients);
}

/** Each server in one line: its name, how it is launched, what of it is set, whether it is off; home and project by their names. */
async function linesOf(client: ClientId): Promise<string[]> {
  const { servers, problems } = await read([client]);
  expect(problems).toEqual([]);
  return servers.map(({ name, entry }) => {
    if (entry === undefined) return `${name} -`;
    const { launch, enabled, timeoutMs, inputs, left } = entry;
    const what = 'command' in launch ? [launch.command, ...launch.args].join(' ') : `${launch.type} ${launch.url}`;
    const set = Object.keys('command' in launch ? launch.env : launch.headers);
    const parts = [
      `${name} = ${what}`,
      set.length > 0 && `{${set.join()}}`,
      'cwd' in launch && launch.cwd !== undefined && `in ${launch.cwd}`,
      timeoutMs !== undefined && `${timeoutMs} ms`,
      !enabled && 'off',
      inputs.length > 0 && `asks ${inputs.map(({ variable }) => variable).join()}`,
      left.length > 0 && `left ${left.map(({ key }) => key).join()}`,
    ];
    return parts.filter(Boolean).join(' ').replaceAll(place.project, 'PROJECT').replaceAll(place.home, 'HOME');
  });
}

const memory = 'memory = node /srv/server.mjs memory';
const files = 'files = node /srv/server.mjs files';

describe("a client's servers are read from all of its files", () => {
  beforeAll(layOut);
  afterAll(() => place.remove());

  test.each<[ClientId, string[]]>([
    [
      'claude-code',
      [
        memory,
        'notes = no-such-program-notes --token not-a-secret-canary-claude-code-arg {NOTES_TOKEN,NOTES_HOME}',
        'code forge = http http://127.0.0.1:9/mcp/ {Authorization}',
        'tickets = sse http://127.0.0.1:9/sse {X-Key}',
        `${files} \${PROJECT_ROOT:-.} {API_KEY}`,
        'old-tickets = http http://127.0.0.1:9/old off',
      ],
    ],
    ['claude-desktop', [memory, 'spreadsheets = no-such-program-spreadsheets --literal $${NOT_EXPANDED} {SHEETS_KEY}']],
    [
      'cursor',
      [
        memory,
        'browser = node /srv/server.mjs browser --profile HOME/.browser {BROWSER_KEY}',
        'wiki = http http://127.0.0.1:9/wiki {Authorization} left auth',
        `${files} PROJECT/docs left envFile`,
      ],
    ],
    [
      'vscode',
      [
        memory,
        'tracker = http http://127.0.0.1:9/${INPUT_REGION:-eu}/mcp {Authorization,X-Also} asks TRACKER_KEY,INPUT_REGION',
        'linter = no-such-program-linter --stdio {LINT_KEY,LEVEL} left dev',
        'legacy-time = no-such-program-time --zone UTC',
        `${files} PROJECT in PROJECT/packages left envFile`,
      ],
    ],
    [
      'windsurf',
      [memory, 'docs = http http://127.0.0.1:9/docs {API_KEY}', 'paused = no-such-program-paused {KEY} off'],
    ],
    [
      'zed',
      [
        `${memory} {DEBUG}`,
        'old-spelling = no-such-program-zed --stdio {ZED_KEY} left settings',
        'remote = http http://127.0.0.1:9/zed {Authorization}',
        'mcp-server-of-an-extension -',
        'resting = no-such-program-resting off',
        `${files} . in PROJECT`,
      ],
    ],
    [
      'codex',
      [
        `${memory} 90500 ms left startup_timeout_sec`,
        'forge = http http://127.0.0.1:9/forge {X-Account,Authorization,X-Region,X-Secret}',
        'shell-history = no-such-program-history --read-only --literal=$${NOT_EXPANDED} {HISTORY_FILE,HISTORY_KEY,HISTORY_TOKEN} in /srv/history off',
        `${files} {ROOT}`,
      ],
    ],
    [
      'gemini-cli',
      [
        `${memory} 600000 ms`,
        'maps = http http://127.0.0.1:9/maps {Authorization} 5000 ms',
        'events = sse http://127.0.0.1:9/events/sse off',
        'billing = PROJECT/tools/bin/no-such-billing {BILLING_KEY,BILLING_ALSO} in PROJECT/tools left cwd',
        `${files} \${PWD}`,
      ],
    ],
    [
      'opencode',
      [
        memory,
        'search = http http://127.0.0.1:9/search {Authorization,X-Cert} 10000 ms',
        'stack = no-such-program-stack --literal $${NOT_EXPANDED} {STACK_KEY} off',
        `${files} in PROJECT/docs`,
      ],
    ],
    [
      'cline',
      [
        `${memory} 60000 ms`,
        'mail = http http://127.0.0.1:9/mail {Authorization} 3600000 ms',
        'old-events = sse http://127.0.0.1:9/sse off',
      ],
    ],
    [
      'roo',
      [
        `${memory} 15000 ms`,
        'crm = http http://127.0.0.1:9/crm {X-Key,X-Also} off',
        `${files} PROJECT in PROJECT/docs`,
      ],
    ],
    [
      'continue',
      [
        memory,
        'Ticket Desk = http http://127.0.0.1:9/desk {Authorization,X-Desk} asks DESK_KEY left requestOptions.timeout',
        'sql = no-such-program-sql --readonly {SQL_PASSWORD,SQL_SPARE} asks SQL_PASSWORD left connectionTimeout',
        `${files} in PROJECT/docs`,
        'copied = no-such-program-copied {COPIED_KEY}',
      ],
    ],
    [
      'copilot-cli',
      [
        memory,
        'cloud = http http://127.0.0.1:9/cloud {Authorization} 30000 ms',
        'queue = no-such-program-queue {QUEUE_KEY,QUEUE_HOST}',
      ],
    ],
  ])('%s', async (client, lines) => {
    expect(await linesOf(client)).toEqual(lines);
  });

  test('what a person is asked for is told in the words of the file', async () => {
    const { servers } = await read(['vscode']);
    const { entry } = servers.find(({ name }) => name === 'tracker')!;
    expect(entry?.inputs).toEqual([
      { variable: 'TRACKER_KEY', meaning: 'Key of the tracker' },
      { variable: 'INPUT_REGION', meaning: 'Region' },
    ]);
  });

  test('a server of another project is not read', async () => {
    const { servers } = await read();
    expect(servers.map(({ name }) => name)).not.toContain('not-here');
  });

  test('nothing secret stands anywhere but in the servers', async () => {
    const { servers, ...shown } = await read();
    expect(JSON.stringify(servers)).toContain('not-a-secret-canary-');
    expect(JSON.stringify(shown)).not.toContain('not-a-secret-canary-');
    const told = servers.map(({ entry }) => [entry?.left, entry?.inputs]);
    expect(JSON.stringify(told)).not.toContain('not-a-secret-canary-');
  });
});

describe("a client's rules of today", () => {
  beforeEach(layOut);
  afterEach(() => place.remove());

  test.each<[ClientId, string[], string[]]>([
    ['windsurf', ['deny docs delete_page'], []],
    ['roo', ['allow memory read_graph', 'deny crm drop_account'], ['crm.disabled: true']],
    ['opencode', ['deny search_delete_index', 'allow memory_*'], ['permission.edit: ask']],
    ['copilot-cli', [], ['cloud.tools', 'queue.tools']],
    ['cursor', [], []],
    ['zed', [], ['mcp-server-of-an-extension']],
    ['continue', [], ['uses someone/some-block']],
  ])('%s', async (client, rules, left) => {
    const found = await read([client]);
    const written = found.rules.map(({ list, target }) =>
      'server' in target ? `${list} ${target.server} ${target.tool}` : `${list} ${target.name}`,
    );
    expect([written, found.left.map((one) => one.written)]).toEqual([rules, left]);
  });

  test.each<[ClientId, string, string, string]>([
    [
      'vscode',
      'home/.config/Code/User/settings.json',
      '{"chat.tools.global.autoApprove":true}',
      'chat.tools.global.autoApprove: true',
    ],
    [
      'vscode',
      'home/.config/Code - Insiders/User/settings.json',
      '{"chat.tools.autoApprove":true}',
      'chat.tools.autoApprove: true',
    ],
    ['opencode', 'project/opencode.json', '{"permission":"allow"}', 'permission: allow'],
    ['opencode', 'project/opencode.json', '{"permission":{"*":"allow"}}', 'permission.*: allow'],
  ])('%s asks about nothing with %s %s', async (client, file, text, mode) => {
    place.write(file, text);
    expect((await read([client])).modes.map(({ written }) => written)).toEqual([mode]);
  });

  test('opencode: a question about everything is one about every server', async () => {
    place.write(
      'project/opencode.json',
      '{"permission":{"*":"ask","x_*":{"a":"deny"}},"tools":{"y_drop":false,"bash":false}}',
    );
    const { rules, left } = await read(['opencode']);
    expect(rules.map(({ list, target }) => [list, target])).toContainEqual(['ask', { server: '*', tool: '*' }]);
    expect(rules.map(({ list, target }) => [list, target])).toContainEqual(['deny', { name: 'y_drop', mark: '_' }]);
    expect(left.map(({ written }) => written)).toEqual(expect.arrayContaining(['permission.x_*', 'tools.bash: deny']));
  });
});

describe('what stands elsewhere', () => {
  beforeEach(layOut);
  afterEach(() => place.remove());

  test("the variables of an envFile are its server's, literally, and its own win", async () => {
    place.write('project/.env', 'A=from-file\nB="${HOME} $x"\n');
    place.write(
      'project/.vscode/mcp.json',
      '{"servers":{"x":{"command":"x","env":{"A":"own"},"envFile":"${workspaceFolder}/.env"}}}',
    );
    const { servers } = await read(['vscode']);
    const { entry } = servers.find(({ name }) => name === 'x')!;
    expect(entry?.launch).toMatchObject({ env: { A: 'own', B: '$${HOME} $x' } });
    expect(entry?.left).toEqual([]);
  });

  test('a server of the whole machine is off where the project says so', async () => {
    place.write('project/opencode.json', '{"mcp":{"search":{"enabled":false}}}');
    place.write('project/.gemini/settings.json', '{"mcp":{"excluded":["maps"]}}');
    const { servers } = await read(['opencode', 'gemini-cli']);
    const off = servers.filter(({ entry }) => entry?.enabled === false).map(({ name }) => name);
    expect(off.sort()).toEqual(['events', 'maps', 'search', 'stack']);
  });

  test('a rule about a server that was taken over in our words is about that server', async () => {
    const { servers } = await read(['windsurf', 'vscode']);
    const url = 'http://127.0.0.1:9/${INPUT_REGION:-eu}/mcp';
    const names = createServerNames(
      [
        {
          name: 'issues',
          launch: { type: 'http', url, headers: [] },
          transport: { type: 'http', url: 'http://127.0.0.1:9/eu/mcp', headers: {} },
        },
      ],
      servers,
    );
    expect([names.find('vscode', 'tracker'), names.isAnother('vscode', 'tracker')]).toEqual(['issues', false]);
    expect(names.isAnother('windsurf', 'docs')).toBe(true);
  });
});

describe('hostile files', () => {
  beforeEach(layOut);
  afterEach(() => place.remove());

  test.each([
    ['.continue/config.yaml', 'name: x\nmcpServers: [\n', 'not valid YAML'],
    ['.continue/config.yaml', 'a: &a [*a, *a]\nb: [*a, *a, *a]\n', 'not valid YAML'],
    ['.continue/config.yaml', '- '.repeat(5000), 'not valid YAML'],
    ['.codex/config.toml', '[mcp_servers.a]\ncommand = \n', 'not valid TOML'],
    ['.cursor/mcp.json', '{"mcpServers": {"a": }}', 'not valid JSON'],
    ['.cursor/mcp.json', '['.repeat(100_000), 'cannot be parsed'],
  ])('%s: a broken one is a problem with its place, and the others are read: %.20s', async (name, text, message) => {
    const file = place.write(`home/${name}`, text);
    const { problems, servers } = await read();
    expect(problems).toMatchObject([{ place: { file }, message: expect.stringContaining(message) }]);
    expect(problems[0]?.place?.line).toBeGreaterThan(0);
    expect(new Set(servers.map(({ client }) => client)).size).toBe(clientIds.length);
  });

  test.each([
    ['a byte order mark and CRLF', '\uFEFF{\r\n// c\r\n"mcpServers": {"a": {"command": "x",},\r\n}}\r\n', ['a']],
    ['a key twice', '{"mcpServers": {"a": {"command": "old"}, "a": {"command": "x"}}}', ['a']],
    ['wrong types', '{"mcpServers": {"a": [], "b": "x", "c": null, "d": {"command": "x"}}}', ['d']],
    ['nothing of the kind', '[1, 2]', []],
    [
      '__proto__',
      '{"mcpServers": {"__proto__": {"command": "x"}, "constructor": {"command": "x"}}}',
      ['__proto__', 'constructor'],
    ],
  ])('one with %s is read as far as it goes', async (_what, text, names) => {
    rmSync(join(place.project, '.cursor'), { recursive: true });
    place.write('home/.cursor/mcp.json', text);
    const { servers, problems } = await read(['cursor']);
    expect(problems).toEqual([]);
    expect(servers.map(({ name }) => name)).toEqual(names);
    for (const { entry } of servers) expect(entry?.launch).toMatchObject({ command: 'x' });
    expect({}).not.toHaveProperty('command');
  });

  test('of ten thousand servers a thousand are read, and the rest is said to be left', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => [`s${index}`, { command: 'x', args: ['y'] }]);
    place.write('home/.cursor/mcp.json', JSON.stringify({ mcpServers: Object.fromEntries(many) }));
    const started = cpuMs();
    const { servers, left } = await read(['cursor']);
    expect(cpuMs() - started).toBeLessThan(10_000);
    expect(servers.filter(({ name }) => /^s\d/.test(name))).toHaveLength(1000);
    expect(left).toMatchObject([{ reason: expect.stringContaining('more than 1000') }]);
  });

  test('an envFile that is a folder, or not there, is named as lost', async () => {
    mkdirSync(join(place.project, '.env'));
    const { servers } = await read(['vscode', 'cursor']);
    const reasons = servers.filter(({ name }) => name === 'files').flatMap(({ entry }) => entry?.left ?? []);
    expect(reasons.map(({ key }) => key)).toEqual(['envFile', 'envFile']);
  });
});
