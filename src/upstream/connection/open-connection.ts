import { Client } from '@modelcontextprotocol/client';
import type { ConnectOptions, PriorDiscovery, Transport } from '@modelcontextprotocol/client';
import type { ServerConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Notice } from '../../core/protocol/client.ts';
import type { Tool } from '../../core/tool.ts';
import type { Logger } from '../../lib/logger.ts';
import { packageVersion } from '../../lib/version.ts';
import type { ToolListing } from './list-tools.ts';
import { listTools } from './list-tools.ts';
import type { ChangeListener } from './listen-for-changes.ts';
import { listenForChanges } from './listen-for-changes.ts';
import { answerEarlyQuestions } from './early-questions.ts';
import type { Credentials } from '../auth/credentials.ts';
import type { RawPeer } from '../peer/raw-peer.ts';
import { createRawPeer } from '../peer/raw-peer.ts';
import { buildEnvelope } from '../peer/request-meta.ts';
import type { AnswerQuestion } from '../peer/server-questions.ts';
import { describeProbeTimeout } from './probe-timeout.ts';
import type { ServerWords } from './server-words.ts';
import { hearServerWords } from './server-words.ts';
import { openTransport } from '../transport/open-transport.ts';

/** Which era a server speaks, remembered so that it need not be asked again. */
export type Verdict = PriorDiscovery;

/** A server that has answered, with its tools. */
export interface Connection {
  peer: RawPeer;
  verdict: Verdict;
  serverInfo: { name: string; version: string } | undefined;
  /** As it was agreed upon, such as `2025-11-25`; absent where the SDK does not say. */
  protocolVersion?: string | undefined;
  words: ServerWords;
  tools: readonly Tool[];
  /** What the tool list held beside the tools. */
  toolList: JsonObject;
  /** Reads the tool list again; throws as `listTools` does. */
  relist(signal: AbortSignal): Promise<Omit<ToolListing, 'warnings'>>;
  /** Only in the modern era; servers of the legacy one are sent `resources/subscribe`. */
  listener?: ChangeListener;
  /** Resolves with the reason when the connection has ended, by whichever side. */
  ended: Promise<string>;
  /** Ends the session at the server, then the connection, and the process if there is one. */
  close(): Promise<void>;
  /** As `close`, where the server has forgotten the session or is not there. */
  drop(): Promise<void>;
}

export interface ConnectRequest {
  server: ServerConfig;
  logger: Logger;
  /** How we prove to it who we are. Absent: by what its configuration holds, or not at all. */
  credentials?: Credentials | undefined;
  /** Of the client in front, as the server is to see them. */
  capabilities: JsonObject;
  /** A remembered verdict is tried first. Absent: the server is asked. */
  verdict?: Verdict | undefined;
  /** How long a server may think about `server/discover` before it is taken for legacy (stdio) or gone (HTTP). */
  probeTimeoutMs: number;
  /** How long a child process may leave its input unread, while there is some, before it is ended. */
  stallMs: number;
  /** Ends the attempt. */
  signal: AbortSignal;
  /** Gets what belongs to no request, changes of lists included. */
  onNotice: (notice: Notice) => void;
  /** Changes may have been missed. */
  onGap: () => void;
  /** A message of any kind has come and been taken, whoever it was for. */
  onMessage: () => void;
  onQuestion?: AnswerQuestion | undefined;
}

/** `message` is for people; `cause` is what the SDK or the system threw. */
export class ConnectError extends Error {}

/** Connects once, in the era of `prior` or in the one found out now, and reads the tools. Throws a `ConnectError`. */
export async function openConnection(request: ConnectRequest, prior: Verdict | undefined): Promise<Connection> {
  const { server, logger, probeTimeoutMs, stallMs, signal, onNotice, onGap, onQuestion } = request;
  let peer: RawPeer | undefined;
  const { transport, explain, redact, endSession } = openTransport({
    server,
    logger,
    stallMs,
    credentials: request.credentials,
    onOversizedAnswer: (id, reason) => peer?.refuse(id, reason),
  });
  const clientInfo = { name: 'mcp-marshal', version: packageVersion() };
  const client = new Client(clientInfo, {
    capabilities: request.capabilities,
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: probeTimeoutMs } },
  });
  const lifetime = new AbortController();
  const ended = new Promise<string>((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a client has callbacks, not events
    client.onclose = () => {
      lifetime.abort();
      const answers = peer?.strayAnswers() ?? 0;
      if (answers > 0) logger.info({ answers }, 'answered what nobody waited for; passed over');
      resolve(explain(new Error('the connection ended')));
    };
  });
  const drop = async (): Promise<void> => {
    lifetime.abort();
    await transport.close().catch(() => {});
  };
  const close = async (): Promise<void> => {
    lifetime.abort();
    await endSession();
    await drop();
  };
  const giveUp = (): void => void drop();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const heard = hearServerWords(transport);
    answerEarlyQuestions(client, { onQuestion, signal: lifetime.signal });
    const options: ConnectOptions = { signal, timeout: connectTimeoutMs, ...(prior && { prior }) };
    await orAborted(client.connect(transport, options), signal);
    const isModern = client.getProtocolEra() === 'modern';
    const connected = createRawPeer(transport, {
      envelope: isModern ? buildEnvelope(client.getNegotiatedProtocolVersion()!, clientInfo) : undefined,
      onNotice,
      onQuestion,
      redact,
    });
    peer = connected;
    hearMessages(transport, request.onMessage);
    const hasTools = client.getServerCapabilities()?.tools !== undefined;
    const relist = async (stop: AbortSignal): Promise<ToolListing> => {
      if (!hasTools) return { tools: [], toolList: {}, warnings: [] };
      const listing = await listTools(connected, stop);
      for (const warning of new Set(listing.warnings)) logger.warn({}, warning);
      return listing;
    };
    // Before the lists are read, so that no change falls between.
    const listener = isModern && listenForChanges(client, { signal: lifetime.signal, logger, onGap });
    const [{ tools, toolList }, words] = await Promise.all([relist(signal), heard.words({ client, peer, signal })]);
    const discover = client.getDiscoverResult();
    const verdict: Verdict = isModern && discover !== undefined ? { kind: 'modern', discover } : { kind: 'legacy' };
    const serverInfo = client.getServerVersion();
    const protocolVersion = client.getNegotiatedProtocolVersion();
    const made = { peer, verdict, serverInfo, protocolVersion, words, tools, toolList, relist, ended, close, drop };
    return { ...made, ...(listener && { listener }) };
  } catch (error) {
    // The reason before the close, which has reasons of its own.
    const failure = new ConnectError(describeProbeTimeout(error, probeTimeoutMs) ?? explain(error), { cause: error });
    await close();
    throw failure;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function hearMessages(transport: Transport, onMessage: () => void): void {
  const take = transport.onmessage;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message, extra) => {
    take?.(message, extra);
    onMessage();
  };
}

/** The SDK's own timer. Ours (`signal`) is the one that counts; this one only has to be no shorter. */
const connectTimeoutMs = 60_000;

/** The SDK does not listen to a signal while it probes. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('it did not answer in time'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
