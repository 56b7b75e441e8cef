import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Config } from '../../config/config.ts';
import { readText } from '../../config/source/read-text.ts';
import { resolvePath } from '../../config/variables/resolve-path.ts';
import { maxFileBytes } from '../../config/load-policy.ts';
import { valueOf } from '../../config/edit/open-text.ts';
import type { CliIo } from '../io.ts';
import { exists } from '../init/find-target.ts';
import { serversOf } from './edit-text.ts';

/** What still names a server that is taken out, and is left where it is. */
export interface Trace {
  kind: 'policy' | 'variables' | 'login' | 'lock' | 'recipe';
  /** What it is, and what may be done about it. */
  text: string;
}

/** The text of a configuration before and after, and how it loads before; absent: it does not. */
interface Removal {
  file: string;
  from: string;
  to: string;
  config: Config | undefined;
}

/** Everything that names a server besides its entry. Reads files, and changes none. */
export async function tracesOfServer(name: string, removal: Removal, io: Pick<CliIo, 'env' | 'cwd'>): Promise<Trace[]> {
  const { config } = removal;
  return [
    ...policyTraces(name, config),
    ...(await variableTraces(removal, io)),
    ...(await loginTraces(name, config)),
    ...(config?.lock?.servers.has(name) === true
      ? [
          {
            kind: 'lock' as const,
            text: `${config.lockFile ?? 'marshal.lock'} has its tools; mcp-marshal lock --update takes them out, and accepts whatever else differs`,
          },
        ]
      : []),
    ...recipeTraces(name, config),
  ];
}

function policyTraces(name: string, config: Config | undefined): Trace[] {
  const path = config?.servers.find((server) => server.name === name)?.policy.file;
  const isShared = config?.servers.some((server) => server.name !== name && server.policy.file === path) === true;
  if (path === undefined || path.startsWith('builtin:') || isShared) return [];
  return [
    {
      kind: 'policy',
      text: `${path} is its policy, which no other server has; mcp-marshal add with --policy takes it again`,
    },
  ];
}

/** Those that were named by its entry alone. */
async function variableTraces({ file, from, to }: Removal, { env }: Pick<CliIo, 'env'>): Promise<Trace[]> {
  const envFile = valueOf(from, file)?.['envFile'];
  if (typeof envFile !== 'string') return [];
  const path = resolvePath(envFile, dirname(file), env);
  const read = await readText(path, maxFileBytes);
  const set = Object.keys(read.ok ? parseEnv(read.text) : {});
  const isNamed = (text: string, variable: string): boolean =>
    new RegExp(`\\$\\{(?:env:)?${variable}(?![A-Za-z0-9_])`).test(text);
  const left = set.filter((variable) => /^\w+$/.test(variable) && isNamed(from, variable) && !isNamed(to, variable));
  return left.length === 0
    ? []
    : [
        {
          kind: 'variables',
          text: `${path} has ${left.join(', ')}, which nothing else names; take the lines out if they are not used otherwise`,
        },
      ];
}

async function loginTraces(name: string, config: Config | undefined): Promise<Trace[]> {
  if (config === undefined) return [];
  const path = join(config.stateDir, 'oauth', `${name}.json`);
  // Once it is out of the configuration, no command knows it.
  return (await exists(path))
    ? [
        {
          kind: 'login',
          text: `${path} is a login to it, for you alone; remove the file to forget it (before: mcp-marshal login --forget ${name})`,
        },
      ]
    : [];
}

function recipeTraces(name: string, config: Config | undefined): Trace[] {
  const callers = (config?.recipes ?? []).filter(({ batch }) =>
    batch.calls.some(({ tool }) => typeof tool === 'string' && tool.startsWith(`${name}__`)),
  );
  return callers.map((recipe) => ({
    kind: 'recipe',
    text: `the recipe ${recipe.name} calls its tools, and is not offered without them`,
  }));
}

/** The names of all servers that a configuration has as written. */
export function namesIn(text: string, file: string): string[] {
  return Object.keys(serversOf(valueOf(text, file) ?? {}));
}
