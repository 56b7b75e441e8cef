import { basename, dirname, join } from 'node:path';
import { setImmediate as letOthersGo } from 'node:timers/promises';
import { isJsonObject } from '../core/json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { serverLimits } from '../core/limits.ts';
import type { Problem } from '../core/place.ts';
import { checkSchema } from './schema/check-schema.ts';
import { fromClientFile, isClientFile } from './server/client-file.ts';
import { ConfigError, sortProblems } from './config-error.ts';
import { configSchema } from './schema/config-schema.ts';
import type { Config, ServerConfig } from './config.ts';
import { findConfig } from './find-config.ts';
import { maxFileBytes } from './load-policy.ts';
import { loadLock } from './lock/load-lock.ts';
import { loadRecipes } from './recipe/load-recipes.ts';
import type { CheckRecipe } from './recipe/recipe.ts';
import { toApprovals, toAuth, toUnruled } from './to-access.ts';
import { toBatch } from './to-batch.ts';
import { toJournal } from './to-journal.ts';
import { toLimits } from './to-limits.ts';
import { loadServer } from './server/load-server.ts';
import { loadVariables } from './variables/load-variables.ts';
import { parseSource } from './source/parse-source.ts';
import { readFileOrPipe } from './source/read-bytes.ts';
import type { ReadFile } from './source/read-bytes.ts';
import { readText } from './source/read-text.ts';
import type { OnFile } from './source/read-text.ts';
import { resolvePath, xdgDirectory } from './variables/resolve-path.ts';
import type { Env } from './variables/resolve-path.ts';
import { problemAt, problemAtKey } from './source/source.ts';
import type { Source } from './source/source.ts';
import { startsMarshal } from './server/starts-marshal.ts';

export interface LoadConfigOptions {
  /** What `--config` names; absent: the usual places are searched. */
  file?: string;
  /** Default: the environment of the process. */
  env?: Env;
  /** Default: the working directory of the process. */
  cwd?: string;
  /** Default: the file system. */
  readFile?: ReadFile;
  /** Told of each file that is about to be read, absolute, whether or not it is there: of the user's, not of those that ship with the package. */
  onFile?: OnFile;
  /** Default: recipes are checked for their shape only. */
  checkRecipe?: CheckRecipe;
}

