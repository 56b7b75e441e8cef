import type { AbortLike } from '../core/abort.ts';
import type { JsonObject } from '../core/json.ts';
import type { SendResult } from '../core/outcome.ts';
import type { Era, Notice } from '../core/protocol/client.ts';
import type { Reply } from '../core/protocol/rpc.ts';
import type { Tool } from '../core/tool.ts';
import { restForLogin } from './auth/rest-for-login.ts';
import { connect } from './connection/connect.ts';
import { createConnectionGate } from './connection/connection-gate.ts';
import { createDeparture } from './connection/departure.ts';
import type { Connection } from './connection/open-connection.ts';
import type { KeptServer } from './kept-catalog.ts';
import { createListedTools } from './listed-tools.ts';
import { createHealth } from './health/health.ts';
import { planRetry } from './pace/backoff.ts';
import { createPause } from './pace/pause.ts';
import { timeLimit } from './pace/time-limit.ts';
import { defaultTimings } from './pace/timings.ts';
import type { RawAnswer } from './peer/raw-answer.ts';
import { endWithoutReason } from './peer/raw-answer.ts';
import { toReply } from './peer/to-reply.ts';
import { toSendResult } from './peer/to-send-result.ts';
import type { RequestSender, SendOptions } from './send-request.ts';
import { sendRequest } from './send-request.ts';
import { staleSigns, toolsChanged } from './stale-signs.ts';
import type { UpstreamOptions } from './upstream-options.ts';
import type { UpstreamState } from './upstream-state.ts';
import type { ServerOffer } from '../core/protocol/server.ts';
import { toServerOffer, toUpstreamState } from './upstream-state.ts';

export type { UpstreamOptions } from './upstream-options.ts';
export type { UpstreamState } from './upstream-state.ts';

export interface Upstream {
  /**
   * Begins to connect, for a client with these capabilities, and connects again whenever the connection ends, until `close`. What is
   * known of the server for such a client takes the place of the option `kept`.
   */
  start(capabilities?: JsonObject, known?: Partial<KeptServer>): void;
  state(): UpstreamState;
  offer(): ServerOffer;
  /** The era that it spoke last, be it in the last run; absent if it has not been heard, or too long ago. */
  era(): Era | undefined;
  /** The tools it listed last; before that, those kept from the last run. */
  tools(): readonly Tool[];
  /** Calls a tool. `params` are those of `tools/call`, `_meta` included; the name is replaced. Never rejects, never sends twice. */
  call(tool: string, params: JsonObject, options?: SendOptions): Promise<SendResult>;
  /** Sends any other request; its answer comes back untouched. Never rejects, never sends twice. */
  request(method: string, params: JsonObject, options?: SendOptions): Promise<Reply>;
  /** The connection that stands now. Whoever keeps it must expect its end. */
  connection(): Connection | undefined;
  /** As `connection`, but waits for one as a call does; why there is none where there is not. */
  connected(signal?: AbortLike): Promise<Connection | string>;
  /** Gives up the connection and whatever the server remembers of it, and makes a new one. */
  renew(): void;
  /** Tries at once what is waited for: a connection after failures, a server that is refused calls. The failures are forgotten. */
  retry(): void;
  /** Closes the connection and ends the process, within about two seconds. */
  close(): Promise<void>;
}

