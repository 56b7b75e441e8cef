import type { IncomingMessage, ServerResponse } from 'node:http';

/** Lets the pages of some origins read what they are answered (Fetch standard, CORS protocol). All others never see an answer. */
export interface Cors {
  /** Marks the answer of a request that comes from such a page. */
  mark(request: IncomingMessage, response: ServerResponse): void;
  /** Answers the question of a browser whether such a page may send what it wants to send; false where it is no such question. */
  answerPreflight(request: IncomingMessage, response: ServerResponse): boolean;
}

/** @param origins as browsers write them: scheme, host and port */
export function createCors(origins: ReadonlySet<string>): Cors {
  const isFromPage = ({ headers: { origin } }: IncomingMessage): boolean => origin !== undefined && origins.has(origin);
  return {
    mark(request, response) {
      if (!isFromPage(request)) return;
      response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '');
      response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
      response.setHeader('Vary', 'Origin');
    },
    answerPreflight(request, response) {
      const isAsked = request.headers['access-control-request-method'] !== undefined;
      if (request.method !== 'OPTIONS' || !isAsked || !isFromPage(request)) return false;
      const wanted = (request.headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
      response
        .writeHead(204, {
          'Access-Control-Allow-Methods': 'GET, POST, DELETE',
          'Access-Control-Allow-Headers': wanted.filter((name) => taken.test(name)).join(', '),
          'Access-Control-Max-Age': '600',
        })
        .end();
      return true;
    },
  };
}

/** The headers of a client of MCP, of either era. */
const taken = /^(?:accept|authorization|content-type|last-event-id|mcp-[a-z0-9-]{1,100})$/i;
