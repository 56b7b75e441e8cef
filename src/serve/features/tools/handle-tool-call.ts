import { ProtocolError } from '@modelcontextprotocol/server';
import { findToolName } from '../../../batch/own-tools.ts';
import { denialOf } from '../../../batch/plan/denial-of.ts';
import { explainAwayServer } from '../../../batch/plan/away-server.ts';
import { hintAtRecipes } from '../../../batch/recipe/hint-at-recipes.ts';
import { withoutClientPrefix } from '../../../catalog/client-prefix.ts';
import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import { shortRecipeName } from '../../../catalog/exposed-names.ts';
import { findTool } from '../../../catalog/find-tool.ts';
import { isAddress } from '../../../catalog/is-address.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { shortNameLengths } from '../../../core/protocol/client-limits.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { recipePrefix } from '../../../core/tool.ts';
import type { BatchInput } from '../../batch/batch-input.ts';
import { awaitBatch } from '../../batch/later/await-batch.ts';
import { cancelBatch } from '../../batch/later/cancel-batch.ts';
import { runBatch } from '../../batch/run-batch.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { findTools } from '../../find/find-tools.ts';
import { callPassthrough, toErrorResult, traceKeys } from '../../passthrough.ts';
import { callRecipe } from '../../recipe/call-recipe.ts';
import { rememberTask } from '../asking/tasks.ts';
import { isTaskless, runAsTask } from '../tasks/run-as-task.ts';

/** Answers `tools/call`: by one of our own tools, by a recipe, or by the tool's server. */
export function handleToolCall(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const name = request.params['name'];
  if (typeof name !== 'string') return Promise.reject(invalid('tools/call needs params.name, a string'));
  const given = request.params['arguments'];
  if (name === 'batch_call' || name === 'batch_read') {
    const readOnly = name === 'batch_read';
    return runAsTask(engine, request, (asked, task) =>
      runBatch(engine, { input: given, readOnly, ...toBatchSurroundings(asked), ...(task && { task }) }),
    );
  }
  if (isTaskless(name) && request.era === 'legacy' && request.params['task'] !== undefined) {
    const reason = `${name} is answered in one request, and cannot be called as a task`;
    return Promise.reject(new ProtocolError(rpcCode.methodNotFound, reason));
  }
  if (name === 'batch_await') return awaitBatch(engine, { input: given, ...toBatchSurroundings(request) });
  if (name === 'batch_cancel') return cancelBatch(engine, { input: given, ...toBatchSurroundings(request) });
  if (name === findToolName) return findTools(engine, { input: given, scopes: request.scopes });
  const recipe = recipeNameOf(engine, name);
  if (recipe !== undefined) {
    return runAsTask(engine, request, (asked, task) =>
      callRecipe(engine, { name: recipe, arguments: given, ...toBatchSurroundings(asked), ...(task && { task }) }),
    );
  }
  if (given !== undefined && !isJsonObject(given)) {
    // Policy looks at arguments by name; what has no names cannot be judged.
    return Promise.reject(invalid('tools/call needs params.arguments to be an object'));
  }
  const found = findTool(engine.catalog(), name);
  if (found.kind === 'found') return callOne(engine, found.entry, request);
  return callOnceListed(engine, name, request);
}

function callOne(engine: Engine, entry: CatalogEntry, request: ClientRequest): Promise<JsonObject> {
  if (engine.setup().surface === 'batch-only') return Promise.resolve(refuseAlone(entry));
  const called = callPassthrough(engine, entry, request);
  // Only who asks for a task gets one (MCP 2025-11-25); every other call is spared the look.
  if (request.params['task'] === undefined) return called;
  return called.then((result) => {
    rememberTask(engine, { server: entry.server, result });
    return result;
  });
}

