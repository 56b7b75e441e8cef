import type { AbortLike } from './abort.ts';
import type { JsonObject } from './json.ts';
import type { CallError, Outcome, SendResult } from './outcome.ts';
import type { PlannedCall } from './plan.ts';
import type { Reply, RequestId } from './protocol/rpc.ts';
import type { ToolClass } from './tool.ts';

/** The keys under which the W3C's trace context travels in `_meta` (MCP, SEP-414), and in headers of HTTP. */
export const traceContextKeys = ['traceparent', 'tracestate', 'baggage'] as const;

/** Where requests of clients come from: over a pipe, or over HTTP. */
export type ClientTransport = 'stdio' | 'http';

/** A request of a client, as its span tells of it. */
export interface AskedRequest {
  id: RequestId;
  method: string;
  params: JsonObject;
  signal: AbortLike;
  transport: ClientTransport;
  /** The revision of MCP that the client speaks. Absent: not known yet. */
  protocolVersion?: string | undefined;
  /** The session that it belongs to; a digest of it is told, since whoever knows a session can use it. Absent: it belongs to none. */
  sessionId?: string | undefined;
  /** What a tool's name, as the client wrote it, stands for in the catalogue. Nothing for what is none: names of clients' making are not told. */
  toolName(written: string): string | undefined;
}

/** A server that a request goes to. */
export interface AskedServer {
  /** Its key in the configuration. */
  name: string;
  transport: 'stdio' | 'http' | 'sse';
  /** Absent over stdio. */
  url?: string | undefined;
}

/** What the plan said of a call that is sent now. */
export interface PlannedSending {
  /** The same object for each sending of one call. */
  call: PlannedCall;
  /** From acceptance to this sending, milliseconds. */
  queuedMs: number;
  /** Ids of earlier calls of its batch that had to end first. */
  waitedFor?: readonly string[];
  /** Absent: the call came by itself. */
  batchId?: string;
}

/** Which batch is meant. */
export interface BatchMark {
  /** Trace context of the request that it came with. */
  meta: JsonObject | undefined;
  batchId: string;
}

/** A call that has ended, be it unsent. */
export interface EndedCall {
  /** Trace context of the request that it came with. */
  meta: JsonObject | undefined;
  /** Absent: the call came by itself. */
  batchId?: string | undefined;
  id: string;
  outcome: Outcome;
  /** Absent where its tool is not known. */
  server?: string | undefined;
  class?: ToolClass | undefined;
  tool?: string | undefined;
}

/** A batch that has ended. Milliseconds. */
export interface EndedBatch extends BatchMark {
  wallMs: number;
  /** What its calls would have taken one by one. */
  serialMs: number;
}

/** What can be read of the process whenever somebody looks. */
export interface ObservedProcess {
  load(): { ready: number; slots: number; passthrough: number };
  upstreams(): readonly { name: string; state: string; isRefusing?: true }[];
}

/**
 * Who hears what happens, to tell it as traces and metrics. Nothing in here throws but what its callbacks throw, and nothing holds a
 * call up. Arguments, results, messages of errors and URIs are never told.
 */
export interface Telemetry {
  /** Answers a client's request. `answer` gets its params with the trace context of this request in `_meta`. */
  serve(asked: AskedRequest, answer: (params: JsonObject) => JsonObject | Promise<JsonObject>): Promise<JsonObject>;
  /** Sends one `tools/call` to a server; `send` gets the params with the trace context of this sending in `_meta`. */
  sendCall(sending: CallSending, send: (params: JsonObject) => Promise<SendResult>): Promise<SendResult>;
  /** Sends any other request; the same comes of it. */
  sendRequest(sending: RequestSending, send: (params: JsonObject) => Promise<Reply>): Promise<Reply>;
  /** A person is asked about a call. What is returned is told what came of it: an error, or nothing for a yes. */
  askApproval(call: PlannedCall, meta: JsonObject | undefined): (error: CallError | undefined) => void;
  /** A call that was sent has been settled, perhaps before its sending has ended. */
  callSettled(call: PlannedCall, outcome: Outcome): void;
  callEnded(ended: EndedCall): void;
  batchBegun(batch: BatchMark & { calls: number }): void;
  batchEnded(ended: EndedBatch): void;
  /** A client has opened a session. What is returned is called at its end. */
  sessionOpened(transport: ClientTransport): () => void;
  /** A connection to a server stands, until `ended`. */
  connectionOpened(server: AskedServer, ended: Promise<unknown>): void;
  /** Has the process looked at whenever metrics are read. Returns what ends that. */
  observe(process: ObservedProcess): () => void;
}

/** A `tools/call` on its way to its server. */
export interface CallSending {
  server: AskedServer;
  /** The tool's name at its server. */
  tool: string;
  params: JsonObject;
  signal: AbortLike | undefined;
  /** Absent where nothing was planned. */
  planned: PlannedSending | undefined;
}

/** Any other request on its way to a server. */
export interface RequestSending {
  server: AskedServer;
  method: string;
  params: JsonObject;
}
