import type { ServerConfig } from '../config/config.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ParamHeader } from '../core/protocol/param-headers.ts';
import { buildParamHeaders, findParamHeaders } from '../core/protocol/param-headers.ts';
import type { Tool } from '../core/tool.ts';
import type { Logger } from '../lib/logger.ts';
import type { Connection } from './connection/open-connection.ts';
import type { KeptServer } from './kept-catalog.ts';
import { createCoalescer } from './pace/coalesce.ts';
import { timeLimit } from './pace/time-limit.ts';
import type { UpstreamTimings } from './pace/timings.ts';

/** The tools of one server: those it listed last, or those kept from the last run. */
export interface ListedTools {
  all(): readonly Tool[];
  /** What the list held beside the tools. */
  toolList(): JsonObject;
  /** The headers that a call of a tool wants. */
  headersFor(tool: string, args: JsonValue | undefined): Readonly<Record<string, string>> | undefined;
  /** Takes what is known of another run in the place of what was given as `kept`. */
  adopt(known: Partial<KeptServer>): void;
  /** Takes what a new connection has listed. To be followed by `settle` once the connection is in use. */
  take(made: Connection): void;
  /** Reads the list again if it has changed while there was no connection. */
  settle(): void;
  /** Reads the list again, soon. */
  refresh(): void;
  close(): void;
}

export interface ListedToolsOptions {
  server: ServerConfig;
  logger: Logger;
  kept: Partial<KeptServer>;
  timings: UpstreamTimings;
  /** Ends a reading. */
  signal: AbortSignal;
  connection: () => Connection | undefined;
  /** Called with the first list of each connection, and with each that differs from the one before. */
  onTools: (connection: Connection) => void;
  /** It has said that its list changed, and what was read is as before: it may have changed and changed back. */
  onSame: () => void;
}

export function createListedTools(options: ListedToolsOptions): ListedTools {
  const { server, logger, kept, timings, signal, connection, onTools } = options;
  let { tools = [], toolList = {} }: Partial<KeptServer> = kept;
  let paramHeaders = new Map<string, ParamHeader[]>();
  let changedWhileConnecting = false;

  const take = (listed: readonly Tool[], from: Connection): void => {
    tools = listed;
    // Only HTTP has headers, and only the modern era wants arguments in them.
    const wantsHeaders = from.verdict.kind === 'modern' && server.transport.type === 'http';
    paramHeaders = new Map(wantsHeaders ? listed.map((tool) => [tool.name, findParamHeaders(tool.inputSchema)]) : []);
    onTools(from);
  };

  const relist = createCoalescer({
    minGapMs: timings.relistGapMs,
    async run() {
      const current = connection();
      if (current === undefined) {
        changedWhileConnecting = true;
        return;
      }
      const limit = timeLimit(timings.connectLimitMs, signal);
      try {
        const listed = await current.relist(limit.signal);
        toolList = listed.toolList;
        if (JSON.stringify(listed.tools) === JSON.stringify(tools)) options.onSame();
        else take(listed.tools, current);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) logger.warn({ reason }, 'its changed tool list cannot be read; the old one stays');
      } finally {
        limit.clear();
      }
    },
  });

  return {
    all: () => tools,
    toolList: () => toolList,
    headersFor: (tool, args) => buildParamHeaders(paramHeaders.get(tool) ?? [], args),
    adopt(known) {
      ({ tools = [], toolList = {} } = known);
    },
    take(made) {
      toolList = made.toolList;
      take(made.tools, made);
    },
    settle() {
      if (changedWhileConnecting) relist.trigger();
      changedWhileConnecting = false;
    },
    refresh: relist.trigger,
    close: relist.close,
  };
}
