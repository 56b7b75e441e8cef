import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { ConfigError } from './config-error.ts';
import { resolvePath, xdgDirectory } from './variables/resolve-path.ts';
import type { Env } from './variables/resolve-path.ts';

/** A file: where it is, and how messages name it. */
export interface FoundFile {
  path: string;
  shown: string;
}

/**
 * The configuration to use: the one named, `$MCP_MARSHAL_CONFIG`, `marshal.yaml` in `cwd`, then the user's own.
 * A file that is named need not exist; the reader says so better. Throws ConfigError where none is named or found.
 */
export async function findConfig(options: { file: string | undefined; env: Env; cwd: string }): Promise<FoundFile> {
  const { env, cwd } = options;
  const named = options.file ?? (env['MCP_MARSHAL_CONFIG'] || undefined);
  if (named !== undefined) return { path: resolvePath(named, cwd, env), shown: named };
  const places = [
    join(cwd, 'marshal.yaml'),
    join(xdgDirectory(env, 'XDG_CONFIG_HOME', '.config'), 'mcp-marshal', 'marshal.yaml'),
  ];
  for (const path of places) {
    if (await exists(path)) return { path, shown: showPath(path, cwd) };
  }
  const message =
    `no configuration was found; looked for ${places.join(' and ')}. ` +
    'Write one with mcp-marshal init, or name a file with --config FILE or in MCP_MARSHAL_CONFIG';
  const near = await findNear(places);
  const hint =
    near === undefined
      ? ''
      : `. There is ${near}, which is not looked for: name it with --config, or call it marshal.yaml`;
  throw new ConfigError([{ message: message + hint }]);
}

/** What people call the file who have not been told. */
const nearNames = ['marshal.yml', 'marshal.json', 'mcp-marshal.yaml', 'mcp-marshal.yml', 'mcp-marshal.json'];

/** A file beside one of the places that was probably meant for it. */
async function findNear(places: readonly string[]): Promise<string | undefined> {
  for (const path of places.flatMap((place) => nearNames.map((name) => join(dirname(place), name)))) {
    if (await exists(path)) return path;
  }
  return undefined;
}

/** A path as people see it: relative to the working directory where it is inside. */
export function showPath(path: string, cwd: string): string {
  const inside = relative(cwd, path);
  return inside === '' || inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    // A file that is there but may not be read is the one that was meant.
    return error instanceof Error && 'code' in error && error.code !== 'ENOENT' && error.code !== 'ENOTDIR';
  }
}
