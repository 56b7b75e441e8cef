import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { modesConflict, renderLock } from '../../src/core/lock.ts';
import type { Lock } from '../../src/core/lock.ts';
import type { Tool, ToolClass } from '../../src/core/tool.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { decideCall } from '../../src/policy/decide-call.ts';
import { findDeadRules } from '../../src/policy/find-dead-rules.ts';
import { locksOfCall } from '../../src/policy/locks/locks-of-call.ts';
import { readShippedPolicy } from './read-shipped-policy.ts';

const directory = mkdtempSync(join(tmpdir(), 'marshal-policies-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const servers: Record<string, { args?: string[]; env?: Record<string, string>; classes: Record<string, ToolClass> }> = {
  filesystem: {
    args: [directory],
    classes: {
      read_file: 'read',
      read_text_file: 'read',
      read_media_file: 'read',
      read_multiple_files: 'read',
      list_directory: 'read',
      list_directory_with_sizes: 'read',
      directory_tree: 'read',
      search_files: 'read',
      get_file_info: 'read',
      list_allowed_directories: 'read',
      write_file: 'destructive',
      edit_file: 'destructive',
      create_directory: 'write',
      move_file: 'write',
    },
  },
  memory: {
    env: { MEMORY_FILE_PATH: join(directory, 'memory.jsonl') },
    classes: {
      read_graph: 'read',
      search_nodes: 'read',
      open_nodes: 'read',
      create_entities: 'write',
      create_relations: 'write',
      add_observations: 'write',
      delete_entities: 'destructive',
      delete_observations: 'destructive',
      delete_relations: 'destructive',
    },
  },
  'sequential-thinking': { classes: { sequentialthinking: 'write' } },
  everything: {
    classes: {
      echo: 'read',
      'get-annotated-message': 'read',
      'get-env': 'read',
      'get-resource-links': 'read',
      'get-resource-reference': 'read',
      'get-roots-list': 'read',
      'get-structured-content': 'read',
      'get-sum': 'read',
      'get-tiny-image': 'read',
      'trigger-long-running-operation': 'read',
      'gzip-file-as-resource': 'write',
      'simulate-research-query': 'write',
      'toggle-simulated-logging': 'write',
      'toggle-subscriber-updates': 'write',
      'trigger-elicitation-request': 'write',
      'trigger-elicitation-request-async': 'write',
      'trigger-sampling-request': 'write',
      'trigger-sampling-request-async': 'write',
      'trigger-url-elicitation': 'write',
    },
  },
};

const cases = await Promise.all(
  Object.entries(servers).map(async ([name, server]) =>
    Object.assign({ name, policy: await readShippedPolicy(name) }, server),
  ),
);

describe.each(cases)('the policy for the $name server', ({ name, args = [], env = {}, classes, policy }) => {
  let tools: Tool[] = [];
  beforeAll(async () => {
    tools = await listRealTools(`mcp-server-${name}`, { args, env });
  });

  it('knows every tool of the real server, by a rule', () => {
    const found = tools.map((tool) => [tool.name, classifyTool(tool, policy)] as const);
    expect(Object.fromEntries(found.map(([tool, verdict]) => [tool, verdict.class]))).toEqual(classes);
    expect(found.filter(([, verdict]) => verdict.source !== 'rule')).toEqual([]);
  });

  it('has no rule that the real server has no tool for', () => {
    expect(
      findDeadRules(
        policy,
        tools.map((tool) => tool.name),
      ),
    ).toEqual([]);
  });

  it('names only arguments that the real tools have', () => {
    const named = policy.tools.flatMap((rule) => [
      ...(Array.isArray(rule.locks) ? rule.locks.map((lock) => `${rule.tool} ${lock.arg}`) : []),
      ...rule.when.flatMap((each) => Object.keys(each.args)).map((argument) => `${rule.tool} ${argument}`),
    ]);
    const real = new Set(
      tools.flatMap((tool) =>
        Object.keys(tool.inputSchema['properties'] ?? {}).map((argument) => `${tool.name} ${argument}`),
      ),
    );
    expect(named.filter((argument) => !real.has(argument))).toEqual([]);
  });

  it('takes a tool that a later version adds for a write, even if it calls itself read-only', () => {
    const annotations = { readOnlyHint: true };
    expect(classifyTool({ name: 'get_new', inputSchema: {}, annotations }, policy).class).toBe('write');
    const worse = { name: 'get_new', inputSchema: {}, annotations: { destructiveHint: true } };
    expect(classifyTool(worse, policy).class).toBe('destructive');
  });
});

describe('the policy for the filesystem server', async () => {
  const policy = await readShippedPolicy('filesystem');
  const locks = (toolName: string, args: JsonObject): Lock[] => {
    const tool = { name: toolName, inputSchema: {} };
    const toolClass = classifyTool(tool, policy, args).class;
    return locksOfCall({ policy, toolName, class: toolClass, args, route: 'batch' });
  };

  it('lets calls on different files overlap', () => {
    expect(conflict(locks('write_file', { path: '/d/a' }), locks('write_file', { path: '/d/b' }))).toBe(false);
    expect(conflict(locks('edit_file', { path: '/d/a' }), locks('read_multiple_files', { paths: ['/d/b'] }))).toBe(
      false,
    );
    expect(conflict(locks('write_file', { path: '/d/a' }), locks('list_allowed_directories', {}))).toBe(false);
  });

  it.each<[string, JsonObject, string, JsonObject]>([
    ['write_file', { path: '/d/a' }, 'read_file', { path: '/d/x/../a' }],
    ['write_file', { path: '/d/a' }, 'list_directory', { path: '/d/' }],
    ['write_file', { path: '/d/e/a' }, 'directory_tree', { path: '/d' }],
    ['edit_file', { path: '/d/a', dryRun: false }, 'read_multiple_files', { paths: ['/d/b', '/d/a'] }],
    ['move_file', { source: '/d/a', destination: '/e/a' }, 'search_files', { path: '/e' }],
    ['move_file', { source: '/d', destination: '/e' }, 'write_file', { path: '/d/a' }],
    ['create_directory', { path: '/d/e/f' }, 'write_file', { path: '/d/e/a' }],
  ])('keeps %s %j and %s %j in order', (first, firstArgs, second, secondArgs) => {
    expect(conflict(locks(first, firstArgs), locks(second, secondArgs))).toBe(true);
  });

  it('takes a dry run for the read that it is, and nothing else', () => {
    const tool = { name: 'edit_file', inputSchema: {} };
    expect(classifyTool(tool, policy, { path: '/d/a', dryRun: true }).class).toBe('read');
    for (const dryRun of [false, 'true', 1, null]) {
      expect(classifyTool(tool, policy, { path: '/d/a', dryRun }).class).toBe('destructive');
    }
    expect(locks('edit_file', { path: '/a', dryRun: true }).map(renderLock)).toContain('S filesystem/a');
  });
});

it('showing the environment of the everything server is asked about, in a batch and alone', async () => {
  const policy = await readShippedPolicy('everything');
  const tool = { name: 'get-env', inputSchema: {} };
  const classification = classifyTool(tool, policy);
  for (const route of ['batch', 'passthrough'] as const) {
    expect(decideCall({ tool, policy, classification, route }).decision).toBe('ask');
  }
});

function conflict(a: Lock[], b: Lock[]): boolean {
  return a.some((one) => b.some((other) => one.node === other.node && modesConflict(one.mode, other.mode)));
}

async function listRealTools(
  program: string,
  { args, env }: { args: string[]; env: Record<string, string> },
): Promise<Tool[]> {
  // With every capability that makes a server list more tools.
  const tasks = { requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } };
  const capabilities = { roots: {}, sampling: {}, elicitation: { form: {}, url: {} }, tasks };
  const client = new Client({ name: 'policy-test', version: '1' }, { capabilities });
  client.setRequestHandler('roots/list', () => ({ roots: [] }));
  const command = fileURLToPath(new URL(`../../node_modules/.bin/${program}`, import.meta.url));
  const { PATH = '' } = process.env;
  await client.connect(new StdioClientTransport({ command, args, env: { PATH, ...env }, stderr: 'ignore' }));
  try {
    const { tools } = await client.listTools();
    return JSON.parse(JSON.stringify(tools));
  } finally {
    await client.close();
  }
}
