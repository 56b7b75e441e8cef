import type { Launch } from '../config.ts';

/** What was accepted of one tool: a digest (`sha256-…`) of each of its parts. */
export interface LockedTool {
  /** Its description, and its title. */
  description: string;
  /** Its input schema, and its output schema. */
  schema: string;
  annotations: string;
  /** Every other field that reaches clients, such as `_meta` and `icons`. Absent: it had none. */
  rest?: string;
}

/** What was accepted of one server. */
export interface LockedServer {
  launch: Launch;
  /** By the tools' names at their server. */
  tools: ReadonlyMap<string, LockedTool>;
}

/** `marshal.lock`: which servers and tools a person has looked at and accepted, by the names of the servers. */
export interface LockFile {
  servers: ReadonlyMap<string, LockedServer>;
}
