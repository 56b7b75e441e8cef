import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { commit } from './http-faults.mjs';

/**
 * Streamable HTTP in plain JSON answers; faults write to the response themselves. Legacy sessions have a standing stream (GET).
 * `POST /control/forget` drops all sessions, `/control/drop` all connections, `/control/sockets` tells how many there are.
 */
export function serveHttp(protocol, { port = 0 }, log) {
  const sessions = new Set();
  const sockets = new Set();

  const control = (what, response) => {
    if (what === 'forget') {
      log('forgotten');
      sessions.clear();
    }
    response.end(JSON.stringify({ sockets: sockets.size }));
    if (what !== 'drop') return;
    log('did', { what: 'drop' });
    for (const socket of sockets) socket.destroy();
  };

  const openStream = (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const stop = protocol.onChange(() => event(response, { method: 'notifications/tools/list_changed' }));
    request.on('close', stop);
  };

  const post = (request, response, message) => {
    const session = request.headers['mcp-session-id'];
    if (
      !protocol.isModern &&
      message.method !== 'initialize' &&
      message.method !== 'server/discover' &&
      !sessions.has(session)
    ) {
      log('unknown session', { method: message.method });
      return json(
        response,
        { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } },
        { status: session === undefined ? 400 : 404 },
      );
    }
    const { id } = message;
    const runningKey = protocol.isModern ? {} : `${session} ${typeof id} ${id}`;
    if (message.method === 'notifications/cancelled')
      protocol.cancel(`${session} ${typeof message.params.requestId} ${message.params.requestId}`);
    if (id === undefined) return response.writeHead(202).end();
    let headers = {};
    const answer = (body) => {
      if (response.headersSent) {
        response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, ...body })}\n\n`);
        return;
      }
      // A method that is not known is HTTP 404 in the modern era.
      const isUnknown = protocol.isModern && body.error?.code === -32601;
      json(response, { jsonrpc: '2.0', id, ...body }, { status: isUnknown ? 404 : 200, headers });
    };
    const wire = {
      runningKey,
      opened() {
        const made = randomUUID();
        sessions.add(made);
        headers = { 'mcp-session-id': made };
      },
      answer: (result) => answer({ result }),
      fail: (error) => answer({ error }),
      notify(notice) {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
        event(response, notice);
      },
      commit: (fault) => commit(fault, { id, response, log, port: server.address().port }),
      onClose: (listener) => response.on('close', listener),
    };
    // In the modern era closing the stream gives the call up.
    response.on('close', () => protocol.isModern && !response.writableFinished && protocol.cancel(runningKey));
    return Promise.resolve(protocol.handle(message, wire)).catch((error) => log('broke', { error: String(error) }));
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname.startsWith('/control/')) return control(pathname.slice('/control/'.length), response);
    if (pathname === '/landed') {
      log('landed', { authorization: request.headers.authorization ?? null });
      return response.writeHead(500).end();
    }
    if (request.method === 'DELETE') return response.writeHead(200).end();
    if (request.method === 'GET')
      return protocol.isModern ? response.writeHead(405).end() : openStream(request, response);
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    return request.on('end', () => post(request, response, JSON.parse(Buffer.concat(chunks).toString('utf8'))));
  });
  server.keepAliveTimeout = 30_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.listen(port, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
}

function json(response, body, { status = 200, headers = {} } = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function event(response, message) {
  response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
}
