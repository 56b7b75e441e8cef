import type { BatchConfig } from '../../config/config.ts';
import type { RecipeConfig } from '../../config/recipe/recipe.ts';
import type { ErrorCode } from '../../core/outcome.ts';
import type { PlanEntry } from '../../core/plan.ts';
import type { Place, Problem } from '../../core/place.ts';
import { recipePrefix, worseClass } from '../../core/tool.ts';
import type { Annotations, Tool, ToolClass } from '../../core/tool.ts';
import { resultSizeMeta } from '../batch-tools.ts';
import { planBatch } from '../plan/plan-batch.ts';
import type { Surroundings } from '../plan/resolve-call.ts';
import { parseBatch } from '../request/parse-batch.ts';

/** One call of a recipe, as far as it is known without arguments. */
export interface OfferedCall {
  id: string;
  tool: string;
  /** Absent: no server offers the tool now. */
  class?: ToolClass;
  reason?: string;
  /** Why it cannot run now, whatever the arguments. */
  problem?: string;
}

/** A recipe with what the servers offer for it now. */
export interface OfferedRecipe {
  recipe: RecipeConfig;
  /** As clients see it. */
  tool: Tool;
  /** The worst class that a call of it can have. */
  class: ToolClass;
  reason: string;
  calls: readonly OfferedCall[];
  /** What cannot run whatever the arguments, and will not mend itself: each with the recipe, the call and the mend. */
  warnings: readonly Problem[];
}

// These follow from another call's error, which has its own warning.
const following = new Set<ErrorCode>(['dependency_failed', 'stopped_after_error']);

/**
 * What a recipe is by the catalogue of now: its batch is planned with its parameters open. A call whose tool nobody offers (yet) counts
 * as destructive, so that no client takes the recipe for safer than it may turn out to be.
 */
export function offerRecipe(recipe: RecipeConfig, bag: Surroundings & { settings: BatchConfig }): OfferedRecipe {
  const entries = planEntries(recipe, bag);
  const calls = entries.map(toCall);
  const worst = calls.reduce<ToolClass>((sofar, call) => worseClass(sofar, call.class ?? 'destructive'), 'read');
  const toolClass = calls.length === 0 ? 'destructive' : worst;
  const by = calls.find((call) => (call.class ?? 'destructive') === toolClass);
  return {
    recipe,
    tool: toTool(recipe, { toolClass, settings: bag.settings }),
    class: toolClass,
    reason: describeWorst({ toolClass, by, count: calls.length }),
    calls,
    warnings: entries.flatMap((entry, index) => warningsOf(entry, { recipe, place: recipe.callPlaces[index] })),
  };
}

function planEntries(recipe: RecipeConfig, bag: Surroundings & { settings: BatchConfig }): readonly PlanEntry[] {
  const parsed = parseBatch(recipe.batch, bag.settings, { params: true });
  if (!parsed.ok) return [];
  const planned = planBatch({ ...bag, request: parsed.request, readOnly: false, batchId: '' });
  return planned.ok ? planned.plan.entries : [];
}

function toCall(entry: PlanEntry): OfferedCall {
  if (entry.kind === 'run') {
    const { id, exposedName, class: toolClass, reason } = entry.call;
    return { id, tool: exposedName, class: toolClass, reason };
  }
  const { id, tool, class: toolClass, reason, outcome } = entry;
  return {
    id,
    tool,
    ...(toolClass !== undefined && { class: toolClass }),
    ...(reason !== undefined && { reason }),
    ...(outcome.error !== undefined && { problem: outcome.error.message }),
  };
}

function describeWorst(bag: { toolClass: ToolClass; by: OfferedCall | undefined; count: number }): string {
  const { toolClass, by, count } = bag;
  const whole = `recipe of ${count} ${count === 1 ? 'call' : 'calls'}`;
  if (by === undefined) return `${whole} that cannot be planned`;
  if (by.class === undefined) return `${whole}; ${by.tool} is not offered now`;
  return toolClass === 'read' ? `${whole}, all of them reads` : `${whole}; ${by.tool} is ${toolClass}`;
}

function warningsOf(
  entry: PlanEntry,
  { recipe, place }: { recipe: RecipeConfig; place: Place | undefined },
): Problem[] {
  if (entry.kind === 'run') return [];
  const { id, tool, outcome } = entry;
  const { error } = outcome;
  // What another try could mend is a server that is away.
  if (error === undefined || error.retryable || following.has(error.code)) return [];
  const message = `the call ${id} (${tool}) of the recipe ${recipe.name} cannot run: ${error.message.replaceAll('\n', '; ')}`;
  return [{ ...(place !== undefined && { place }), message }];
}

const annotationsOf: Record<ToolClass, Annotations> = {
  read: { readOnlyHint: true },
  write: { readOnlyHint: false, destructiveHint: false },
  destructive: { readOnlyHint: false, destructiveHint: true },
};

function toTool(
  { name, description, parameters }: RecipeConfig,
  { toolClass, settings }: { toolClass: ToolClass; settings: BatchConfig },
): Tool {
  return {
    name: recipePrefix + name,
    description,
    inputSchema: parameters,
    annotations: annotationsOf[toolClass],
    _meta: resultSizeMeta(settings),
  };
}
