import type { PresentServer } from '../../catalog/lock/compare-server.ts';
import type { CliContext, CliProxy } from '../context.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { greetAsAble } from './greet-as-able.ts';
import { awaitUpstreams, unreachableReason } from '../proxy/await-upstreams.ts';

/** The enabled servers as they are now, by name. Throws where one of them cannot be reached: what is not seen cannot be accepted. */
export async function presentServers(context: CliContext, proxy: CliProxy): Promise<Map<string, PresentServer>> {
  greetAsAble(proxy);
  await awaitUpstreams(context, proxy);
  const away = proxy.upstreams().flatMap((upstream) => {
    const reason = unreachableReason(upstream, context.connectLimitMs);
    return reason === undefined ? [] : [{ name: upstream.name, reason, needsLogin: upstream.needsLogin === true }];
  });
  if (away.length > 0) {
    const lines = away.map(({ name, reason }) => `${name}: ${reason}`);
    throw new CliFailure(`not all servers can be reached, so nothing was written\n${lines.join('\n')}`, {
      exitCode: away.every(({ needsLogin }) => needsLogin) ? exitCodes.authentication : exitCodes.unreachable,
      code: 'server_unavailable',
      fix: 'mend or disable them, or accept others one by one with mcp-marshal lock --update NAME',
    });
  }
  const { entries } = proxy.catalog();
  const enabled = proxy.config.servers.filter((server) => server.enabled);
  return new Map(
    enabled.map(({ name, launch }) => {
      const tools = entries.filter(({ server }) => server === name).map(({ tool }) => tool);
      return [name, { launch, tools }];
    }),
  );
}
