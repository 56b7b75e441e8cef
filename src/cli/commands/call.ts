import type { Config } from '../../config/config.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { askAtTerminal } from '../approvals/ask-at-terminal.ts';
import { readReply, textOf } from '../batch-reply.ts';
import type { RepliedCall } from '../reply/replied-call.ts';
import type { CliContext } from '../context.ts';
import { exitCodes, interruptedFailure } from '../failure.ts';
import { toFailure } from '../to-failure.ts';
import { findEntry } from '../proxy/find-entry.ts';
import { followBatch } from '../proxy/follow-batch.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { recipeOfName } from '../proxy/recipe-of-name.ts';
import { serverOfName } from '../proxy/server-of-name.ts';
import { print, printJson, tell } from '../output.ts';
import { parseArguments } from '../input/parse-arguments.ts';
import { readStdin } from '../input/read-stdin.ts';
import { findUnlisted } from '../input/unlisted-arguments.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';
import { callRecipe } from './call-recipe.ts';
import type { NamedCall } from './explain.ts';

/** A file or a pipe takes what a model's context does not: the engine's limit, not the reply's. */
const maxResultChars = 64 * 1024 * 1024;

/** Runs one call through the engine, as a batch of one, and prints what the tool says. */
export async function call(context: CliContext, { name, pairs, args }: NamedCall): Promise<number> {
  const { io, stop } = context;
  const config = await openConfig(context);
  tellWarnings(context, config);
  const recipe = recipeOfName(config, name);
  if (recipe !== undefined) return callRecipe(context, { config, recipe, pairs, args });
  const proxy = openProxy(context, configOfCall(config, name));
  const entry = await findEntry(context, proxy, name);
  const given = { pairs, args, cwd: io.cwd, readStdin: () => readStdin(context) };
  const callArgs = await parseArguments(given, entry.tool.inputSchema);
  const unlisted = findUnlisted(callArgs, entry.tool.inputSchema);
  tell(
    context,
    unlisted.map((phrase) => `warning: ${plainLine(phrase)}`),
  );
  const input = { calls: [{ tool: entry.exposedName, arguments: callArgs }], format: 'structured' };
  const { status, end } = followBatch(context, input.calls);
  const person = askAtTerminal(context, status);
  const reply = await proxy.runBatch({ input, tool: 'call', signal: stop, ...person }).finally(end);
  const { refused, calls } = readReply(reply);
  const [done] = calls;
  const needsLogin = proxy.upstreams().some((upstream) => upstream.name === entry.server && upstream.needsLogin);
  const about = { entry, needsLogin };
  if (done === undefined) throw toFailure(refused ?? { code: 'internal', message: 'the engine gave no result' }, about);
  if (done.error !== undefined) throw stop.aborted ? interruptedFailure() : toFailure(done.error, about);
  if (context.json) printJson(context, done.result ?? {});
  else if (done.status === 'ok') printResult(context, done);
  else tell(context, [textOf(done.result?.['content']) || 'the tool says that it failed, and not why']);
  return done.status === 'ok' ? exitCodes.ok : exitCodes.unsuccessful;
}

/** A name that says its server needs no other: none is started, so none is waited for. */
function configOfCall(config: Config, name: string): Config {
  const owner = serverOfName(config, name);
  return {
    ...config,
    servers: owner === undefined ? config.servers : [owner],
    batch: { ...config.batch, maxReplyChars: maxResultChars },
  };
}

function printResult(context: CliContext, { result = {} }: RepliedCall): void {
  const blocks = Array.isArray(result['content']) ? result['content'].filter(isJsonObject) : [];
  const texts = blocks.flatMap((block) => textOfBlock(block) ?? []);
  const structured = result['structuredContent'];
  if (texts.length === 0 && structured !== undefined) texts.push(JSON.stringify(structured, null, 2));
  const isTerminal = context.io.stdout.isTTY === true;
  // A program gets the bytes as they are; a terminal would act on some of them.
  print(context, isTerminal ? texts.map(plainText) : texts);
  const hidden = blocks
    .filter((block) => textOfBlock(block) === undefined)
    .map(({ type }) => (typeof type === 'string' ? type : 'unknown'));
  if (hidden.length > 0) tell(context, [`not text, so not shown: ${hidden.join(', ')}; see it with --json`]);
}

function textOfBlock(block: JsonObject): string | undefined {
  const resource: JsonValue | undefined = block['resource'];
  const text = isJsonObject(resource) ? resource['text'] : (block['text'] ?? block['uri']);
  return typeof text === 'string' ? text : undefined;
}
