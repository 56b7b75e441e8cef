// A server that gives back at once what it was given: MCP over stdio in raw JSON-RPC (2025-06-18), so that next to nothing is spent in
// it. Whoever asks for progress is told once, in the same write as the answer. Each answer says in `_meta` which process it is from.
//   BENCH_SHUFFLE  answers what came in together in an order of its own
//   BENCH_TOOLS    lists so many tools, which all do the same
import { createInterface } from 'node:readline';
import { createRandom } from './random.mjs';

const random = createRandom(1);
const isShuffled = process.env.BENCH_SHUFFLE !== undefined;
let waiting = [];

const names = Array.from({ length: Number(process.env.BENCH_TOOLS ?? 1) }, (_, n) => (n === 0 ? 'echo' : `echo_${n}`));
const inputSchema = { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] };
const answers = {
  initialize: () => ({
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'echo', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: names.map((name) => ({ name, inputSchema, annotations: { readOnlyHint: true } })) }),
  'tools/call': ({ arguments: { message } }) => ({
    content: [{ type: 'text', text: message }],
    _meta: { pid: process.pid },
  }),
  ping: () => ({}),
};

function receive({ id, method, params }) {
  if (id === undefined) return;
  if (waiting.length === 0) setImmediate(flush);
  const answer = answers[method];
  const said =
    answer === undefined ? { error: { code: -32601, message: `no method ${method}` } } : { result: answer(params) };
  waiting.push(`${progressOf(params)}${toLine({ id, ...said })}`);
}

function progressOf({ _meta: meta, arguments: args } = {}) {
  if (meta?.progressToken === undefined || args === undefined) return '';
  const params = { progressToken: meta.progressToken, progress: 1, message: args.message };
  return toLine({ method: 'notifications/progress', params });
}

function flush() {
  if (isShuffled) shuffle(waiting);
  process.stdout.write(waiting.join(''));
  waiting = [];
}

function shuffle(list) {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
}

function toLine(message) {
  return `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
}

createInterface({ input: process.stdin })
  .on('line', (line) => receive(JSON.parse(line)))
  .on('close', () => process.exit());
