// A server as the SDK's own documents have it, over HTTP in both eras: `node plain-server.mjs PORT FILE`. Its tools: `echo`, and `read_page`,
// which reads FILE.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

const [port, file] = process.argv.slice(2);
const textResult = (text) => ({ content: [{ type: 'text', text }] });

function createTools() {
  const server = new McpServer({ name: 'plain', version: '1.0.0' });
  const annotations = { readOnlyHint: true };
  server.registerTool('echo', { annotations, inputSchema: z.object({ message: z.string() }) }, ({ message }) =>
    textResult(message),
  );
  server.registerTool('read_page', { annotations, inputSchema: z.object({}) }, async () =>
    textResult(await readFile(file, 'utf8')),
  );
  return server;
}

const serveModern = toNodeHandler(createMcpHandler(createTools));
const sessions = new Map();

async function serveLegacy(request, response) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known.handleRequest(request, response);
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await createTools().connect(transport);
  return transport.handleRequest(request, response);
}

createServer((request, response) => {
  const isModern = request.headers['mcp-method'] !== undefined;
  (isModern ? serveModern : serveLegacy)(request, response).catch((error) => response.destroy(error));
}).listen(Number(port), '127.0.0.1');
