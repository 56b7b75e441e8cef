// A server of the benchmark: MCP over stdio in raw JSON-RPC (2025-06-18), so that next to nothing is spent outside the calls.
// A call takes `ms`, then answers with its number `n` and what it saw when it started; a write takes effect when it ends. So calls
// that overlap or change places show in what they see, not in their times alone. `run` keeps the values of runs apart.
//   BENCH_CAP  calls served at once; the rest wait in order of arrival, as with a server that is not re-entrant
//   BENCH_LOG  file with a JSON line per call served: { run, n, startMs, endMs, seen, ok }, times of the system's monotonic clock
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createStore } from './store.mjs';

const cap = Number(process.env.BENCH_CAP ?? Infinity);
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

const waiting = [];
const serving = new Map();
let store = createStore();
let storeRun;
let lines = '';

function serveNext() {
  while (serving.size < cap && waiting.length > 0) serve(waiting.shift());
}

function serve(request) {
  const { id, call } = request;
  const { run, n, ms, fail, hang, bytes } = call.args;
  if (run !== storeRun) [store, storeRun] = [createStore(), run];
  const startMs = nowMs();
  const seen = store.see(call);
  serving.set(id, {
    timer: hang ? undefined : setTimeout(end, ms),
    stop: () => note({ run, n, startMs, endMs: nowMs(), seen, ok: false }),
  });
  function end() {
    serving.delete(id);
    const endMs = nowMs();
    if (!fail) store.commit(call, n);
    const text = bytes === undefined ? JSON.stringify({ n, seen }) : 'All work and no play.\n'.repeat(bytes / 22);
    send({ id, result: { content: [{ type: 'text', text }], ...(fail && { isError: true }) } });
    note({ run, n, startMs, endMs, seen, ok: !fail });
    serveNext();
  }
}

/** Written after the answers of this turn have left, and after the next calls have started. */
function note(record) {
  if (lines === '') setImmediate(flush);
  lines += `${JSON.stringify(record)}\n`;
}

function flush() {
  if (process.env.BENCH_LOG) appendFileSync(process.env.BENCH_LOG, lines);
  lines = '';
}

/** As the official SDKs do: what is cancelled is not answered. */
function cancel(id) {
  const position = waiting.findIndex((request) => request.id === id);
  if (position !== -1) waiting.splice(position, 1);
  const served = serving.get(id);
  if (served === undefined) return;
  clearTimeout(served.timer);
  served.stop();
  serving.delete(id);
  serveNext();
}

const inputSchema = { type: 'object' };
const tools = [
  { name: 'read', inputSchema, annotations: { readOnlyHint: true } },
  { name: 'write', inputSchema, annotations: { readOnlyHint: false, destructiveHint: false } },
  { name: 'move', inputSchema, annotations: { readOnlyHint: false, destructiveHint: false } },
  ...Array.from({ length: 8 }, (_, number) => ({ name: `tool_${number}`, inputSchema })),
];

const answers = {
  initialize: () => ({
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools }),
  ping: () => ({}),
};

function receive({ id, method, params }) {
  if (method === 'notifications/cancelled') return cancel(params.requestId);
  if (id === undefined) return;
  if (method === 'tools/call') {
    waiting.push({ id, call: { tool: params.name, args: params.arguments } });
    return serveNext();
  }
  const answer = answers[method];
  send(
    answer === undefined ? { id, error: { code: -32601, message: `no method ${method}` } } : { id, result: answer() },
  );
}

createInterface({ input: process.stdin })
  .on('line', (line) => receive(JSON.parse(line)))
  .on('close', () => {
    flush();
    process.exit();
  });
