import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  Client,
  PROTOCOL_VERSION_META_KEY,
  SdkError,
  SdkErrorCode,
} from '@modelcontextprotocol/client';
import type { ConnectOptions, PriorDiscovery } from '@modelcontextprotocol/client';
import type { ServerConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import type { Tool } from '../core/tool.ts';
import type { Logger } from '../lib/logger.ts';
import { packageVersion } from '../lib/version.ts';
import { listTools } from './list-tools.ts';
import { listenForChanges } from './listen-for-changes.ts';
import { openTransport } from './transport/open-transport.ts';
import type { RawPeer } from './peer/raw-peer.ts';
import { createRawPeer } from './peer/raw-peer.ts';

/** Which era a server speaks, remembered so that it need not be asked again. */
export type Verdict = PriorDiscovery;

/** A server that has answered, with its tools. */
export interface Connection {
  peer: RawPeer;
  verdict: Verdict;
  serverInfo: { name: string; version: string } | undefined;
  tools: readonly Tool[];
  /** Reads the tool list again; throws as `listTools` does. */
  relist(signal: AbortSignal): Promise<readonly Tool[]>;
  /** Resolves with the reason when the connection has ended, by whichever side. */
  ended: Promise<string>;
  /** Ends the connection, and the process if there is one. */
  close(): Promise<void>;
}

export interface ConnectRequest {
  server: ServerConfig;
  logger: Logger;
  /** A remembered verdict is tried first. Absent: the server is asked. */
  verdict?: Verdict | undefined;
  /** How long a server may think about `server/discover` before it is taken for legacy (stdio) or gone (HTTP). */
  probeTimeoutMs: number;
  /** Ends the attempt. */
  signal: AbortSignal;
  onToolsChanged: () => void;
  /** It says that something of it has changed: its tools, a resource, its resources, its prompts. */
  onStale: () => void;
}

/** Connects in whichever era the server speaks and reads its tools. Throws an `Error` with the reason in words. */
export async function connect(request: ConnectRequest): Promise<Connection> {
  const { server, verdict, logger, signal } = request;
  if (verdict !== undefined) {
    try {
      return await attempt(request, verdict);
    } catch (error) {
      if (signal.aborted) throw error;
      logger.debug({ reason: String(error) }, 'the remembered protocol era does not hold; asking again');
    }
  }
  // SSE is a transport of the legacy era alone.
  if (server.transport.type === 'sse') return attempt(request, { kind: 'legacy' });
  try {
    return await attempt(request, undefined);
  } catch (error) {
    // Some servers exit on a request that they do not know. Such a one gets a second life, with the request that it does.
    const hasFallenToProbe =
      server.transport.type === 'stdio' && error instanceof AttemptError && isNegotiationFailure(error.cause);
    if (!hasFallenToProbe || signal.aborted) throw error;
    return attempt(request, { kind: 'legacy' });
  }
}

/** `message` is for people; `cause` is what the SDK or the system threw. */
class AttemptError extends Error {}

function isNegotiationFailure(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed;
}

async function attempt(request: ConnectRequest, prior: Verdict | undefined): Promise<Connection> {
  const { server, logger, probeTimeoutMs, signal, onToolsChanged, onStale } = request;
  let peer: RawPeer | undefined;
  const { transport, explain } = openTransport({
    server,
    logger,
    onOversizedAnswer: (id, reason) => peer?.refuse(id, reason),
  });
  const clientInfo = { name: 'mcp-marshal', version: packageVersion() };
  // No capabilities: what a server could ask for with them cannot be carried through to a client yet.
  const client = new Client(clientInfo, {
    capabilities: {},
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: probeTimeoutMs } },
  });
  const lifetime = new AbortController();
  const ended = new Promise<string>((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a client has callbacks, not events
    client.onclose = () => {
      lifetime.abort();
      resolve(explain(new Error('the connection ended')));
    };
  });
  const close = async (): Promise<void> => {
    lifetime.abort();
    await transport.close().catch(() => {});
  };
  const giveUp = (): void => void close();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const options: ConnectOptions = { signal, timeout: connectTimeoutMs, ...(prior && { prior }) };
    await orAborted(client.connect(transport, options), signal);
    const protocolVersion = client.getNegotiatedProtocolVersion()!;
    const isModern = client.getProtocolEra() === 'modern';
    const envelope: JsonObject | undefined = isModern
      ? {
          [PROTOCOL_VERSION_META_KEY]: protocolVersion,
          [CLIENT_INFO_META_KEY]: clientInfo,
          [CLIENT_CAPABILITIES_META_KEY]: {},
        }
      : undefined;
    const connected = createRawPeer(transport, {
      envelope,
      onNotification: (method) => {
        if (staleSigns.has(method)) onStale();
        if (method === 'notifications/tools/list_changed') onToolsChanged();
      },
    });
    peer = connected;
    const capability = client.getServerCapabilities()?.tools;
    const relist = async (stop: AbortSignal): Promise<readonly Tool[]> => {
      if (capability === undefined) return [];
      const { tools, warnings } = await listTools(connected, stop);
      for (const warning of new Set(warnings)) logger.warn({}, warning);
      return tools;
    };
    const tools = await relist(signal);
    if (isModern && capability?.listChanged === true) {
      void listenForChanges(client, { signal: lifetime.signal, logger, onGap: onToolsChanged });
    }
    const discover = client.getDiscoverResult();
    const verdict: Verdict = isModern && discover !== undefined ? { kind: 'modern', discover } : { kind: 'legacy' };
    return { peer: connected, verdict, serverInfo: client.getServerVersion(), tools, relist, ended, close };
  } catch (error) {
    // The reason before the close, which has reasons of its own.
    const failure = new AttemptError(explain(error), { cause: error });
    await close();
    throw failure;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

const staleSigns: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/resources/updated',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
]);

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
