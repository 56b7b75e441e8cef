import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { isTokenName } from '../../../access/tokens/token-record.ts';
import { toolClasses, type ToolClass } from '../../../core/tool.ts';
import { parseLifetime, type Lifetime } from '../parse-lifetime.ts';
import type { Run } from '../run.ts';
import { example, jsonOption } from '../shared-options.ts';

/** Loaded when it is called, as all commands are. */
const load = (): Promise<typeof import('../../commands/token.ts')> => import('../../commands/token.ts');

interface CreateOptions {
  scopes: readonly ToolClass[];
  expires?: Lifetime;
  reuse?: boolean;
  stateDir?: string;
}

const stateDirOption = [
  '--state-dir <folder>',
  'keep the tokens in this state folder, whatever the configuration says',
] as const;
/** What an agent can do least harm with, for as long as a person may forget it. */
const defaultLifetime: Lifetime = { ms: 90 * 24 * 3_600_000 };

/** The commands that say who may come over HTTP. */
export function addTokenCommands(program: Command, run: Run): void {
  const token = program.command('token').description('say who may call over HTTP: tokens, each with a name');

  token
    .command('create')
    .description('make a token and print it, this once')
    .argument('<name>', 'whose it is, such as laptop', readName)
    .option('--scopes <list>', 'classes of calls that it allows: read,write,destructive', readScopes, ['read'])
    .option('--expires <time>', 'for how long: 12h, 90d, 8w or never; default: 90d', readLifetime)
    .option('--reuse', 'give a name again that was revoked of late, with all that was kept for it')
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal token create laptop --scopes read,write --expires 30d'))
    .action(
      (name: string, { scopes, expires = defaultLifetime, reuse = false, stateDir }: CreateOptions, command: Command) =>
        run(command.optsWithGlobals(), async (context) =>
          (await load()).createNamedToken(context, { name, scopes, lifetime: expires, isReuse: reuse, stateDir }),
        ),
    );

  token
    .command('list')
    .description('list the tokens by name, with what they allow and for how long')
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal token list'))
    .action(({ stateDir }: { stateDir?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await load()).listTokens(context, { stateDir })),
    );

  token
    .command('revoke')
    .description('take a token back: it counts no more within a second, on a proxy that runs as well')
    .argument('<name>', 'whose it is')
    .option(...stateDirOption)
    .option(...jsonOption)
    .addHelpText('after', example('mcp-marshal token revoke laptop'))
    .action((name: string, { stateDir }: { stateDir?: string }, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await load()).revokeNamedToken(context, { name, stateDir })),
    );
}

function readName(written: string): string {
  if (isTokenName(written)) return written;
  throw new InvalidArgumentError('Write a letter or digit, then up to 63 letters, digits, ".", "_" or "-"');
}

function readScopes(written: string): ToolClass[] {
  const words = written.split(',').map((word) => word.trim());
  const scopes = toolClasses.filter((known) => words.includes(known));
  if (scopes.length === new Set(words).size) return scopes;
  throw new InvalidArgumentError(`Write ${toolClasses.join(', ')}, with commas between`);
}

function readLifetime(written: string): Lifetime {
  const lifetime = parseLifetime(written);
  if (lifetime !== undefined) return lifetime;
  throw new InvalidArgumentError('Write 12h, 90d or 8w, ten years at most, or never');
}
