import { buildCatalog } from '../../catalog/build-catalog.ts';
import type { Catalog } from '../../catalog/build-catalog.ts';
import { quarantineOf } from '../../catalog/lock/quarantine-of.ts';
import type { Config } from '../../config/config.ts';
import { loadKeptTools } from '../../upstream/load-kept-tools.ts';

/** What is known of the servers without connecting to any. */
export interface KeptTools {
  catalog: Catalog;
  /** Why nothing is known of a server; nothing where something is. */
  unavailable(server: string): string | undefined;
}

/** The catalogue from the lists that are kept on disk from earlier runs, under the policies and the lock file of now. */
export function openKeptCatalog({ servers, stateDir, naming, lock }: Config): KeptTools {
  const enabled = servers.filter((server) => server.enabled);
  const kept = new Map(enabled.map((server) => [server.name, loadKeptTools(server, { stateDir })]));
  const sources = enabled.map((server) => ({
    server: server.name,
    policy: server.policy,
    tools: kept.get(server.name) ?? [],
    ...(lock !== undefined && { quarantineOf: quarantineOf(lock, server) }),
  }));
  return {
    catalog: buildCatalog(sources, { naming }),
    unavailable: (server) =>
      (kept.get(server) ?? []).length > 0 ? undefined : 'its tools are not known yet, since it has not been connected',
  };
}