/**
 * Loads the configuration with every policy that it names, defaults filled in and variables replaced.
 * Throws ConfigError with all problems of all files at once. Lets other work go on in between: it may be loaded while calls run.
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<Config> {
  const { env = process.env, cwd = process.cwd(), onFile } = options;
  const found = await findConfig({ file: options.file, env, cwd });
  onFile?.(found.path);
  const read = await readText(found.path, maxFileBytes, options.readFile ?? readFileOrPipe);
  if (!read.ok) throw new ConfigError([{ message: `the configuration ${found.shown} ${read.reason}` }]);
  const { usable: source, problems } = parseSource(read.text, found.shown);
  if (source === undefined) throw new ConfigError(problems);
  await letOthersGo();

  const warnings: Problem[] = [];
  const value = toOwnFile(source, warnings);
  const checked = checkSchema(configSchema, value, source);
  if (!checked.ok) problems.push(...checked.problems);
  const { checkRecipe: check = () => [] } = options;
  const { recipes, problems: flaws } = loadRecipes(source, { value, found: problems, check });
  problems.push(...flaws);
  await letOthersGo();

  const directory = dirname(found.path);
  const envFile = isJsonObject(value) && typeof value['envFile'] === 'string' ? value['envFile'] : undefined;
  const reading = {
    directory,
    env,
    ...(options.readFile && { readFile: options.readFile }),
    ...(onFile && { onFile }),
  };
  const { variables, reason } = await loadVariables(envFile, reading);
  if (reason !== undefined) problems.push(problemAt(source, ['envFile'], `"${envFile}" ${reason}`));

  const servers: ServerConfig[] = [];
  for (const { path, name, written } of serversOf(value)) {
    const loaded = await loadServer({ name, written, path, source, cwd, variables, ...reading });
    problems.push(...loaded.problems);
    warnings.push(...loaded.warnings);
    if (loaded.server !== undefined) servers.push(loaded.server);
    await letOthersGo();
  }
  problems.push(...checkServersKey(value, source));
  const resolve = (file: string): string => resolvePath(file, directory, env);
  const lockFile = checked.ok && checked.value.lock !== 'none' ? resolve(checked.value.lock) : undefined;
  const { lock, ...locking } =
    lockFile === undefined ? { problems: [] } : await loadLock(lockFile, { cwd, ...reading });
  problems.push(...locking.problems);
  if (!checked.ok || problems.length > 0) throw new ConfigError(problems, warnings);
  if (lockFile !== undefined && lock === undefined && basename(lockFile) !== defaultLock) {
    const mend = 'no tool is held against it; write it with mcp-marshal lock';
    warnings.push(problemAt(source, ['lock'], `"${checked.value.lock}" does not exist, so ${mend}`));
  }
  if (servers.length === 0)
    warnings.push(
      problemAtKey(source, [], 'configures no server, so there is nothing to offer; mcp-marshal add puts one in'),
    );

  const limits = toLimits(checked.value.limits);
  const { batch, journal, log, maxParallel, surface, naming, stateDir, approvals, auth, flow } = checked.value;
  const { telemetry, maxDescriptionChars } = checked.value;
  const unruled = toUnruled(approvals);
  return {
    file: found.path,
    servers: servers.map((server) => ({
      ...server,
      limits: serverLimits(limits),
      policy: { ...server.policy, unruled },
    })),
    limits,
    batch: toBatch(batch),
    journal: toJournal(journal, resolve),
    approvals: toApprovals(approvals),
    auth: toAuth(auth, resolve),
    ...(flow !== undefined && { flow }),
    ...(lockFile !== undefined && { lockFile }),
    ...(lock !== undefined && { lock }),
    recipes,
    maxParallel,
    surface,
    ...(maxDescriptionChars !== undefined && { maxDescriptionChars }),
    telemetry: telemetry.metrics === undefined ? {} : { metrics: telemetry.metrics },
    naming,
    log,
    stateDir:
      stateDir === undefined
        ? join(xdgDirectory(env, 'XDG_STATE_HOME', '.local/state'), 'mcp-marshal')
        : resolvePath(stateDir, directory, env),
    warnings: sortProblems(warnings),
  };
}

/** Most configurations have no lock file, and need none; where another name is written, one was meant. */
const defaultLock = 'marshal.lock';

/** The file's value in our own format, without entries that would start this program again. */
function toOwnFile(source: Source, warnings: Problem[]): JsonValue {
  if (!isJsonObject(source.value)) return source.value;
  const own = isClientFile(source.value) ? fromClientFile(source.value, source) : { value: source.value, warnings: [] };
  warnings.push(...own.warnings);
  const value: JsonObject = Object.assign(Object.create(null), own.value);
  for (const { key, path, name, written } of serversOf(value)) {
    if (!isJsonObject(written) || typeof written['command'] !== 'string') continue;
    const args = Array.isArray(written['args']) ? written['args'].filter((arg) => typeof arg === 'string') : [];
    if (!startsMarshal(written['command'], args)) continue;
    warnings.push(problemAtKey(source, path, 'would start mcp-marshal itself, so it is skipped'));
    const others = Object.entries(value[key] ?? {}).filter(([other]) => other !== name);
    value[key] = Object.assign(Object.create(null), Object.fromEntries(others));
  }
  return value;
}

type ServersKey = 'servers' | 'mcpServers';

function serversOf(value: JsonValue): { key: ServersKey; path: string[]; name: string; written: JsonValue }[] {
  if (!isJsonObject(value)) return [];
  return (['servers', 'mcpServers'] as const).flatMap((key) => {
    const servers = value[key];
    if (!isJsonObject(servers)) return [];
    return Object.entries(servers).map(([name, written]) => ({
      key,
      path: [key, name],
      name,
      written: written ?? null,
    }));
  });
}

function checkServersKey(value: JsonValue, source: Source): Problem[] {
  if (!isJsonObject(value)) return [];
  const { servers, mcpServers } = value;
  if (servers !== undefined && mcpServers !== undefined) {
    return [
      problemAtKey(source, ['mcpServers'], 'stands beside servers, which is the same key; move its entries to servers'),
    ];
  }
  if (servers !== undefined || mcpServers !== undefined) return [];
  return [problemAtKey(source, ['servers'], 'is missing; write "servers:" with a name and a command or url below it')];
}