/** Under `batch-only` the calls of a client are batches, so that none is made that the rules for batches do not see. */
function refuseAlone({ exposedName, classification, passthroughDecision }: CatalogEntry): JsonObject {
  // A batch would only be told the same.
  if (passthroughDecision.decision === 'deny') return toErrorResult(denialOf(passthroughDecision));
  const batch = classification.class === 'read' ? 'batch_read' : 'batch_call';
  const message = `${exposedName} is called in batches only here (surface: batch-only); use ${batch}: {"calls":[{"tool":"${exposedName}","arguments":{…}}]}`;
  return toErrorResult({ code: 'denied_by_policy', message, retryable: false });
}

/** A client may call what it knows from last time before the upstreams have answered. */
async function callOnceListed(engine: Engine, name: string, request: ClientRequest): Promise<JsonObject> {
  await engine.listable();
  const asked = withoutClientPrefix(name);
  const server = [...engine.setup().servers.keys()].find((known) => isAddress(asked, known));
  // What is kept of its server may be of an older version, and a slow one may not have listed anything yet.
  if (server !== undefined && findTool(engine.catalog(), name).kind !== 'found') await engine.listable(server);
  const { scopes } = request;
  const found = findTool(engine.catalog(), name, { scopes });
  if (found.kind === 'found') return callOne(engine, found.entry, request);
  const { unavailable, wantsLogin } = engine;
  const away = explainAwayServer(name, { ...engine.setup(), unavailable, wantsLogin });
  if (away !== undefined) return toErrorResult(away);
  const recipes = [...engine.recipes()].filter(([, recipe]) => scopes === undefined || scopes.has(recipe.class));
  const ofRecipes = hintAtRecipes(
    name,
    recipes.map(([recipe]) => recipe),
  );
  const lookUp = engine.setup().surface === 'passthrough' ? 'see tools/list' : `ask ${findToolName} for it`;
  const hint =
    found.kind === 'ambiguous'
      ? `it may be ${found.names.join(' or ')}`
      : (ofRecipes ?? (found.near.length > 0 ? `did you mean ${found.near.join(', ')}?` : lookUp));
  throw invalid(`Unknown tool: ${name}; ${hint}`);
}

function invalid(reason: string): ProtocolError {
  return new ProtocolError(rpcCode.invalidParams, reason);
}

/** The recipe that a name means, also a cut one, and behind the prefix that a client puts before our tools. No tool of a server has such a name. */
function recipeNameOf(engine: Engine, name: string): string | undefined {
  if (!name.includes(recipePrefix)) return undefined;
  const short = withoutClientPrefix(name);
  if (!short.startsWith(recipePrefix)) return undefined;
  const recipe = short.slice(recipePrefix.length);
  const recipes = engine.recipes();
  if (recipes.has(recipe) || !shortNameLengths().includes(short.length))
    return recipes.has(recipe) ? recipe : undefined;
  return [...recipes.keys()].find((known) => shortRecipeName(recipePrefix + known, short.length) === short);
}

/** What a batch has of the request that it came with, its calls apart. */
function toBatchSurroundings(
  request: ClientRequest,
): Omit<BatchInput, 'input' | 'readOnly' | 'principal'> & { principal: string } {
  const { params, principal, keyScope, scopes, capabilities, era, signal, progressToken, logLevel } = request;
  const sent = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const trace = Object.entries(sent).filter(([key]) => traceKeys.has(key));
  return {
    principal,
    keyScope,
    ...(scopes !== undefined && { scopes }),
    capabilities,
    era,
    signal,
    ask: (question, withdrawn) => request.ask(question, withdrawn),
    onNotice: (notice) => request.notify(notice),
    ...(logLevel !== undefined && { logLevel }),
    ...(trace.length > 0 && { meta: Object.fromEntries(trace) }),
    ...(progressToken !== undefined && {
      onProgress: ({ done, total, message }) =>
        request.notify({
          method: 'notifications/progress',
          params: { progressToken, progress: done, total, message },
        }),
    }),
  };
}
