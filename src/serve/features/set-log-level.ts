import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../core/json.ts';
import { rpcCode } from '../../core/protocol/rpc.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';

/** From the most verbose on (RFC 5424). */
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Answers `logging/setLevel`: from now on the client gets log messages of all servers from that level on. */
export function setLogLevel(engine: Engine, { params: { level } }: ClientRequest): JsonObject {
  if (typeof level !== 'string' || !levels.includes(level)) {
    throw new ProtocolError(rpcCode.invalidParams, `logging/setLevel needs params.level, one of ${levels.join(', ')}`);
  }
  engine.setLogLevel(level);
  return {};
}
