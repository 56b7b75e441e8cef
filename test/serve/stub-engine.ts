import { createApprovalDesk } from '../../src/approvals/create-approval-desk.ts';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { offerRecipe } from '../../src/batch/recipe/offer-recipe.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import type { RecipeConfig } from '../../src/config/recipe/recipe.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import type { Notice, RequestContext } from '../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../src/core/protocol/rpc.ts';
import type { Tool } from '../../src/core/tool.ts';
import type { ClientRequest } from '../../src/serve/client-request.ts';
import type { Setup } from '../../src/serve/setup.ts';
import type { CatalogChange } from '../../src/serve/live-catalog.ts';
import type { Engine } from '../../src/serve/engine.ts';
import type { ServerNotice, ServerOffer, UpstreamRequest } from '../../src/core/protocol/server.ts';
import { createBatchBook } from '../../src/serve/batch/book/batch-book.ts';
import { createFlowLedger } from '../../src/serve/flow/flow-ledger.ts';
import { switchedOff } from '../../src/journal/switched-off.ts';
import { createScheduler } from '../../src/schedule/scheduler.ts';
import { settings } from '../batch/tiny-catalog.ts';
import { makePolicy } from '../policy/make-policy.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import type { VirtualClock } from '../schedule/virtual-clock.ts';
import { fixture, serverConfig, silent } from '../upstream/support.ts';

/** Any request but a call of a tool, as a server gets it. */
export type StubRequest = { server: string; method: string; params: JsonObject } & RequestContext;

export interface StubEngine {
  engine: Engine;
  clock: VirtualClock;
  /** Calls of tools that were sent upstream, with the server's name. */
  sent: (UpstreamRequest & { server: string })[];
  /** Everything else that was sent upstream. */
  requests: StubRequest[];
  /** Notifications of the client that went to the servers. */
  notified: Notice[];
  /** What was subscribed and unsubscribed, in order, as `+files file:///a` and `-files file:///a`. */
  subscriptions: string[];
  /** Levels of log messages as they were set. */
  levels: string[];
  /** Tells those who watch the catalogue that it may have changed. */
  change: (change?: CatalogChange) => void;
  /** Has a server send a notification that belongs to no request. */
  tell: (notice: ServerNotice) => void;
  /** How many listen for changes of the catalogue or for notices. */
  watchers: () => number;
  /** Whether the engine was closed. */
  isClosed: () => boolean;
}

interface StubOptions {
  tools?: readonly Tool[];
  /** The flow rule; none unless one is given. */
  flow?: Setup['flow'];
  /** Rules of the one policy there is. */
  policy?: Parameters<typeof makePolicy>[0];
  /** The servers, in the order of the configuration; one, `files`, unless told otherwise. The first one has the tools. */
  servers?: readonly string[];
  naming?: Setup['naming'];
  isShared?: boolean;
  /** Nothing is recorded unless one is given. */
  journal?: Engine['journal'];
  logger?: Engine['logger'];
  /** What an upstream answers to the call of a tool. */
  answer?: (request: UpstreamRequest & { server: string }) => SendResult | Promise<SendResult>;
  /** What an upstream answers to anything else; absent or nothing: that it does not know the method. */
  reply?: (request: StubRequest) => Reply | Promise<Reply> | undefined;
  /** By server: what each has said of itself. The others have said nothing yet. */
  offers?: Record<string, Partial<ServerOffer>>;
  /** What a server answers to a subscription, or to its end. */
  onSubscribe?: (server: string, uri: string) => Reply;
  recipes?: readonly RecipeConfig[];
  unavailable?: (server: string) => string | undefined;
  wantsLogin?: (server: string) => boolean;
  disabled?: readonly string[];
  /** Called when somebody waits for the list, or for that of one server; a promise holds them up. */
  listable?: (server?: string) => unknown;
}

