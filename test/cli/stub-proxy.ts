import { settings } from '../batch/tiny-catalog.ts';
import { tmpdir } from 'node:os';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { offerRecipe } from '../../src/batch/recipe/offer-recipe.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import type { JournalReader } from '../../src/cli/journal/journal-reader.ts';
import type { BatchInput, CliParts, CliProxy, RecipeCall } from '../../src/cli/context.ts';
import type { Config, ServerConfig } from '../../src/config/config.ts';
import { diffConfigs } from '../../src/config/reload/diff-configs.ts';
import type { RecipeConfig } from '../../src/config/recipe/recipe.ts';
import type { Policy, Rule } from '../../src/config/policy.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Tool } from '../../src/core/tool.ts';
import { flowMarks } from '../../src/core/verdict.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { UpstreamState } from '../../src/upstream/upstream.ts';

export interface StubServer {
  tools?: Tool[];
  rules?: Partial<Record<Rule['list'], string[]>>;
  state?: Partial<UpstreamState>;
  enabled?: boolean;
  policyFile?: string;
  /** By name: why a tool is not what the lock file says. */
  quarantine?: Record<string, string>;
  /** Beside the rules. */
  policy?: Partial<Policy>;
}

export interface Stub {
  parts: CliParts;
  config: Config;
  batches: BatchInput[];
  recipeCalls: RecipeCall[];
  calls: {
    started: number;
    closed: number;
    logs: string[];
    served: { host: string; port: number }[];
    drained: number[];
  };
  proxy: CliProxy;
}

export const readTool: Tool = {
  name: 'read_text_file',
  inputSchema: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      head: { type: 'integer' },
      deep: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      any: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    },
    required: ['path'],
  },
  annotations: { readOnlyHint: true },
};
export const writeTool: Tool = {
  name: 'write_file',
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: false },
};
export const deleteTool: Tool = {
  name: 'delete_file',
  inputSchema: { type: 'object' },
  annotations: { destructiveHint: true },
};

const lists = ['deny', 'ask', 'allow', 'read', 'write', 'destructive', ...flowMarks] as const;

/** A program whose servers, tools and replies are what the test says. Nothing is started. */
export function stubParts(
  servers: Record<string, StubServer>,
  reply: (batch: BatchInput) => JsonObject | Promise<JsonObject> = () => ({}),
  recipes: readonly RecipeConfig[] = [],
): Stub {
  const config = { ...configOf(servers), recipes };
  const recipeCalls: RecipeCall[] = [];
  const validate = createArgumentValidator();
  const batches: BatchInput[] = [];
  const calls: Stub['calls'] = { started: 0, closed: 0, logs: [], served: [], drained: [] };
  const enabled = config.servers.filter((server) => server.enabled);
  const catalog = buildCatalog(
    enabled.map(({ name, policy }) => ({
      server: name,
      policy,
      tools: servers[name]?.tools ?? [],
      quarantineOf: (tool) => servers[name]?.quarantine?.[tool.name],
    })),
    { naming: 'prefixed' },
  );
  const proxy: CliProxy = {
    config,
    start: () => void calls.started++,
    apply: (next) => diffConfigs(config, next),
    catalog: () => catalog,
    upstreams: () =>
      enabled.map(({ name }) => ({
        name,
        state: 'ready',
        isKnown: true,
        toolCount: servers[name]?.tools?.length ?? 0,
        era: 'legacy',
        connectedMs: 312,
        ...servers[name]?.state,
      })),
    settled: () => Promise.resolve(),
    measure: () => Promise.resolve({ roundTripMs: 3, protocolVersion: '2025-11-25' }),
    runBatch: async (batch) => {
      batches.push(batch);
      return reply(batch);
    },
    recipes() {
      const settled = { catalog, settings, validate, unavailable: () => undefined };
      const known = new Map(enabled.map((server) => [server.name, server]));
      return new Map(recipes.map((recipe) => [recipe.name, offerRecipe(recipe, { ...settled, servers: known })]));
    },
    callRecipe: async (call) => {
      recipeCalls.push(call);
      return reply({ input: {} });
    },
    serveStdio: ({ input }) => ({
      closed: new Promise((resolve) => input.resume().once('end', resolve).once('close', resolve)),
      close: () => Promise.resolve(),
    }),
    serveHttp: (address) => {
      calls.served.push(address);
      return Promise.resolve({ url: `http://${address.host}:${address.port}/mcp`, closed: new Promise(() => {}) });
    },
    drain(limitMs) {
      calls.drained.push(limitMs);
      return Promise.resolve();
    },
    close: () => {
      calls.closed++;
      return Promise.resolve();
    },
  };
  const parts: CliParts = {
    loadConfig: () => Promise.resolve(config),
    createProxy: () => proxy,
    readJournals: () => emptyJournal,
    createLogger: (options) =>
      createLogger({ ...options, format: 'json', destination: { write: (line) => calls.logs.push(line) } }),
  };
  return { parts, config, batches, recipeCalls, calls, proxy };
}

