import type { ServerConfig } from '../config/config.ts';
import type { AbortLike } from '../core/abort.ts';
import type { JsonObject } from '../core/json.ts';
import type { SendResult } from '../core/outcome.ts';
import type { Tool } from '../core/tool.ts';
import type { Logger } from '../lib/logger.ts';
import { backoffMs, crashLoopFailures } from './pace/backoff.ts';
import { createCoalescer } from './pace/coalesce.ts';
import type { Connection, Verdict } from './connect.ts';
import { connect } from './connect.ts';
import type { UpstreamPhase } from './connection-gate.ts';
import { createConnectionGate } from './connection-gate.ts';
import type { KeptServer } from './kept-catalog.ts';
import type { ParamHeader } from './peer/param-headers.ts';
import { buildParamHeaders, findParamHeaders } from './peer/param-headers.ts';
import { sleep, timeLimit } from './pace/time-limit.ts';
import type { UpstreamTimings } from './pace/timings.ts';
import { defaultTimings } from './pace/timings.ts';
import type { RawAnswer } from './peer/raw-peer.ts';
import { cancelled, toSendResult, unavailable } from './peer/to-send-result.ts';

/** What can be said of one upstream now. */
export interface UpstreamState {
  name: string;
  state: UpstreamPhase;
  /** Why it is not ready, in words; absent where it is. */
  reason?: string;
  era?: 'legacy' | 'modern';
  serverInfo?: { name: string; version: string };
  /** Tools known: those listed, or kept from the last run. */
  toolCount: number;
  /** Whether that is all there is to know for now: it has been ready, or its last run is on record, be it as one without an answer. */
  isKnown: boolean;
  /** How long the last successful connecting took, its tool list included. */
  connectedMs?: number;
}

export interface CallOptions {
  /** Called with the whole params of each progress notification of this call. */
  onProgress?: ((params: JsonObject) => void) | undefined;
  signal?: AbortLike | undefined;
  /** Told `true` while the call waits for a connection, `false` before it is sent. */
  setWaiting?: ((isWaiting: boolean) => void) | undefined;
}

export interface Upstream {
  /** Begins to connect, and connects again whenever the connection ends, until `close`. */
  start(): void;
  state(): UpstreamState;
  /** The tools it listed last; before that, those kept from the last run. */
  tools(): readonly Tool[];
  /** Calls a tool. `params` are those of `tools/call`, `_meta` included; the name is replaced. Never rejects, never sends twice. */
  call(tool: string, params: JsonObject, options?: CallOptions): Promise<SendResult>;
  /** Closes the connection and ends the process, within about two seconds. */
  close(): Promise<void>;
}

export interface UpstreamOptions {
  server: ServerConfig;
  logger: Logger;
  /** What is known from the last run. */
  kept?: KeptServer | undefined;
  /** The phase has changed. */
  onState?: () => void;
  /** A tool list was read that is the first one of a connection, or differs from the one before. */
  onTools?: (tools: readonly Tool[], verdict: Verdict) => void;
  /** It has said that its tools, resources or prompts changed, or its connection has ended. */
  onStale?: () => void;
  timings?: Partial<UpstreamTimings> | undefined;
  /** 0 to 1, for the jitter of reconnections. */
  random?: (() => number) | undefined;
}

