// A client over HTTP in bare requests of node:http on connections that are kept: the cheapest that there is, so that what is measured is
// the server. It holds every answer to the protocol: its own id, and beside it nothing but progress.
import { Agent, request } from 'node:http';

const legacyVersion = '2025-11-25';
const modernVersion = '2026-07-28';
const clientInfo = { name: 'bench', version: '1.0.0' };
const envelope = {
  'io.modelcontextprotocol/protocolVersion': modernVersion,
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};

/**
 * Opens a client; one of the legacy era opens its session. Ids count from 1, as with every client.
 * @returns `sessionId` (legacy), `callTool`, which resolves with `result` or `error` and the params of what progress came, and
 *          `close`, which ends the session and the connections. An answer against the protocol is an Error.
 */
export async function openRawClient({ url, era, sockets = 1 }) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  let lastId = 0;
  let sessionId;

  const send = async (method, params, headers = {}) => {
    const id = ++lastId;
    const answer = await exchange(
      { url, agent, headers: { ...headersOf(sessionId), ...headers } },
      { id, method, params },
    );
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status} to ${method}: ${answer.text.slice(0, 200)}`);
    const { notices, response } = sortMessages(messagesOf(answer), id);
    return { ...response, progress: notices, headers: answer.headers };
  };

  if (era === 'legacy') {
    const { headers } = await send('initialize', { protocolVersion: legacyVersion, capabilities: {}, clientInfo });
    sessionId = headers['mcp-session-id'];
    const options = { url, agent, headers: headersOf(sessionId) };
    const { status } = await exchange(options, { method: 'notifications/initialized' });
    if (status !== 202) throw new Error(`HTTP ${status} to notifications/initialized`);
  }

  return {
    sessionId,
    callTool({ name, args, progressToken }) {
      const meta = { ...(era === 'modern' && envelope), ...(progressToken !== undefined && { progressToken }) };
      const params = { name, arguments: args, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
      const headers =
        era === 'modern' ? { 'mcp-protocol-version': modernVersion, 'mcp-method': 'tools/call', 'mcp-name': name } : {};
      return send('tools/call', params, headers);
    },
    async close() {
      if (sessionId !== undefined) await exchange({ url, agent, verb: 'DELETE', headers: headersOf(sessionId) });
      agent.destroy();
    },
  };
}

function headersOf(sessionId) {
  return sessionId === undefined ? {} : { 'mcp-session-id': sessionId, 'mcp-protocol-version': legacyVersion };
}

/** How long an answer may take to be there whole. */
const patienceMs = 20_000;

/** One HTTP exchange, read to its end. */
function exchange({ url, agent, headers, verb = 'POST' }, message) {
  const body = message === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', ...message });
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => outgoing.destroy(new Error(`no answer in ${patienceMs} ms to ${body}`)), patienceMs);
    const outgoing = request(url, {
      agent,
      method: verb,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json, text/event-stream',
      },
    });
    outgoing.on('close', () => clearTimeout(late));
    outgoing.on('error', reject).on('response', (incoming) => {
      let text = '';
      incoming
        .setEncoding('utf8')
        .on('data', (chunk) => (text += chunk))
        .on('error', reject)
        .on('end', () => resolve({ status: incoming.statusCode, headers: incoming.headers, text }));
    });
    outgoing.end(body);
  });
}

/** What an answer's body holds: one message, or those of its event stream (events without data only carry an id). */
function messagesOf({ headers, text }) {
  if (!headers['content-type']?.startsWith('text/event-stream')) return [JSON.parse(text)];
  return text
    .split('\n')
    .filter((line) => line.startsWith('data:') && line.length > 'data: '.length)
    .map((line) => JSON.parse(line.slice('data:'.length)));
}

function sortMessages(messages, id) {
  const response = messages.at(-1);
  if (response?.id !== id || 'method' in response)
    throw new Error(`the answer to ${id} is ${JSON.stringify(response)?.slice(0, 200)}`);
  const notices = messages.slice(0, -1);
  const stranger = notices.find(({ method }) => method !== 'notifications/progress');
  if (stranger !== undefined) throw new Error(`beside the answer to ${id}: ${JSON.stringify(stranger).slice(0, 200)}`);
  return { response, notices: notices.map(({ params }) => params) };
}
