import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';

/** What we put into `_meta` of a message. */
export interface OwnMeta {
  /** Who we are and which revision we speak, with each message of the modern era; absent on a legacy connection. */
  envelope?: JsonObject | undefined;
  /** What the client in front can do. Part of the envelope. */
  capabilities?: JsonObject | undefined;
  /** The lowest level of log messages that are wanted. Part of the envelope. */
  logLevel?: string | undefined;
  progressToken?: string | undefined;
}

/** The envelope of a connection of the modern era (MCP 2026-07-28). */
export function buildEnvelope(protocolVersion: string, clientInfo: JsonObject): JsonObject {
  return {
    [PROTOCOL_VERSION_META_KEY]: protocolVersion,
    [CLIENT_INFO_META_KEY]: clientInfo,
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
}

/** The client's own `_meta` (trace context and the like) stays; its progress token and what it says of itself are replaced by ours. */
export function withOwnMeta(params: JsonObject, own: OwnMeta): JsonObject {
  const { envelope, progressToken } = own;
  const given = params['_meta'];
  if (envelope === undefined && progressToken === undefined && given === undefined) return params;
  const meta: JsonObject = isJsonObject(given) ? { ...given } : {};
  for (const key of reservedKeys) delete meta[key];
  if (envelope !== undefined) {
    Object.assign(meta, envelope);
    if (own.capabilities !== undefined) meta[CLIENT_CAPABILITIES_META_KEY] = own.capabilities;
    if (own.logLevel !== undefined) meta[LOG_LEVEL_META_KEY] = own.logLevel;
  }
  if (progressToken !== undefined) meta['progressToken'] = progressToken;
  return { ...params, _meta: meta };
}

/** Whoever sends a message says these of itself; another client's token may be the same as this one's. */
const reservedKeys = [
  'progressToken',
  PROTOCOL_VERSION_META_KEY,
  CLIENT_INFO_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
];
