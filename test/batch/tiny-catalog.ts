import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { planBatch } from '../../src/batch/plan/plan-batch.ts';
import { parseBatch } from '../../src/batch/request/parse-batch.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import type { BatchConfig, ServerConfig } from '../../src/config/config.ts';
import type { Policy, Rule, ToolRule } from '../../src/config/policy.ts';
import type { BatchRequest } from '../../src/batch/request/batch-request.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { CallError, Outcome } from '../../src/core/outcome.ts';
import type { Plan, PlannedCall } from '../../src/core/plan.ts';
import type { Tool } from '../../src/core/tool.ts';
import type { Caller } from '../../src/core/verdict.ts';

export const settings: BatchConfig = {
  maxCalls: 100,
  maxParallel: 8,
  deadlineMs: 50_000,
  backgroundMs: 600_000,
  parallel: 'prefer',
  onError: 'continue',
  maxReplyChars: 40_000,
  format: 'text',
};

function policyOf(
  server: string,
  bag: { file?: string; rules?: readonly [Rule['list'], string][]; tools?: readonly ToolRule[] },
): Policy {
  const file = bag.file ?? `${server}.yaml`;
  return {
    file,
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    rules: (bag.rules ?? []).map(([list, pattern], index) => ({
      list,
      pattern,
      place: { file, line: index + 4, column: 3 },
    })),
    tools: bag.tools ?? [],
    limits: {},
    domain: server,
    base: '/srv',
    foldCase: false,
  };
}

function tool(name: string, properties: JsonObject = {}, required: string[] = []): Tool {
  return { name, inputSchema: { type: 'object', properties, required, additionalProperties: false } };
}

const path = { type: 'string' };
const place = { file: 'files.yaml', line: 20, column: 3 };
const pathLock = [{ arg: 'path', type: 'path' as const }];

const files = policyOf('files', {
  rules: [
    ['read', 'read_*'],
    ['read', 'get_*'],
    ['write', 'write_*'],
    ['destructive', 'delete_*'],
    ['deny', 'format_*'],
  ],
  tools: [
    { tool: 'read_text_file', place, when: [], locks: pathLock },
    { tool: 'write_file', place, when: [], locks: pathLock, timeoutMs: 10_000 },
    { tool: 'get_time', place, when: [], locks: 'none' },
    { tool: 'search', place, when: [], empty: ['No matches found'] },
  ],
});
const github = policyOf('github', {
  rules: [
    ['read', 'get_*'],
    ['read', 'list_*'],
    ['write', 'create_*'],
    ['ask', 'create_release'],
  ],
  tools: [
    {
      tool: 'label_write',
      place: { file: 'github.yaml', line: 9, column: 3 },
      class: 'destructive',
      when: [{ args: { method: ['create'] }, class: 'write', place: { file: 'github.yaml', line: 10, column: 5 } }],
    },
  ],
});

export const catalog = buildCatalog(
  [
    {
      server: 'files',
      policy: files,
      tools: [
        tool('read_text_file', { path, head: { type: 'number' }, tail: { type: 'number' } }, ['path']),
        tool('write_file', { path, content: { type: 'string' } }, ['path', 'content']),
        tool('delete_file', { path }, ['path']),
        tool('format_disk'),
        tool('get_time'),
        tool('search'),
      ],
    },
    {
      server: 'github',
      policy: github,
      tools: [
        tool('get_issue', { number: { type: 'integer' } }, ['number']),
        tool('list_issues', { perPage: { type: 'integer' } }),
        tool('create_issue', { title: { type: 'string' } }, ['title']),
        tool('create_release', { tag: { type: 'string' } }),
        tool('label_write', { method: { type: 'string', enum: ['create', 'delete'] } }, ['method']),
        tool('search'),
      ],
    },
  ],
  { naming: 'prefixed' },
);

type PlannedServer = Pick<ServerConfig, 'parallel' | 'timeoutMs'>;
export const servers = new Map<string, PlannedServer>([
  ['files', { parallel: 'none' }],
  ['github', { parallel: 'none', timeoutMs: 30_000 }],
  ['mail', { parallel: 'none' }],
]);

export function requestOf(input: unknown, changed: Partial<BatchConfig> = {}): BatchRequest {
  const parsed = parseBatch(input, { ...settings, ...changed });
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.request;
}

export function refusalOf(input: unknown, changed: Partial<BatchConfig> = {}): { error: CallError; lines: string[] } {
  const parsed = parseBatch(input, { ...settings, ...changed });
  if (parsed.ok) throw new Error('the batch was accepted');
  return {
    error: parsed.error,
    lines: parsed.problems.map(({ key, message }) => (key ? `${key}: ${message}` : message)),
  };
}

interface Choices {
  settings?: Partial<BatchConfig>;
  servers?: ReadonlyMap<string, PlannedServer>;
  readOnly?: boolean;
  unavailable?: (server: string) => string | undefined;
  wantsLogin?: (server: string) => boolean;
  disabled?: ReadonlySet<string>;
  caller?: () => Caller;
}

export function tryPlan(input: unknown, choices: Choices = {}): ReturnType<typeof planBatch> {
  return planBatch({
    request: requestOf(input, choices.settings),
    catalog,
    servers: choices.servers ?? servers,
    validate: createArgumentValidator(),
    readOnly: choices.readOnly ?? false,
    batchId: '7f3a91',
    ...(choices.unavailable && { unavailable: choices.unavailable }),
    ...(choices.wantsLogin && { wantsLogin: choices.wantsLogin }),
    ...(choices.disabled && { disabled: choices.disabled }),
    ...(choices.caller && { caller: choices.caller }),
  });
}

export function planOf(input: unknown, choices: Choices = {}): Plan {
  const planned = tryPlan(input, choices);
  if (!planned.ok) throw new Error(planned.error.message);
  return planned.plan;
}

/** The call that runs at an index; throws if it does not run. */
export function callAt(plan: Plan, index: number): PlannedCall {
  const entry = plan.entries[index];
  if (entry?.kind !== 'run') throw new Error(`calls[${index}] does not run: ${JSON.stringify(entry)}`);
  return entry.call;
}

/** The error of the call that does not run at an index; throws if it runs. */
export function errorAt(plan: Plan, index: number): CallError {
  const entry = plan.entries[index];
  if (entry?.kind !== 'settled' || !entry.outcome.error) throw new Error(`calls[${index}] runs`);
  return entry.outcome.error;
}

export function ok(result: JsonObject, runMs = 100, startedMs = 0): Outcome {
  return { status: 'ok', applied: 'no', result, attempts: 1, queuedMs: startedMs, runMs, startedMs };
}

export function text(...texts: string[]): JsonObject {
  return { content: texts.map((one) => ({ type: 'text', text: one })) };
}

/** When the last of the calls that ran, or of their elements, has ended. */
export function endOf(outcomes: readonly Outcome[]): number {
  const ran = outcomes.flatMap((outcome) => outcome.items ?? [outcome]).filter(({ attempts }) => attempts > 0);
  return ran.reduce((end, { startedMs, runMs }) => Math.max(end, startedMs + runMs), 0);
}
