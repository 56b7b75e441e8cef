import { describe, expect, test } from 'vitest';
import { limitsOfClient } from '../../../src/core/protocol/client-limits.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import type { ClientRequest } from '../../../src/serve/client-request.ts';
import type { Setup } from '../../../src/serve/setup.ts';
import { recordingLogger } from '../../upstream/support.ts';
import { recipeOf } from '../../batch/recipe/recipe-of.ts';
import { requestOf } from '../stub-engine.ts';
import { engineWith, toolsNamed } from './many-tools.ts';

interface Listed {
  name: string;
  description?: string;
}

async function list(engine: Engine, changes: Partial<ClientRequest> = {}): Promise<Listed[]> {
  const { tools } = await handleRequest(engine, requestOf('tools/list', {}, changes));
  const entries: unknown[] = Array.isArray(tools) ? tools : [];
  return entries.filter(isListed);
}

function isListed(tool: unknown): tool is Listed {
  return typeof tool === 'object' && tool !== null && 'name' in tool;
}

async function namesFor(engine: Engine, changes: Partial<ClientRequest> = {}): Promise<string[]> {
  return (await list(engine, changes)).map(({ name }) => name);
}

const batch = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel'];
const many = (prefix: string, count: number) =>
  toolsNamed(...Array.from({ length: count }, (_, index) => `${prefix}_${index}`));

describe('what a client lists', () => {
  const recipes = [recipeOf({ name: 'tidy', calls: [{ tool: 'files__read_file', arguments: {} }] })];

  test('are no recipes but those that its credentials allow, as tools_find has it', async () => {
    const engine = engineWith(
      { files: toolsNamed('read_file', 'delete_file') },
      { recipes: [...recipes, recipeOf({ name: 'wipe', calls: [{ tool: 'files__delete_file', arguments: {} }] })] },
    );
    expect(await namesFor(engine)).toContain('recipe__wipe');
    const names = await namesFor(engine, { scopes: new Set(['read']) });
    expect(names).toEqual([...batch, ...names.slice(batch.length)]);
    expect(names).not.toContain('recipe__wipe');
  });

  test.each(['find', 'batch-only'] as const)('under %s are our tools, tools_find and recipes', async (surface) => {
    const engine = engineWith({ files: toolsNamed('read_file', 'write_file') }, { surface, recipes });
    expect(await namesFor(engine)).toEqual([...batch, 'tools_find', 'recipe__tidy']);
    expect(await namesFor(engine, { era: 'modern' })).toEqual([...batch, 'tools_find', 'recipe__tidy']);
  });

  test('under passthrough are all tools, and no tools_find, since there is nothing left to be found', async () => {
    const engine = engineWith({ files: toolsNamed('read_file', 'write_file') });
    for (const clientName of [undefined, 'somebody', 'claude-code', 'cursor-vscode']) {
      expect(await namesFor(engine, clientName === undefined ? {} : { clientName })).toEqual([
        ...batch,
        'files__read_file',
        'files__write_file',
      ]);
    }
  });

  test('who has no known limit, or asks for no shorter words, gets the very objects of the catalogue', async () => {
    const engine = engineWith({ files: many('read', 3) });
    const listed = await list(engine, { clientName: 'claude-code' });
    expect(listed.slice(batch.length).every((tool, index) => tool === engine.catalog().listed[index])).toBe(true);
  });

  test('is trimmed where the configuration says so, but for our tools and recipes', async () => {
    const words = 'Reads a file. '.repeat(30);
    const tools = [{ name: 'read', description: words, inputSchema: { type: 'object' } }];
    const plain = await list(engineWith({ files: tools }, { recipes }));
    const trimmed = await list(engineWith({ files: tools }, { recipes, maxDescriptionChars: 100 }));
    expect(trimmed.slice(0, -1)).toEqual(plain.slice(0, -1));
    expect(plain.at(-1)?.description).toBe(words);
    expect(trimmed.at(-1)?.description).toMatch(/^(Reads a file\. ){5,6}Reads a file\.…$/);
  });
});

