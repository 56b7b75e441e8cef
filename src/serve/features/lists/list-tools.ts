import { batchTools } from '../../../batch/batch-tools.ts';
import type { Catalog } from '../../../catalog/build-catalog.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Tool, ToolClass } from '../../../core/tool.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { withTaskSupport } from '../tasks/run-as-task.ts';
import { toLegacyTools } from '../tools/to-legacy-tools.ts';
import { mergeFields } from './merge-fields.ts';

/** Answers `tools/list` from what the servers listed last: our own tools first, then recipes, then theirs. */
export async function listTools(engine: Engine, { params, method, era, scopes }: ClientRequest): Promise<JsonObject> {
  const { pages } = memoryOf(engine);
  if (params['cursor'] !== undefined) return pages.next(method, params['cursor']);
  await engine.listable();
  const catalog = engine.catalog();
  const known = era === 'legacy' ? toLegacyTools(engine, catalog) : catalog.listed;
  // What none of its calls could get past is nothing to show.
  const theirs = scopes === undefined ? known : known.filter(({ name }) => isWithin(catalog, { name, scopes }));
  const recipes = [...engine.recipes().values()].map(({ tool }) => tool);
  const ours = [...batchTools(engine.setup().settings), ...recipes];
  const entries: readonly Tool[] = [...(era === 'legacy' ? ours.map(withTaskSupport) : ours), ...theirs];
  const fields = mergeFields(engine.offers().map(({ toolList }) => toolList));
  return pages.first({ method, field: 'tools', entries, fields }, era);
}

/** Whether any call of a tool could be of a class that the client's credentials allow. */
function isWithin(
  { byExposedName }: Catalog,
  { name, scopes }: { name: string; scopes: ReadonlySet<ToolClass> },
): boolean {
  return [...(byExposedName.get(name)?.classes ?? [])].some((toolClass) => scopes.has(toolClass));
}
