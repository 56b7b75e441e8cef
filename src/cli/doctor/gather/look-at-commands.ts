import type { Config } from '../../../config/config.ts';
import type { Env } from '../../../config/variables/resolve-path.ts';
import { findProgram } from './system/find-program.ts';

/** The program of a server that is a process. */
export interface CommandFacts {
  server: string;
  /** As the configuration writes it, variables not replaced. */
  command: string;
  /** The file that it is; absent where there is none. */
  file?: string;
  /** Whether the search path is asked for it. */
  isBare: boolean;
}

/** Looks for the programs of all enabled servers where they would be started. Starts nothing. */
export function lookAtCommands({ servers }: Pick<Config, 'servers'>, env: Env): Promise<CommandFacts[]> {
  const looks = servers.flatMap(({ name, enabled, transport, launch }) => {
    if (!enabled || transport.type !== 'stdio' || !('command' in launch)) return [];
    const { command, cwd } = transport;
    const place = { path: transport.env['PATH'] ?? env['PATH'], cwd, endings: env['PATHEXT'] };
    const isBare = !/[\\/]/.test(command);
    const look = async (): Promise<CommandFacts> => {
      const file = await findProgram(command, place);
      return { server: name, command: launch.command, ...(file !== undefined && { file }), isBare };
    };
    return [look()];
  });
  return Promise.all(looks);
}
