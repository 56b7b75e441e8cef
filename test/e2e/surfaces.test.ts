import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client as ModernClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import {
  createWorkspace,
  firstText,
  fixtureServer,
  referenceServers,
  serveLaunch,
  startProxy,
  writeConfig,
} from './support.ts';
import type { RunningProxy, Workspace } from './support.ts';

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

const batch = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel'];

async function namesFrom(proxy: RunningProxy): Promise<string[]> {
  const { result } = await proxy.request('tools/list');
  const tools = isJsonObject(result) && Array.isArray(result['tools']) ? result['tools'] : [];
  return tools.map((tool) => (isJsonObject(tool) ? JSON.stringify(tool['name']).slice(1, -1) : ''));
}

async function callBy(proxy: RunningProxy, name: string, args: JsonObject): Promise<JsonObject> {
  const { result } = await proxy.request('tools/call', { name, arguments: args });
  return isJsonObject(result) ? result : {};
}

test('with tools that are found instead of listed, a model finds one and calls it by name or in a batch, until the user wants batches only', async () => {
  const servers = referenceServers(workspace);
  const config = writeConfig(workspace, { servers, surface: 'find' });
  writeFileSync(join(workspace.path, 'files', 'notes.md'), 'bread, butter');
  const proxy = startProxy(workspace, { config });
  await proxy.initialize();
  expect(await namesFrom(proxy)).toEqual([...batch, 'tools_find']);

  // On a busy machine servers may take longer than the first list waits for them.
  const find = async () => firstText(await callBy(proxy, 'tools_find', { query: 'what does a text file say' }));
  await expect.poll(find, { timeout: 15_000 }).toMatch(/^files__read_text_file\(path: string, .*\[read\]/m);
  const args = { path: join(workspace.path, 'files', 'notes.md') };
  expect(firstText(await callBy(proxy, 'files__read_text_file', args))).toBe('bread, butter');
  const calls = [{ tool: 'files__read_text_file', arguments: args }];
  expect(JSON.stringify(await callBy(proxy, 'batch_read', { calls }))).toContain('bread, butter');

  writeConfig(workspace, { servers, surface: 'batch-only' });
  proxy.signal('SIGHUP');
  await until(() => proxy.stdout().includes('notifications/tools/list_changed'), 10_000);
  expect(await namesFrom(proxy)).toEqual([...batch, 'tools_find']);
  const refused = await callBy(proxy, 'files__read_text_file', args);
  expect(refused['isError']).toBe(true);
  expect(firstText(refused)).toContain('use batch_read');
  expect(JSON.stringify(await callBy(proxy, 'batch_read', { calls }))).toContain('bread, butter');

  writeConfig(workspace, { servers, maxDescriptionChars: 100 });
  proxy.signal('SIGHUP');
  await until(() => proxy.stdout().split('notifications/tools/list_changed').length > 2, 10_000);
  expect(await namesFrom(proxy)).toContain('files__read_text_file');
  expect(firstText(await callBy(proxy, 'files__read_text_file', args))).toBe('bread, butter');
});

/** A client that calls itself Cursor, of either era. */
async function connectCursor(era: 'legacy' | 'modern', config: string) {
  const clientInfo = { name: 'cursor-vscode', version: '1.0.0' };
  const launch = { ...serveLaunch(config), stderr: 'ignore' as const };
  if (era === 'legacy') {
    const client = new LegacyClient(clientInfo);
    await client.connect(new LegacyTransport(launch));
    workspace.closeLater(() => client.close());
    return {
      list: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: async (name: string, args: JsonObject) => firstText(await client.callTool({ name, arguments: args })),
    };
  }
  const client = new ModernClient(clientInfo, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(launch));
  workspace.closeLater(() => client.close());
  return {
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name: string, args: JsonObject) => firstText(await client.callTool({ name, arguments: args })),
  };
}

test.each(['legacy', 'modern'] as const)(
  'a %s client that takes 80 tools with names of 60 characters gets as many, calls them by the names that it got, and finds the others',
  async (era) => {
    const config = writeConfig(workspace, { servers: { wordy: fixtureServer('wordy.mjs', ['120']) } });
    const { list, call } = await connectCursor(era, config);
    await expect.poll(async () => (await list()).length, { timeout: 15_000 }).toBe(80);
    const names = await list();
    expect(names.filter((name) => `marshal:${name}`.length > 60)).toEqual([]);
    expect(await call(names.at(-1) ?? '', {})).toBe('read_what_everybody_has_said_about_number_74_and_more');
    const found = await call('tools_find', { query: 'number 110' });
    expect(found).toMatch(/^wordy__read_what_everybody_has_said_about_number_110/);
  },
);
