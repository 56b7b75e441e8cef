import { batchTools } from '../../../batch/batch-tools.ts';
import { toolsFind } from '../../../batch/tools-find.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Tool } from '../../../core/tool.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { listedRecipes } from '../../find/listed-recipes.ts';
import { listedTools } from '../../find/listed-tools.ts';
import { memoryOf } from '../client-memory.ts';
import { withTaskSupport } from '../tasks/run-as-task.ts';
import { mergeFields } from './merge-fields.ts';

/** Answers `tools/list` from what the servers listed last: our own tools first, then recipes, then theirs. */
export async function listTools(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { params, method, era } = request;
  const { pages } = memoryOf(engine);
  if (params['cursor'] !== undefined) return pages.next(method, params['cursor']);
  await engine.listable();
  const { settings, surface } = engine.setup();
  const always = batchTools(settings, surface);
  const recipes = listedRecipes(engine, request, always.length);
  const { tools: theirs, isWhole } = listedTools(engine, request, always.length + recipes.length);
  const ours = [...always, ...(isWhole ? [] : [toolsFind(settings)]), ...recipes];
  const entries: readonly Tool[] = [...(era === 'legacy' ? ours.map(withTaskSupport) : ours), ...theirs];
  const said = mergeFields(engine.offers().map(({ toolList }) => toolList));
  // What is listed hangs on the client's credentials and on its program, whatever a server says of its own list.
  const fields = { ...said, ...(said['cacheScope'] !== undefined && { cacheScope: 'private' }) };
  return pages.first({ method, field: 'tools', entries, fields }, era);
}
