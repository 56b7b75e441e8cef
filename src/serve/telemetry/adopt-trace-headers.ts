import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { traceContextKeys } from '../../core/telemetry.ts';

/** Longer ones are nothing that anybody has to carry (W3C Baggage: 8,192 bytes). */
const maxChars = 8_192;

/** A message, or several, with the trace context of the HTTP request they came with, for those that bring none of their own. */
export function adoptTraceHeaders(body: unknown, headers: IncomingHttpHeaders): unknown {
  if (typeof headers['traceparent'] !== 'string') return body;
  if (Array.isArray(body)) return body.map((message: unknown) => adopt(message, headers));
  return adopt(body, headers);
}

function adopt(message: unknown, headers: IncomingHttpHeaders): unknown {
  if (!isJsonObject(message) || typeof message['method'] !== 'string') return message;
  const params = message['params'] ?? {};
  if (!isJsonObject(params)) return message;
  const meta = params['_meta'] ?? {};
  if (!isJsonObject(meta) || 'traceparent' in meta) return message;
  const adopted: JsonObject = { ...meta };
  for (const key of traceContextKeys) {
    const value = headers[key];
    if (typeof value === 'string' && value.length <= maxChars) adopted[key] ??= value;
  }
  return { ...message, params: { ...params, _meta: adopted } };
}
