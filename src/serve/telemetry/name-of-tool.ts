import { ownToolNames } from '../../batch/own-tools.ts';
import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import { findTool } from '../../catalog/find-tool.ts';
import { recipePrefix } from '../../core/tool.ts';
import type { Engine } from '../engine.ts';

/** The name under which clients see the tool, recipe or tool of ours that a caller means; nothing where there is none. */
export function nameOfTool(engine: Engine, written: string): string | undefined {
  const short = withoutClientPrefix(written);
  const own = ownToolNames.find((name) => name === short);
  if (own !== undefined) return own;
  if (short.startsWith(recipePrefix)) return engine.recipes().has(short.slice(recipePrefix.length)) ? short : undefined;
  const found = findTool(engine.catalog(), written);
  return found.kind === 'found' ? found.entry.exposedName : undefined;
}
