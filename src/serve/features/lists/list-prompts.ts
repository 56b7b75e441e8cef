import type { JsonObject } from '../../../core/json.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { learnPrompts } from '../prompts/learn-prompts.ts';
import { listKinds } from './list-kind.ts';
import { listLive } from './list-live.ts';

/** Answers `prompts/list`: prompts are named as tools are, `server__prompt`. */
export function listPrompts(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  return listLive(engine, {
    request,
    kind: listKinds.prompts,
    show: (lists) => learnPrompts(engine, lists).map(({ entry, exposedName }) => ({ ...entry, name: exposedName })),
  });
}
