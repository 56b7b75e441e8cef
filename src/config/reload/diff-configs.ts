import { isDeepStrictEqual } from 'node:util';
import { serverLimits } from '../../core/limits.ts';
import type { Config, ServerConfig } from '../config.ts';
import type { RecipeConfig } from '../recipe/recipe.ts';

/** What a configuration that took the place of another one has changed. */
export interface ReloadReport {
  /** Servers, each in one of these four. One that is switched off counts as one that is not there. */
  added: readonly string[];
  removed: readonly string[];
  changed: readonly string[];
  kept: readonly string[];
  /** Of those changed: the ones that are reached in another way, and so connected anew. */
  reconnected: readonly string[];
  /** Further keys that hold from now on. */
  settings: readonly string[];
  /** Keys that changed and take a restart to hold. */
  needRestart: readonly string[];
}

/** What differs between two configurations. Where in its file something stands makes no difference. */
export function diffConfigs(before: Config, after: Config): ReloadReport {
  const old = enabledOf(before);
  const now = enabledOf(after);
  const names = [...now.keys()];
  const common = names.filter((name) => old.has(name));
  const isKept = (name: string): boolean => isDeepStrictEqual(written(old.get(name)), written(now.get(name)));
  const wayOf = (server: ServerConfig | undefined): unknown => [server?.transport, server?.auth];
  const isReached = (name: string): boolean => isDeepStrictEqual(wayOf(old.get(name)), wayOf(now.get(name)));
  const differs = ([, part]: readonly [string, (config: Config) => unknown]): boolean =>
    !isDeepStrictEqual(part(before), part(after));
  return {
    added: names.filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: common.filter((name) => !isKept(name)),
    kept: common.filter(isKept),
    reconnected: common.filter((name) => !isReached(name)),
    settings: liveKeys.filter(differs).map(([key]) => key),
    needRestart: restartKeys.filter(differs).map(([key]) => key),
  };
}

/** The new configuration, but for what holds until the program is started again. */
export function keepUntilRestart(before: Config, after: Config): Config {
  const { stateDir, journal, limits, approvals, auth, telemetry } = before;
  const servers = after.servers.map((server) => ({ ...server, limits: serverLimits(limits) }));
  return {
    ...after,
    servers,
    stateDir,
    journal,
    limits,
    approvals,
    auth,
    telemetry,
    log: { ...after.log, format: before.log.format },
  };
}

const liveKeys: readonly (readonly [string, (config: Config) => unknown])[] = [
  ['batch', ({ batch }) => batch],
  ['maxParallel', ({ maxParallel }) => maxParallel],
  ['naming', ({ naming }) => naming],
  ['surface', ({ surface }) => surface],
  ['maxDescriptionChars', ({ maxDescriptionChars }) => maxDescriptionChars],
  ['recipes', ({ recipes }) => recipes.map(withoutPlaces)],
  ['flow', ({ flow }) => flow],
  ['lock', ({ lock }) => lock],
  ['log.level', ({ log }) => log.level],
];

/** What is open as long as the program runs. */
const restartKeys: typeof liveKeys = [
  ['stateDir', ({ stateDir }) => stateDir],
  ['journal', ({ journal }) => journal],
  ['limits', ({ limits }) => limits],
  ['approvals', ({ approvals }) => approvals],
  ['auth', ({ auth }) => auth],
  ['telemetry', ({ telemetry }) => telemetry],
  ['log.format', ({ log }) => log.format],
];

function withoutPlaces(recipe: RecipeConfig): unknown {
  const { place: _, callPlaces: __, ...rest } = recipe;
  return rest;
}

function enabledOf({ servers }: Config): Map<string, ServerConfig> {
  return new Map(servers.flatMap((server) => (server.enabled ? [[server.name, server] as const] : [])));
}

/** A server without the places in its file and its policy's, and without the limits of the whole configuration. */
function written(server: ServerConfig | undefined): unknown {
  if (server === undefined) return undefined;
  const { place: _, limits: ____, policy, ...own } = server;
  const tools = policy.tools.map(({ place: __, when, ...tool }) => ({
    ...tool,
    when: when.map(({ place: ___, ...rule }) => rule),
  }));
  return { ...own, policy: { ...policy, tools, rules: policy.rules.map(({ list, pattern }) => [list, pattern]) } };
}
