import { Aborter } from '../../../core/abort.ts';
import { isJsonObject, isTooDeep, type JsonObject } from '../../../core/json.ts';
import type { Answer } from '../../message.ts';

/** One session with the proxy. The client's own may outlive several. */
export interface Session {
  /** Absent where the proxy keeps no sessions. */
  id: string | undefined;
  protocolVersion: string | undefined;
  capabilities: JsonObject;
  /** The proxy has forgotten it, or it has been replaced. */
  isOver: boolean;
  /** Aborted when it is over. */
  over: Aborter;
  /** Aborted when what was in flight at its end has had time to finish. */
  drained: Aborter;
}

/** The session that an answer to `initialize` opens; `undefined` if it opens none. */
export function toSession(answer: Answer, id: string | undefined): Session | undefined {
  const { result } = answer;
  if (!isJsonObject(result)) return undefined;
  const { protocolVersion, capabilities } = result;
  return {
    id,
    protocolVersion: typeof protocolVersion === 'string' ? protocolVersion : undefined,
    // They are compared with others later, which recurses.
    capabilities: isJsonObject(capabilities) && !isTooDeep(capabilities) ? capabilities : {},
    isOver: false,
    over: new Aborter(),
    drained: new Aborter(),
  };
}

/** The headers of everything that belongs to a session (MCP 2025-11-25, Streamable HTTP). */
export function headersOf(session: Session | undefined): Record<string, string> {
  const { id, protocolVersion } = session ?? {};
  return {
    ...(id !== undefined && { 'Mcp-Session-Id': id }),
    ...(protocolVersion !== undefined && { 'MCP-Protocol-Version': protocolVersion }),
  };
}
