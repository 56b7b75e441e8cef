import {
  InsecureTokenEndpointError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
} from '@modelcontextprotocol/client';
import { RegistrationRejectedError } from '@modelcontextprotocol/client';
import { reasonOf } from '../../lib/http/endpoint.ts';

/**
 * Why there is no token. `refused`: it would be the next time, too, until somebody mends it. `away`: the authorization server could not
 * be asked, or has too much to do. The message is for people, and quotes nothing of an answer: it may hold anything.
 */
export class AuthFailure extends Error {
  override name = 'AuthFailure';
  readonly kind: 'refused' | 'away';
  /** The error code of OAuth (RFC 6749, 5.2), where there was one. */
  readonly code: string | undefined;

  constructor(message: string, { kind, code }: { kind: 'refused' | 'away'; code?: string }) {
    super(message);
    this.kind = kind;
    this.code = code;
  }
}

/** Any error of an exchange with an authorization server. */
export function toAuthFailure(error: unknown): AuthFailure {
  if (error instanceof AuthFailure) return error;
  if (error instanceof OAuthError) {
    const { code } = error;
    const kind = passing.has(code) ? 'away' : 'refused';
    const said = /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : '';
    const verb = kind === 'away' ? 'failed' : 'refused us';
    return new AuthFailure(`its authorization server ${verb}${said}`, { kind, code });
  }
  if (error instanceof RegistrationRejectedError) {
    const mend = 'register a client there by hand, and write auth: { clientId: … }';
    const said = `its authorization server does not let us register (HTTP ${error.status}); ${mend}`;
    return new AuthFailure(said, { kind: 'refused' });
  }
  if (error instanceof InsecureTokenEndpointError) {
    return new AuthFailure('its authorization server is not reached over https, so that no secret is sent there', {
      kind: 'refused',
    });
  }
  if (error instanceof IssuerMismatchError) {
    const where = error.kind === 'metadata' ? 'its metadata' : 'the answer';
    return new AuthFailure(`${where} is of another issuer than the authorization server`, { kind: 'refused' });
  }
  // The SDK parses with zod, whose messages quote what was wrong.
  if (error instanceof SyntaxError || (error instanceof Error && error.name.endsWith('ZodError'))) {
    return new AuthFailure('its authorization server gave an answer that cannot be read', { kind: 'away' });
  }
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new AuthFailure('its authorization server did not answer in time', { kind: 'away' });
  }
  // `fetch` hides the system's error as the cause of its own.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new AuthFailure(`its authorization server cannot be reached (${reasonOf(cause)})`, { kind: 'away' });
}

/** Errors that pass by themselves. What is no answer of OAuth at all, such as the page of a gateway, is one of the server to the SDK. */
const passing: ReadonlySet<string> = new Set([
  OAuthErrorCode.ServerError,
  OAuthErrorCode.TemporarilyUnavailable,
  OAuthErrorCode.TooManyRequests,
]);
