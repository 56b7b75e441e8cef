import { access } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { resolvePath, xdgDirectory } from '../../config/variables/resolve-path.ts';
import type { CliContext } from '../context.ts';
import { usageFailure } from '../failure.ts';

/**
 * Where a first configuration goes: the file named, `marshal.yaml` in the folder that is worked in with `here`, what MCP_MARSHAL_CONFIG names,
 * else the one of the user. Throws where there is one already: nobody's work is written over.
 */
export async function findTarget({ io, configFile }: CliContext, { here }: { here: boolean }): Promise<string> {
  const { env, cwd } = io;
  if (here && configFile !== undefined) throw usageFailure('--here and --config name two files', 'write one of them');
  const named = configFile ?? (here ? 'marshal.yaml' : env['MCP_MARSHAL_CONFIG'] || undefined);
  const ofUser = (): string => join(xdgDirectory(env, 'XDG_CONFIG_HOME', '.config'), 'mcp-marshal', 'marshal.yaml');
  const file = named === undefined ? ofUser() : resolvePath(named, cwd, env);
  if (!['.yaml', '.yml'].includes(extname(file).toLowerCase())) {
    throw usageFailure(
      `a new configuration is written as YAML, and ${basename(file)} does not end so`,
      'name it marshal.yaml',
    );
  }
  if (await exists(file)) {
    throw usageFailure(
      `${file} exists; nothing was written`,
      'mcp-marshal import adds servers to it, those of clients, and mcp-marshal add any other',
    );
  }
  return file;
}

/** A name beside `file` that nothing has: `marshal.env`, else `marshal-2.env`. */
export async function freeName(folder: string, name: string): Promise<string> {
  const [stem, end] = [name.slice(0, name.length - extname(name).length), extname(name)];
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${stem}-${number}${end}`;
    if (!(await exists(join(folder, candidate)))) return candidate;
  }
}

/** What is there and may not be looked at is there. */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ENOENT' && error.code !== 'ENOTDIR';
  }
}

/** The folder of a configuration in which its policies are. */
export function policiesFolder(file: string): string {
  return join(dirname(file), 'policies');
}
