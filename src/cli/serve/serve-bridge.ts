import { createBridge, type Bridge } from '../../bridge/create-bridge.ts';
import type { CliContext } from '../context.ts';
import { usageFailure } from '../failure.ts';

/** Serves one client over stdin and stdout in front of a proxy that is served over HTTP elsewhere. It needs no configuration. */
export function serveBridge(context: CliContext, url: string): Bridge {
  const { io, parts } = context;
  if (context.configFile !== undefined) {
    throw usageFailure('--config is for the proxy, not for the bridge to it', 'leave --config out beside --connect');
  }
  const isDebug = io.env['MCP_MARSHAL_DEBUG'] === '1';
  const logger = parts.createLogger({ level: isDebug ? 'debug' : 'info', format: 'json' });
  const bridge = openBridge(url, { logger, streams: { input: io.stdin, output: io.stdout } });
  context.holdStdout();
  context.closeLater(() => bridge.close());
  return bridge;
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