/** One server's life: connected, lost and found again, with its tool list kept current. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { server, logger, onState, onTools, onStale, random = Math.random } = options;
  const timings = { ...defaultTimings, ...options.timings };
  const life = new AbortController();
  const gate = createConnectionGate(() => onState?.());
  let tools = options.kept?.tools ?? [];
  let verdict = options.kept?.verdict;
  let paramHeaders = new Map<string, ParamHeader[]>();
  let connectedMs: number | undefined;
  let failures = 0;
  let wasReady = false;
  let changedWhileConnecting = false;
  let running: Promise<void> | undefined;

  const takeTools = (listed: readonly Tool[], from: Connection): void => {
    tools = listed;
    // Only HTTP has headers, and only the modern era wants arguments in them.
    const wantsHeaders = from.verdict.kind === 'modern' && server.transport.type === 'http';
    paramHeaders = new Map(wantsHeaders ? listed.map((tool) => [tool.name, findParamHeaders(tool.inputSchema)]) : []);
    onTools?.(tools, from.verdict);
  };

  const relist = createCoalescer({
    minGapMs: timings.relistGapMs,
    async run() {
      const current = gate.connection();
      if (current === undefined) {
        changedWhileConnecting = true;
        return;
      }
      const limit = timeLimit(timings.connectLimitMs, life.signal);
      try {
        const listed = await current.relist(limit.signal);
        if (JSON.stringify(listed) !== JSON.stringify(tools)) takeTools(listed, current);
      } catch (error) {
        const reason = messageOf(error);
        if (!life.signal.aborted) logger.warn({ reason }, 'its changed tool list cannot be read; the old one stays');
      } finally {
        limit.clear();
      }
    },
  });

  /** A connection, or why there is none. */
  const makeConnection = async (): Promise<Connection | string> => {
    const startedMs = performance.now();
    const limit = timeLimit(timings.connectLimitMs, life.signal);
    const probeTimeoutMs = failures === 0 ? timings.probeMs : timings.slowProbeMs;
    try {
      const request = { server, logger, verdict, probeTimeoutMs, signal: limit.signal };
      const made = await connect({ ...request, onToolsChanged: relist.trigger, onStale: () => onStale?.() });
      connectedMs = Math.round(performance.now() - startedMs);
      return made;
    } catch (error) {
      verdict = undefined;
      return limit.isOver() ? `it was not ready within ${timings.connectLimitMs / 1000} s` : messageOf(error);
    } finally {
      limit.clear();
    }
  };

  /** Serves with a connection until it ends; returns why it did. */
  const useConnection = async (made: Connection): Promise<string> => {
    const readyMs = performance.now();
    verdict = made.verdict;
    wasReady = true;
    takeTools(made.tools, made);
    gate.open(made);
    logger.info({ era: made.verdict.kind, tools: tools.length, connectedMs }, 'ready');
    if (changedWhileConnecting) relist.trigger();
    changedWhileConnecting = false;
    const reason = await made.ended;
    onStale?.();
    if (performance.now() - readyMs >= timings.stableMs) failures = 0;
    return reason;
  };

  const run = async (): Promise<void> => {
    while (!life.signal.aborted) {
      const made = await makeConnection();
      const ending = typeof made === 'string' ? made : await useConnection(made);
      if (life.signal.aborted) return;
      failures += 1;
      const isCrashLoop = failures >= crashLoopFailures;
      const reason = isCrashLoop ? `crash loop, ${failures} failures in a row: ${ending}` : ending;
      const waitMs = backoffMs(failures, random());
      logger.warn(
        { reason, retryMs: Math.round(waitMs) },
        typeof made === 'string' ? 'cannot connect' : 'connection lost',
      );
      // A connection that was there is likely to come back, and calls wait for it. A server that never was fails them at once.
      gate.shut(isCrashLoop || !wasReady ? 'failed' : 'connecting', reason);
      await sleep(waitMs, life.signal);
      if (gate.phase() === 'failed') gate.shut('connecting', reason);
    }
  };

  /** What an answer tells of its connection. */
  const heed = (current: Connection, answer: RawAnswer): void => {
    if (answer.kind === 'result') failures = 0;
    if (answer.kind !== 'lost' || !answer.endsConnection || gate.connection() !== current) return;
    gate.shut('connecting', answer.reason);
    void current.close();
  };

  return {
    start() {
      if (running !== undefined) return;
      gate.shut('connecting', 'it is being connected');
      running = run();
    },
    state: () =>
      describe(server.name, gate, {
        toolCount: tools.length,
        connectedMs,
        isKnown: wasReady || options.kept !== undefined,
      }),
    tools: () => tools,
    async call(tool, params, { onProgress, signal, setWaiting } = {}) {
      for (let attempt = 1; ; attempt += 1) {
        if (signal?.aborted) return cancelled(false);
        let current: Connection | string | undefined = gate.connection();
        if (current === undefined) {
          setWaiting?.(true);
          current = await gate.wait(timings.callWaitMs, signal);
        }
        if (signal?.aborted) return cancelled(false);
        setWaiting?.(false);
        if (typeof current === 'string') return unavailable(server.name, current);
        const headers = buildParamHeaders(paramHeaders.get(tool) ?? [], params['arguments']);
        const named = { ...params, name: tool };
        const answer = await current.peer.request('tools/call', named, { onProgress, signal, headers });
        heed(current, answer);
        // The connection had ended unnoticed and nothing was sent: the next one will do as well.
        const isUnsent = answer.kind === 'lost' && !answer.sent && answer.endsConnection;
        if (!isUnsent || attempt > 1) return toSendResult(server.name, answer);
      }
    },
    async close() {
      life.abort();
      relist.close();
      const current = gate.connection();
      gate.shut('closed', 'it has been closed');
      await current?.close();
      await running;
    },
  };
}

function describe(
  name: string,
  gate: { phase(): UpstreamPhase; reason(): string; connection(): Connection | undefined },
  { toolCount, connectedMs, isKnown }: { toolCount: number; connectedMs: number | undefined; isKnown: boolean },
): UpstreamState {
  const connection = gate.connection();
  return {
    name,
    state: gate.phase(),
    ...(connection === undefined && { reason: gate.reason() }),
    ...(connection && { era: connection.verdict.kind }),
    ...(connection?.serverInfo && { serverInfo: connection.serverInfo }),
    toolCount,
    isKnown,
    ...(connectedMs !== undefined && { connectedMs }),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
