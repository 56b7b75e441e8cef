import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JSONRPCMessage, StreamableHTTPClientTransportOptions } from '@modelcontextprotocol/client';
import type { IncomingMessage } from 'node:http';
import { Aborter, type AbortLike } from '../../../core/abort.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { standardHeaders } from '../../../core/protocol/standard-headers.ts';
import { createEndpoint } from '../../../lib/http/endpoint.ts';
import { EventTooLong, readEvents } from '../../../lib/http/read-events.ts';
import { readText } from '../../../lib/http/read-text.ts';
import { sleep } from '../../pace/time-limit.ts';
import { BrokenAnswer } from '../../peer/failure/broken-answer.ts';
import type { Credentials } from '../../auth/credentials.ts';
import { authorizeEndpoint, type AuthorizedEndpoint } from './authorized-endpoint.ts';
import { failureOf } from './failure-of.ts';
import { accepted, explainContent, messagesOf, toHttpError } from './read-answer.ts';
import { boundRetry, resumeAfterMs } from './resume-pauses.ts';

/** Calls in a row gain by it, and hardly any server ends in between. */
const trustForMs = 100;
/** From the answer to the end of its stream, which the server owes us. */
const lingerMs = 5000;

/** What the SDK's transport has to do itself: it learns from these, or keeps them open. */
const ofTheSdk: ReadonlySet<unknown> = new Set(['initialize', 'server/discover', 'subscriptions/listen', 'ping']);

type SendOptions = NonNullable<Parameters<StreamableHTTPClientTransport['send']>[1]>;

export interface QuickHttpOptions extends StreamableHTTPClientTransportOptions {
  /** Sent with every request. Never logged. */
  ownHeaders: Readonly<Record<string, string>>;
  /** Of an answer, or of one event of a stream. */
  maxBytes: number;
  /** An answer was too long to be read; `request` is the message that it answers, as text. */
  onOversizedAnswer: (request: string) => void;
  /** For requests that do not go by `fetch`. */
  credentials?: Credentials | undefined;
}

/**
 * The SDK's transport for Streamable HTTP, but for requests once the session stands: these go over plain HTTP, and what comes back is
 * handed on as it is. `fetch` and web streams take more than twice as long, and the SDK's schemas lose a whole answer for one field
 * of the message that they do not know.
 */
export class QuickHttpTransport extends StreamableHTTPClientTransport {
  private readonly address: URL;
  private readonly options: QuickHttpOptions;
  private readonly endpoint: AuthorizedEndpoint;
  private readonly life = new Aborter();

  constructor(url: URL, options: QuickHttpOptions) {
    super(url, options);
    this.address = url;
    this.options = options;
    const endpoint = createEndpoint(url.href, { headers: options.ownHeaders, trustForMs });
    this.endpoint = authorizeEndpoint(endpoint, options.credentials);
  }

