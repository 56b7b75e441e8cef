import { dirname, join } from 'node:path';
import { clientIds, clientTitles } from '../../clients/client.ts';
import type { ClientId, ClientReadings } from '../../clients/client.ts';
import type { Surroundings } from '../../clients/client-files.ts';
import { findLoopholes } from '../../clients/find-loopholes.ts';
import { readClients } from '../../clients/read-clients.ts';
import { createServerNames } from '../../clients/server-names.ts';
import type { ServerNames } from '../../clients/server-names.ts';
import type { Catalog } from '../../catalog/build-catalog.ts';
import { ownNames } from '../../catalog/exposed-names.ts';
import type { Config } from '../../config/config.ts';
import { policyOfServer } from '../../config/policy-of-server.ts';
import { xdgDirectory } from '../../config/variables/resolve-path.ts';
import { exposedToolsOf } from '../import/exposed-tools.ts';
import type { Finding } from './finding.ts';
import type { CommandFacts } from './gather/look-at-commands.ts';
import { lookAtRegistrations, startsScript } from './gather/look-at-registrations.ts';
import type { Registration } from './gather/look-at-registrations.ts';
import { judgeDoubles } from './judge/clients/judge-doubles.ts';
import { judgeEnvironment } from './judge/clients/judge-environment.ts';
import { judgeLimits } from './judge/clients/judge-limits.ts';
import { judgeRegistration } from './judge/clients/judge-registration.ts';
import type { Written } from './written/read-written.ts';

/** A client of which there are files. */
export interface SeenClient {
  client: ClientId;
  title: string;
  files: readonly string[];
  /** Whether one of its files has mcp-marshal among its servers. */
  isRegistered: boolean;
  /** What it calls mcp-marshal. */
  names: readonly string[];
}

/** What is known beside the clients' files. */
export interface ClientContext {
  surroundings: Surroundings;
  config: Config | undefined;
  written: Written | undefined;
  commands: readonly CommandFacts[];
  /** Absent: no list of tools is known. */
  catalog: Catalog | undefined;
  /** The file of the program that runs now. */
  ownScript: string;
}

/** Looks at the files of all clients. Where there is no configuration, the defaults are what would hold. Never rejects. */
export async function examineClients(context: ClientContext): Promise<{ clients: SeenClient[]; findings: Finding[] }> {
  const { surroundings, config, ownScript } = context;
  const readings = await readClients(surroundings, clientIds);
  const names = createServerNames(
    config?.servers ?? [],
    // Its rules are known by what the entry starts, and a copy of this program may lie anywhere.
    readings.servers.map((server) =>
      startsScript(server, ownScript) ? { ...server, launch: { command: 'mcp-marshal', args: ['serve'] } } : server,
    ),
  );
  const found = await lookAtRegistrations(readings.servers, { names, ...surroundings, ownScript });
  const ofFolder = new Set(readings.files.filter(({ scope }) => scope === 'project').map(({ path }) => path));
  const registrations = found.map((one) => ({ ...one, isOfFolder: ofFolder.has(one.place.file) }));
  const clients = clientIds.flatMap((client): SeenClient[] => {
    const files = readings.files.filter((file) => file.client === client).map(({ path }) => path);
    if (files.length === 0) return [];
    const own = registrations.filter((one) => one.client === client).map(({ name }) => name);
    return [{ client, title: clientTitles[client], files, isRegistered: own.length > 0, names: [...new Set(own)] }];
  });
  const findings = [
    ...unreadable(readings),
    ...registrations.flatMap((registration) => judgeOne(registration, context)),
    ...judgeDoubles(registrations, { ...readings, names, configured: config?.servers ?? [] }),
    ...neutralised(readings, names, context),
    ...unregistered(clients),
  ];
  return { clients, findings };
}

function judgeOne(registration: Registration, context: ClientContext): Finding[] {
  const { config, written, commands, catalog, surroundings } = context;
  const file = config?.file ?? written?.file;
  const users = join(xdgDirectory(surroundings.env, 'XDG_CONFIG_HOME', '.config'), 'mcp-marshal');
  const own = file === undefined ? undefined : { file, isUsers: dirname(file) === users };
  const found = judgeRegistration(registration, own);
  // What is about another configuration, or does not start at all, says nothing of this one.
  if (found.some(({ level, code }) => level === 'problem' || code === 'registration-other-config')) return found;
  const limits = config === undefined ? [] : judgeLimits(registration, offerOf(config, catalog));
  return [...found, ...judgeEnvironment(registration, { written, commands }), ...limits];
}

function offerOf(config: Config, catalog: Catalog | undefined): Parameters<typeof judgeLimits>[1] {
  if (config.surface !== 'passthrough') return { config, toolNames: ownNames };
  if (catalog === undefined) return { config };
  return { config, toolNames: [...ownNames, ...catalog.listed.map(({ name }) => name)] };
}

function unreadable({ problems, files }: ClientReadings): Finding[] {
  return problems.map(({ place, message }): Finding => {
    const about = files.find(({ path }) => path === place?.file)?.client ?? 'configuration';
    const fix = `correct ${place?.file ?? 'it'} there: its client may not read it either`;
    const level = 'warning';
    return {
      level,
      code: 'client-file-broken',
      about,
      ...(place && { place }),
      message: `${message}, so its rules and servers are not known`,
      fix,
    };
  });
}

function neutralised(readings: ClientReadings, names: ServerNames, { config, catalog }: ClientContext): Finding[] {
  const { unruled } = config?.servers[0]?.policy ?? policyOfServer({ server: '', base: '/' });
  const exposed = catalog === undefined ? new Map() : exposedToolsOf(catalog);
  const file = config?.file ?? 'the configuration';
  const loopholes = findLoopholes(readings, { names, exposed, unruled, file });
  const asWished = 'leave it, or take it out if its client is to ask as well';
  return loopholes.map(({ client, fix = asWished, ...found }): Finding => {
    return { about: client, code: 'nobody-asked', ...found, fix };
  });
}

function unregistered(clients: readonly SeenClient[]): Finding[] {
  const [first] = clients;
  if (first === undefined || clients.some(({ isRegistered }) => isRegistered)) return [];
  const message = `mcp-marshal is not among the servers of ${clients.map(({ title }) => title).join(', ')}`;
  const fix = `mcp-marshal install ${first.client}, or mcp-marshal install --all`;
  return [{ level: 'note', code: 'not-registered', about: first.client, message, fix }];
}
