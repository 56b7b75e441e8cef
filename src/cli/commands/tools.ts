import type { OfferedRecipe } from '../../batch/recipe/offer-recipe.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import { recipeServer } from '../../core/tool.ts';
import { awaitUpstreams, unreachableReason } from '../proxy/await-upstreams.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { print, printJson, tell } from '../output.ts';
import { renderTable } from '../render/table.ts';
import type { Cell } from '../render/table.ts';
import { brushOfClass, brushOfDecision, createPaint } from '../terminal/paint.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainLine } from '../terminal/plain-text.ts';
import { describeScreen } from '../terminal/screen.ts';

/** Lists every tool with its class, what may be done with it, and why. Tools of unreachable servers are those known from before. */
export async function tools(context: CliContext): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const proxy = openProxy(context, config);
  await awaitUpstreams(context, proxy);
  const { entries } = proxy.catalog();
  const recipes = [...proxy.recipes().values()];
  const away = proxy.upstreams().flatMap((upstream) => {
    const reason = unreachableReason(upstream, context.connectLimitMs);
    return reason === undefined ? [] : [{ server: upstream.name, reason, known: upstream.toolCount }];
  });
  if (context.json) {
    printJson(context, { tools: entries.map(toRecord), recipes: recipes.map(toRecipeRecord), unreachable: away });
  } else {
    const { isTerminal, width, unicode, color } = describeScreen(context.io, 'stdout');
    const rows = toRows({ entries, recipes }, createPaint({ color }));
    print(context, renderTable(rows, { width: isTerminal ? width : Infinity, mark: unicode ? '…' : '...' }));
    if (rows.length === 0) tell(context, ['no tools: no server lists any']);
  }
  for (const { server, reason, known } of away) {
    const shown = known > 0 ? '; its tools are shown as it listed them last' : '';
    tell(context, [`the server ${server} is not connected: ${plainLine(reason)}${shown}`]);
  }
  return away.length > 0 ? exitCodes.unreachable : exitCodes.ok;
}

function toRecord(entry: CatalogEntry): object {
  const { exposedName, server, tool, classification, batchDecision, passthroughDecision, quarantine, marks } = entry;
  return {
    name: exposedName,
    server,
    tool: tool.name,
    class: classification.class,
    source: classification.source,
    reason: classification.reason,
    batch: { decision: batchDecision.decision, reason: batchDecision.reason },
    passthrough: { decision: passthroughDecision.decision, reason: passthroughDecision.reason },
    ...(quarantine !== undefined && { quarantine }),
    ...(marks.length > 0 && { marks }),
  };
}

function toRecipeRecord({ tool, class: toolClass, reason, calls }: OfferedRecipe): object {
  return { name: tool.name, class: toolClass, source: recipeServer, reason, calls };
}

/** A heading for each server, and a row for each of its tools; recipes last. The catalogue keeps a server's tools together. */
function toRows(
  { entries, recipes }: { entries: readonly CatalogEntry[]; recipes: readonly OfferedRecipe[] },
  paint: Paint,
): Cell[][] {
  if (entries.length + recipes.length === 0) return [];
  const head = ['tool', 'class', 'in a batch', 'by itself', 'why'].map((text) => ({ text, brush: paint.dim }));
  const rows = entries.map((entry, index) => {
    const isFirst = entry.server !== entries[index - 1]?.server;
    return [...(isFirst ? [[{ text: entry.server, brush: paint.bold }]] : []), toRow(entry, paint)];
  });
  const headOfRecipes = recipes.length > 0 ? [[{ text: recipeServer, brush: paint.bold }]] : [];
  return [head, ...rows.flat(), ...headOfRecipes, ...recipes.map((recipe) => toRecipeRow(recipe, paint))];
}

/** A recipe is a batch, so it stands in none; each of its calls is decided by itself. */
function toRecipeRow({ tool, class: toolClass, reason }: OfferedRecipe, paint: Paint): Cell[] {
  return [
    { text: `  ${tool.name}` },
    { text: toolClass, brush: paint[brushOfClass[toolClass]] },
    { text: '-' },
    { text: 'allow', brush: paint[brushOfDecision.allow] },
    { text: plainLine(reason), brush: paint.dim },
  ];
}

function toRow(entry: CatalogEntry, paint: Paint): Cell[] {
  const { class: toolClass, reason } = entry.classification;
  const decisions = [entry.batchDecision, entry.passthroughDecision].map(({ decision }) => ({
    text: decision === 'deny' ? 'denied' : decision,
    brush: paint[brushOfDecision[decision]],
  }));
  const denied = entry.batchDecision.decision === 'deny' ? entry.batchDecision.reason : reason;
  const why = entry.quarantine === undefined ? denied : `in quarantine: ${entry.quarantine}`;
  return [
    { text: `  ${plainLine(entry.exposedName)}` },
    { text: toolClass, brush: paint[brushOfClass[toolClass]] },
    ...decisions,
    { text: plainLine(why), brush: paint.dim },
  ];
}