describe('a client that takes only so many tools', () => {
  const tools = {
    mail: [...toolsNamed('send', 'get_mail')],
    big: [...many('write', 60), ...many('read', 60)],
    late: [...many('read', 10)],
  };

  test('gets no more than it takes, of every server some, and tools_find for the rest', async () => {
    const names = await namesFor(engineWith(tools), { clientName: 'cursor-vscode' });
    expect(names).toHaveLength(limitsOfClient('cursor')?.maxTools ?? 0);
    expect(names.slice(0, 5)).toEqual([...batch, 'tools_find']);
    expect(names.filter((name) => name.startsWith('mail__'))).toHaveLength(2);
    expect(names.filter((name) => name.startsWith('late__'))).toHaveLength(10);
    // Of what does not fit, reads go first; the order stays that of the server.
    const big = names.filter((name) => name.startsWith('big__'));
    expect(big.filter((name) => name.includes('read'))).toHaveLength(60);
    expect(big.slice(0, 3)).toEqual(['big__write_0', 'big__write_1', 'big__write_2']);
  });

  test('gets all of them where they are just as many as it takes', async () => {
    const engine = engineWith({ big: many('read', 76) });
    const names = await namesFor(engine, { clientName: 'cursor-vscode' });
    expect(names).toHaveLength(80);
    expect(names).not.toContain('tools_find');
  });

  test('may call what it does not list', async () => {
    const engine = engineWith(tools);
    const listed = await namesFor(engine, { clientName: 'cursor-vscode' });
    expect(listed).not.toContain('big__write_59');
    await handleRequest(
      engine,
      requestOf('tools/call', { name: 'big__write_59', arguments: {} }, { clientName: 'cursor-vscode' }),
    );
    expect(engine.sent.map(({ tool }) => tool)).toEqual(['write_59']);
  });

  test('is told of in the log, once, with the numbers and what to do', async () => {
    const { logger, lines } = recordingLogger();
    const engine = engineWith(tools, { logger });
    await list(engine, { clientName: 'cursor-vscode' });
    await list(engine, { clientName: 'cursor-vscode' });
    const told = lines().filter(({ msg }) => String(msg).includes('tools_find'));
    expect(told.map(({ msg }) => msg)).toEqual([
      'Cursor takes 80 tools, and there are 136: the others are found with tools_find, and called in batches. Deny what is not needed, or set surface: find',
    ]);
  });

  test('gets those that its credentials allow', async () => {
    const names = await namesFor(engineWith(tools), { clientName: 'cursor-vscode', scopes: new Set(['read']) });
    expect(names.filter((name) => name.includes('write') || name.includes('send'))).toEqual([]);
    expect(names).toHaveLength(4 + 1 + 60 + 10);
  });
});

describe('recipes, for a client with limits', () => {
  const recipes = (count: number, name: (index: number) => string) =>
    Array.from({ length: count }, (_, index) =>
      recipeOf({ name: name(index), calls: [{ tool: 'files__read_file', arguments: {} }] }),
    );

  test.each(['passthrough', 'find'] as const)(
    'are cut under %s where it takes fewer tools, and tools_find is there',
    async (surface) => {
      const engine = engineWith({ files: many('read', 10) }, { surface, recipes: recipes(90, (n) => `do_${n}`) });
      const names = await namesFor(engine, { clientName: 'cursor-vscode' });
      expect(names).toHaveLength(80);
      expect(names.slice(3, 6)).toEqual(['batch_cancel', 'tools_find', 'recipe__do_0']);
    },
  );

  test('go before the tools of servers, which batches reach without being listed', async () => {
    const engine = engineWith({ files: many('read', 200) }, { recipes: recipes(30, (n) => `do_${n}`) });
    const names = await namesFor(engine, { clientName: 'cursor-vscode' });
    expect(names.filter((name) => name.startsWith('recipe__'))).toHaveLength(30);
    expect(names).toHaveLength(80);
  });

  test('have names of as many characters as it takes, and are called by either', async () => {
    const long = (n: number) => `tell_everybody_in_the_house_what_was_found_today_${n}`;
    const engine = engineWith({ files: toolsNamed('read_file') }, { recipes: recipes(2, long) });
    const names = await namesFor(engine, { clientName: 'cursor-vscode' });
    const cut = names.filter((name) => name.startsWith('recipe__'));
    expect(new Set(cut.map((name) => name.length))).toEqual(new Set([52]));
    for (const name of [...cut, `recipe__${long(1)}`, `mcp__marshal__${cut[0]}`]) {
      const result = await handleRequest(engine, requestOf('tools/call', { name, arguments: {} }));
      expect(result['isError']).not.toBe(true);
    }
    expect(engine.sent).toHaveLength(4);
    expect(await namesFor(engine)).toContain(`recipe__${long(1)}`);
  });
});

