import { dirname, join } from 'node:path';
import { ConfigError } from '../../config/config-error.ts';
import { findConfig } from '../../config/find-config.ts';
import { maxFileBytes } from '../../config/load-policy.ts';
import { parseSource } from '../../config/source/parse-source.ts';
import { readFileOrPipe } from '../../config/source/read-bytes.ts';
import { readText } from '../../config/source/read-text.ts';
import { resolvePath, xdgDirectory } from '../../config/variables/resolve-path.ts';
import type { Env } from '../../config/variables/resolve-path.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';

/** Where a journal is looked for. Paths are absolute. */
export interface JournalPlace {
  stateDir: string;
  /** The one file that the configuration names. */
  file?: string;
  /** Names of the configured servers. */
  servers: readonly string[];
  /** What a person should know of how the place was found. */
  warnings: readonly string[];
}

/**
 * Where the journal of a configuration lies. Reads from the configuration what it needs and nothing else: what happened can be shown
 * while the configuration is broken, or while variables are missing that only the client's environment has. Without a configuration,
 * and with `stateDir`, it is the folder. Throws ConfigError where a configuration that was named cannot be read.
 */
export async function findJournal(options: {
  configFile: string | undefined;
  stateDir: string | undefined;
  env: Env;
  cwd: string;
}): Promise<JournalPlace> {
  const { configFile, stateDir, env, cwd } = options;
  if (stateDir !== undefined) return { stateDir: resolvePath(stateDir, cwd, env), servers: [], warnings: [] };
  const usual = { stateDir: join(xdgDirectory(env, 'XDG_STATE_HOME', '.local/state'), 'mcp-marshal'), servers: [] };
  const isNamed = configFile !== undefined || Boolean(env['MCP_MARSHAL_CONFIG']);
  const found = await findConfig({ file: configFile, env, cwd }).catch((error: unknown) => {
    // None was named, and none is where they usually are.
    if (!(error instanceof ConfigError)) throw error;
    return undefined;
  });
  if (found === undefined) return { ...usual, warnings: [] };
  const read = await readText(found.path, maxFileBytes, readFileOrPipe);
  if (!read.ok && isNamed) throw new ConfigError([{ message: `the configuration ${found.shown} ${read.reason}` }]);
  const source = read.ok ? parseSource(read.text, found.shown).usable : undefined;
  if (source === undefined) return { ...usual, warnings: [unreadable(found.shown, usual.stateDir)] };

  const journal = fieldOf(source.value, 'journal');
  const [written, file] = [fieldOf(source.value, 'stateDir'), fieldOf(journal, 'file')];
  const absolute = (path: string): string => resolvePath(path, dirname(found.path), env);
  return {
    stateDir: isPath(written) ? absolute(written) : usual.stateDir,
    ...(isPath(file) && { file: absolute(file) }),
    servers: ['servers', 'mcpServers'].flatMap((key) => namesIn(fieldOf(source.value, key))),
    warnings: fieldOf(journal, 'enabled') === false ? [switchedOff(found.shown)] : [],
  };
}

function fieldOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isPath(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function namesIn(servers: JsonValue | undefined): string[] {
  return isJsonObject(servers) ? Object.keys(servers) : [];
}

function unreadable(file: string, stateDir: string): string {
  return `the configuration ${file} cannot be read, see mcp-marshal check; reading from ${stateDir}, and --state-dir names another`;
}

function switchedOff(file: string): string {
  return `${file} switches the journal off (journal.enabled: false), so nothing is recorded now`;
}
