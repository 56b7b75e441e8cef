import { createBridge, type Bridge } from '../../bridge/create-bridge.ts';
import type { CliContext } from '../context.ts';
import { usageFailure } from '../failure.ts';
import { isLoopback } from './parse-address.ts';
import { readProxyToken } from './read-proxy-token.ts';

export interface ServeBridgeOptions {
  url: string;
  /** The file that holds the token for the proxy. Absent: `MCP_MARSHAL_TOKEN` may. */
  tokenFile: string | undefined;
}

/** Serves one client over stdin and stdout in front of a proxy that is served over HTTP elsewhere. It needs no configuration. */
export async function serveBridge(context: CliContext, { url, tokenFile }: ServeBridgeOptions): Promise<Bridge> {
  const { io, parts } = context;
  if (context.configFile !== undefined) {
    throw usageFailure('--config is for the proxy, not for the bridge to it', 'leave --config out beside --connect');
  }
  const isDebug = io.env['MCP_MARSHAL_DEBUG'] === '1';
  const logger = parts.createLogger({ level: isDebug ? 'debug' : 'info', format: 'json' });
  const token = await readProxyToken(io, tokenFile);
  if (token !== undefined && !isKeptSecret(url)) {
    logger.warn(
      {},
      'the token goes to the proxy in the clear, and can be read on the way; write https:// where the proxy speaks TLS',
    );
  }
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const bridge = openBridge(url, { headers, logger, streams: { input: io.stdin, output: io.stdout } });
  context.holdStdout();
  context.closeLater(() => bridge.close());
  return bridge;
}

/** Whether nobody on the way sees what is sent. What is no URL at all is refused later, with its own words. */
function isKeptSecret(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol !== 'http:' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'));
}

function openBridge(url: string, options: Omit<Parameters<typeof createBridge>[0], 'url'>): Bridge {
  try {
    return createBridge({ ...options, url });
  } catch {
    throw usageFailure(
      `${JSON.stringify(url)} is not the URL of a proxy`,
      'write where it listens, such as --connect http://127.0.0.1:7337/mcp',
    );
  }
}
