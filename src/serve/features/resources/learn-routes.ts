import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { listKinds, type ListKind } from '../lists/list-kind.ts';
import { entriesOf, type ServerList } from '../lists/read-list.ts';
import { readLists } from '../lists/read-lists.ts';

/** Reads what the servers have, as far as that was not read for this client yet: once, for all who come meanwhile. */
export function learnRoutes(engine: Engine): Promise<void> {
  const memory = memoryOf(engine);
  watchLists(engine);
  const read = async (kind: ResourceKind): Promise<void> => {
    // A request that is only one of those who wait has no say in it: not its cancelling, nor its questions.
    const lists = await readLists(engine, { kind, params: {}, context: {} });
    learnLists(engine, { kind, lists });
  };
  memory.learning ??= Promise.all(resourceKinds.filter((kind) => !memory.routes.knows(kind.field)).map(read)).then(
    () => {
      memory.learning = undefined;
    },
  );
  return memory.learning;
}

/** Remembers where the resources or templates of several servers are. */
export function learnLists(
  engine: Engine,
  { kind, lists }: { kind: ResourceKind; lists: readonly ServerList[] },
): void {
  // Of one server there is nothing to choose.
  if (lists.length < 2) return;
  watchLists(engine);
  memoryOf(engine).routes.learn(kind.field, {
    entries: entriesOf(lists).map(({ server, id }) => ({ server, uri: id })),
    silent: lists.flatMap((list) => (list.ok || list.error.code === rpcCode.methodNotFound ? [] : [list.server])),
  });
}

const watched = new WeakSet<Engine>();

/** As long as the engine lives, which ends all listening. */
function watchLists(engine: Engine): void {
  if (watched.has(engine)) return;
  watched.add(engine);
  engine.onNotice(({ method, server }) => {
    if (method !== 'notifications/resources/list_changed') return;
    const { routes, learning } = memoryOf(engine);
    routes.forget(server);
    // What is being read now may be of before the change.
    void learning?.then(() => routes.forget(server));
  });
}

type ResourceKind = (typeof resourceKinds)[number];

const resourceKinds = [listKinds.resources, listKinds.templates] satisfies readonly ListKind[];
