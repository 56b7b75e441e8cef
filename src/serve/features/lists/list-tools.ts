import { batchTools } from '../../../batch/batch-tools.ts';
import { toolsFind } from '../../../batch/tools-find.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Tool } from '../../../core/tool.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { listedTools } from '../../find/listed-tools.ts';
import { memoryOf } from '../client-memory.ts';
import { withTaskSupport } from '../tasks/run-as-task.ts';
import { mergeFields } from './merge-fields.ts';

/** Answers `tools/list` from what the servers listed last: our own tools first, then recipes, then theirs. */
export async function listTools(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { params, method, era, scopes } = request;
  const { pages } = memoryOf(engine);
  if (params['cursor'] !== undefined) return pages.next(method, params['cursor']);
  await engine.listable();
  const { settings, surface } = engine.setup();
  const always = batchTools(settings, surface);
  // As with tools: what the credentials allow no call of is not there, as it is not found either.
  const recipes = [...engine.recipes().values()].flatMap(({ tool, class: worst }) =>
    scopes === undefined || scopes.has(worst) ? [tool] : [],
  );
  const { tools: theirs, isWhole } = listedTools(engine, request, always.length + recipes.length);
  const ours = [...always, ...(isWhole ? [] : [toolsFind(settings)]), ...recipes];
  const entries: readonly Tool[] = [...(era === 'legacy' ? ours.map(withTaskSupport) : ours), ...theirs];
  const fields = mergeFields(engine.offers().map(({ toolList }) => toolList));
  return pages.first({ method, field: 'tools', entries, fields }, era);
}
