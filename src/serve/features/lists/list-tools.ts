import { batchTools } from '../../../batch/batch-tools.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Tool } from '../../../core/tool.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { withTaskSupport } from '../tasks/run-as-task.ts';
import { toLegacyTools } from '../tools/to-legacy-tools.ts';
import { mergeFields } from './merge-fields.ts';

/** Answers `tools/list` from what the servers listed last: our own tools first, then recipes, then theirs. */
export async function listTools(engine: Engine, { params, method, era }: ClientRequest): Promise<JsonObject> {
  const { pages } = memoryOf(engine);
  if (params['cursor'] !== undefined) return pages.next(method, params['cursor']);
  await engine.listable();
  const catalog = engine.catalog();
  const theirs = era === 'legacy' ? toLegacyTools(engine, catalog) : catalog.listed;
  const recipes = [...engine.recipes().values()].map(({ tool }) => tool);
  const ours = [...batchTools(engine.setup().settings), ...recipes];
  const entries: readonly Tool[] = [...(era === 'legacy' ? ours.map(withTaskSupport) : ours), ...theirs];
  const fields = mergeFields(engine.offers().map(({ toolList }) => toolList));
  return pages.first({ method, field: 'tools', entries, fields }, era);
}
