import { compactSignature } from '../../serve/find/compact-signature.ts';
import { searchTools } from '../../serve/find/find-tools.ts';
import { renderLine, renderWhole } from '../../serve/find/render-found.ts';
import { toolBookOf, type FindableTool } from '../../serve/find/tool-book.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { print, printJson, tell } from '../output.ts';
import { awaitUpstreams, unreachableReason } from '../proxy/await-upstreams.ts';
import { openConfig, openProxy, tellWarnings } from '../proxy/open-proxy.ts';
import { plainLine, plainText } from '../terminal/plain-text.ts';

/** Of one tool in full, which a terminal scrolls. */
const maxWholeChars = 20_000;

/** Finds tools by what they do, as `tools_find` does for a model. Tools of unreachable servers are those known from before. */
export async function find(
  context: CliContext,
  { query, limit }: { query: string; limit: number | undefined },
): Promise<number> {
  const config = await openConfig(context);
  tellWarnings(context, config);
  const proxy = openProxy(context, config);
  await awaitUpstreams(context, proxy);
  const { exact, others } = searchTools(proxy, { book: await toolBookOf(proxy), query, limit });
  if (context.json) {
    printJson(context, { tools: [...(exact === undefined ? [] : [exact]), ...others].map(toRecord) });
  } else {
    print(context, [
      ...(exact === undefined ? [] : renderWhole(exact, maxWholeChars).map(plainText)),
      ...(exact === undefined || others.length === 0 ? [] : ['']),
      ...others.map((found) => plainLine(renderLine(found))),
    ]);
    if (exact === undefined && others.length === 0)
      tell(context, [`no tool found for "${query}"; see mcp-marshal tools`]);
  }
  const away = proxy.upstreams().flatMap((upstream) => {
    const reason = unreachableReason(upstream, context.connectLimitMs);
    return reason === undefined ? [] : [`the server ${upstream.name} is not connected: ${plainLine(reason)}`];
  });
  tell(context, away);
  return away.length > 0 ? exitCodes.unreachable : exitCodes.ok;
}

function toRecord({ exposedName, server, name, tool, classes, asks }: FindableTool): object {
  return {
    name: exposedName,
    server,
    tool: name,
    classes,
    asks,
    signature: compactSignature(tool.inputSchema),
    ...(tool.description !== undefined && { description: tool.description }),
  };
}
