import { SpanKind, SpanStatusCode, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import type { JsonObject } from '../core/json.ts';
import { statusOfCode, type SendResult, type Status } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import type { Reply } from '../core/protocol/rpc.ts';
import type { CallSending, PlannedSending, Telemetry } from '../core/telemetry.ts';
import type { Instruments } from './instruments.ts';
import {
  countedFailureAttributes,
  failureAttributes,
  methodName,
  serverAttributes,
  toolAttributes,
  toolName,
  type Failure,
} from './names.ts';
import { metaOf, withTraceContext, type OpenSpans } from './trace-context.ts';

/** A span need not name all that a call of a large batch has waited for. */
const maxWaitedFor = 20;

/** Spans of the kind CLIENT: one sending of a request to a server, from our taking it up to its answer. */
export function createSendingTracer(
  tracer: Tracer,
  { open, instruments }: { open: OpenSpans; instruments: Instruments },
): Pick<Telemetry, 'sendCall' | 'sendRequest' | 'callSettled'> {
  const sendings = new WeakMap<PlannedCall, number>();
  const settled = new WeakMap<PlannedCall, Status>();

  const begin = (
    name: string,
    { params, told, more }: { params: JsonObject; told: Attributes; more?: Attributes },
  ): { span: Span; params: JsonObject; end: (failure: Failure | undefined) => void } => {
    const startedMs = performance.now();
    const attributes = { ...told, ...more };
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, open.parentOf(metaOf(params)));
    const end = (failure: Failure | undefined): void => {
      span.setAttributes(failureAttributes(failure));
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      instruments.clientOperation.record((performance.now() - startedMs) / 1000, {
        ...told,
        ...countedFailureAttributes(failure),
      });
    };
    return { span, params: withTraceContext(params, span), end };
  };

  return {
    async sendCall({ server, tool, params, signal, planned }, send) {
      const told = { 'mcp.method.name': 'tools/call', ...toolAttributes(tool), ...serverAttributes(server) };
      const more = planned && describe(planned, count(sendings, planned.call));
      const {
        span,
        params: traced,
        end,
      } = begin(`tools/call ${toolName(tool)}`, { params, told, ...(more && { more }) });
      try {
        const answer = await send(traced);
        const status = statusOf(answer, { signal, settled: planned && settled.get(planned.call) });
        span.setAttribute('marshal.call.status', status);
        end(failureOf(answer, status));
        return answer;
      } catch (error) {
        end({ type: 'internal' });
        throw error;
      }
    },
    async sendRequest({ server, method, params }, send) {
      const name = methodName(method);
      const told = { 'mcp.method.name': name, ...serverAttributes(server) };
      const { params: traced, end } = begin(name, { params, told });
      try {
        const reply = await send(traced);
        end(replyFailure(reply));
        return reply;
      } catch (error) {
        end({ type: 'internal' });
        throw error;
      }
    },
    callSettled: (call, { status }) => void settled.set(call, status),
  };
}

function count(sendings: WeakMap<PlannedCall, number>, call: PlannedCall): number {
  const number = (sendings.get(call) ?? 0) + 1;
  sendings.set(call, number);
  return number;
}

function describe({ call, queuedMs, waitedFor = [], batchId }: PlannedSending, sending: number): Attributes {
  return {
    'marshal.call.id': call.id,
    'marshal.call.class': call.class,
    'marshal.call.sending': sending,
    'marshal.call.queued_ms': Math.round(queuedMs * 1000) / 1000,
    ...(waitedFor.length > 0 && { 'marshal.call.waited_for': waitedFor.slice(0, maxWaitedFor) }),
    ...(batchId !== undefined && { 'marshal.batch.id': batchId }),
  };
}

/** What we give up ourselves comes back as cancelled: why, is known of the call. One that is sent again after its time has not ended. */
function statusOf(
  answer: SendResult,
  { signal, settled }: { signal: CallSending['signal']; settled: Status | undefined },
): Status {
  if (answer.ok) return answer.result['isError'] === true ? 'tool_error' : 'ok';
  const status = statusOfCode[answer.error.code];
  if (status !== 'cancelled' || signal?.aborted !== true) return status;
  return settled === undefined || settled === 'ok' ? 'timeout' : settled;
}

function failureOf(answer: SendResult, status: Status): Failure | undefined {
  if (answer.ok) return status === 'tool_error' ? { type: 'tool_error' } : undefined;
  const { rpc, code } = answer.error;
  if (rpc !== undefined) return { type: String(rpc.code), rpcCode: rpc.code };
  return { type: code === 'cancelled' ? status : code };
}

function replyFailure(reply: Reply): Failure | undefined {
  return reply.ok ? undefined : { type: String(reply.error.code), rpcCode: reply.error.code };
}