describe('a client that takes only short names', () => {
  const long = 'get_the_names_of_everything_that_anybody_has_written';
  const tools = { somewhere: [...toolsNamed(long), ...toolsNamed('get')] };

  test.each([
    ['cursor-vscode', 52],
    ['gemini-cli-mcp-client', 51],
    ['codex-mcp-client', 50],
    ['Visual Studio Code', 52],
  ])('as %s, gets names of %i characters, and calls tools by either', async (clientName, most) => {
    const engine = engineWith(tools);
    const [cut = '', whole] = (await namesFor(engine, { clientName })).slice(batch.length);
    expect(whole).toBe('somewhere__get');
    expect(cut).toHaveLength(most);
    expect(cut).toMatch(/^somewhere__get_the_names_of_.*_[0-9a-f]{8}$/);
    for (const name of [cut, `somewhere__${long}`, `mcp__marshal__${cut}`]) {
      await handleRequest(engine, requestOf('tools/call', { name }, { clientName }));
    }
    const calls = [{ tool: cut }, { tool: `somewhere__${long}` }];
    await handleRequest(engine, requestOf('tools/call', { name: 'batch_read', arguments: { calls } }, { clientName }));
    expect(engine.sent.map(({ tool }) => tool)).toEqual(Array(engine.sent.length).fill(long));
    expect(engine.sent.length).toBeGreaterThanOrEqual(4);
  });

  test('may refuse dots instead: it gets none, and calls by either name', async () => {
    const engine = engineWith({ dotted: toolsNamed('get.user', 'get') });
    const [plain = '', other] = (await namesFor(engine, { clientName: 'claude-ai' })).slice(batch.length);
    expect(plain).toMatch(/^dotted__get_user_[0-9a-f]{8}$/);
    expect(other).toBe('dotted__get');
    for (const name of [plain, 'dotted__get.user']) await handleRequest(engine, requestOf('tools/call', { name }));
    expect(engine.sent.map(({ tool }) => tool)).toEqual(['get.user', 'get.user']);
    expect(await namesFor(engine, { clientName: 'somebody' })).toContain('dotted__get.user');
  });

  test('is the only one that does', async () => {
    for (const clientName of ['claude-code', 'opencode', 'somebody']) {
      expect(await namesFor(engineWith(tools), { clientName })).toContain(`somewhere__${long}`);
    }
  });
});

describe('under batch-only', () => {
  const engine = engineWith({ files: toolsNamed('read_file', 'write_file') }, { surface: 'batch-only' });

  test('a call of a tool by itself is refused with the batch that would make it', async () => {
    const result = await handleRequest(engine, requestOf('tools/call', { name: 'files__write_file', arguments: {} }));
    expect(result['isError']).toBe(true);
    expect(JSON.stringify(result['content'])).toMatch(/denied_by_policy.*batch_call: .*files__write_file/);
    const read = await handleRequest(engine, requestOf('tools/call', { name: 'read_file' }));
    expect(JSON.stringify(read['content'])).toContain('use batch_read');
    expect(engine.sent).toEqual([]);
  });

  test('a tool that policy denies is refused for that reason, since a batch would be told the same', async () => {
    const denying = engineWith(
      { files: toolsNamed('read_file') },
      { surface: 'batch-only', policy: { deny: ['read_file'] } },
    );
    const result = await handleRequest(denying, requestOf('tools/call', { name: 'files__read_file', arguments: {} }));
    expect(JSON.stringify(result['content'])).toContain('denied_by_policy');
    expect(JSON.stringify(result['content'])).not.toContain('batch_read');
  });

  test('the same call in a batch runs', async () => {
    const calls = [{ tool: 'files__write_file', arguments: {} }];
    await handleRequest(engine, requestOf('tools/call', { name: 'batch_call', arguments: { calls } }));
    expect(engine.sent.map(({ tool }) => tool)).toEqual(['write_file']);
  });
});

