import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ClientId } from '../../src/clients/client.ts';
import { readClientFile } from '../../src/clients/read-client-file.ts';
import type { ReadClientFile } from '../../src/clients/read-client-file.ts';
import { recognizeByName } from '../../src/clients/recognize-client.ts';
import { createClientHome, layOutHome } from './client-home.ts';
import type { ClientHome } from './client-home.ts';

let place: ClientHome;
beforeEach(() => {
  place = createClientHome([]);
});
afterEach(() => place.remove());

function read(path: string, client?: ClientId): Promise<ReadClientFile> {
  const surroundings = { platform: 'linux', env: {}, home: place.home, cwd: place.project } as const;
  return readClientFile(path, { ...surroundings, ...(client !== undefined && { client }) });
}

/** The client that was found, and its servers by name; or what was wrong. */
async function summaryOf(path: string, client?: ClientId): Promise<string> {
  const found = await read(path, client);
  return found.ok ? `${found.client}: ${found.servers.map(({ name }) => name).join()}` : found.problem.message;
}

test('each file of the thirteen clients is known for whose it is', async () => {
  const files = await layOutHome(place.home, place.project);
  for (const [client, paths] of Object.entries(files)) {
    for (const path of paths) expect(await summaryOf(path)).toMatch(new RegExp(`^${client}: `));
  }
});

describe('a file from anywhere', () => {
  const server = '{"command":"x"}';
  test.each([
    ['backup/claude_desktop_config.json', `{"mcpServers":{"a":${server}}}`, 'claude-desktop: a'],
    ['other/.cursor/mcp.json', `{"mcpServers":{"a":${server}}}`, 'cursor: a'],
    ['other/.vscode/mcp.json', `{"servers":{"a":${server}}}`, 'vscode: a'],
    ['other/.vscode/mcp.json', `{"mcpServers":{"a":${server}}}`, 'vscode: a'],
    ['other/opencode.jsonc', '{"mcp":{"a":{"type":"local","command":["x"]}}}', 'opencode: a'],
    ['some.json', `{"mcpServers":{"a":${server}}}`, 'claude-code: a'],
    ['some.json', `{"servers":{"a":${server}}}`, 'vscode: a'],
    ['some.json', `{"mcp":{"servers":{"a":${server}}}}`, 'vscode: a'],
    ['some.json', `{"context_servers":{"a":${server}}}`, 'zed: a'],
    ['some.json', '{"mcp":{"a":{"type":"local","command":["x"]}}}', 'opencode: a'],
    ['some.toml', '[mcp_servers.a]\ncommand = "x"\n', 'codex: a'],
    ['some.yaml', 'mcpServers:\n  - name: a\n    command: x\n', 'continue: a'],
  ])('%s with %s is %s', async (name, text, summary) => {
    expect(await summaryOf(place.write(name, text))).toBe(summary);
  });

  test('whose it is can be said', async () => {
    const path = place.write('some.json', '{"mcpServers":{"a":{"url":"http://h/"}}}');
    const found = await read(path, 'cline');
    expect(found.ok && found.servers[0]?.entry?.launch).toMatchObject({ type: 'sse' });
  });

  test('of another project is read as in that project', async () => {
    const text = '{"mcpServers":{"a":{"command":"./x","args":["${workspaceFolder}"]}}}';
    const found = await read(place.write('other/.cursor/mcp.json', text));
    const other = join(place.path, 'other');
    expect(found.ok && found.servers[0]?.entry).toMatchObject({
      launch: { command: join(other, 'x'), args: [other] },
      left: [],
    });
  });

  test.each([
    ['some.json', '{"name":"a-package"}', /form of any known client/],
    ['some.json', '', /not valid JSON/],
    ['some.yaml', 'a: [', /not valid YAML/],
    ['some.json', '{"mcpServers":', /not valid JSON/],
  ])('%s with %j is a problem that says why', async (name, text, message) => {
    expect(await summaryOf(place.write(name, text))).toMatch(message);
  });

  test('one that is not there is a problem, and so is a folder', async () => {
    expect(await read(join(place.path, 'nowhere.json'))).toMatchObject({ ok: false });
    expect(await read(place.path)).toMatchObject({ ok: false });
  });
});

test.each([
  ['/a/.roo/mcp.json', { client: 'roo', folder: '/a' }],
  ['/a/.continue/mcpServers/x.yaml', { client: 'continue', folder: '/a' }],
  ['/a/.mcp.json', { client: 'claude-code', folder: '/a' }],
  ['/a/mcp_config.json', { client: 'windsurf' }],
  ['C:\\a\\.vscode\\mcp.json', { client: 'vscode', folder: 'C:\\a' }],
  ['C:\\Users\\ann\\AppData\\Roaming\\Zed\\settings.json', { client: 'zed' }],
  ['/a/b.json', undefined],
  ['/src/zed/.mcp.json', { client: 'claude-code', folder: '/src/zed' }],
  ['/src/zed/a/b.json', undefined],
  ['/a/.claude/worktrees/b/.mcp.json', { client: 'claude-code', folder: '/a/.claude/worktrees/b' }],
  ['/a/.opencode/opencode.json', { client: 'opencode', folder: '/a' }],
  ['/constructor/toString', undefined],
])('%s is recognized by its name', (path, found) => {
  expect(recognizeByName(path)).toEqual(found);
});
