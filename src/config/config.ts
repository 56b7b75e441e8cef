import type { Limits, ServerLimits } from '../core/limits.ts';
import type { Parallel } from '../core/plan.ts';
import type { Place, Problem } from '../core/place.ts';
import type { Rate } from '../core/clock.ts';
import type { Surface } from '../core/tool.ts';
import type { LockFile } from './lock/lock-file.ts';
import type { Policy } from './policy.ts';
import type { ListenAddress } from './schema/listen-address.ts';
import type { RecipeConfig } from './recipe/recipe.ts';

/** How to reach an upstream. */
export type Transport =
  | { type: 'stdio'; command: string; args: readonly string[]; env: Readonly<Record<string, string>>; cwd: string }
  | { type: 'http' | 'sse'; url: string; headers: Readonly<Record<string, string>> };

/** One upstream, as configured. Variables are expanded, paths absolute. */
export interface ServerConfig {
  /** The key under `servers`. */
  name: string;
  place: Place;
  transport: Transport;
  policy: Policy;
  enabled: boolean;
  /** Per call in a batch, counted while it runs. Absent: the built-in 2 minutes, and no limit for a passthrough call. */
  timeoutMs?: number;
  /** Calls in flight on this server; the smallest of configuration and policy. */
  maxParallel: number;
  maxParallelWrites: number;
  /** True where configuration or policy sets `maxParallel`, which then binds passthrough calls too. */
  maxParallelIsSet: boolean;
  parallel: Parallel;
  /** What variables stood for in its entry, as far as it may be secret: never to be shown. Absent: nothing. */
  secrets?: readonly string[];
  /** Those of the whole configuration. Absent: the defaults. */
  limits?: ServerLimits;
  /** How it is started or reached as the configuration writes it, variables not expanded: what the lock file is about. */
  launch: Launch;
  /** How mcp-marshal proves to the server who it is, where that takes more than a header. */
  auth?: UpstreamAuth;
}

/** A launch as written: what a person has looked at, the same on every machine. Of environment and headers the names alone. */
export type Launch =
  | { command: string; args: readonly string[]; env: readonly string[]; cwd?: string }
  | { type: 'http' | 'sse'; url: string; headers: readonly string[] };

/** OAuth 2.1 towards a remote server. */
export interface UpstreamAuth {
  /** `oauth`: a person logs in once (`mcp-marshal login`); `client_credentials`: the program itself. */
  type: 'oauth' | 'client_credentials';
  clientId?: string;
  clientSecret?: string;
  scope?: string;
  /** An authorization server at another origin than the server's own, which is not to be believed in the matter. */
  issuer?: string;
}

/** When a person is asked, and where. */
export interface ApprovalsConfig {
  /** How long a question waits for its answer, and a yes for its call. */
  expiresMs: number;
  /** Whether questions that a client cannot put to its user wait in a queue, for `mcp-marshal approvals`. */
  queue: boolean;
}

/** Who is served over HTTP. */
export interface AuthConfig {
  /** Tokens made by `mcp-marshal token create`. */
  tokens: boolean;
  jwt?: { issuer: string; audience: string; jwks?: string; scopesClaim: string };
  tls?: { cert: string; key: string };
  /** Where clients find the endpoint, where that is not where it listens: behind a proxy, or under a name. */
  url?: string;
  /** Web pages that may call, beside those of this machine. */
  origins: readonly string[];
  /** Of each principal. */
  limits: { rate?: Rate; maxParallel: number };
}

/** What is done with a call that could let out what is private, after something that strangers have written was read. */
export interface FlowConfig {
  action: 'ask' | 'deny';
  within: 'session' | 'batch';
}

export interface BatchConfig {
  maxCalls: number;
  maxParallel: number;
  deadlineMs: number;
  /** How long a batch may go on after its reply has left with what was finished. 0: it ends at its deadline. */
  backgroundMs: number;
  parallel: Parallel;
  onError: 'continue' | 'stop';
  maxReplyChars: number;
  format: 'text' | 'structured';
}

/** What is recorded of calls and batches, and for how long. */
export interface JournalConfig {
  enabled: boolean;
  /** The one file to use, absolute. Absent: one of those in the state folder that no other process holds. */
  file?: string;
  /** Whether a call's arguments are kept whole, or as a digest only. */
  arguments: 'digest' | 'full';
  keepMs: number;
  /** Of the file; the oldest records go first. */
  maxBytes: number;
}

/** What others may measure of the program. */
export interface TelemetryConfig {
  /** Where Prometheus finds metrics. Absent: nowhere. */
  metrics?: ListenAddress;
}

/** A whole configuration in its normal form: every default filled in, every duration in milliseconds. */
export interface Config {
  /** The file it was read from, absolute. */
  file: string;
  servers: readonly ServerConfig[];
  batch: BatchConfig;
  journal: JournalConfig;
  /** How much of everything there may be. */
  limits: Limits;
  recipes: readonly RecipeConfig[];
  approvals: ApprovalsConfig;
  auth: AuthConfig;
  /** Absent: no rule. */
  flow?: FlowConfig;
  /** Where the lock file is, or would be; absolute. Absent: none is looked at. */
  lockFile?: string;
  /** What it says. Absent: there is none, and every tool is taken as its server lists it. */
  lock?: LockFile;
  /** Calls in flight in the whole process. */
  maxParallel: number;
  surface: Surface;
  /** Of a tool's description as clients see it. Absent: whole. */
  maxDescriptionChars?: number;
  telemetry: TelemetryConfig;
  naming: 'prefixed' | 'bare';
  log: { level: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'; format: 'json' | 'pretty' };
  stateDir: string;
  /** What is odd but not wrong: passed-over keys, an entry that would start this program itself. */
  warnings: readonly Problem[];
}
