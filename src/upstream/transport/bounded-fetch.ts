/** Longest answer read over HTTP: all of a JSON body, or one event of a stream. A client cannot show a tenth of it. */
const maxBytes = 64 * 1024 * 1024;
export const oversizedReason = 'its answer is over the limit of 64 MiB';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that ends a response which is too long to be held in memory. `onOversized` is told before the response's body fails,
 * with the body of the request if it had one.
 */
export function createBoundedFetch(onOversized: (requestBody: string | undefined) => void): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.body === null || isSurelyShort(response.headers)) return response;
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
    const count = isStream ? createEventCounter() : createCounter();
    const bounded = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          if (count(chunk) <= maxBytes) return controller.enqueue(chunk);
          onOversized(typeof init?.body === 'string' ? init.body : undefined);
          controller.error(new Error(oversizedReason));
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(bounded, { status, statusText, headers });
  };
}

/** By what the server says of the length. Of a packed body that says nothing. */
function isSurelyShort(headers: Headers): boolean {
  const length = headers.get('content-length');
  return length !== null && !headers.has('content-encoding') && Number(length) <= maxBytes;
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
