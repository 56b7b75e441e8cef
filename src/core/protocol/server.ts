import type { JsonObject } from '../json.ts';
import type { PlannedSending } from '../telemetry.ts';
import type { Era, Notice, RequestContext } from './client.ts';

/** What a server has said of itself, in this run or in the last one. */
export interface ServerOffer {
  server: string;
  /** Absent as long as it has never answered. */
  capabilities?: JsonObject;
  instructions?: string;
  /** How it is spoken to; absent while there is no connection. */
  era?: Era;
  /** What its list of tools held beside the tools: `ttlMs`, `cacheScope`, `_meta`, and anything else. */
  toolList: JsonObject;
}

/** A notification with the server that it came from. */
export interface ServerNotice extends Notice {
  server: string;
}

/** One `tools/call` on its way to a server. */
export interface UpstreamRequest extends RequestContext {
  /** The tool's name at its upstream. */
  tool: string;
  /** Sent as they are, the name apart. */
  params: JsonObject;
  /** Told `true` while the call waits for a connection, `false` before it is sent. */
  setWaiting?: ((isWaiting: boolean) => void) | undefined;
  /** What the plan said of it, where somebody is told of each sending. Nothing that is sent. */
  planned?: PlannedSending | undefined;
}