/** A state folder in which nothing was ever recorded. */
const emptyJournal: JournalReader = {
  place: '/state/journal',
  isThere: false,
  problems: () => [],
  calls: () => [],
  batches: () => [],
  callsOf: () => [],
  follow: (_filter, _onCalls, signal) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  close: () => {},
};

/** A structured reply with one call that ended as given. */
export function replyOf(call: JsonObject, others: JsonObject[] = []): JsonObject {
  const whole = {
    index: 0,
    id: 'c0',
    tool: 'files__read_text_file',
    attempts: 1,
    startedMs: 0,
    runMs: 12,
    queuedMs: 0,
  };
  return {
    content: [{ type: 'text', text: 'batch 7f3a91: 1 call' }],
    structuredContent: {
      batchId: '7f3a91',
      status: 'completed',
      results: [{ ...whole, ...call }, ...others.map((other) => ({ ...whole, ...other }))],
      timing: { wallMs: 100, serialMs: 150, lowerBoundMs: 90, criticalPath: [], peakParallel: 2 },
      warnings: [],
    },
  };
}

function configOf(servers: Record<string, StubServer>): Config {
  return {
    file: '/etc/marshal.yaml',
    servers: Object.entries(servers).map(([name, server], index) => serverOf({ name, server, line: index + 2 })),
    batch: settings,
    telemetry: {},
    journal: { enabled: true, arguments: 'digest', keepMs: 1, maxBytes: 1_000_000 },
    limits: defaultLimits,
    approvals: { expiresMs: 600_000, queue: true },
    auth: { tokens: true, origins: [], limits: { maxParallel: 64 } },
    recipes: [],
    maxParallel: 32,
    surface: 'passthrough',
    naming: 'prefixed',
    log: { level: 'info', format: 'json' },
    // `check` tries to write there.
    stateDir: tmpdir(),
    warnings: [],
  };
}

function serverOf({ name, server, line }: { name: string; server: StubServer; line: number }): ServerConfig {
  return {
    name,
    place: { file: 'marshal.yaml', line, column: 3 },
    transport: { type: 'stdio', command: 'none', args: [], env: {}, cwd: '/' },
    launch: { command: 'none', args: [], env: [] },
    policy: policyOf(name, server),
    enabled: server.enabled ?? true,
    maxParallel: 8,
    maxParallelWrites: 8,
    maxParallelIsSet: false,
    parallel: 'none',
  };
}

function policyOf(name: string, { rules = {}, policyFile, policy }: StubServer): Policy {
  return {
    ...(policyFile !== undefined && { file: policyFile }),
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    rules: lists.flatMap((list, listIndex) =>
      (rules[list] ?? []).map((pattern, index) => ({
        list,
        pattern,
        place: { file: `policies/${name}.yaml`, line: listIndex + 2, column: 8 + index },
      })),
    ),
    tools: [],
    limits: {},
    domain: name,
    base: '/',
    foldCase: false,
    ...policy,
  };
}
