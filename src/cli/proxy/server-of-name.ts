import type { Config, ServerConfig } from '../../config/config.ts';

/**
 * The configured server that the name of a tool begins with, as in `server__tool`, `server/tool`, `server.tool` and `server:tool`;
 * `undefined` for a bare name. No name of a server holds any of these marks, so there is at most one.
 */
export function serverOfName({ servers }: Pick<Config, 'servers'>, name: string): ServerConfig | undefined {
  return servers.find((server) => ['__', '/', '.', ':'].some((mark) => name.startsWith(server.name + mark)));
}
