import { clientIds, clientTitles } from '../../clients/client.ts';
import type { ClientId } from '../../clients/client.ts';
import { findLoopholes } from '../../clients/find-loopholes.ts';
import type { Surroundings } from '../../clients/client-files.ts';
import { readClients } from '../../clients/read-clients.ts';
import { createServerNames } from '../../clients/server-names.ts';
import { policyOfServer } from '../../config/policy-of-server.ts';
import type { Config } from '../../config/config.ts';
import type { Place, Problem } from '../../core/place.ts';
import { exposedToolsOf } from '../import/exposed-tools.ts';
import { openKeptCatalog } from '../proxy/kept-catalog.ts';

/** One thing that the doctor has found. */
export interface Finding {
  /** `problem`: it does not work. `warning`: it works otherwise than its user will think. `note`: good to know. */
  level: 'problem' | 'warning' | 'note';
  /** What it is about: `configuration`, or a client. */
  about: 'configuration' | ClientId;
  place?: Place;
  /** What stands there. */
  written?: string;
  message: string;
  fix?: string;
}

/** A client of which there are files. */
export interface SeenClient {
  client: ClientId;
  title: string;
  files: readonly string[];
  /** Whether one of its files has mcp-marshal among its servers. */
  isRegistered: boolean;
}

/** A configuration, or what is wrong with it. */
export type FoundConfig =
  | { config: Config; problems?: undefined }
  | { config?: undefined; problems: readonly Problem[] };

/** Looks at the clients' files and the configuration. Where there is no configuration, the defaults are what would hold. */
export async function findSetup(
  { config, problems = [] }: FoundConfig,
  surroundings: Surroundings,
): Promise<{ clients: SeenClient[]; findings: Finding[] }> {
  const readings = await readClients(surroundings, clientIds);
  const names = createServerNames(config?.servers ?? [], readings.servers);
  const { unruled } = config?.servers[0]?.policy ?? policyOfServer({ server: '', base: '/' });
  const loopholes = findLoopholes(readings, {
    names,
    exposed: config === undefined ? new Map() : exposedToolsOf(openKeptCatalog(config).catalog),
    unruled,
    file: config?.file ?? 'the configuration',
  });
  const clients = clientIds.flatMap((client): SeenClient[] => {
    const files = readings.files.filter((file) => file.client === client).map(({ path }) => path);
    if (files.length === 0) return [];
    return [{ client, title: clientTitles[client], files, isRegistered: names.isRegistered(client) }];
  });
  const findings: Finding[] = [
    ...problems.map(({ place, message, key }): Finding => {
      const what = key === undefined ? message : `${key}: ${message}`;
      return { level: 'problem', about: 'configuration', ...(place && { place }), message: what };
    }),
    ...readings.problems.map(({ place, message }): Finding => {
      const about = readings.files.find(({ path }) => path === place?.file)?.client ?? 'configuration';
      return { level: 'warning', about, ...(place && { place }), message: `${message}, so its rules are not known` };
    }),
    ...loopholes.map(({ client, ...found }): Finding => ({ about: client, ...found })),
  ];
  const order = ['problem', 'warning', 'note'];
  return { clients, findings: findings.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level)) };
}
