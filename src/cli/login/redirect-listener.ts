import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** Where the browser comes back to from logging in. */
export interface RedirectListener {
  /** Of the only path that is there; on this machine alone. */
  url: string;
  /** The parameters of the first request that `isOurs` says yes to, after which nobody is answered any more. */
  answer(isOurs: (answer: URLSearchParams) => boolean): Promise<URLSearchParams>;
  close(): void;
}

const path = '/callback';
/** A browser opens a few; nobody else has any business here. */
const maxConnections = 16;

/**
 * Listens on a port of 127.0.0.1 that nobody could have known before, or on the one that is registered for us. Rejects with Node's error where
 * it cannot be had.
 */
export async function openRedirectListener(port = 0): Promise<RedirectListener> {
  let isOurs: ((answer: URLSearchParams) => boolean) | undefined;
  let settle: ((answer: URLSearchParams) => void) | undefined;
  const server = createServer({ headersTimeout: 5000, requestTimeout: 5000 }, (request, response) => {
    const answer = answerOf(request);
    // A page elsewhere may guess the port, and the name of this host, but not what the answer holds.
    const isRight = answer !== undefined && isOurs?.(answer) === true;
    response.writeHead(isRight ? 200 : 400, headers).end(isRight ? donePage : strangePage);
    if (!isRight) return;
    isOurs = undefined;
    response.once('close', () => settle?.(answer));
  });
  server.maxConnections = maxConnections;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const host = `127.0.0.1:${address.port}`;

  function answerOf({ method, url = '', headers: { host: asked } }: IncomingMessage): URLSearchParams | undefined {
    if (method !== 'GET' || asked !== host || !URL.canParse(url, `http://${host}`)) return undefined;
    const parsed = new URL(url, `http://${host}`);
    return parsed.pathname === path && parsed.host === host ? parsed.searchParams : undefined;
  }

  return {
    url: `http://${host}${path}`,
    answer(accept) {
      isOurs = accept;
      return new Promise((resolve) => (settle = resolve));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  connection: 'close',
};

const donePage = page('mcp-marshal has the answer. Close this page, and go on where you ran the command.');
const strangePage = page('This is not the answer to the login that mcp-marshal is waiting for.');

function page(text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>mcp-marshal</title><p>${text}</p></html>\n`;
}
