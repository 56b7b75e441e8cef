import { withoutClientPrefix } from '../../catalog/client-prefix.ts';
import { isAddress } from '../../catalog/is-address.ts';
import type { CallError } from '../../core/outcome.ts';

/** The configured servers, and why one of them offers no tools now; `undefined` where it does. */
export interface Reachability {
  servers: ReadonlyMap<string, unknown>;
  unavailable: (server: string) => string | undefined;
  /** Whether that is because somebody has to log in first. Absent: of no server. */
  wantsLogin?: ((server: string) => boolean) | undefined;
  /** Names of configured servers that are switched off, and so not among `servers`. */
  disabled?: ReadonlySet<string> | undefined;
}

/** Why a tool is not there whose name begins with that of a configured server which offers none now, or is switched off; nothing otherwise. */
export function explainAwayServer(
  tool: string,
  { servers, unavailable, wantsLogin, disabled }: Reachability,
): CallError | undefined {
  const asked = withoutClientPrefix(tool);
  for (const server of servers.keys()) {
    if (!isAddress(asked, server)) continue;
    const why = unavailable(server);
    if (why === undefined) continue;
    const retryable = wantsLogin?.(server) !== true;
    const mend = retryable ? 'try again later, or go on without it' : 'until then, go on without it';
    const message = `the server ${server} is configured but not connected: ${why}; ${mend}`;
    return { code: 'server_unavailable', message, retryable };
  }
  const off = [...(disabled ?? [])].find((server) => isAddress(asked, server));
  if (off === undefined) return undefined;
  const message = `${off} is disabled in the configuration (enabled: false); go on without it`;
  return { code: 'server_unavailable', message, retryable: false };
}
