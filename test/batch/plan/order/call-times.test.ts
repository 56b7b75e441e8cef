import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../../../src/batch/plan/plan-batch.ts';
import { planPassthrough } from '../../../../src/batch/plan/plan-passthrough.ts';
import { buildCatalog } from '../../../../src/catalog/build-catalog.ts';
import type { ServerConfig } from '../../../../src/config/config.ts';
import type { Policy, ToolRule } from '../../../../src/config/policy.ts';
import { callAt, ok, requestOf, text } from '../../tiny-catalog.ts';

const place = { file: 'wiki.yaml', line: 1, column: 1 };
const rule = (tool: string, more: Partial<ToolRule>): ToolRule => ({ tool, place, when: [], ...more });

function cacheTimeOf(toolName: string, policyCacheMs: number | undefined, args = {}): (number | undefined)[] {
  const policy: Policy = {
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    rules: [{ list: 'read', pattern: 'get_*', place }],
    tools: [
      rule('get_page', { cacheMs: 5_000 }),
      rule('get_news', { cacheMs: 'none' }),
      rule('put_page', { cacheMs: 5_000 }),
      rule('get_time', { locks: 'none' }),
      rule('get_rules', { locks: 'none', cacheMs: 5_000 }),
      rule('query', { when: [{ args: { kind: ['look'] }, class: 'read', place }], class: 'write', cacheMs: 700 }),
    ],
    limits: {},
    domain: 'wiki',
    base: '/',
    foldCase: false,
    ...(policyCacheMs !== undefined && { cacheMs: policyCacheMs }),
  };
  const names = ['get_page', 'get_news', 'get_other', 'put_page', 'query', 'get_time', 'get_rules'];
  const tools = names.map((name) => ({ name, inputSchema: { type: 'object' } }));
  const catalog = buildCatalog([{ server: 'wiki', policy, tools }], { naming: 'prefixed' });
  const server: ServerConfig = {
    name: 'wiki',
    place,
    transport: { type: 'http', url: 'http://127.0.0.1/mcp', headers: {} },
    policy,
    enabled: true,
    maxParallel: 8,
    maxParallelWrites: 8,
    maxParallelIsSet: false,
    parallel: 'none',
  };
  const tool = `wiki__${toolName}`;
  const bag = {
    request: requestOf([
      { tool, arguments: args },
      { tool, arguments: { ...args, page: { $item: '' } }, forEach: { $result: 'c0' } },
    ]),
    catalog,
    servers: new Map([['wiki', server]]),
    validate: createArgumentValidator(),
    readOnly: false,
  };
  const planned = planBatch({ ...bag, batchId: 'b' });
  if (!planned.ok) throw new Error(planned.error.message);
  const prepared = createPrepare(bag)(callAt(planned.plan, 1), [ok(text('[1]'))]);
  const element = prepared.kind === 'each' ? prepared.entries[0] : undefined;
  const alone = planPassthrough(catalog.byExposedName.get(tool)!, { args, server });
  return [
    callAt(planned.plan, 0).cacheMs,
    element?.kind === 'run' ? element.call.cacheMs : undefined,
    alone.ok ? alone.call.cacheMs : undefined,
  ];
}

describe('how long a result may be used again, in a batch, as an element and as a call of its own', () => {
  test.each<[string, number | undefined, object, number | undefined]>([
    ['get_page', 60_000, {}, 5_000],
    ['get_page', undefined, {}, 5_000],
    ['get_other', 60_000, {}, 60_000],
    ['get_other', undefined, {}, undefined],
    ['get_news', 60_000, {}, undefined],
    // What locks nothing, such as a clock, only by a rule of its own.
    ['get_time', 60_000, {}, undefined],
    ['get_rules', 60_000, {}, 5_000],
    ['put_page', 60_000, {}, undefined],
    ['query', 60_000, { kind: 'look' }, 700],
    ['query', 60_000, { kind: 'change' }, undefined],
  ])('%s under a policy that says %s, with %j: %s ms', (tool, policyMs, args, expected) => {
    expect(cacheTimeOf(tool, policyMs, args)).toEqual([expected, expected, expected]);
  });
});
