import { SdkError, SdkErrorCode, SdkHttpError, SseError } from '@modelcontextprotocol/client';
import { LoginNeeded } from '../../auth/login-needed.ts';
import { BrokenAnswer } from './broken-answer.ts';
import { explainStatus } from './explain-status.ts';
import { UnsentError } from './unsent-error.ts';

/** What became of a request that its transport could not deliver, or whose answer it could not read. */
export interface SendFailure {
  /** False only if it is certain that the server has not run it. */
  sent: boolean;
  /** True if the connection as a whole is of no more use: the server is not there, or has forgotten the session. */
  endsConnection: boolean;
  reason: string;
  /** Where sending it again could help; as in `SendResult`. */
  fault?: 'transport' | 'busy';
  retryAfterMs?: number;
  /** The server answered, but not as the protocol has it. */
  isMalformed?: true;
  /** The HTTP status of an answer that is no success. */
  status?: number;
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

/** Of the errors by which a certificate is refused, or TLS not agreed upon: all come before a byte of the request. */
const ofTls = /CERT|TLS|SSL|SELF_SIGNED|SIGNATURE|^EPROTO$/;

/** Where the transport itself says that nothing of the request had left: its error is the cause of this one. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/**
 * Reads an error that a transport threw on sending. Never shows a response's body: it may be a page, or hold anything. `redact` is for what
 * the error itself says, before it is cut: what is cut first is not known again.
 */
export function explainSendFailure(error: unknown, redact = (text: string): string => text): SendFailure {
  if (error instanceof UnsentError) {
    const { message: reason, fault } = error;
    return { sent: false, endsConnection: false, reason, ...(fault && { fault }) };
  }
  // Whoever negotiates the era wraps it.
  const login = causesOf(error).find((cause) => cause instanceof LoginNeeded);
  if (login !== undefined) return { sent: false, endsConnection: true, reason: login.message };
  if (error instanceof SdkHttpError) return explainStatus(error.status, error.data);
  if (error instanceof SseError && error.code !== undefined) return explainStatus(error.code, {});
  const broken = brokenReason(error);
  if (broken !== undefined) return { sent: true, endsConnection: false, reason: broken, isMalformed: true };
  const causes = causesOf(error);
  const posted = causes.map(({ message }) => postedStatus.exec(message)?.[1]).find((found) => found !== undefined);
  if (posted !== undefined) return explainStatus(Number(posted), {});
  // As the Fetch standard has it; the error says no more, and has no code.
  if (causes.some(({ message }) => message === 'bad port')) {
    return { sent: false, endsConnection: true, reason: badPort };
  }
  const code = causes.map((cause) => systemCode(cause)).find((found) => found !== undefined);
  // The same codes end a connection that stood, when a route goes away: then the request may have arrived.
  const hadConnection = causes.some(
    (cause) => 'syscall' in cause && !['connect', 'getaddrinfo'].includes(String(cause.syscall)),
  );
  const isUnsent =
    error instanceof UnreachableError || (code !== undefined && (unreachable.has(code) || ofTls.test(code)));
  if (isUnsent && !hadConnection) {
    return { sent: false, endsConnection: true, reason: whyUnreachable(code), fault: 'transport' };
  }
  const said = causes.at(-1)?.message.split('\n', 1)[0];
  const message = said && redact(said).slice(0, maxReasonChars);
  const reason = code === undefined ? (message ?? 'it could not be sent') : `the connection broke (${code})`;
  return { sent: true, endsConnection: false, reason, fault: 'transport' };
}

function whyUnreachable(code: string | undefined): string {
  if (code === undefined) return 'it cannot be reached; check "url" and that it runs';
  if (!ofTls.test(code)) return `it cannot be reached (${code}); check "url" and that it runs`;
  return `no secure connection to it can be made (${code}); check "url" and its certificate, or name its authority in NODE_EXTRA_CA_CERTS`;
}

const badPort =
  'its port is one that HTTP is not spoken at: it belongs to another protocol, and is refused before anything is sent; check "url"';

const maxReasonChars = 300;

/** The SDK quotes the body behind it. */
const postedStatus = /^Error POSTing to endpoint \(HTTP (\d{3})\)/;

/** Why an answer that came is none. The messages of parsers quote what they could not read. */
function brokenReason(error: unknown): string | undefined {
  if (error instanceof BrokenAnswer) return error.message;
  if (error instanceof SdkError && error.code === SdkErrorCode.ClientHttpUnexpectedContent) {
    return 'it answered with something else than JSON or an event stream';
  }
  if (error instanceof SyntaxError) return 'its answer is not valid JSON';
  if (error instanceof Error && error.name.endsWith('ZodError')) return 'its answer is no JSON-RPC message';
  return undefined;
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
  if (error instanceof SdkError || !('code' in error) || typeof error.code !== 'string') return undefined;
  return systemCodes.test(error.code) || ofTls.test(error.code) ? error.code : undefined;
}

const systemCodes = /^E(?:AI_)?[A-Z0-9]+$|^(?:UND|HPE|ERR)_/;
