import { Aborter } from '../../../core/abort.ts';
import { refusal, rpcCode } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { offeringServers } from '../asking/offering-servers.ts';
import { readList, type ListRequest, type ServerList } from './read-list.ts';

/** What clients are promised of `tools/list` (one gives up after five seconds) holds for the other lists. */
const limitMs = 4_000;

/**
 * Asks every server that has such a list for all of it, side by side; the answers come in the order of the configuration. Of several
 * servers each has four seconds, so that one that hangs does not hold the others, and the log tells which failed; a server that
 * stands alone has all the time that its client gives it.
 */
export async function readLists(
  engine: Engine,
  { kind, params, context }: Omit<ListRequest, 'server'>,
): Promise<readonly ServerList[]> {
  // On a first start nobody has said yet what there is to ask for.
  await engine.listable();
  memoryOf(engine).listed.add(kind.capability);
  const offers = offeringServers(engine, kind.capability);
  const [only] = offers;
  if (only !== undefined && offers.length === 1) {
    return [await readList(engine, { server: only.server, kind, params, context })];
  }
  // Several counters under one token would run against each other.
  const shared = { ...context, onProgress: undefined };
  return Promise.all(
    offers.map(async ({ server }) => {
      const list = await withinLimit(engine, { server, kind, params, context: shared });
      if (!list.ok && list.error.code !== rpcCode.methodNotFound && !context.signal?.aborted) {
        const { method } = kind;
        engine.logger.warn({ server, method, reason: list.error.message }, 'a server is left out of a list');
      }
      return list;
    }),
  );
}

function withinLimit(engine: Engine, request: ListRequest): Promise<ServerList> {
  const { server, kind, context } = request;
  const { signal } = context;
  const stop = new Aborter();
  const cancel = (): void => stop.abort();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  return new Promise((resolve) => {
    const finish = (list: ServerList): void => {
      cancelTimer();
      signal?.removeEventListener('abort', cancel);
      resolve(list);
    };
    const cancelTimer = engine.clock.after(limitMs, () => {
      cancel();
      const message = `${server} did not answer ${kind.method} within ${limitMs / 1_000} s`;
      finish({ server, ...refusal(rpcCode.internalError, message) });
    });
    void readList(engine, { ...request, context: { ...context, signal: stop } }).then(finish);
  });
}
