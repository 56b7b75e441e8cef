import { isJsonObject } from '../../core/json.ts';
import type { Notice } from '../../core/protocol/client.ts';
import type { Engine } from '../engine.ts';
import type { ServerNotice } from '../../core/protocol/server.ts';
import { isOwnTask } from './asking/tasks.ts';
import { memoryOf } from './client-memory.ts';
import { coalesce } from './coalesce.ts';
import { coalesceByKey } from './coalesce-by-key.ts';
import { watchedUris } from './resources/subscriptions.ts';

/** Clients hear of a changed list at most this often (reliability.md F13). */
const announceEveryMs = 1_000;
/** The same of one resource, which may be what somebody looks at. */
const updateEveryMs = 250;

/**
 * Tells of everything that changes for one client and belongs to none of its requests: lists (each at most once a second, the last
 * change never lost), resources that it watches, under the URIs that it used, its tasks, log messages, and
 * what only a vendor knows, as it came. Whoever sends it on decides what the client wants of it. Returns what ends that.
 */
export function watchChanges(engine: Engine, listener: (notice: Notice) => void): () => void {
  const { clock } = engine;
  const timers = new Set<() => void>();
  const tools = coalesce<Notice>(listener, { everyMs: announceEveryMs, clock });
  const updates = coalesceByKey<Notice>(listener, { everyMs: updateEveryMs, clock });
  const lists = new Map(
    ['prompts', 'resources'].map((capability) => [
      `notifications/${capability}/list_changed`,
      {
        capability,
        offering: describeOffering(engine, capability),
        news: coalesce<Notice>(listener, { everyMs: announceEveryMs, clock }),
      },
    ]),
  );

  /** The task may be one that a call has just made, whose result is on its way to the client now. */
  const tellSoon = (tell: () => void): void => {
    const cancel = clock.after(0, () => {
      timers.delete(cancel);
      tell();
    });
    timers.add(cancel);
  };
  const passTask = (notice: ServerNotice): void =>
    tellSoon(() => {
      if (isOwnTask(engine, { server: notice.server, taskId: notice.params['taskId'] })) listener(toNotice(notice));
    });
  const { taskListeners } = memoryOf(engine);
  const passOwnTask = (notice: Notice): void => tellSoon(() => listener(notice));
  taskListeners.add(passOwnTask);
  const stopNotices = engine.onNotice((notice) => {
    const { server, method, params } = notice;
    const list = lists.get(method);
    if (list !== undefined) list.news.tell(toNotice(notice));
    else if (method === toolsChanged) tools.tell(toNotice(notice));
    else if (method === 'notifications/tasks/status') passTask(notice);
    else if (method === 'notifications/resources/updated' && typeof params['uri'] === 'string') {
      const uris = watchedUris(memoryOf(engine).subscriptions, { server, uri: params['uri'] });
      for (const uri of uris) {
        updates.tell(uri, { method, params: uri === params['uri'] ? params : { ...params, uri } });
      }
    } else listener(toNotice(notice));
  });
  const stopCatalog = engine.onCatalogChange((change) => {
    if (change.tools) tools.tell({ method: toolsChanged, params: {} });
    const { listed } = memoryOf(engine);
    // A server that is there for the first time brings its prompts and resources along, and tells nobody.
    for (const [method, list] of lists) {
      const offering = describeOffering(engine, list.capability);
      // Who has not asked for the list yet will get the new one.
      if (offering !== list.offering && listed.has(list.capability)) list.news.tell({ method, params: {} });
      list.offering = offering;
    }
  });
  return () => {
    stopNotices();
    stopCatalog();
    taskListeners.delete(passOwnTask);
    tools.stop();
    updates.stop();
    for (const { news } of lists.values()) news.stop();
    for (const cancel of timers) cancel();
  };
}

const toolsChanged = 'notifications/tools/list_changed';

function toNotice({ method, params }: ServerNotice): Notice {
  return { method, params };
}

/** Which servers have such lists, and by which rule their prompts are named. */
function describeOffering(engine: Engine, capability: string): string {
  const offering = engine.offers().filter(({ capabilities }) => isJsonObject(capabilities?.[capability]));
  const naming = capability === 'prompts' ? engine.setup().naming : '';
  return `${naming} ${offering.map(({ server }) => server).join(' ')}`;
}
