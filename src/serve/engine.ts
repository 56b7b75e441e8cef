import type { ServerNotice, ServerOffer, UpstreamRequest } from '../core/protocol/server.ts';
import type { ArgumentValidator } from '../batch/plan/argument-validator.ts';
import type { OfferedRecipe } from '../batch/recipe/offer-recipe.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { ApprovalDesk } from '../core/approval.ts';
import type { Clock } from '../core/clock.ts';
import type { Journal } from '../core/journal.ts';
import type { JsonObject } from '../core/json.ts';
import type { SendResult } from '../core/outcome.ts';
import type { Client, Notice, RequestContext } from '../core/protocol/client.ts';
import type { Reply } from '../core/protocol/rpc.ts';
import type { Telemetry } from '../core/telemetry.ts';
import type { Logger } from '../lib/logger.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { CatalogChange } from './live-catalog.ts';
import type { ClientBatches } from './batch/book/batch-book.ts';
import type { FlowLedger } from './flow/flow-ledger.ts';
import type { Setup } from './setup.ts';

/** What all clients share. `app.ts` introduces the rooms to each other through it. */
export interface Reception {
  version: string;
  clock: Clock;
  logger: Logger;
  /** Absent: nobody is told what happens, and nothing is spent on it. */
  telemetry?: Telemetry | undefined;
  /**
   * What one client sees of everything else. Joining opens connections to servers where the client's capabilities want their own;
   * whoever joins closes the engine when the client has gone.
   */
  join(client: Client): Engine;
}

/** What the client's side needs of everything else, for one client. */
export interface Engine {
  version: string;
  /** What the configuration says now. A batch goes by one snapshot from its first call to its last. */
  setup(): Setup;
  /** Several clients may come under this one name, and cannot be told apart. What is kept for one of them is found by a secret alone. */
  isShared: boolean;
  scheduler: Scheduler;
  /** Checks arguments against a tool's schema. */
  validate: ArgumentValidator;
  /** The batches of this client: those that run, and those that it may read again. */
  batches: ClientBatches;
  /** What was sent, and how it ended. */
  journal: Journal;
  /** Every yes of a person, and the questions that wait for one. */
  approvals: ApprovalDesk;
  /** What each principal has read from, for the flow rule. */
  flow: FlowLedger;
  clock: Clock;
  logger: Logger;
  /** Absent: nobody is told what happens, and nothing is spent on it. */
  telemetry?: Telemetry | undefined;
  catalog(): Catalog;
  /** By name: the configured recipes, with what the servers offer for them now. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /**
   * Resolves when the catalogue may be shown: at once with a kept one, else when the upstreams have answered or 4 s are over. Of one
   * server: when it has given its own list in the place of a kept one, or has failed, or 4 s are over.
   */
  listable(server?: string): Promise<void>;
  /** Calls `listener` whenever what the client lists has changed. Returns what ends that. */
  onCatalogChange(listener: (change: CatalogChange) => void): () => void;
  /** Why a configured server offers no tools now; nothing where it does, or is not configured. */
  unavailable(server: string): string | undefined;
  /** Whether that is because somebody has to log in first. */
  wantsLogin(server: string): boolean;
  /** The enabled servers in the order of the configuration, with what each has said of itself. */
  offers(): readonly ServerOffer[];
  /** Sends one `tools/call`. Never rejects. */
  callUpstream(server: string, request: UpstreamRequest): Promise<SendResult>;
  /** Sends any other request; its answer comes back untouched. Never rejects. */
  requestUpstream(server: string, request: { method: string; params: JsonObject } & RequestContext): Promise<Reply>;
  /** Sends a notification of the client on, to all of its servers that are there. One of the modern era misses what it does not know. */
  notifyUpstreams(notice: Notice): void;
  /** Has the server tell of changes of a resource, until `unsubscribe`. Clients are counted: the server is asked once. Never rejects. */
  subscribe(server: string, uri: string): Promise<Reply>;
  unsubscribe(server: string, uri: string): Promise<Reply>;
  /** The lowest level of log messages that this client wants, of all servers. */
  setLogLevel(level: string): void;
  /** Calls `listener` with every notification of a server for this client that belongs to no request. Returns what ends that. */
  onNotice(listener: (notice: ServerNotice) => void): () => void;
  /** Leaves: its batches are cancelled; subscriptions, levels and connections that this client alone had are given back. */
  close(): void;
}
