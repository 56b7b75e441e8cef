import { SdkHttpError, SseError } from '@modelcontextprotocol/client';
import { isJsonObject } from '../../core/json.ts';
import { UnsentError } from './unsent-error.ts';

/** What became of a request that its transport could not deliver. */
export interface SendFailure {
  /** False only if it is certain that nothing reached the server. */
  sent: boolean;
  /** True if the connection as a whole is of no more use: the server is not there, or has forgotten the session. */
  endsConnection: boolean;
  reason: string;
  /** The upstream's JSON-RPC error, where the HTTP error carries one. */
  rpc?: { code: number; message: string; data?: unknown };
}

/** Nothing was listening, or there was no such host: the request went nowhere. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Reads an error that a transport threw on sending. Never shows a response's body: it may be a page, or hold anything. */
export function explainSendFailure(error: unknown): SendFailure {
  if (error instanceof UnsentError) return { sent: false, endsConnection: false, reason: error.message };
  if (error instanceof SdkHttpError) return explainStatus(error.status, error.data.text);
  if (error instanceof SseError && error.code !== undefined) return explainStatus(error.code, undefined);
  const causes = causesOf(error);
  const code = causes.map((cause) => systemCode(cause)).find((found) => found !== undefined);
  // The same codes end a connection that stood, when a route goes away: then the request may have arrived.
  const hadConnection = causes.some(
    (cause) => 'syscall' in cause && !['connect', 'getaddrinfo'].includes(String(cause.syscall)),
  );
  if (code !== undefined && unreachable.has(code) && !hadConnection) {
    return {
      sent: false,
      endsConnection: true,
      reason: `it cannot be reached (${code}); check "url" and that it runs`,
    };
  }
  const message = causes.at(-1)?.message.split('\n', 1)[0]?.slice(0, maxReasonChars);
  return { sent: true, endsConnection: false, reason: code ?? message ?? 'it could not be sent' };
}

function explainStatus(status: number, text: unknown): SendFailure {
  const rpc = typeof text === 'string' ? parseRpcError(text) : undefined;
  const known = { sent: true, endsConnection: false };
  if (status === 401 || status === 403) {
    return { ...known, reason: `it refuses our credentials (HTTP ${status}); check "headers"` };
  }
  // A legacy server that answers 404 with a session has forgotten it (MCP 2025-03-26 and later, session management).
  if (status === 404 && rpc?.code !== methodNotFound) {
    return { ...known, endsConnection: true, reason: 'it has forgotten the session, or has moved (HTTP 404)' };
  }
  return { ...known, reason: `it answered with HTTP ${status}`, ...(rpc && { rpc }) };
}

const maxReasonChars = 300;
const methodNotFound = -32601;

function parseRpcError(text: string): SendFailure['rpc'] {
  try {
    const body: unknown = JSON.parse(text);
    const error = isJsonObject(body) ? body['error'] : undefined;
    if (!isJsonObject(error)) return undefined;
    const { code, message, data } = error;
    if (typeof code !== 'number' || typeof message !== 'string') return undefined;
    return { code, message, ...(data !== undefined && { data }) };
  } catch {
    return undefined;
  }
}

/** From the error down to its first cause: `fetch` hides the system's error as the cause of its own. */
function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error && causes.length < 5; cause = cause.cause) causes.push(cause);
  return causes;
}

/** The event source keeps of its cause only the text. */
function systemCode(error: Error): string | undefined {
  if (error instanceof SseError) return [...unreachable].find((code) => error.message.includes(code));
  const isCode = 'code' in error && typeof error.code === 'string' && /^E(?:AI_)?[A-Z0-9]+$|^UND_/.test(error.code);
  return isCode ? String(error.code) : undefined;
}
