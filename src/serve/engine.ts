import type { ArgumentValidator } from '../batch/plan/argument-validator.ts';
import type { OfferedRecipe } from '../batch/recipe/offer-recipe.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { BatchConfig, ServerConfig } from '../config/config.ts';
import type { AbortLike } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { SendResult } from '../core/outcome.ts';
import type { Logger } from '../lib/logger.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { RecentResults } from './recent-results.ts';

/** What the client's side needs of everything else. `app.ts` introduces the rooms to each other through it. */
export interface Engine {
  version: string;
  settings: BatchConfig;
  servers: ReadonlyMap<string, ServerConfig>;
  scheduler: Scheduler;
  /** Calls of batches in flight in the whole process. */
  maxParallel: number;
  /** Checks arguments against a tool's schema. */
  validate: ArgumentValidator;
  /** Where batches that have run can be read again by their client. */
  recentResults: RecentResults;
  clock: Clock;
  logger: Logger;
  catalog(): Catalog;
  /** By name: the configured recipes, with what the servers offer for them now. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /** Resolves when the catalogue may be shown: at once with a kept one, else when the upstreams have answered or 4 s are over. */
  listable(): Promise<void>;
  /** Calls `listener` whenever the list of tools may have changed. Returns what ends that. */
  onCatalogChange(listener: () => void): () => void;
  /** Why a configured server offers no tools now; nothing where it does, or is not configured. */
  unavailable(server: string): string | undefined;
  /** Names of configured servers that are switched off, and so not among `servers`. */
  disabled: ReadonlySet<string>;
  /** Sends one `tools/call`. Never rejects. */
  callUpstream(server: string, request: UpstreamRequest): Promise<SendResult>;
}

export interface UpstreamRequest {
  /** The tool's name at its upstream. */
  tool: string;
  /** Sent as they are, the name apart. */
  params: JsonObject;
  signal: AbortLike;
  /** Told `true` while the call waits for a connection, `false` before it is sent. */
  setWaiting?: (isWaiting: boolean) => void;
  /** Gets the params of every progress notification, the token apart, as they are. */
  onProgress?: ((params: JsonObject) => void) | undefined;
}
