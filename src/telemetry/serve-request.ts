import { SpanKind, SpanStatusCode, type Attributes, type Tracer } from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import type { JsonObject } from '../core/json.ts';
import type { AskedRequest, Telemetry } from '../core/telemetry.ts';
import type { Instruments } from './instruments.ts';
import {
  countedFailureAttributes,
  failureAttributes,
  methodName,
  networkTransport,
  other,
  toolAttributes,
  type Failure,
} from './names.ts';
import { metaOf, withTraceContext, type OpenSpans } from './trace-context.ts';

/** Clients choose their ids, and most count. */
const maxIdChars = 64;

/** Spans of the kind SERVER: a client's request, from its arrival to its answer. */
export function createRequestTracer(
  tracer: Tracer,
  { open, instruments }: { open: OpenSpans; instruments: Instruments },
): Telemetry['serve'] {
  return async (asked, answer) => {
    const { params, signal } = asked;
    const startedMs = performance.now();
    const known = attributesOf(asked);
    const once = {
      ...(hasId(asked) && { 'jsonrpc.request.id': String(asked.id).slice(0, maxIdChars) }),
      ...sessionOf(asked),
    };
    const span = tracer.startSpan(
      nameOf(known),
      { kind: SpanKind.SERVER, attributes: { ...known, ...once } },
      open.parentOf(metaOf(params)),
    );
    open.add(span);
    const end = (failure: Failure | undefined): void => {
      // A tool may have been listed since.
      const attributes = known['gen_ai.tool.name'] === other ? attributesOf(asked) : known;
      if (attributes !== known) span.updateName(nameOf(attributes)).setAttributes(attributes);
      span.setAttributes(failureAttributes(failure));
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      open.remove(span);
      span.end();
      instruments.serverOperation.record((performance.now() - startedMs) / 1000, {
        ...attributes,
        ...countedFailureAttributes(failure),
      });
    };
    try {
      const result = await answer(withTraceContext(params, span));
      end(signal.aborted ? cancelled : failureOf(result));
      return result;
    } catch (error) {
      end(signal.aborted ? cancelled : thrownFailure(error));
      throw error;
    }
  };
}

const cancelled: Failure = { type: 'cancelled' };

function attributesOf({ method, params, transport, protocolVersion, toolName }: AskedRequest): Attributes {
  const written = params['name'];
  return {
    'mcp.method.name': methodName(method),
    ...(method === 'tools/call' && toolAttributes(typeof written === 'string' ? toolName(written) : undefined)),
    'network.transport': networkTransport(transport),
    ...(protocolVersion !== undefined && { 'mcp.protocol.version': protocolVersion }),
  };
}

/** `tools/call NAME`, or the method alone. */
function nameOf(attributes: Attributes): string {
  const { 'mcp.method.name': method, 'gen_ai.tool.name': tool } = attributes;
  return tool === undefined ? String(method) : `${String(method)} ${String(tool)}`;
}

function hasId({ id }: AskedRequest): boolean {
  return id !== '';
}

/** Sixteen digits tell sessions apart, and nobody can use them. */
function sessionOf({ sessionId }: AskedRequest): Attributes {
  if (sessionId === undefined) return {};
  return { 'mcp.session.id': createHash('sha256').update(sessionId).digest('hex').slice(0, 16) };
}

function failureOf(result: JsonObject): Failure | undefined {
  return result['isError'] === true ? { type: 'tool_error' } : undefined;
}

/** What clients get as a JSON-RPC error, by its code; a mistake of ours by nothing more than that. */
function thrownFailure(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? { type: String(code), rpcCode: code } : { type: 'internal' };
}
