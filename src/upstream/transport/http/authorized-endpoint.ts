import type { Endpoint, HttpRequest, Opening } from '../../../lib/http/endpoint.ts';
import type { Credentials } from '../../auth/credentials.ts';
import { endlesslyRefused, maxRenewals } from './authorized-fetch.ts';

/** As an opening, or `refused`: nothing was sent, or what was sent was refused before it was run, for the reason in `error`. */
export type AuthorizedOpening = Opening | { kind: 'refused'; error: Error };

/** An endpoint whose requests say who we are. Never rejects. In two steps, so that a request which is not refused waits for nothing. */
export interface AuthorizedEndpoint extends Pick<Endpoint, 'close'> {
  open(request: HttpRequest): Promise<AuthorizedOpening>;
  /** What becomes of a request that was opened with this: sent again with something new where it was refused for want of that. */
  settle(request: HttpRequest, opening: AuthorizedOpening): AuthorizedOpening | Promise<AuthorizedOpening>;
}

/** As `authorizeFetch`, for requests over plain HTTP. */
export function authorizeEndpoint(endpoint: Endpoint, credentials: Credentials | undefined): AuthorizedEndpoint {
  const { open, close } = endpoint;
  if (credentials === undefined) return { open, close, settle: (_, opening) => opening };
  const sentWith = new WeakMap<HttpRequest, string>();

  const send = (request: HttpRequest, sent: string | undefined): Promise<Opening> => {
    if (sent === undefined) return open(request);
    sentWith.set(request, sent);
    return open({ ...request, headers: { ...request.headers, Authorization: sent } });
  };
  const sendLater = async (request: HttpRequest, sent: Promise<string | undefined>): Promise<AuthorizedOpening> => {
    try {
      return await send(request, await sent);
    } catch (error) {
      return toRefused(error);
    }
  };
  const sendAgain = async (request: HttpRequest, refused: AuthorizedOpening): Promise<AuthorizedOpening> => {
    let opening = refused;
    for (let renewals = 0; isRefusal(opening); renewals += 1) {
      const { response } = opening;
      try {
        if (renewals === maxRenewals) throw endlesslyRefused();
        const next = await credentials.renewed(sentWith.get(request), response.headers['www-authenticate']);
        if (next === undefined) return opening;
        response.destroy();
        opening = await send(request, next);
      } catch (error) {
        response.destroy();
        return toRefused(error);
      }
    }
    return opening;
  };

  return {
    open(request) {
      try {
        const sent = credentials.current();
        return typeof sent === 'object' ? sendLater(request, sent) : send(request, sent);
      } catch (error) {
        return Promise.resolve(toRefused(error));
      }
    },
    settle: (request, opening) => (isRefusal(opening) ? sendAgain(request, opening) : opening),
    close,
  };
}

function isRefusal(opening: AuthorizedOpening): opening is Extract<Opening, { kind: 'response' }> {
  return opening.kind === 'response' && opening.response.statusCode === 401;
}

function toRefused(error: unknown): AuthorizedOpening {
  return { kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) };
}
