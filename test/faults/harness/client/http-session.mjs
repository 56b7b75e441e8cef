// A raw client over HTTP, in either era.
import { Agent, request as httpRequest } from 'node:http';

const versions = { legacy: '2025-06-18', modern: '2026-07-28' };
const clientInfo = { name: 'faults', version: '1.0.0' };

/**
 * Opens a client; of the legacy era with a session. `request` resolves with the response as it came, or with `{ error, status }` where HTTP
 * has no response for it; `abort` breaks the exchange off, as a client does that has gone.
 */
export async function openHttpSession(url, { era = 'legacy', sockets = 16 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  let lastId = -1;
  let sessionId;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': versions.modern,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': {},
  };

  const headersOf = ({ method, params }) => ({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(era === 'modern' && {
      'mcp-protocol-version': versions.modern,
      'mcp-method': method,
      ...(params?.name !== undefined && { 'mcp-name': params.name }),
    }),
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId, 'mcp-protocol-version': versions.legacy }),
  });

  const exchange = (message, { verb = 'POST', signal } = {}) => {
    const sentMs = performance.now();
    return new Promise((resolve) => {
      const settle = (answer) =>
        resolve({ ...answer, tookMs: performance.now() - sentMs, sentMs, endedMs: performance.now() });
      const body = verb === 'POST' ? JSON.stringify({ jsonrpc: '2.0', ...message }) : '';
      const outgoing = httpRequest(url, { agent, method: verb, headers: headersOf(message) });
      const broke = (error) => settle({ error: { message: String(error) }, status: 0 });
      outgoing.on('error', broke).on('response', (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk) => (text += chunk))
          .on('error', broke)
          .on('end', () =>
            settle({ ...read(text, response, message.id), status: response.statusCode, headers: response.headers }),
          );
      });
      signal?.addEventListener('abort', () => outgoing.destroy());
      outgoing.end(body);
    });
  };

  const request = (method, params = {}, { signal } = {}) => {
    const whole = era === 'modern' ? { ...params, _meta: { ...params._meta, ..._meta } } : params;
    return exchange({ id: ++lastId, method, params: whole }, { signal });
  };

  const session = {
    era,
    request,
    nextId: () => lastId + 1,
    notify: (method, params = {}) => exchange({ method, params }),
    sessionId: () => sessionId,
    /** Ends the session, as a client does that has finished. */
    leave: () => exchange({ method: 'delete' }, { verb: 'DELETE' }),
    /** Breaks off whatever is open. */
    close: () => agent.destroy(),
  };
  if (era === 'modern') return session;
  const { headers, error } = await request('initialize', {
    protocolVersion: versions.legacy,
    capabilities: {},
    clientInfo,
  });
  if (error !== undefined) throw new Error(`no session: ${error.message}`);
  sessionId = headers['mcp-session-id'];
  await session.notify('notifications/initialized');
  return session;
}

function read(text, response, id) {
  try {
    if (!String(response.headers['content-type']).includes('event-stream')) return text === '' ? {} : JSON.parse(text);
    const messages = text
      .split('\n')
      .filter((line) => line.startsWith('data:') && line.length > 'data: '.length)
      .map((line) => JSON.parse(line.slice('data:'.length)));
    return (
      messages.find((message) => message.id === id && message.method === undefined) ?? {
        error: { message: 'no answer in the stream' },
      }
    );
  } catch (error) {
    return { error: { message: `${String(error)}: ${text.slice(0, 100)}` } };
  }
}
