import { defaultLimits, showBytes } from '../../../core/limits.ts';

/** What to say of an answer that is too long: all of a JSON body, or one event of a stream. */
export function oversizedReason(maxBytes: number): string {
  return `its answer is over the limit of ${showBytes(maxBytes)} (limits.responseBytes)`;
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * A `fetch` that ends a response which is too long to be held in memory. `onOversized` is told before the response's body fails,
 * with the body of the request if it had one.
 */
export function createBoundedFetch(
  onOversized: (requestBody: string | undefined) => void,
  maxBytes: number = defaultLimits.responseBytes,
): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (body === null || isSurelyShort(headers, maxBytes)) return response;
    const giveUp = (): void => onOversized(typeof init?.body === 'string' ? init.body : undefined);
    if (headers.get('content-type')?.includes('text/event-stream') !== true) {
      return new Response(bound(body, { count: createCounter(), giveUp, maxBytes }), { status, statusText, headers });
    }
    // A stream is read through this field alone, and a new response costs a tenth of a whole call.
    Object.defineProperty(response, 'body', { value: bound(body, { count: createEventCounter(), giveUp, maxBytes }) });
    return response;
  };
}

/** By what the server says of the length. Of a packed body that says nothing. */
function isSurelyShort(headers: Headers, maxBytes: number): boolean {
  const length = headers.get('content-length');
  return length !== null && !headers.has('content-encoding') && Number(length) <= maxBytes;
}

/** The same bytes, until `count` says that they are too many. By hand, because a `TransformStream` costs twice as much. */
function bound(
  body: Body,
  { count, giveUp, maxBytes }: { count: (chunk: Uint8Array) => number; giveUp: () => void; maxBytes: number },
): Body {
  const reader = body.getReader();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        if (count(value) <= maxBytes) return controller.enqueue(value);
        giveUp();
        await reader.cancel();
        throw new Error(oversizedReason(maxBytes));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function createCounter(): (chunk: Uint8Array) => number {
  let bytes = 0;
  return (chunk) => (bytes += chunk.length);
}

/** Bytes since the last event ended, which is at an empty line. One that is cut between chunks counts with the next event: no matter. */
function createEventCounter(): (chunk: Uint8Array) => number {
  let bytes = 0;
  return (chunk) => {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\r\n\r\n'), text.lastIndexOf('\r\r'));
    bytes = end === -1 ? bytes + chunk.length : chunk.length - end;
    return bytes;
  };
}
