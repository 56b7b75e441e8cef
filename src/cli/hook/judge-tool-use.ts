import { createArgumentValidator } from '../../batch/plan/argument-validator.ts';
import { fillParameters } from '../../batch/recipe/fill-parameters.ts';
import { offerRecipe } from '../../batch/recipe/offer-recipe.ts';
import { readArguments } from '../../batch/recipe/read-arguments.ts';
import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import { findTool } from '../../catalog/find-tool.ts';
import type { Config } from '../../config/config.ts';
import type { RecipeConfig } from '../../config/recipe/recipe.ts';
import type { JsonObject } from '../../core/json.ts';
import { recipePrefix } from '../../core/tool.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import type { KeptTools } from '../proxy/kept-catalog.ts';
import { toSetup } from '../../serve/setup.ts';
import { judgeBatch } from './judge-batch.ts';
import { summarize } from './render-answer.ts';
import type { HookAnswer } from './render-answer.ts';
import type { JudgedUse, ToolUse } from './tool-use.ts';

/** Ours, and nothing that policy decides about: reading on in a batch, cancelling one, looking for tools. */
const freeTools = new Set(['batch_await', 'batch_cancel', 'tools_find']);

/**
 * The name of a tool of ours without the client's prefix; nothing for a tool of anybody else. `server`: the name under which the client
 * has us, where that is none of those by which we are known.
 */
export function ownNameOf(tool: string, server: string | undefined): string | undefined {
  const [, registered, rest = ''] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  // A batch of ours is known by its name; whoever else has such a tool is denied or asked about, and never allowed.
  const isOurs = registered !== undefined && (registered === server || /^(?:batch_(?:call|read)$|recipe__)/.test(rest));
  const name = isOurs ? rest : withoutClientPrefix(tool);
  return name === tool || freeTools.has(name) ? undefined : name;
}

/** Whether a tool is ours by the name of its server, and not only by its own, which any server may give to a tool. */
export function isOfOurServer(tool: string, server: string | undefined): boolean {
  const [, registered] = /^mcp__(.+?)__(.+)$/.exec(tool) ?? [];
  return (registered !== undefined && registered === server) || withoutClientPrefix(tool) !== tool;
}

/** What answers a use of the tool `name`, one of ours, by the configuration and what is kept of the servers' lists. */
export function judgeToolUse(
  { input }: Pick<ToolUse, 'input'>,
  { name, config, kept }: { name: string; config: Config; kept: KeptTools },
): HookAnswer {
  if (name === 'batch_call' || name === 'batch_read') {
    return summarize(judgeBatch({ input, readOnly: name === 'batch_read', config, kept }), name);
  }
  const recipe = config.recipes.find((one) => name === recipePrefix + one.name);
  if (recipe !== undefined) return judgeRecipe(recipe, { input, config, kept });
  const found = findTool(kept.catalog, name);
  if (found.kind === 'found') return summarize([judgePassthrough(found.entry, { input, config })], name);
  const reason = found.kind === 'ambiguous' ? `it may be ${found.names.join(' or ')}` : 'no list that is kept has it';
  return { decision: 'ask', reason: `${name} cannot be judged: ${reason}` };
}

function judgeRecipe(
  recipe: RecipeConfig,
  { input, config, kept }: { input: JsonObject; config: Config; kept: KeptTools },
): HookAnswer {
  const name = recipePrefix + recipe.name;
  const validate = createArgumentValidator();
  const { settings, servers, disabled } = toSetup(config);
  const surroundings = { settings, servers, disabled, validate, catalog: kept.catalog, unavailable: kept.unavailable };
  const { tool } = offerRecipe(recipe, surroundings);
  const read = readArguments(input, { tool, validate });
  if (!read.ok) return { decision: 'deny', reason: `${name} would be refused: ${read.error.message}` };
  const calls = fillParameters(recipe.batch.calls, read.args);
  return summarize(judgeBatch({ input: { ...recipe.batch, calls }, readOnly: false, config, kept }), name);
}

function judgePassthrough(entry: CatalogEntry, { input, config }: { input: JsonObject; config: Config }): JudgedUse {
  const { tool, policy, exposedName, quarantine } = entry;
  const classification = classifyTool(tool, policy, input);
  const { flow } = config;
  const caller = flow === undefined ? undefined : { flow: { action: flow.action, touched: {} } };
  const decided = decideCall({ tool, policy, classification, route: 'passthrough', exposedName, quarantine, caller });
  const { class: toolClass } = classification;
  const known = { tool: exposedName, class: toolClass };
  // Without a rule it passes because the client asks its user, and an allow of ours is what keeps it from asking.
  if (toolClass === 'destructive' && decided.decision === 'allow' && decided.place === undefined) {
    return { ...known, decision: 'ask', reason: `it is destructive: ${classification.reason}` };
  }
  return { ...known, decision: decided.decision, reason: decided.reason };
}
