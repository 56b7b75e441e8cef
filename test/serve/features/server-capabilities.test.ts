import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { serverCapabilities } from '../../../src/serve/features/server-capabilities.ts';
import { stubEngine } from '../stub-engine.ts';

function declared(
  capabilities: Record<string, JsonObject | undefined>,
  era: 'legacy' | 'modern' = 'legacy',
): JsonObject {
  const offers = Object.fromEntries(
    Object.entries(capabilities).map(([server, said]) => [server, said === undefined ? {} : { capabilities: said }]),
  );
  return serverCapabilities(stubEngine({ servers: Object.keys(capabilities), offers }).engine, era);
}

/** Batches can be tasks, whatever the servers can. */
const tasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };

describe('what is declared to a client', () => {
  test('are always tools whose list may change and batches as tasks, and nothing else that no server has', () => {
    expect(declared({ files: {} })).toEqual({ tools: { listChanged: true }, tasks });
    expect(declared({ files: { tools: { listChanged: false, vendor: 1 } } })).toEqual({
      tools: { listChanged: true, vendor: 1 },
      tasks,
    });
  });

  test('is what any server has; a flag is true if it is for one', () => {
    const files = { resources: { subscribe: false, listChanged: true }, logging: {} };
    const mail = { resources: { subscribe: true }, prompts: {}, completions: {} };
    expect(declared({ files, mail })).toEqual({
      tools: { listChanged: true },
      tasks,
      resources: { subscribe: true, listChanged: true },
      logging: {},
      prompts: {},
      completions: {},
    });
  });

  test('is everything that a server can have where one has never answered', () => {
    expect(declared({ files: {}, mail: undefined })).toEqual({
      tools: { listChanged: true },
      tasks,
      resources: { subscribe: true, listChanged: true },
      prompts: { listChanged: true },
      completions: {},
      logging: {},
    });
  });

  test('holds what only a vendor knows, of the first server that says it', () => {
    const files = { experimental: { a: { v: 1 } }, vendor: [1], extensions: { 'x/y': { on: true } } };
    const mail = { experimental: { a: { v: 2, w: 3 }, b: {} }, vendor: [2], extensions: { 'x/z': {} } };
    expect(declared({ files, mail })).toMatchObject({
      experimental: { a: { v: 1, w: 3 }, b: {} },
      vendor: [1],
      extensions: { 'x/y': { on: true }, 'x/z': {} },
    });
  });

  test('holds the tasks of 2025-11-25 for legacy clients alone, and for modern ones the extension alone', () => {
    const extensions = { 'io.modelcontextprotocol/tasks': {} };
    const files = { tasks: { list: {} }, extensions: { 'io.modelcontextprotocol/tasks': { vendor: 1 } } };
    const mail = { tasks: { cancel: {}, vendor: 1 } };
    expect(declared({ files, mail })).toEqual({
      tools: { listChanged: true },
      tasks: { ...tasks, vendor: 1 },
    });
    expect(declared({ files, mail }, 'modern')).toEqual({ tools: { listChanged: true }, extensions });
  });

  test('leaves what the servers have said as it was, and has keys such as __proto__ as plain fields', () => {
    const files: JsonObject = JSON.parse('{"experimental":{"__proto__":{"polluted":true},"a":{}}}');
    const mail: JsonObject = { experimental: { a: { b: 1 } } };
    const before = JSON.stringify(files);
    const text = JSON.stringify(declared({ files, mail }));
    expect(text).toContain('"experimental":{"__proto__":{"polluted":true},"a":{"b":1}}');
    expect(JSON.stringify(files)).toBe(before);
    expect({}).not.toHaveProperty('polluted');
  });

  test('is answered though a server nests its capabilities without end', () => {
    const endless = (value: JsonObject): JsonObject => {
      let nested = value;
      for (let depth = 0; depth < 20_000; depth++) nested = { a: nested };
      return nested;
    };
    expect(declared({ files: { x: endless({ v: 1 }) }, mail: { x: endless({ v: 2 }) } })).toHaveProperty('x');
  });
});
