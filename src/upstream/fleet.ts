import type { ServerConfig } from '../config/config.ts';
import type { Policy } from '../config/policy.ts';
import type { JsonObject } from '../core/json.ts';
import type { SendResult } from '../core/outcome.ts';
import type { Tool } from '../core/tool.ts';
import type { Logger } from '../lib/logger.ts';
import { createKeptCatalog } from './kept-catalog.ts';
import type { UpstreamTimings } from './pace/timings.ts';
import { unavailable } from './peer/to-send-result.ts';
import type { CallOptions, Upstream, UpstreamState } from './upstream.ts';
import { createUpstream } from './upstream.ts';

/** What one upstream offers, as far as known: listed now, or kept from the last run. */
interface FleetSource {
  server: string;
  policy: Policy;
  tools: readonly Tool[];
}

export interface Fleet {
  /** Connects all enabled upstreams side by side, in the background. */
  start: () => void;
  /** The enabled upstreams, in the order of the configuration. */
  sources: () => FleetSource[];
  states: () => UpstreamState[];
  /** Calls `listener` after each change of a tool list or a state; returns what ends that. */
  onChange: (listener: () => void) => () => void;
  /** Calls a tool of one upstream, as `Upstream.call`. */
  call: (server: string, tool: string, params: JsonObject, options?: CallOptions) => Promise<SendResult>;
  /** Resolves when each enabled upstream has been ready or failed at least once, or after `timeoutMs`. */
  settled: (timeoutMs: number) => Promise<void>;
  /** Closes all upstreams side by side, and returns after 3 s whatever they do. */
  close: () => Promise<void>;
}

export interface FleetOptions {
  servers: readonly ServerConfig[];
  logger: Logger;
  /** Where tool lists are kept from run to run. */
  stateDir: string;
  /** What this server has answered may not hold any more: it has said so, its tools have changed, or its connection has ended. */
  onStale?: (server: string) => void;
  timings?: Partial<UpstreamTimings>;
  random?: () => number;
}

/** Two escalations of a second each, and a margin. */
const closeLimitMs = 3000;
/**
 * Lists are kept once every upstream has had this long to give its own. A run that ends before, such as that of a client which only
 * asks for our era, would leave the lists of the fastest, and the next start would take them for all there is. Shorter than a
 * client waits on a first start, so that what it was shown is kept.
 */
const keepAfterMs = 3200;

/** All upstreams of a configuration, each living on its own: what one of them does or suffers never holds another. */
export function createFleet({ servers, logger, stateDir, onStale, timings, random }: FleetOptions): Fleet {
  const kept = createKeptCatalog({ stateDir, logger });
  const listeners = new Set<() => void>();
  const upstreams = new Map<string, { upstream: Upstream; policy: Policy }>();
  const unsettled = new Set<string>();
  const unsaved = new Map<string, () => Promise<void>>();
  let isComplete = false;
  let isClosing = false;
  let saving = Promise.resolve();
  const saveAll = (): void => {
    for (const save of unsaved.values()) saving = save();
    unsaved.clear();
  };
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  for (const server of servers) {
    if (!server.enabled) continue;
    unsettled.add(server.name);
    const upstream = createUpstream({
      server,
      logger: logger.child({ server: server.name }),
      kept: kept.load(server),
      timings,
      random,
      onState() {
        if (upstream.state().state !== 'connecting') unsettled.delete(server.name);
        tell();
      },
      onStale: () => onStale?.(server.name),
      onTools(tools, verdict) {
        onStale?.(server.name);
        unsaved.set(server.name, () => kept.save(server, { tools, verdict }));
        if (isComplete) saveAll();
        tell();
      },
    });
    upstreams.set(server.name, { upstream, policy: server.policy });
  }

  const settled: Fleet['settled'] = (timeoutMs) =>
    new Promise((resolve) => {
      const finish = (): void => {
        listeners.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const look = (): void => {
        if (unsettled.size === 0) finish();
      };
      const timer = setTimeout(finish, timeoutMs);
      listeners.add(look);
      look();
    });

  return {
    start() {
      // Before the upstreams: starting a process takes its time.
      void settled(keepAfterMs).then(() => {
        // Closing settles those that have not answered, too.
        if (isClosing) return;
        isComplete = true;
        saveAll();
        for (const server of servers) {
          if (upstreams.get(server.name)?.upstream.state().isKnown === false) saving = kept.saveSilence(server);
        }
      });
      for (const { upstream } of upstreams.values()) upstream.start();
    },
    sources: () =>
      [...upstreams].map(([server, { upstream, policy }]) => ({ server, policy, tools: upstream.tools() })),
    states: () => [...upstreams.values()].map(({ upstream }) => upstream.state()),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(server, tool, params, options) {
      const found = upstreams.get(server);
      if (found !== undefined) return found.upstream.call(tool, params, options);
      return Promise.resolve(unavailable(server, 'no enabled server of this name is configured'));
    },
    settled,
    async close() {
      isClosing = true;
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeLimitMs);
      });
      const all = Promise.all([...upstreams.values()].map(({ upstream }) => upstream.close())).then(() => saving);
      await Promise.race([all, limit]);
      clearTimeout(timer);
    },
  };
}
