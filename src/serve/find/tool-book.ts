import type { Catalog } from '../../catalog/build-catalog.ts';
import type { SearchableTool, ToolIndex } from '../../catalog/search/create-tool-index.ts';
import { recipePrefix, recipeServer, type ToolClass } from '../../core/tool.ts';
import type { Engine } from '../engine.ts';

/** A tool that can be found, with what is to be said of it. */
export interface FindableTool extends SearchableTool {
  /** All classes that a call of it can have. A recipe has that of its worst call. */
  classes: readonly ToolClass[];
  /** Whether a person is asked before a batch makes the worst call of it. */
  asks: boolean;
}

/** Everything of one snapshot that may be found: not what is denied, nor what is in quarantine. */
export interface ToolBook {
  tools: ReadonlyMap<string, FindableTool>;
  index: ToolIndex;
}

/**
 * The book of what the client can call now. It is made at the first question about a snapshot of the catalogue, and goes with it; what
 * searches is loaded then, too, since most sessions never ask.
 */
export async function toolBookOf(engine: Pick<Engine, 'catalog' | 'recipes'>): Promise<ToolBook> {
  const catalog = engine.catalog();
  const known = books.get(catalog);
  if (known !== undefined) return known;
  const tools = [...toolsOf(catalog), ...recipesOf(engine.recipes())];
  const { createToolIndex } = await import('../../catalog/search/create-tool-index.ts');
  // Another question may have made it meanwhile.
  const made = books.get(catalog);
  if (made !== undefined) return made;
  const book = { tools: new Map(tools.map((tool) => [tool.exposedName, tool])), index: createToolIndex(tools) };
  books.set(catalog, book);
  return book;
}

/** Recipes are what they are by a snapshot, and change with it. */
const books = new WeakMap<Catalog, ToolBook>();

function toolsOf({ entries }: Catalog): FindableTool[] {
  return entries
    .filter(({ isListed }) => isListed)
    .map(({ exposedName, server, tool, classes, batchDecision }) => ({
      exposedName,
      name: tool.name,
      server,
      tool,
      classes: [...classes],
      asks: batchDecision.decision === 'ask',
    }));
}

function recipesOf(recipes: ReturnType<Engine['recipes']>): FindableTool[] {
  return [...recipes.values()].map(({ tool, class: toolClass }) => ({
    exposedName: tool.name,
    name: tool.name.slice(recipePrefix.length),
    server: recipeServer,
    tool,
    classes: [toolClass],
    // Each of its calls is decided by itself.
    asks: false,
  }));
}
