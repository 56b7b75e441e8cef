import type { Ask, Client, RequestContext } from '../../core/protocol/client.ts';
import type { RequestOwner } from '../peer/open-requests.ts';

/**
 * Tells whose a request is. A client owns all of its requests. Where several come under one id, only requests that bring the same
 * `ask` are known to be of one: they serve the same request of it, as the calls of a batch do.
 */
export function createOwnerBook(client: Client): (request: RequestContext) => RequestOwner {
  const whole: RequestOwner = { client };
  if (client.isShared !== true) return () => whole;
  const byAsk = new WeakMap<Ask, RequestOwner>();
  return ({ ask }) => {
    const known = ask && byAsk.get(ask);
    if (known !== undefined) return known;
    const owner: RequestOwner = { client };
    if (ask !== undefined) byAsk.set(ask, owner);
    return owner;
  };
}
