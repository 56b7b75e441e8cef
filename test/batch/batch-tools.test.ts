import { Ajv2020 } from 'ajv/dist/2020.js';
import { Tiktoken } from 'js-tiktoken/lite';
import o200kBase from 'js-tiktoken/ranks/o200k_base';
import { describe, expect, test } from 'vitest';
import { batchTools } from '../../src/batch/batch-tools.ts';
import { ownToolNames, unbatchedNames } from '../../src/batch/own-tools.ts';
import { toolsFind } from '../../src/batch/tools-find.ts';
import { parseBatch } from '../../src/batch/request/parse-batch.ts';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { settings } from './tiny-catalog.ts';

const tools = new Map(batchTools(settings).map((tool) => [tool.name, tool]));
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });

/** Every batch that a description shows: from its brace to the end of its line. */
function examplesOf(description: string | undefined): JsonObject[] {
  return [...(description ?? '').matchAll(/\{"calls":.*$/gm)].map(([example]) => JSON.parse(example));
}

/** The calls of a batch that was accepted. */
function callsOf(input: unknown) {
  const parsed = parseBatch(input, settings);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.request.calls;
}

test('all of them together cost a client less than a thousand tokens', () => {
  const listed = [...tools.values()].map(({ name, description, inputSchema, annotations }) => ({
    name,
    description,
    inputSchema,
    annotations,
  }));
  const tokens = new Tiktoken(o200kBase).encode(JSON.stringify(listed)).length;
  // oxlint-disable-next-line no-console -- whoever changes the words is to see what they cost
  console.log(`the batch tools cost ${tokens} tokens (o200k)`);
  expect(tokens, `${tokens} tokens`).toBeLessThan(1_000);
});

test('tools_find costs little, and is always listed where it is listed at all', () => {
  const { _meta, title: _title, ...listed } = toolsFind(settings);
  expect(new Tiktoken(o200kBase).encode(JSON.stringify(listed)).length).toBeLessThan(120);
  expect(_meta).toMatchObject({ 'anthropic/alwaysLoad': true });
  expect(listed.annotations).toEqual({ readOnlyHint: true });
});

test('where tools are not listed, the words of batch_call lead to tools_find', () => {
  const describe = (surface: 'find' | 'passthrough') =>
    batchTools(settings, surface).find(({ name }) => name === 'batch_call')?.description;
  expect(describe('find')).toContain('a name from tools_find');
  expect(describe('passthrough')).not.toContain('tools_find');
});

test('they are the tools that no batch may hold', () => {
  expect([...tools.keys()]).toEqual([...ownToolNames]);
  expect([...unbatchedNames]).toEqual([...ownToolNames, toolsFind(settings).name]);
});

test('their annotations say what a client may run unasked, and that they are always listed', () => {
  expect(tools.get('batch_read')?.annotations).toEqual({ readOnlyHint: true });
  expect(tools.get('batch_await')?.annotations).toEqual({ readOnlyHint: true });
  expect(tools.get('batch_cancel')?.annotations).toEqual({ destructiveHint: false });
  expect(tools.get('batch_call')?.annotations).toEqual({
    readOnlyHint: false,
    destructiveHint: true,
    openWorldHint: true,
  });
  for (const tool of tools.values()) {
    expect(tool._meta).toMatchObject({ 'anthropic/alwaysLoad': true });
    expect(tool).not.toHaveProperty('outputSchema');
  }
});

test.each([
  [1_000, 50_000],
  [40_000, 50_000],
  [200_000, 200_000],
  [1_000_000, 500_000],
])('a reply of %i characters, where the user allows it, is not put into a file for being over %i', (allowed, shown) => {
  for (const tool of batchTools({ ...settings, maxReplyChars: allowed })) {
    expect(tool._meta?.['anthropic/maxResultSizeChars']).toBe(shown);
  }
});

describe('the schemas', () => {
  test.each([...unbatchedNames])('of %s is a schema, and names what every model API takes', (name) => {
    const schema = (tools.get(name) ?? toolsFind(settings)).inputSchema;
    expect(ajv.validateSchema(schema)).toBe(true);
    const faults = listSchemas(schema).filter(
      (part) =>
        (part['type'] === 'array' && !isJsonObject(part['items'])) ||
        (part['enum'] !== undefined && part['type'] !== 'string') ||
        Object.keys(propertiesOf(part)).some((key) => !/^[a-zA-Z0-9_.-]{1,64}$/.test(key)),
    );
    expect(faults).toEqual([]);
  });

  test('of batch_call lists only what works, and everything that works', () => {
    const call = {
      tool: 'a',
      arguments: { b: { $concat: ['x', { $item: '' }] } },
      id: 'x',
      dependsOn: [{ id: 'c0', when: 'ok' }],
      forEach: { $result: 'c0', view: 'lines' },
      select: { title: '/title' },
      timeoutMs: 1,
      maxChars: 1,
    };
    const batch = {
      calls: [{ tool: 'a' }, call],
      parallel: 'avoid',
      maxParallel: 1,
      onError: 'stop',
      mode: 'plan',
      deadlineMs: 1,
      idempotencyKey: 'k',
      maxChars: 1,
      format: 'structured',
    };
    const { inputSchema = {} } = tools.get('batch_call') ?? {};
    expect(Object.keys(propertiesOf(inputSchema))).toEqual(Object.keys(batch));
    expect(Object.keys(propertiesOf(elementsOf(inputSchema)))).toEqual(Object.keys(call));
    expect(ajv.validate(inputSchema, batch)).toBe(true);
    expect(callsOf(batch).map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });

  test.each([
    [{ calls: [{ tool: 'a', dependsOn: ['c0', { id: 'c1', when: 'error' }] }] }, true],
    [{ calls: [{ tool: 'a', dependsOn: [{ id: 'c1', when: 'failed' }] }] }, false],
    [{ calls: [{ arguments: {} }] }, false],
    [{ calls: [{ tool: 'a' }], mode: 'dry' }, false],
    [{}, false],
  ])('of batch_call, given %j, says %s', (batch, expected) => {
    expect(ajv.validate(tools.get('batch_call')?.inputSchema ?? false, batch)).toBe(expected);
  });

  test('of batch_read shows a call, and takes every batch that batch_call takes', () => {
    const { inputSchema = {} } = tools.get('batch_read') ?? {};
    expect(elementsOf(inputSchema)).toMatchObject({ properties: { tool: {}, arguments: {} }, required: ['tool'] });
    for (const example of examplesOf(tools.get('batch_call')?.description)) {
      expect(ajv.validate(inputSchema, example)).toBe(true);
    }
  });
});

describe('the examples in the description', () => {
  const examples = examplesOf(tools.get('batch_call')?.description);

  test('are a chain and a fan-out, and both are batches', () => {
    const [chain = [], fan = []] = examples.map((example) => callsOf(example));
    expect(examples).toHaveLength(2);
    expect([...chain, ...fan].map(({ problem }) => problem)).toEqual([...chain, ...fan].map(() => undefined));
    expect(chain.map(({ needs }) => needs.map(({ index }) => index))).toEqual([[], [0], [1]]);
    expect(fan.map(({ forEach }) => forEach?.id)).toEqual([undefined, 'f']);
  });

  test('are what the schema allows', () => {
    for (const example of examples) {
      expect(ajv.validate(tools.get('batch_call')?.inputSchema ?? false, example)).toBe(true);
    }
  });
});

test('the definitions as clients see them', async () => {
  await expect(`${JSON.stringify(batchTools(settings), undefined, 2)}\n`).toMatchFileSnapshot(
    '../golden/batch/tools.json',
  );
});

function propertiesOf(schema: JsonObject): JsonObject {
  return isJsonObject(schema['properties']) ? schema['properties'] : {};
}

/** The schema of one element of `calls`. */
function elementsOf(schema: JsonObject): JsonObject {
  const { calls } = propertiesOf(schema);
  return isJsonObject(calls) && isJsonObject(calls['items']) ? calls['items'] : {};
}

/** A schema and all that it holds. */
function listSchemas(schema: JsonObject): JsonObject[] {
  const anyOf = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  const inner = [...Object.values(propertiesOf(schema)), schema['items'], ...anyOf].filter((part) =>
    isJsonObject(part),
  );
  return [schema, ...inner.flatMap((part) => listSchemas(part))];
}
