import type { Credentials } from '../../auth/credentials.ts';
import { UnsentError } from '../../peer/failure/unsent-error.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** With what another process has left, and then with what was renewed. */
export const maxRenewals = 2;

/** A request that is refused again and again, whatever it carries. */
export function endlesslyRefused(): UnsentError {
  return new UnsentError('it refuses every token that it is given (HTTP 401)');
}

/**
 * Has requests to `origin` carry `Authorization`, and be sent again with a new one where they were refused for want of it: a 401 says that
 * nothing was run. Requests to other origins carry nothing.
 */
export function authorizeFetch(
  fetch: Fetch,
  { credentials, origin }: { credentials: Credentials; origin: string },
): Fetch {
  return async (url, init) => {
    if (new URL(url).origin !== origin) return fetch(url, init);
    let sent = await credentials.current();
    for (let renewals = 0; ; renewals += 1) {
      const response = await fetch(url, withAuthorization(init, sent));
      if (response.status !== 401) return response;
      if (renewals === maxRenewals) {
        await response.body?.cancel();
        throw endlesslyRefused();
      }
      const next = await credentials.renewed(sent, response.headers.get('www-authenticate') ?? undefined);
      if (next === undefined) return response;
      await response.body?.cancel();
      sent = next;
    }
  };
}

function withAuthorization(init: RequestInit | undefined, value: string | undefined): RequestInit | undefined {
  if (value === undefined) return init;
  const headers = new Headers(init?.headers);
  headers.set('Authorization', value);
  return { ...init, headers };
}
