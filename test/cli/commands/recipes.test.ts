import { describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { recipeOf } from '../../batch/recipe/recipe-of.ts';
import { fakeIo } from '../fake-io.ts';
import { deleteTool, readTool, replyOf, stubParts, writeTool } from '../stub-proxy.ts';

const files = { tools: [readTool, writeTool, deleteTool], rules: { deny: ['delete_*'] } };
const parameters = { type: 'object', properties: { number: { type: 'integer' }, path: { type: 'string' } } };
const reads = recipeOf({
  name: 'reads',
  parameters,
  calls: [{ tool: 'files__read_text_file', arguments: { path: { $param: '/path' } } }],
});
const mixed = recipeOf({ name: 'mixed', calls: [{ tool: 'files__write_file' }, { tool: 'files__delete_file' }] });

async function run(argv: string[], reply: JsonObject = replyOf({ status: 'ok', result: { content: [] } })) {
  const started: string[] = [];
  const stub = stubParts({ files, mail: {} }, () => reply, [reads, mixed]);
  const createProxy: typeof stub.parts.createProxy = ({ config }) => {
    started.push(...config.servers.map(({ name }) => name));
    return stub.proxy;
  };
  const { io, out, err } = fakeIo({ env: { NO_COLOR: '1' } });
  const code = await runCli(argv, io, { ...stub.parts, createProxy });
  return { code, out: out(), err: err(), called: stub.recipeCalls, started };
}

describe('call', () => {
  test('runs a recipe with its arguments in the types of its parameters, and prints it as a batch', async () => {
    const { code, out, called, started } = await run(['call', 'recipe__reads', 'number=7', 'path=7']);
    expect(called).toMatchObject([{ name: 'reads', arguments: { number: 7, path: '7' }, format: 'structured' }]);
    expect(out).toContain('batch 7f3a91: 1 call');
    expect(code).toBe(0);
    // Those that none of its calls names are not waited for.
    expect(started).toEqual(['files']);
  });

  test('ends with 5 where a call of it did not succeed, and with 6 where all that did not was denied', async () => {
    const error = { code: 'timeout', message: 'too slow', retryable: true };
    expect((await run(['call', 'recipe__reads'], replyOf({ status: 'timeout', error }))).code).toBe(5);
    const denied = { code: 'denied_by_policy', message: 'no', retryable: false };
    expect((await run(['call', 'recipe__reads'], replyOf({ status: 'denied', error: denied }))).code).toBe(6);
  });

  test('says what is wrong with its arguments, and what it takes', async () => {
    const text = 'invalid_arguments: missing "number"\narguments: (number: number)';
    const { code, out, err } = await run(['call', 'recipe__reads'], {
      content: [{ type: 'text', text }],
      isError: true,
    });
    expect({ code, out }).toEqual({ code: 5, out: '' });
    expect(err).toBe('recipe__reads: missing "number"; arguments: (number: number)\n');
  });

  test('gives programs the reply as it is', async () => {
    const { out } = await run(['call', 'recipe__reads', '--json']);
    expect(JSON.parse(out)).toMatchObject({ version: 1, data: { batchId: '7f3a91' } });
  });

  test('names the recipes there are for one that there is not', async () => {
    const { code, err, started } = await run(['call', 'recipe__zzzzzz']);
    expect(code).toBe(2);
    expect(err).toBe('there is no recipe "recipe__zzzzzz"; there are recipe__reads, recipe__mixed\n');
    expect(started).toEqual([]);
    const near = await run(['call', 'recipe__raeds']);
    expect(near.err).toBe('there is no recipe "recipe__raeds"; did you mean recipe__reads?\n');
  });
});

describe('tools', () => {
  test('lists recipes last, with their class and why', async () => {
    const { out } = await run(['tools']);
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(-3).map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      'recipe',
      '  recipe__reads  read  -  allow  recipe of 1 call, all of them reads',
      '  recipe__mixed  destructive  -  allow  recipe of 2 calls; files__delete_file is destructive',
    ]);
  });

  test('gives programs the recipes with their calls', async () => {
    const { data } = JSON.parse((await run(['tools', '--json'])).out);
    expect(data.recipes).toMatchObject([
      { name: 'recipe__reads', class: 'read', source: 'recipe', calls: [{ id: 'c0', class: 'read' }] },
      { name: 'recipe__mixed', class: 'destructive' },
    ]);
  });

  test('explain shows each call of a recipe with its class and why, or why it cannot run', async () => {
    const { code, out } = await run(['tools', 'explain', 'recipe__mixed']);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
      'recipe__mixed',
      '  recipe  marshal.yaml:5:3',
      '  arguments  (path?: string)',
      '  class  destructive: recipe of 2 calls; files__delete_file is destructive',
      'calls:',
      "  c0  files__write_file  write  the server's hint readOnlyHint: false",
      '  c1  files__delete_file  destructive  cannot run: policy denies it: rule deny "delete_*" (policies/files.yaml:2)',
      '',
    ]);
    const { data } = JSON.parse((await run(['tools', 'explain', 'recipe__mixed', '--json'])).out);
    expect(data).toMatchObject({ name: 'recipe__mixed', class: 'destructive', calls: [{ id: 'c0' }, { id: 'c1' }] });
  });
});

test('check warns of a call of a recipe that cannot run, with its place and the mend', async () => {
  const { code, out } = await run(['check']);
  expect(code).toBe(0);
  expect(out).toContain(
    'marshal.yaml:11:7 the call c1 (files__delete_file) of the recipe mixed cannot run: policy denies it: rule deny "delete_*" (policies/files.yaml:2)',
  );
});
