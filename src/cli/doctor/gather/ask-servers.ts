import type { Catalog } from '../../../catalog/build-catalog.ts';
import type { Config } from '../../../config/config.ts';
import type { Problem } from '../../../core/place.ts';
import type { Measured } from '../../../upstream/health/measure.ts';
import { checkServer } from '../../check-report.ts';
import type { CheckedServer } from '../../check-report.ts';
import type { CliContext } from '../../context.ts';
import { greetAsAble } from '../../lock/greet-as-able.ts';
import { awaitUpstreams } from '../../proxy/await-upstreams.ts';
import { openProxy } from '../../proxy/open-proxy.ts';

/** What the servers have answered. */
export interface Answers {
  servers: readonly CheckedServer[];
  catalog: Catalog;
  /** By the server's name. */
  measured: ReadonlyMap<string, Measured>;
  /** What is odd about the recipes, now that their tools are known. */
  recipeWarnings: readonly Problem[];
}

/** A server that takes longer for its smallest answer is as good as away. */
const measureLimitMs = 5_000;
/** Where another server has taken all the time of the command. */
const leastMeasureMs = 1_000;

/** Connects to every server and asks for its tools; waits no longer than the command may, and a second for those that are there by then. Throws where the command is stopped. */
export async function askServers(context: CliContext, config: Config): Promise<Answers> {
  const { connectLimitMs } = context;
  // With the lock, the catalogue would leave out what differs, and so what there is to tell of it.
  const { lock: _, ...unlocked } = config;
  const proxy = openProxy(context, unlocked);
  greetAsAble(proxy);
  const startedMs = performance.now();
  await awaitUpstreams(context, proxy);
  const leftMs = Math.max(leastMeasureMs, connectLimitMs - (performance.now() - startedMs));
  const states = new Map(proxy.upstreams().map((state) => [state.name, state]));
  const catalog = proxy.catalog();
  const servers = config.servers.map((server) =>
    checkServer(server, { upstream: states.get(server.name), catalog, connectLimitMs }),
  );
  const limitMs = Math.min(measureLimitMs, connectLimitMs, leftMs);
  const measured = await Promise.all(
    servers
      .filter(({ state }) => state === 'ready')
      .map(async ({ name }) => [name, (await proxy.measure(name, limitMs)) ?? {}] as const),
  );
  const recipeWarnings = [...proxy.recipes().values()].flatMap(({ warnings }) => warnings);
  return { servers, catalog, measured: new Map(measured), recipeWarnings };
}