test('under find a tool that is not listed is called by its name', async () => {
  const engine = engineWith({ files: toolsNamed('write_file') }, { surface: 'find' });
  await handleRequest(engine, requestOf('tools/call', { name: 'files__write_file', arguments: {} }));
  expect(engine.sent.map(({ tool }) => tool)).toEqual(['write_file']);
});

describe('a misspelt name', () => {
  const tools = { files: toolsNamed('read_file', 'delete_files') };
  const wrong = 'files__delete_filez';
  const asked = async (changes: Partial<ClientRequest>): Promise<string> => {
    const engine = engineWith(tools, {
      policy: { destructive: ['delete_*'] },
      recipes: [recipeOf({ name: 'wipe', calls: [{ tool: 'files__delete_files', arguments: {} }] })],
    });
    const batched = { name: 'batch_call', arguments: { calls: [{ tool: wrong }] } };
    const answers = await Promise.allSettled(
      [batched, { name: wrong }, { name: 'recipe__wip' }].map((params) =>
        handleRequest(engine, requestOf('tools/call', params, changes)),
      ),
    );
    return answers.map((one) => (one.status === 'fulfilled' ? JSON.stringify(one.value) : String(one.reason))).join();
  };

  test('is answered with the nearest names, and with none that the credentials allow no call of', async () => {
    const [all, some] = [await asked({}), await asked({ scopes: new Set(['read']) })];
    expect(all.match(/did you mean (files__delete_files|recipe__wipe)\b/g)).toHaveLength(3);
    expect(some).toContain('there is no such tool');
    expect(some).not.toMatch(/delete_files\b|wipe/);
  });

  test('that is like no other is looked up where the tools are: in the list, or by tools_find where none are listed', async () => {
    const told = async (surface: Setup['surface']): Promise<string> => {
      const engine = engineWith(tools, { surface });
      const alone = handleRequest(engine, requestOf('tools/call', { name: 'qqqq' }));
      const batched = { name: 'batch_call', arguments: { calls: [{ tool: 'qqqq' }] } };
      const answers = await Promise.allSettled([alone, handleRequest(engine, requestOf('tools/call', batched))]);
      return answers.map((one) => (one.status === 'fulfilled' ? JSON.stringify(one.value) : String(one.reason))).join();
    };
    expect(await told('passthrough')).toMatch(/see tools\/list.*in the list of tools/);
    for (const surface of ['find', 'batch-only'] as const) {
      const text = await told(surface);
      expect(text.match(/ask tools_find for it/g)).toHaveLength(2);
      expect(text).not.toContain('list of tools');
    }
  });
});

test('no name stands twice, though a server gives a tool the very name that another one is cut to', async () => {
  const long = `read_${'x'.repeat(54)}`;
  const cursor = { clientName: 'cursor-vscode' };
  const cut = (await namesFor(engineWith({ files: toolsNamed(long) }), cursor)).at(-1) ?? '';
  expect(cut).toMatch(/^files__read_x+_[0-9a-f]{8}$/);
  const engine = engineWith({ files: toolsNamed(long, cut.slice('files__'.length)) });
  expect(await namesFor(engine, cursor)).toEqual([...batch, cut]);
  expect(await namesFor(engine)).toHaveLength(batch.length + 2);
});