  override send(message: JSONRPCMessage | JSONRPCMessage[], options?: SendOptions): Promise<void> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- messages pass as they are, whatever the SDK's types know
    const request = message as unknown as JsonObject;
    const isQuick = typeof request['method'] === 'string' && 'id' in request && !ofTheSdk.has(request['method']);
    return isQuick ? this.post(request, options ?? {}) : super.send(message, options);
  }

  override async close(): Promise<void> {
    this.life.abort();
    await super.close();
    this.endpoint.close();
  }

  private async post(message: JsonObject, options: SendOptions): Promise<void> {
    const exchange = this.begin(options.requestSignal);
    try {
      await this.exchange(message, { options, exchange });
    } catch (error) {
      exchange.end();
      throw error;
    }
  }

  /** What ends with the request, or with the transport. By hand: what `AbortSignal.any` makes lives as long as its sources. */
  private begin(requestSignal: AbortSignal | undefined): Exchange {
    const signal = new Aborter();
    const abort = (): void => signal.abort();
    const sources = requestSignal === undefined ? [this.life] : [this.life, requestSignal];
    for (const source of sources) {
      if (source.aborted) abort();
      else source.addEventListener('abort', abort);
    }
    const end = (): void => {
      for (const source of sources) source.removeEventListener('abort', abort);
    };
    return { signal, end };
  }

  private async exchange(
    message: JsonObject,
    { options, exchange }: { options: SendOptions; exchange: Exchange },
  ): Promise<void> {
    const { signal } = exchange;
    const body = JSON.stringify(message);
    const headers = { ...this.headersFor(message), ...options.headers, 'Content-Type': 'application/json' };
    const request = { method: 'POST', headers, body, signal } as const;
    const settled = this.endpoint.settle(request, await this.endpoint.open(request));
    const opening = settled instanceof Promise ? await settled : settled;
    if (opening.kind === 'aborted') return exchange.end();
    if (opening.kind !== 'response') throw failureOf(opening);
    const { response } = opening;
    const status = response.statusCode ?? 0;
    if (status === 307 || status === 308) {
      exchange.end();
      // Where these lead is the SDK's to decide; they say that it has not been run here (RFC 9110, 15.4.8), other redirects do not.
      response.destroy();
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      return super.send(message as unknown as JSONRPCMessage, options);
    }
    if (status < 200 || status > 299) throw await toHttpError(response, status);
    const type = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type === 'text/event-stream') {
      void this.readStream(response, { message, options, signal }).finally(exchange.end);
    } else if (type === 'application/json' && status !== accepted) {
      await this.readJson(response, { message, options });
      exchange.end();
    } else {
      // It may be a page of any length.
      response.destroy();
      throw new BrokenAnswer(explainContent(status, type));
    }
  }

  private headersFor({ method, params }: JsonObject): Record<string, string> {
    const [version, session] = [this.protocolVersion, this.sessionId];
    const isModern = version !== undefined && version >= firstModern;
    return {
      Accept: 'application/json, text/event-stream',
      ...(isModern && standardHeaders({ method, params: isJsonObject(params) ? params : {} }, version)),
      ...(version !== undefined && { 'MCP-Protocol-Version': version }),
      ...(session !== undefined && { 'Mcp-Session-Id': session }),
    };
  }

  private async readJson(
    response: IncomingMessage,
    { message, options }: { message: JsonObject; options: SendOptions },
  ): Promise<void> {
    const { maxBytes } = this.options;
    const isTooLong = Number(response.headers['content-length'] ?? 0) > maxBytes;
    const text = isTooLong ? undefined : await readText(response, maxBytes);
    if (text === undefined) {
      response.destroy();
      return this.options.onOversizedAnswer(JSON.stringify(message));
    }
    const messages = messagesOf(text);
    if (messages === undefined) throw new BrokenAnswer('its answer is not valid JSON');
    if (!this.deliver(messages, message['id'])) options.onRequestStreamEnd?.();
  }

  /** Reads until the answer is there and its stream has ended; a stream that breaks off before is taken up where it was. */
  private async readStream(
    first: IncomingMessage,
    { message, options, signal }: { message: JsonObject; options: SendOptions; signal: AbortLike },
  ): Promise<void> {
    let response: IncomingMessage | undefined = first;
    let lastEventId: string | undefined;
    let retryMs: number | undefined;
    let isAnswered = false;
    let isMisanswered = false;
    for (let idle = 1; ; idle += 1) {
      const linger = response;
      let timer: NodeJS.Timeout | undefined;
      try {
        const events = readEvents(response, {
          maxChars: this.options.maxBytes,
          onRetry: (ms) => (retryMs = boundRetry(ms)),
        });
        for await (const { id, type, data } of events) {
          // The server goes on with it, and may end every stream after an event, to be asked again (MCP 2025-11-25, polling).
          idle = 0;
          // An empty id takes back the one before (WHATWG HTML).
          if (id !== undefined) lastEventId = id === '' ? undefined : id;
          if (type !== 'message' || data === '') continue;
          const messages = messagesOf(data) ?? [];
          isMisanswered ||= messages.some((one) => !('method' in one));
          if (!this.deliver(messages, message['id'])) continue;
          isAnswered = true;
          timer ??= setTimeout(() => linger.destroy(), lingerMs);
        }
      } catch (error) {
        if (error instanceof EventTooLong) return this.options.onOversizedAnswer(JSON.stringify(message));
      } finally {
        clearTimeout(timer);
      }
      if (isAnswered || signal.aborted) return;
      // An answer under another id was all that there is.
      response = isMisanswered ? undefined : await this.resume({ lastEventId, idle, retryMs, signal });
      if (response === undefined) {
        if (!signal.aborted) options.onRequestStreamEnd?.();
        return;
      }
    }
  }

  private async resume(from: {
    lastEventId: string | undefined;
    /** Streams in a row that brought nothing. */
    idle: number;
    retryMs: number | undefined;
    signal: AbortLike;
  }): Promise<IncomingMessage | undefined> {
    const { lastEventId, signal } = from;
    if (lastEventId === undefined) return undefined;
    for (const pauseMs of resumeAfterMs.slice(from.idle)) {
      await sleep(from.retryMs ?? pauseMs, signal);
      if (signal.aborted) return undefined;
      const headers = { ...this.headersFor({}), Accept: 'text/event-stream', 'Last-Event-ID': lastEventId };
      const request = { method: 'GET', headers, signal } as const;
      const opening = await this.endpoint.settle(request, await this.endpoint.open(request));
      if (opening.kind !== 'response') continue;
      if (opening.response.statusCode === 200) return opening.response;
      opening.response.resume();
      // Refused: it would be the next time, too.
      if ((opening.response.statusCode ?? 0) < 500) return undefined;
    }
    return undefined;
  }

  /** Whether the answer to the request was among what was handed on. */
  private deliver(messages: readonly JsonObject[], id: unknown): boolean {
    let isAnswer = false;
    for (const message of messages) {
      isAnswer ||= message['id'] === id && !('method' in message);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
      this.onmessage?.(message as unknown as JSONRPCMessage);
    }
    return isAnswer;
  }
}

interface Exchange {
  signal: AbortLike;
  /** Gives back what it holds of others. */
  end: () => void;
}

/** The revision from which headers repeat what the body says. Dates compare as text. */
const firstModern = '2026-07-28';
