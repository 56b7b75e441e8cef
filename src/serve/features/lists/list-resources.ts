import { exposedUris } from '../../../catalog/resource-uris.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { learnLists } from '../resources/learn-routes.ts';
import { listLive } from './list-live.ts';
import type { listKinds } from './list-kind.ts';
import { entriesOf, type ServerList } from './read-list.ts';

/** Answers `resources/list` and `resources/templates/list`: a URI that two servers have names its server too. */
export function listResources(
  engine: Engine,
  { request, kind }: { request: ClientRequest; kind: typeof listKinds.resources | typeof listKinds.templates },
): Promise<JsonObject> {
  const show = (lists: readonly ServerList[]): JsonObject[] => {
    learnLists(engine, { kind, lists });
    const listed = entriesOf(lists);
    const offered = listed.map(({ server, id }) => ({ server, uri: id }));
    const uris = exposedUris(offered, new Set(engine.setup().servers.keys()));
    return listed.map(({ id, entry }, index) => (uris[index] === id ? entry : { ...entry, [kind.key]: uris[index] }));
  };
  return listLive(engine, { request, kind, show });
}
