import type { Limits } from '../core/limits.ts';
import type { ApprovalsConfig, BatchConfig, Config, FlowConfig, ServerConfig } from '../config/config.ts';

/** What the configuration says to the client's side. Replaced as a whole by a reload; whoever needs several parts takes one snapshot. */
export interface Setup {
  /** Where it was read from, absolute; for commands that a person is told to run. Absent: not from a file. */
  configFile?: string;
  settings: BatchConfig;
  /** The enabled servers, by name, in the order of the configuration. */
  servers: ReadonlyMap<string, ServerConfig>;
  /** Names of configured servers that are switched off, and so not among `servers`. */
  disabled: ReadonlySet<string>;
  naming: Config['naming'];
  surface: Config['surface'];
  /** Of a tool's description as clients see it. Absent: whole. */
  maxDescriptionChars?: number;
  /** Calls of batches in flight in the whole process. */
  maxParallel: number;
  limits: Limits;
  approvals: ApprovalsConfig;
  /** Absent: no rule. */
  flow?: FlowConfig;
}

export function toSetup({
  servers,
  batch,
  naming,
  maxParallel,
  limits,
  approvals,
  flow,
  file,
  ...config
}: Config): Setup {
  const enabled = servers.filter((server) => server.enabled);
  return {
    configFile: file,
    settings: batch,
    servers: new Map(enabled.map((server) => [server.name, server])),
    disabled: new Set(servers.filter((server) => !server.enabled).map(({ name }) => name)),
    naming,
    surface: config.surface,
    ...(config.maxDescriptionChars !== undefined && { maxDescriptionChars: config.maxDescriptionChars }),
    maxParallel,
    limits,
    approvals,
    ...(flow !== undefined && { flow }),
  };
}
