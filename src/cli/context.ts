import type { Readable, Writable } from 'node:stream';
import type { OfferedRecipe } from '../batch/recipe/offer-recipe.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { LoadConfigOptions } from '../config/load-config.ts';
import type { Config } from '../config/config.ts';
import type { ReloadReport } from '../config/reload/diff-configs.ts';
import type { JsonObject } from '../core/json.ts';
import type { Ask } from '../core/protocol/client.ts';
import type { Telemetry } from '../core/telemetry.ts';
import type { Logger, LoggerOptions, RootLogger } from '../lib/logger.ts';
import type { Measured } from '../upstream/health/measure.ts';
import type { UpstreamState } from '../upstream/upstream.ts';
import type { CliIo, StopSignal } from './io.ts';
import type { JournalReader } from './journal/journal-reader.ts';

/** What the commands need of the running program; `createProxy` of `app.ts` makes it. */
export interface CliProxy {
  readonly config: Config;
  start(options?: { awaitClientMs?: number; capabilities?: JsonObject }): void;
  /** Puts another configuration in the place of the one that holds. */
  apply(config: Config): ReloadReport;
  catalog(): Catalog;
  upstreams(): readonly UpstreamState[];
  /** Resolves when each enabled upstream is ready or has failed, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** How fast a server answers now, and in which version of the protocol; nothing where it is not connected. Never rejects. */
  measure(server: string, limitMs: number): Promise<Measured | undefined>;
  /** Runs a batch exactly as `batch_call` and `batch_read` do; gives their tool result. */
  runBatch(batch: BatchInput): Promise<JsonObject>;
  /** By name: the configured recipes, with what the upstreams offer for them now. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /** Runs a recipe as a client's call of it does; gives its tool result. */
  callRecipe(call: RecipeCall): Promise<JsonObject>;
  serveStdio(streams: { input: Readable; output: Writable }): { closed: Promise<void>; close(): Promise<void> };
  /** With `auth: false` nobody has to prove who they are. Rejects with Node's error where the address cannot be had. */
  serveHttp(address: { host: string; port: number; auth: boolean }): Promise<{ url: string; closed: Promise<void> }>;
  /** Takes no more requests and waits for those that are being answered, `limitMs` at most; then ends the batches that still run. */
  drain(limitMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface BatchInput {
  input: unknown;
  readOnly?: boolean;
  /** How it came, for the journal. Absent: as a batch. */
  tool?: string;
  signal?: AbortSignal;
  /** What the shell can do as a client, and how it does it: a person at its terminal is asked for approval. Absent: nobody is there. */
  capabilities?: JsonObject;
  ask?: Ask;
  /** Called as each call ends, with how many have, and which one it was. */
  onProgress?: (progress: { done: number; total: number; id?: string }) => void;
}

export interface RecipeCall extends Omit<BatchInput, 'input' | 'readOnly' | 'tool'> {
  /** Without `recipe__`. */
  name: string;
  arguments: JsonObject;
  format?: 'text' | 'structured';
}

/** The rooms that the command line is put in front of. */
export interface CliParts {
  /** Throws ConfigError. */
  loadConfig(options: LoadConfigOptions): Promise<Config>;
  createLogger(options: Pick<LoggerOptions, 'level' | 'format'>): RootLogger;
  createProxy(options: { config: Config; logger: Logger; telemetry?: Telemetry | undefined }): CliProxy;
  /** Opens the journals of a state folder, or the one named, to be read. Never throws: the reader says what it could not read. */
  readJournals(options: { stateDir: string; file?: string }): JournalReader;
}

/** One run of the command line. */
export interface CliContext {
  io: CliIo;
  parts: CliParts;
  /** What `--config` named. */
  configFile: string | undefined;
  /** How long a command waits for servers to connect. */
  connectLimitMs: number;
  /** One JSON object on stdout instead of text for people. */
  json: boolean;
  /** Aborted by the first signal, with the signal's name as its reason. */
  stop: AbortSignal;
  stoppedBy(): StopSignal | undefined;
  /** Whatever is opened is closed before the command line returns, however the command ends. */
  closeLater(close: () => Promise<void>): void;
  /** From now on, errors that nobody expected come with their stack. */
  showStacks(): void;
  /** From now on, stdout carries the protocol: nothing else may go there, and whether it is read to the end is the client's affair. */
  holdStdout(): void;
}