/** Everything behind the client's side, with upstreams that answer as told. Time is virtual. */
export function stubEngine(options: StubOptions = {}): StubEngine {
  const clock = createVirtualClock();
  const seen = { sent: [], requests: [], notified: [], subscriptions: [], levels: [] } as Pick<
    StubEngine,
    'sent' | 'requests' | 'notified' | 'subscriptions' | 'levels'
  >;
  const catalogListeners = new Set<(change: CatalogChange) => void>();
  const noticeListeners = new Set<(notice: ServerNotice) => void>();
  const names = options.servers ?? ['files'];
  const naming = options.naming ?? 'prefixed';
  const policy = makePolicy(options.policy ?? {});
  const config = { ...serverConfig(fixture('hang.mjs')), policy };
  const sources = names.map((server, index) => ({ server, policy, tools: index === 0 ? (options.tools ?? []) : [] }));
  let isClosed = false;
  const setup: Setup = {
    settings,
    servers: new Map(names.map((name) => [name, { ...config, name }])),
    disabled: new Set(options.disabled),
    limits: defaultLimits,
    approvals: { expiresMs: 600_000, queue: true },
    naming,
    surface: 'passthrough',
    maxParallel: 32,
    ...(options.flow && { flow: options.flow }),
  };
  const approvals = createApprovalDesk({
    settings: () => setup.approvals,
    clock,
    now: clock.now,
    logger: options.logger ?? silent,
  });
  approvals.open();
  const engine: Engine = {
    version: '1.2.3',
    setup: () => setup,
    isShared: options.isShared ?? false,
    scheduler: createScheduler({
      clock,
      maxParallel: 32,
      servers: new Map(names.map((name) => [name, { ...config, bindsPassthrough: false }])),
    }),
    validate: createArgumentValidator(),
    batches: createBatchBook(clock).join({ isShared: options.isShared ?? false }),
    journal: options.journal ?? switchedOff,
    approvals,
    flow: createFlowLedger(clock),
    clock,
    logger: options.logger ?? silent,
    catalog: () => buildCatalog(sources, { naming }),
    listable(server) {
      return Promise.resolve(options.listable?.(server)).then(() => {});
    },
    onCatalogChange: (listener) => listenIn(catalogListeners, listener),
    unavailable: options.unavailable ?? (() => undefined),
    wantsLogin: options.wantsLogin ?? (() => false),
    recipes() {
      const surroundings = { ...engine, ...setup, catalog: engine.catalog() };
      return new Map((options.recipes ?? []).map((recipe) => [recipe.name, offerRecipe(recipe, surroundings)]));
    },
    offers: () => names.map((server) => ({ server, toolList: {}, ...options.offers?.[server] })),
    async callUpstream(server, request) {
      const call = { ...request, server };
      seen.sent.push(call);
      return (await options.answer?.(call)) ?? { ok: true, result: { content: [] } };
    },
    async requestUpstream(server, request) {
      const asked = { ...request, server };
      seen.requests.push(asked);
      return (await options.reply?.(asked)) ?? refusal(-32601, 'Method not found');
    },
    notifyUpstreams: (notice) => void seen.notified.push(notice),
    subscribe(server, uri) {
      seen.subscriptions.push(`+${server} ${uri}`);
      return Promise.resolve(options.onSubscribe?.(server, uri) ?? { ok: true, result: {} });
    },
    unsubscribe(server, uri) {
      seen.subscriptions.push(`-${server} ${uri}`);
      return Promise.resolve(options.onSubscribe?.(server, uri) ?? { ok: true, result: {} });
    },
    setLogLevel: (level) => void seen.levels.push(level),
    onNotice: (listener) => listenIn(noticeListeners, listener),
    close: () => void (isClosed = true),
  };
  return {
    engine,
    clock,
    ...seen,
    change: (change = { tools: true, offering: true }) => {
      for (const listener of catalogListeners) listener(change);
    },
    tell: (notice) => {
      for (const listener of noticeListeners) listener(notice);
    },
    watchers: () => catalogListeners.size + noticeListeners.size,
    isClosed: () => isClosed,
  };
}

function listenIn<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** A request of a legacy client that hears of nothing and cannot be asked, unless `changes` say otherwise. */
export function requestOf(
  method: string,
  params: ClientRequest['params'],
  changes: Partial<ClientRequest> = {},
): ClientRequest {
  return {
    method,
    era: 'legacy',
    params,
    principal: 'stdio-1',
    keyScope: 'stdio/test',
    capabilities: {},
    signal: new AbortController().signal,
    notify() {},
    ask: () => Promise.resolve(refusal(-32601, 'The client cannot be asked')),
    ...changes,
  };
}
