import { findCountProblem, quote } from '../../batch/input/field-problems.ts';
import { findTool } from '../../catalog/find-tool.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { recipePrefix, type ToolClass } from '../../core/tool.ts';
import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import type { Engine } from '../engine.ts';
import { toErrorResult } from '../passthrough.ts';
import { renderFound } from './render-found.ts';
import { renderServers } from './render-servers.ts';
import { toolBookOf, type FindableTool, type ToolBook } from './tool-book.ts';

/** What a search has found. */
export interface FoundTools {
  query: string;
  /** The tool whose name the query is. */
  exact?: FindableTool;
  /** Best first, without the exact one. */
  others: readonly FindableTool[];
  /** How many more a higher limit would bring; none are counted beside one that was asked for by name. */
  leftOut: number;
  /** What of all tools the asker may call. */
  visible: readonly FindableTool[];
}

const defaultLimit = 8;
/** Beside the one that was named: who knows its name seldom wants another. */
const defaultBeside = 2;
const maxLimit = 50;

/**
 * Answers `tools_find`: the tools that a query could mean, best first, each in a line, as text. A name of a tool is answered with all that
 * is known of it; a query that finds nothing, with the servers that there are. `scopes`: the classes of calls that the asker may make.
 */
export async function findTools(
  engine: Engine,
  { input, scopes }: { input: unknown; scopes?: ReadonlySet<ToolClass> | undefined },
): Promise<JsonObject> {
  const { query = '', limit } = isJsonObject(input) ? input : {};
  const problem = findCountProblem(limit);
  if (typeof query !== 'string' || problem !== undefined) {
    const wrong = typeof query === 'string' ? `limit: ${problem}` : `query: found ${quote(query)}`;
    const message = `${wrong}; write {"query":"close an issue"}`;
    return toErrorResult({ code: 'invalid_arguments', message, retryable: false });
  }
  await engine.listable();
  const found = searchTools(engine, {
    book: await toolBookOf(engine),
    query,
    limit: typeof limit === 'number' ? limit : undefined,
    scopes,
  });
  const setup = engine.setup();
  const isEmpty = found.exact === undefined && found.others.length === 0;
  const text = isEmpty ? renderServers(engine, found, scopes) : renderFound(found, setup);
  return { content: [{ type: 'text', text }] };
}

/** Looks a query up: as a name first, then by its words. */
export function searchTools(
  engine: Pick<Engine, 'catalog'>,
  bag: { book: ToolBook; query: string; limit?: number | undefined; scopes?: ReadonlySet<ToolClass> | undefined },
): FoundTools {
  const { book, query, limit, scopes } = bag;
  const visible = [...book.tools.values()].filter(
    ({ classes }) => scopes === undefined || classes.some((toolClass) => scopes.has(toolClass)),
  );
  const names = new Set(visible.map(({ exposedName }) => exposedName));
  const name = exactName(engine, query.trim());
  const exact = name !== undefined && names.has(name) ? book.tools.get(name) : undefined;
  const most = Math.min(limit ?? (exact === undefined ? defaultLimit : defaultBeside + 1), maxLimit);
  const matching = book.index.search(query, (found) => names.has(found) && found !== exact?.exposedName);
  const others = matching
    .slice(0, exact === undefined ? most : most - 1)
    .flatMap((found) => book.tools.get(found) ?? []);
  const leftOut = exact === undefined ? Math.min(matching.length, maxLimit) - others.length : 0;
  return { query, ...(exact !== undefined && { exact }), others, leftOut, visible };
}

function exactName(engine: Pick<Engine, 'catalog'>, query: string): string | undefined {
  if (query === '' || /\s/.test(query)) return undefined;
  const short = withoutClientPrefix(query);
  if (short.startsWith(recipePrefix)) return short;
  const found = findTool(engine.catalog(), query);
  return found.kind === 'found' ? found.entry.exposedName : undefined;
}
