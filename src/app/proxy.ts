import type { Readable, Writable } from 'node:stream';
import type { OfferedRecipe } from '../batch/recipe/offer-recipe.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { Config } from '../config/config.ts';
import type { ReloadReport } from '../config/reload/diff-configs.ts';
import type { JsonObject } from '../core/json.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { HttpListener } from '../serve/http/serve-http.ts';
import type { RecipeInput } from '../serve/recipe/call-recipe.ts';
import type { BatchInput } from '../serve/batch/batch-input.ts';
import type { ClientConnection } from '../serve/stdio/serve-stdio.ts';
import type { Measured } from '../upstream/health/measure.ts';
import type { UpstreamState } from '../upstream/upstream.ts';

/** The whole program but for its command line: upstreams, scheduler and the client's side, introduced to each other. */
export interface Proxy {
  /** What holds now: as given at the start, or to `apply`. */
  readonly config: Config;
  /**
   * Connects every enabled upstream, side by side, in the background. With `awaitClientMs` not before the first client has said
   * what it can do, or that time is over: servers learn a client's capabilities when they are connected. With `capabilities` as for a
   * client that can do so.
   */
  start(options?: { awaitClientMs?: number; capabilities?: JsonObject }): void;
  /**
   * Puts another configuration in the place of the one that holds, at once. Servers that are reached as before keep their connections,
   * whatever else of them changed; calls that run end where they were begun, and batches under the policy that they began with. What
   * takes a restart stays as it was, and the report says so. The level of the log is its owner's.
   */
  apply(config: Config): ReloadReport;
  /** What the upstreams offer now, or offered last where they have not answered yet. */
  catalog(): Catalog;
  upstreams(): UpstreamState[];
  /** Resolves when each enabled upstream is ready or has failed, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** How fast a server answers now, and in which version of the protocol; nothing where it is not connected. */
  measure(server: string, limitMs: number): Promise<Measured | undefined>;
  /** Runs a batch exactly as `batch_call` and `batch_read` do. */
  runBatch(batch: BatchInput): Promise<JsonObject>;
  /** By name: the configured recipes, with what the upstreams offer for them now. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /** Runs a recipe exactly as a client's call of it does. */
  callRecipe(call: RecipeInput): Promise<JsonObject>;
  /** Serves one more client over a pair of streams. */
  serveStdio(streams: { input: Readable; output: Writable }): ClientConnection;
  /**
   * Serves clients over HTTP, any number of them, who prove by what `auth` configures who they are. With `auth: false` whoever reaches
   * the address may call everything. Rejects where the port cannot be had, or TLS with the files that are configured.
   */
  serveHttp(address: { host: string; port: number; auth?: boolean }): Promise<HttpListener>;
  /** What calls hold or wait for now; all 0 when nothing is in flight. */
  load(): ReturnType<Scheduler['load']>;
  /**
   * Takes no more requests and waits for those that are being answered, `limitMs` at most. Batches that still run then are ended, and
   * reply with what is finished; what was sent and has not answered is `unknown`.
   */
  drain(limitMs: number): Promise<void>;
  /** Ends all connections and child processes, within a few seconds. */
  close(): Promise<void>;
}