/** One server's life: connected, lost and found again, with its tool list kept current. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { server, logger, credentials, onState, onTools, onStale, random = Math.random } = options;
  const timings = { ...defaultTimings, ...options.timings };
  const life = new AbortController();
  const gate = createConnectionGate(() => onState?.());
  let kept: Partial<KeptServer> = options.kept ?? {};
  let { verdict, words } = kept;
  const keptEra = (): Era | undefined => (server.transport.type === 'sse' ? 'legacy' : kept.verdict?.kind);
  let era = keptEra();
  let capabilities: JsonObject = {};
  let connectedMs: number | undefined;
  let failures = 0;
  let wasReady = false;
  let renewals = 0;
  let isTooSlow = false;
  let running: Promise<void> | undefined;

  const listed = createListedTools({
    server,
    logger,
    kept,
    timings,
    signal: life.signal,
    connection: gate.connection,
    onTools: ({ verdict: learnt, words: said }) =>
      onTools?.({ tools: listed.all(), toolList: listed.toolList(), verdict: learnt, words: said }),
    onSame: () => options.onNotice?.({ method: toolsChanged, params: {} }),
  });
  const takeNotice = (notice: Notice): void => {
    if (staleSigns.has(notice.method)) onStale?.();
    if (notice.method === toolsChanged) listed.refresh();
    else options.onNotice?.(notice);
  };
  const takeGap = (): void => {
    onStale?.();
    listed.refresh();
    options.onGap?.();
  };

  const pause = createPause(life.signal);
  const needsLogin = (): boolean => credentials?.lack() !== undefined;
  const departure = createDeparture({ gate, signal: life.signal });
  const health = createHealth({ gate, timings, logger, signal: life.signal, onAnswer: departure.heed });

  /** A connection, or why there is none. */
  const makeConnection = async (): Promise<Connection | string> => {
    const startedMs = performance.now();
    isTooSlow = false;
    const limit = timeLimit(timings.connectLimitMs, life.signal);
    const isQuick = failures === 0 && server.transport.type === 'stdio';
    const probeTimeoutMs = isQuick ? timings.probeMs : timings.slowProbeMs;
    try {
      const heard = { onNotice: takeNotice, onGap: takeGap, onMessage: health.hear, onQuestion: options.onQuestion };
      const request = { server, logger, credentials, capabilities, verdict };
      const limits = { probeTimeoutMs, stallMs: timings.stallMs, signal: limit.signal };
      const made = await connect({ ...request, ...limits, ...heard });
      connectedMs = Math.round(performance.now() - startedMs);
      return made;
    } catch (error) {
      // What it speaks is known all the same.
      if (needsLogin()) return '';
      verdict = undefined;
      isTooSlow = limit.isOver();
      if (isTooSlow) return `it was not ready within ${timings.connectLimitMs / 1000} s`;
      return error instanceof Error ? error.message : String(error);
    } finally {
      limit.clear();
    }
  };

  /** Serves with a connection until it ends; returns why it did. */
  const useConnection = async (made: Connection): Promise<string> => {
    const readyMs = performance.now();
    ({ verdict, words } = made);
    era = made.verdict.kind;
    wasReady = true;
    listed.take(made);
    options.onConnected?.(made);
    health.renew();
    gate.open(made);
    logger.info({ era: made.verdict.kind, tools: made.tools.length, connectedMs }, 'ready');
    listed.settle();
    const ending = await Promise.race([made.ended, departure.found()]);
    onStale?.();
    if (performance.now() - readyMs >= timings.stableMs) failures = 0;
    // Where a request found that nobody is there any more, it was we who ended the connection.
    const found = gate.reason();
    return found === '' || found === endWithoutReason ? ending : found;
  };

  const run = async (): Promise<void> => {
    while (!life.signal.aborted) {
      const renewalsBefore = renewals;
      const made = await makeConnection();
      if (renewals !== renewalsBefore && typeof made !== 'string') {
        await made.close();
        continue;
      }
      const ending = typeof made === 'string' ? made : await useConnection(made);
      if (life.signal.aborted) return;
      if (renewals !== renewalsBefore) continue;
      if (credentials !== undefined && needsLogin()) {
        await restForLogin({ credentials, gate, pause, logger, loginMs: timings.loginMs });
        continue;
      }
      failures += 1;
      const isOursToMend = server.transport.type === 'stdio' && !isTooSlow;
      const facts = { failures, reason: ending, isOursToMend, random: random() };
      const { waitMs, reason, isCrashLoop } = planRetry(facts);
      logger.warn(
        { reason, retryMs: Math.round(waitMs) },
        typeof made === 'string' ? 'cannot connect' : 'connection lost',
      );
      // A connection that was there is likely to come back, and calls wait for it. A server that never was fails them at once.
      gate.shut(isCrashLoop || !wasReady ? 'failed' : 'connecting', reason);
      await pause.rest(waitMs);
      if (gate.phase() === 'failed') gate.shut('connecting', reason);
    }
  };

  const sender: RequestSender = {
    gate,
    waitMs: timings.callWaitMs,
    refusal: health.refusal,
    heed(current, answer, begunMs) {
      if (answer.kind === 'result') failures = 0;
      health.heed(current, answer, begunMs);
      departure.heed(current, answer);
    },
  };
  const toResult = (answer: RawAnswer): SendResult =>
    toSendResult(server.name, answer, { needsLogin: !('result' in answer) && needsLogin() });
  const toAnswer = (answer: RawAnswer): Reply => toReply(server.name, answer);

  return {
    start(given = {}, known = kept) {
      if (running !== undefined) return;
      capabilities = given;
      kept = known;
      ({ verdict, words } = kept);
      era = keptEra();
      listed.adopt(kept);
      gate.shut('connecting', 'it is being connected');
      running = run();
    },
    state: () => {
      const isKnown = wasReady || kept.tools !== undefined;
      const toolCount = listed.all().length;
      const told = { needsLogin: needsLogin(), isRefusing: health.refusal() !== undefined, failures };
      return toUpstreamState({ name: server.name, gate, toolCount, connectedMs, isKnown, ...told });
    },
    offer: () =>
      toServerOffer({ server: server.name, words, toolList: listed.toolList(), era: gate.connection()?.verdict.kind }),
    era: () => era,
    tools: listed.all,
    call(tool, params, given = {}) {
      const named = { ...params, name: tool };
      const isHttp = server.transport.type === 'http';
      const headers = isHttp ? () => listed.headersFor(tool, params['arguments']) : undefined;
      return sendRequest(sender, { method: 'tools/call', params: named, options: given, headers, toEnd: toResult });
    },
    request: (method, params, given = {}) => sendRequest(sender, { method, params, options: given, toEnd: toAnswer }),
    connection: gate.connection,
    connected: (signal) => gate.wait(timings.callWaitMs, signal),
    renew() {
      const current = gate.connection();
      renewals += 1;
      if (current === undefined) return;
      gate.shut('connecting', 'it is being connected anew');
      void current.close();
    },
    retry() {
      failures = 0;
      health.reset();
      pause.wake();
    },
    async close() {
      life.abort();
      listed.close();
      health.close();
      const current = gate.connection();
      gate.shut('closed', 'it has been closed');
      await Promise.all([current?.close(), departure.gone()]);
      await running;
    },
  };
}
