import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  classifyInboundRequest,
} from '@modelcontextprotocol/server';
import { canonicalJson, isJsonObject, isTooDeep, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { refusal, rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';
import { toLine } from '../../../lib/json-line.ts';
import { modernVersions } from '../protocol-versions.ts';

/** What every request of the modern era says of its client. */
export interface Envelope {
  capabilities: JsonObject;
  /** Equal for equal capabilities. */
  capabilitiesKey: string;
  logLevel?: string;
  clientInfo?: JsonValue;
}

/** The reserved keys of `_meta`: they belong to the connection, and a server gets an envelope of ours. */
const envelopeKeys = [
  PROTOCOL_VERSION_META_KEY,
  CLIENT_INFO_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  LOG_LEVEL_META_KEY,
];

/** Envelopes that were found to be right, so that the next request with the same need not be checked: clients have one, or few. */
const maxKnown = 100;

/** Reads envelopes, and remembers those that are right. */
export interface EnvelopeReader {
  /** The envelope of a request, or the error that the protocol wants for what is wrong with it, which goes out under HTTP 400. */
  read(message: JsonObject): { ok: true; envelope: Envelope } | { ok: false; error: RpcError };
}

export function createEnvelopeReader(): EnvelopeReader {
  const known = new Map<string, Envelope>();
  return {
    read(message) {
      const meta = metaOf(message);
      const text = meta && toLine(envelopeKeys.map((key) => meta[key]));
      const found = text === undefined ? undefined : known.get(text);
      if (found !== undefined) return { ok: true, envelope: found };
      if (meta === undefined || isTooDeep(meta)) return { ok: false, error: missingEnvelope };
      const error = findFault(message, meta);
      if (error !== undefined) return { ok: false, error };
      const envelope = toEnvelope(meta);
      const oldest = known.size >= maxKnown ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      if (text !== undefined) known.set(text, envelope);
      return { ok: true, envelope };
    },
  };
}

/** Whether a message says that it belongs to the modern era, rightly or not. */
export function claimsModern(message: JsonObject): boolean {
  const meta = metaOf(message);
  return meta !== undefined && PROTOCOL_VERSION_META_KEY in meta;
}

/** Params without what belongs to the connection; `_meta` goes with it where nothing else is in it. */
export function withoutEnvelope(params: JsonObject): JsonObject {
  const meta = params['_meta'];
  if (!isJsonObject(meta) || !envelopeKeys.some((key) => key in meta)) return params;
  const rest = Object.fromEntries(Object.entries(meta).filter(([key]) => !envelopeKeys.includes(key)));
  const { _meta: _, ...others } = params;
  return Object.keys(rest).length === 0 ? others : { ...others, _meta: rest };
}

/** A request that has to have an envelope and has none. */
export const missingEnvelope: RpcError = {
  code: rpcCode.invalidParams,
  message: `Invalid params: _meta must hold ${PROTOCOL_VERSION_META_KEY} and ${CLIENT_CAPABILITIES_META_KEY}`,
};

/** A request of a revision that we do not speak, or of none. */
export function unsupportedVersion(requested: string | undefined): RpcError {
  const message = `Unsupported protocol version: ${requested ?? 'none'}; this side of mcp-marshal speaks ${modernVersions.join(', ')}`;
  return refusal(rpcCode.unsupportedVersion, message, {
    supported: [...modernVersions],
    ...(requested !== undefined && { requested }),
  }).error;
}

function findFault(message: JsonObject, meta: JsonObject): RpcError | undefined {
  // The reference's own judgement, so that we refuse what it refuses.
  const judged = classifyInboundRequest({ httpMethod: 'POST', body: message });
  if (judged.kind === 'reject') {
    const { code, message: reason, data } = judged;
    return { code, message: reason, ...(data !== undefined && { data }) };
  }
  const version = meta[PROTOCOL_VERSION_META_KEY];
  if (judged.kind !== 'modern') return missingEnvelope;
  return typeof version === 'string' && modernVersions.includes(version)
    ? undefined
    : unsupportedVersion(typeof version === 'string' ? version : undefined);
}

function toEnvelope(meta: JsonObject): Envelope {
  const given = meta[CLIENT_CAPABILITIES_META_KEY];
  const capabilities = isJsonObject(given) ? given : {};
  const logLevel = meta[LOG_LEVEL_META_KEY];
  const clientInfo = meta[CLIENT_INFO_META_KEY];
  return {
    capabilities,
    capabilitiesKey: canonicalJson(capabilities),
    ...(typeof logLevel === 'string' && { logLevel }),
    ...(clientInfo !== undefined && { clientInfo }),
  };
}

function metaOf({ params }: JsonObject): JsonObject | undefined {
  const meta = isJsonObject(params) ? params['_meta'] : undefined;
  return isJsonObject(meta) ? meta : undefined;
}
