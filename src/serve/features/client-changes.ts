import { isJsonObject } from '../../core/json.ts';
import type { Notice } from '../../core/protocol/client.ts';
import type { Engine, ServerNotice } from '../engine.ts';
import { isOwnTask } from './asking/tasks.ts';
import { memoryOf } from './client-memory.ts';
import { coalesce } from './coalesce.ts';
import { watchedUris } from './resources/subscriptions.ts';

/** Clients hear of a changed list at most this often (reliability.md F13). */
const announceEveryMs = 1_000;

/**
 * Tells of everything that changes for one client and belongs to none of its requests: lists (those of prompts and resources at most
 * once a second, the last change never lost), resources that it watches, under the URIs that it used, its tasks, log messages, and
 * what only a vendor knows, as it came. Whoever sends it on decides what the client wants of it. Returns what ends that.
 */
export function watchChanges(engine: Engine, listener: (notice: Notice) => void): () => void {
  const { clock } = engine;
  const timers = new Set<() => void>();
  const lists = new Map(
    ['notifications/prompts/list_changed', 'notifications/resources/list_changed'].map((method) => [
      method,
      coalesce<Notice>(listener, { everyMs: announceEveryMs, clock }),
    ]),
  );
  let offered = describeOffers(engine);

  const passTask = (notice: ServerNotice): void => {
    // The task may be one that a call has just made, whose result is on its way to the client now.
    const cancel = clock.after(0, () => {
      timers.delete(cancel);
      if (isOwnTask(engine, { server: notice.server, taskId: notice.params['taskId'] })) listener(toNotice(notice));
    });
    timers.add(cancel);
  };
  const stopNotices = engine.onNotice((notice) => {
    const { server, method, params } = notice;
    const list = lists.get(method);
    if (list !== undefined) list.tell(toNotice(notice));
    else if (method === 'notifications/tasks/status') passTask(notice);
    else if (method === 'notifications/resources/updated' && typeof params['uri'] === 'string') {
      const uris = watchedUris(memoryOf(engine).subscriptions, { server, uri: params['uri'] });
      for (const uri of uris) listener({ method, params: uri === params['uri'] ? params : { ...params, uri } });
      // What a server lists is learnt by asking it; the client hears of it when that has changed anything.
    } else if (method !== toolsChanged) listener(toNotice(notice));
  });
  const stopCatalog = engine.onCatalogChange(() => {
    listener({ method: toolsChanged, params: {} });
    // A server that is there for the first time brings its prompts and resources along, and tells nobody.
    const offers = describeOffers(engine);
    for (const [method, list] of lists) {
      if (offers.get(method) !== offered.get(method)) list.tell({ method, params: {} });
    }
    offered = offers;
  });
  return () => {
    stopNotices();
    stopCatalog();
    for (const list of lists.values()) list.stop();
    for (const cancel of timers) cancel();
  };
}

const toolsChanged = 'notifications/tools/list_changed';

function toNotice({ method, params }: ServerNotice): Notice {
  return { method, params };
}

/** By the notification that tells of a change: which servers have such a list. */
function describeOffers(engine: Engine): Map<string, string> {
  const offers = engine.offers();
  const having = (capability: string): string =>
    offers.flatMap(({ server, capabilities }) => (isJsonObject(capabilities?.[capability]) ? [server] : [])).join(' ');
  return new Map([
    ['notifications/prompts/list_changed', having('prompts')],
    ['notifications/resources/list_changed', having('resources')],
  ]);
}
