import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import type { Connection, ConnectRequest } from './open-connection.ts';
import { ConnectError, openConnection } from './open-connection.ts';

/** Connects in whichever era the server speaks and reads its tools. Throws an `Error` with the reason in words. */
export async function connect(request: ConnectRequest): Promise<Connection> {
  const { server, verdict, logger, signal } = request;
  if (verdict !== undefined) {
    try {
      return await openConnection(request, verdict);
    } catch (error) {
      if (signal.aborted) throw error;
      logger.debug({ reason: String(error) }, 'the remembered protocol era does not hold; asking again');
    }
  }
  // SSE is a transport of the legacy era alone.
  if (server.transport.type === 'sse') return openConnection(request, { kind: 'legacy' });
  try {
    return await openConnection(request, undefined);
  } catch (error) {
    // Some servers exit on a request that they do not know. Such a one gets a second life, with the request that it does.
    const hasFallenToProbe =
      server.transport.type === 'stdio' && error instanceof ConnectError && isNegotiationFailure(error.cause);
    if (!hasFallenToProbe || signal.aborted) throw error;
    return openConnection(request, { kind: 'legacy' });
  }
}

function isNegotiationFailure(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed;
}
