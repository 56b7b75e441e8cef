import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import {
  connectClient,
  createWorkspace,
  referenceServers,
  serveLaunch,
  startProxy,
  textsOf,
  writeConfig,
} from './support.ts';
import type { TestClient } from './support.ts';

const title = { type: 'string' };

/** Searches the notes, reads each, remembers them: three servers' worth of calls in one tool. */
const recipes = {
  gather: {
    description: 'Reads all notes about a topic and writes them into one file',
    parameters: {
      type: 'object',
      properties: { folder: title, topic: { ...title, default: 'owl' }, footer: { type: 'string' } },
      required: ['folder'],
    },
    calls: [
      {
        id: 'found',
        tool: 'files__search_files',
        arguments: { path: { $param: '/folder' }, pattern: { $concat: ['*', { $param: '/topic' }, '*.md'] } },
      },
      {
        id: 'notes',
        tool: 'files__read_text_file',
        forEach: { $result: 'found', view: 'lines' },
        arguments: { path: { $item: '' } },
      },
      {
        id: 'written',
        tool: 'files__write_file',
        arguments: {
          path: { $concat: [{ $param: '/folder' }, '/all-', { $param: '/topic' }, '.txt'] },
          content: { $concat: [{ $result: 'notes', view: 'text' }, { $param: '/footer' }] },
        },
      },
      {
        tool: 'memory__create_entities',
        arguments: {
          entities: [{ name: { $param: '/topic' }, entityType: 'topic', observations: [{ $param: '/footer' }] }],
        },
      },
    ],
  },
  look: {
    description: 'Two reads',
    calls: [{ tool: 'files__list_allowed_directories' }, { tool: 'memory__read_graph' }],
  },
};

describe('recipes over real servers', () => {
  const workspace = createWorkspace();
  const folder = join(workspace.path, 'files');
  let config: string;
  let client: TestClient;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of [
      ['owl-1', 'hoot '],
      ['owl-2', 'who '],
      ['cat', 'meow '],
    ] as const) {
      writeFileSync(join(folder, `${name}.md`), text);
    }
    const { files, memory } = referenceServers(workspace);
    config = writeConfig(workspace, { servers: { files, memory }, recipes });
    client = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
  });
  afterAll(workspace.close);

  test('are listed as tools, annotated by the worst of their calls', async () => {
    const annotationsOf = async (name: string): Promise<unknown> => {
      const listed: JsonObject[] = JSON.parse(JSON.stringify(await client.listTools()));
      return listed.find((tool) => tool['name'] === name)?.['annotations'];
    };
    // On a busy machine servers may take longer than the first list waits for them, and what nobody offers counts as destructive.
    await expect.poll(() => annotationsOf('recipe__look'), { timeout: 15_000 }).toEqual({ readOnlyHint: true });
    // write_file overwrites, so its server calls it destructive; the policy that ships says what it is in a batch.
    expect(await annotationsOf('recipe__gather')).toMatchObject({ readOnlyHint: false });
  });

  test('run in one round trip, each call with what the earlier ones brought', async () => {
    const reply = await client.call('recipe__gather', { folder });
    expect(textsOf(reply)[0]).toMatch(/^batch [0-9a-f]{12}: .*\b4 ok\b/s);
    expect(readFileSync(join(folder, 'all-owl.txt'), 'utf8').split(' ').sort()).toEqual(['', 'hoot', 'who']);
    const graph = await client.call('memory__read_graph');
    expect(JSON.parse(textsOf(graph)[0]!)).toMatchObject({ entities: [{ name: 'owl', observations: [] }] });
  });

  test('write a value that looks like a reference as it is', async () => {
    const footer = '{"$result":"found"}';
    await client.call('recipe__gather', { folder, topic: 'cat', footer });
    expect(readFileSync(join(folder, 'all-cat.txt'), 'utf8')).toBe(`meow ${footer}`);
  });

  test('say what they take where the arguments do not fit, and send nothing', async () => {
    const reply = await client.call('recipe__gather', { folder: 5 });
    expect(reply['isError']).toBe(true);
    expect(textsOf(reply)[0]).toBe(
      'invalid_arguments: /folder must be string\narguments: (folder: string, topic?: string, footer?: string)',
    );
  });

  test('run from the shell', async () => {
    const args = ['call', 'recipe__look', '--config', config];
    const { code } = await startProxy(workspace, { args }).exited;
    expect(code).toBe(0);
  });

  test('are checked before anything starts', async () => {
    const broken = {
      ...recipes,
      bad: { description: 'x', calls: [{ tool: 'a__b', arguments: { x: { $param: '/y' } } }] },
    };
    const file = writeConfig(workspace, { servers: {}, recipes: broken }, 'broken.yaml');
    const checked = startProxy(workspace, { args: ['check', '--config', file] });
    expect((await checked.exited).code).toBe(2);
    expect(checked.stderr()).toMatch(
      /broken\.yaml:\d+:\d+ recipes\.bad\.calls\.0\.arguments: \$param "\/y" names no parameter/,
    );
  });
});
