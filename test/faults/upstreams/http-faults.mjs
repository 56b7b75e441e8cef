// Faults of HTTP answers: the tools `fault` and `fault_write` commit the one that `how` names.
import { setTimeout as sleep } from 'node:timers/promises';
import { text, tool } from './tools.mjs';

const schema = { type: 'object', additionalProperties: true };
const megabyte = 'x'.repeat(1024 * 1024);
/** How often a `status` has been given per nonce. */
const given = new Map();

const run = async (args, wire) => {
  if (args.how === 'status') {
    const times = (given.get(args.nonce) ?? 0) + 1;
    given.set(args.nonce, times);
    if (times > (args.times ?? 1)) {
      wire.answer(text(args.nonce));
      return;
    }
  }
  await wire.commit(args);
};

export const httpFaults = {
  fault: { listed: tool('fault', { readOnlyHint: true }, schema), run },
  fault_write: { listed: tool('fault_write', { readOnlyHint: false, destructiveHint: false }, schema), run },
};

const faults = {
  reset(_, { response }) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"jsonrpc":"2.0",');
    setTimeout(() => response.socket.resetAndDestroy(), 20);
    return sleep(20);
  },
  truncated(_, { response, id }) {
    const whole = JSON.stringify({ jsonrpc: '2.0', id, result: text('never whole') });
    response.writeHead(200, { 'content-type': 'application/json' }).end(whole.slice(0, -10));
  },
  'cut SSE'(_, { response, id }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"res`);
    setTimeout(() => response.socket.destroy(), 20);
    return sleep(20);
  },
  'SSE without an answer'(_, { response }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(': nothing more\n\n');
  },
  202: (_, { response }) => void response.writeHead(202).end(),
  '300 MB'(_, { response, log }) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"');
    let sent = 0;
    const more = () => {
      while (sent < 300 && !response.destroyed) {
        sent += 1;
        // The event is the byte that is too much, not the first one.
        if (sent === 65) log('did', { what: 'over 64 MiB' });
        if (!response.write(megabyte)) {
          response.once('drain', more);
          return;
        }
      }
      response.end('"}]}}');
    };
    more();
  },
  'HTML page': (_, { response }) =>
    void response
      .writeHead(502, { 'content-type': 'text/html' })
      .end('<html><body>secret-of-the-page Bad Gateway</body></html>'),
  redirect: (_, { response, port }) =>
    void response.writeHead(307, { location: `http://localhost:${port}/landed` }).end(),
  status({ status, retryAfter }, { response }) {
    response.writeHead(status, {
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      'content-type': 'text/plain',
    });
    response.end('too much to do');
  },
  malformed(args, { response, id }) {
    const answers = {
      both: [{ id, result: text(args.nonce), error: { code: 1, message: 'and an error' } }],
      neither: [{ id }],
      text: [{ id, result: 'not an object' }],
      foreign: [{ id: 'nobody', result: text('for somebody else') }],
      'other type': [{ id: [id], result: text('for somebody else') }],
    };
    const body = (answers[args.what] ?? []).map((one) => JSON.stringify({ jsonrpc: '2.0', ...one }));
    if (args.what !== 'twice') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body[0]);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const answer of [args.nonce, 'second answer'])
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: text(answer) })}\n\n`);
    response.end();
  },
  oversized({ megabytes }, { response, id }) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":"`);
    for (let i = 0; i < megabytes; i += 1) response.write(megabyte);
    response.end('"}]}}');
  },
  deep({ levels }, { response, id }) {
    const nest = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[],"structuredContent":{"deep":${nest}}}}`,
    );
  },
};

/** Commits a fault on the response of a call, and says in the log when. */
export async function commit(args, exchange) {
  const done = faults[args.how](args, exchange);
  await done;
  exchange.log('did', { what: args.how, nonce: args.nonce });
}
