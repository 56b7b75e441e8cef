import { isJsonObject } from '../../core/json.ts';
import { recipePrefix } from '../../core/tool.ts';
import type { RecipeConfig } from '../../config/recipe/recipe.ts';
import { askAtTerminal } from '../approvals/ask-at-terminal.ts';
import { textOf } from '../batch-reply.ts';
import type { CliContext } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { parseArguments } from '../input/parse-arguments.ts';
import { readStdin } from '../input/read-stdin.ts';
import { awaitUpstreams } from '../proxy/await-upstreams.ts';
import { followBatch } from '../proxy/follow-batch.ts';
import { openProxy } from '../proxy/open-proxy.ts';
import { serverOfName } from '../proxy/server-of-name.ts';
import type { Config } from '../../config/config.ts';
import { exitCodeOf, printReply } from './batch.ts';
import type { NamedCall } from './explain.ts';

/** Runs a recipe as a client's call of it would, and prints it as a batch. Starts only the servers that it needs. */
export async function callRecipe(
  context: CliContext,
  { config, recipe, pairs, args }: { config: Config; recipe: RecipeConfig } & Omit<NamedCall, 'name'>,
): Promise<number> {
  const { io, stop } = context;
  const given = { pairs, args, cwd: io.cwd, readStdin: () => readStdin(context) };
  const callArgs = await parseArguments(given, recipe.parameters);
  const proxy = openProxy(context, { ...config, servers: serversOf(recipe, config) });
  await awaitUpstreams(context, proxy);
  const { status, onProgress, end } = followBatch(context, undefined);
  const reply = await proxy
    .callRecipe({
      name: recipe.name,
      arguments: callArgs,
      format: 'structured',
      signal: stop,
      onProgress,
      ...askAtTerminal(context, status),
    })
    .finally(end);
  if (!isJsonObject(reply['structuredContent'])) throw refusalOf(textOf(reply['content']), recipe);
  const replied = printReply(context, reply);
  return stop.aborted ? exitCodes.interrupted : exitCodeOf(replied);
}

/** Those that its calls name; all of them where a call leaves that open. */
function serversOf({ batch }: RecipeConfig, config: Config): Config['servers'] {
  const owners = new Set(batch.calls.map(({ tool }) => serverOfName(config, typeof tool === 'string' ? tool : '')));
  return owners.has(undefined) ? config.servers : config.servers.filter((server) => owners.has(server));
}

/** What is wrong with the arguments, in the engine's words: `code: reason`, and below it the signature. */
function refusalOf(said: string, { name }: RecipeConfig): CliFailure {
  const [reason = '', fix = ''] = said.split('\n');
  const [code = '', ...rest] = reason.split(': ');
  return new CliFailure(`${recipePrefix}${name}: ${rest.join(': ')}`, { exitCode: exitCodes.unsuccessful, code, fix });
}
