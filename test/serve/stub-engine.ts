import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { offerRecipe } from '../../src/batch/recipe/offer-recipe.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import type { RecipeConfig } from '../../src/config/recipe/recipe.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import type { Tool } from '../../src/core/tool.ts';
import type { ClientRequest } from '../../src/serve/client-request.ts';
import type { Engine, UpstreamRequest } from '../../src/serve/engine.ts';
import { createRecentResults } from '../../src/serve/recent-results.ts';
import { createScheduler } from '../../src/schedule/scheduler.ts';
import { settings } from '../batch/tiny-catalog.ts';
import { makePolicy } from '../policy/make-policy.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import type { VirtualClock } from '../schedule/virtual-clock.ts';
import { fixture, serverConfig, silent } from '../upstream/support.ts';

interface StubEngine {
  engine: Engine;
  clock: VirtualClock;
  /** What was sent upstream, with the server's name. */
  sent: (UpstreamRequest & { server: string })[];
  /** Tells those who watch the catalogue that it may have changed. */
  change: () => void;
  watchers: () => number;
}

interface StubOptions {
  tools?: readonly Tool[];
  /** Rules of the one policy there is. */
  policy?: Parameters<typeof makePolicy>[0];
  /** What the upstream answers. */
  answer?: (request: UpstreamRequest) => SendResult | Promise<SendResult>;
  recipes?: readonly RecipeConfig[];
  unavailable?: (server: string) => string | undefined;
  disabled?: readonly string[];
  /** Called when somebody waits for the list; a promise holds them up. */
  listable?: () => unknown;
}

/** Everything behind the client's side, with one upstream, `files`, that answers as told. Time is virtual. */
export function stubEngine(options: StubOptions = {}): StubEngine {
  const clock = createVirtualClock();
  const sent: StubEngine['sent'] = [];
  const listeners = new Set<() => void>();
  const policy = makePolicy(options.policy ?? {});
  const server = { ...serverConfig(fixture('hang.mjs')), policy };
  const sources = [{ server: 'files', policy, tools: options.tools ?? [] }];
  const servers = new Map([['files', server]]);
  const engine: Engine = {
    version: '1.2.3',
    settings,
    servers,
    scheduler: createScheduler({
      clock,
      maxParallel: 32,
      servers: new Map([['files', { ...server, bindsPassthrough: false }]]),
    }),
    maxParallel: 32,
    validate: createArgumentValidator(),
    recentResults: createRecentResults(clock),
    clock,
    logger: silent,
    catalog: () => buildCatalog(sources, { naming: 'prefixed' }),
    listable() {
      return Promise.resolve(options.listable?.()).then(() => {});
    },
    onCatalogChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    unavailable: options.unavailable ?? (() => undefined),
    disabled: new Set(options.disabled),
    recipes() {
      const surroundings = { ...engine, catalog: engine.catalog() };
      return new Map((options.recipes ?? []).map((recipe) => [recipe.name, offerRecipe(recipe, surroundings)]));
    },
    async callUpstream(name, request) {
      sent.push({ ...request, server: name });
      return (await options.answer?.(request)) ?? { ok: true, result: { content: [] } };
    },
  };
  return {
    engine,
    clock,
    sent,
    change: () => {
      for (const listener of listeners) listener();
    },
    watchers: () => listeners.size,
  };
}

/** A request of a client that hears of no progress, unless `changes` say otherwise. */
export function requestOf(
  method: string,
  params: ClientRequest['params'],
  changes: Partial<ClientRequest> = {},
): ClientRequest {
  return {
    method,
    params,
    principal: 'stdio-1',
    signal: new AbortController().signal,
    notifyProgress() {},
    ...changes,
  };
}
