import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { Era, Question } from '../../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import type { UpstreamRequest } from '../../../src/core/protocol/server.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { accept, askedOf, createModernClient, form, type Exchange } from '../questions/modern-client.ts';
import { requestOf, stubEngine, type StubEngine } from '../stub-engine.ts';

const never = new Aborter();
const minuteMs = 60_000;

/** One call of the batch, as its server takes it: how long it takes, and what it asks after that. */
interface Doing {
  name: string;
  ms?: number;
  asks?: boolean;
  /** It is a write of one place, so that it runs when those before it have ended. */
  isWrite?: boolean;
}

/** A server that asks its callers for their names' sake, and does something once they accept. */
function createServer(
  doings: readonly Doing[],
  { era = 'legacy', maxParallel = 8 }: { era?: Era; maxParallel?: number } = {},
) {
  const effects: string[] = [];
  const stub: StubEngine = stubEngine({
    tools: [makeTool('read'), makeTool('write')],
    policy: { read: ['read'], write: ['write'] },
    offers: { files: { era } },
    answer: (request) => (era === 'legacy' ? serveLegacy(request) : serveModern(request)),
  });
  const nameOf = ({ params }: UpstreamRequest): string => textOf(objectOf(params['arguments'])['name']);
  const doingOf = (name: string): Doing => doings.find((doing) => doing.name === name)!;
  const finish = (name: string, reply?: Reply): SendResult => {
    if (reply !== undefined && !(reply.ok && reply.result['action'] === 'accept'))
      return toResult(`${name} was declined`);
    effects.push(name);
    return toResult(`${name} got ${JSON.stringify(reply?.ok && reply.result['content'])}`);
  };
  const serveLegacy = async (request: UpstreamRequest): Promise<SendResult> => {
    const name = nameOf(request);
    const { ms = 10, asks } = doingOf(name);
    await stub.clock.sleep(ms);
    if (request.signal?.aborted)
      return { ok: false, sent: true, error: { code: 'cancelled', message: '', retryable: true } };
    return finish(name, asks === true ? await request.ask!(form(name), never) : undefined);
  };
  const serveModern = (request: UpstreamRequest): SendResult => {
    const name = nameOf(request);
    const { inputResponses } = request.params;
    if (doingOf(name).asks !== true) return finish(name);
    if (inputResponses === undefined) {
      const inputRequests = { sure: { ...form(name) } };
      return { ok: true, result: { resultType: 'input_required', inputRequests, requestState: name } };
    }
    return finish(name, { ok: true, result: objectOf(objectOf(inputResponses)['sure']) });
  };
  const calls = doings.map(({ name, isWrite }) => ({
    tool: isWrite === true ? 'files__write' : 'files__read',
    arguments: { name },
  }));
  const params = { name: 'batch_call', arguments: { calls, maxParallel, format: 'structured' } };
  return { ...stub, params, effects };
}

function toResult(text: string): SendResult {
  return { ok: true, result: { content: [{ type: 'text', text }] } };
}
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** What each call of a reply said, or how it ended. */
function saidBy({ result }: { result?: JsonObject }): string[] {
  const { results } = objectOf(result?.['structuredContent']);
  return listOf(results).map(({ status, result: own }) => {
    const [block] = listOf(objectOf(own)['content']);
    return textOf(block?.['text'] ?? status);
  });
}
function messagesOf(exchange: Exchange): string[] {
  return Object.values(askedOf(exchange)).map(({ params }) => textOf(params['message']));
}
/** An answer to each question, which says what it was asked. */
function answersTo(exchange: Exchange): JsonObject {
  return Object.fromEntries(
    Object.entries(askedOf(exchange)).map(([key, { params }]) => [key, accept(`to ${textOf(params['message'])}`)]),
  );
}
const got = (name: string): string => `${name} got {"value":"to ${name}"}`;

/** A modern client in front of the server's engine. */
function inFrontOf({ engine, clock, params }: ReturnType<typeof createServer>) {
  const client = createModernClient((request) => handleRequest(engine, request), clock);
  return { ...client, sendBatch: (changes = {}) => client.send(params, changes) };
}

describe('three calls of one batch whose server asks in the middle of each', () => {
  const three: Doing[] = ['a', 'b', 'c'].map((name, index) => ({ name, asks: true, ms: 10 * (index + 1) }));

  test.each(['legacy', 'modern'] as const)(
    '[questions] a %s one: a modern client gets one round of questions; each call gets its answer, has one effect, and is sent no more than that takes',
    async (era) => {
      const server = createServer(three, { era });
      const client = inFrontOf(server);
      const first = client.sendBatch();
      await client.clock.pass(100);
      expect(messagesOf(first)).toEqual(['a', 'b', 'c']);
      expect(server.effects).toEqual([]);
      const second = client.comeBack(first, answersTo(first));
      await client.clock.pass(0);
      expect(saidBy(second)).toEqual([got('a'), got('b'), got('c')]);
      expect(server.effects.toSorted()).toEqual(['a', 'b', 'c']);
      expect(server.sent).toHaveLength(era === 'legacy' ? 3 : 6);
      expect(client.clock.timers()).toBe(0);
    },
  );

  test('a legacy client gets three questions, each at once', async () => {
    const { engine, clock, params, effects, sent } = createServer(three);
    const asked: [number, string][] = [];
    const ask = async ({ params: { message } }: Question): Promise<Reply> => {
      asked.push([clock.now(), textOf(message)]);
      await clock.sleep(1_000);
      return { ok: true, result: accept(`to ${textOf(message)}`) };
    };
    const reply = handleRequest(engine, requestOf('tools/call', params, { ask }));
    await clock.pass(2_000);
    expect(asked).toEqual([
      [10, 'a'],
      [20, 'b'],
      [30, 'c'],
    ]);
    expect(saidBy({ result: await reply })).toEqual([got('a'), got('b'), got('c')]);
    expect([effects.length, sent.length]).toEqual([3, 3]);
  });

  test('the client may decline one: that call alone is told no', async () => {
    const server = createServer(three);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(100);
    const second = client.comeBack(first, { ...answersTo(first), q2: { action: 'decline' } });
    await client.clock.pass(0);
    expect(saidBy(second)).toEqual([got('a'), 'b was declined', got('c')]);
    expect(server.effects).toEqual(['a', 'c']);
  });

  test('a client that answers two is asked for the third alone', async () => {
    const server = createServer(three);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(100);
    const { q3: _, ...two } = answersTo(first);
    const second = client.comeBack(first, two);
    await client.clock.pass(0);
    expect(messagesOf(second)).toEqual(['c']);
    const third = client.comeBack(second, answersTo(second));
    await client.clock.pass(0);
    expect(saidBy(third)).toEqual([got('a'), got('b'), got('c')]);
    expect(server.sent).toHaveLength(3);
  });

  test('a shell that runs the batch has nobody to ask, and each call hears so', async () => {
    const { engine, clock, params, effects } = createServer(three);
    const reply = handleRequest(
      engine,
      requestOf('tools/call', params, { ask: () => Promise.resolve(refusal(-32601, 'no')) }),
    );
    await clock.pass(100);
    expect(saidBy({ result: await reply })).toEqual(['a was declined', 'b was declined', 'c was declined']);
    expect(effects).toEqual([]);
  });
});

describe('a batch in which some calls ask', () => {
  test('waits two seconds for the other calls’ questions, and runs them on while its client is away', async () => {
    const server = createServer([
      { name: 'quick', asks: true, ms: 10 },
      { name: 'slow', ms: 30_000 },
      { name: 'plain', ms: 20 },
    ]);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(2_009);
    expect(first.result).toBeUndefined();
    await client.clock.pass(1);
    expect(messagesOf(first)).toEqual(['quick']);
    await client.clock.pass(40_000);
    expect(server.effects).toEqual(['plain', 'slow']);
    const second = client.comeBack(first, answersTo(first));
    await client.clock.pass(0);
    expect(saidBy(second)).toEqual([got('quick'), 'slow got undefined', 'plain got undefined']);
    expect(server.sent).toHaveLength(3);
  });

  test('asks as soon as all that still run do', async () => {
    const server = createServer([
      { name: 'asking', asks: true, ms: 10 },
      { name: 'plain', ms: 500 },
    ]);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(499);
    expect(first.result).toBeUndefined();
    await client.clock.pass(1);
    expect(messagesOf(first)).toEqual(['asking']);
  });

  test('asks what comes up later in a round of its own, and does nothing twice', async () => {
    const server = createServer([
      { name: 'a', asks: true, isWrite: true },
      { name: 'b', asks: true, isWrite: true },
    ]);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(100);
    expect(messagesOf(first)).toEqual(['a']);
    const second = client.comeBack(first, answersTo(first));
    await client.clock.pass(100);
    expect(messagesOf(second)).toEqual(['b']);
    const third = client.comeBack(second, answersTo(second));
    await client.clock.pass(0);
    expect(saidBy(third)).toEqual([got('a'), got('b')]);
    expect(server.effects).toEqual(['a', 'b']);
    expect(server.sent).toHaveLength(2);
  });

  test('does not run out of time while its client thinks, in either era', async () => {
    const doings: Doing[] = [
      { name: 'a', asks: true },
      { name: 'b', asks: true },
    ];
    const server = createServer(doings);
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(8 * minuteMs);
    const second = client.comeBack(first, answersTo(first));
    await client.clock.pass(100);
    expect(saidBy(second)).toEqual([got('a'), got('b')]);

    const { engine, clock, params } = createServer(doings);
    const ask = async ({ params: { message } }: Question): Promise<Reply> => {
      await clock.sleep(8 * minuteMs);
      return { ok: true, result: accept(`to ${textOf(message)}`) };
    };
    const reply = handleRequest(engine, requestOf('tools/call', params, { ask }));
    await clock.pass(9 * minuteMs);
    expect(saidBy({ result: await reply })).toEqual([got('a'), got('b')]);
  });

  test('ends without a client that never comes back, and holds nothing any more', async () => {
    const server = createServer([{ name: 'b' }, { name: 'a', asks: true, isWrite: true }]);
    const client = inFrontOf(server);
    client.sendBatch();
    await client.clock.runOut();
    expect(client.clock.now()).toBeLessThan(11 * minuteMs);
    expect(server.effects).toEqual(['b']);
    expect(server.engine.scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  });

  test('keeps the time of every call of the server that asks, since the question may be any of theirs', async () => {
    const doings = [
      { name: 'asking', asks: true },
      { name: 'short' },
      { name: 'asked for', ms: 3 * minuteMs },
      { name: 'begun later', ms: 3 * minuteMs },
    ];
    const server = createServer(doings, { maxParallel: 3 });
    const client = inFrontOf(server);
    const first = client.sendBatch();
    await client.clock.pass(4 * minuteMs);
    const second = client.comeBack(first, answersTo(first));
    await client.clock.pass(0);
    const others = ['short', 'asked for', 'begun later'].map((name) => `${name} got undefined`);
    expect(saidBy(second)).toEqual([got('asking'), ...others]);
  });

  test('tells its client what servers tell in the middle, as it is', async () => {
    const log = { method: 'notifications/message', params: { level: 'warning', logger: 'x', data: [1] } };
    const { engine, clock, sent } = stubEngine({
      tools: [makeTool('read')],
      policy: { read: ['read'] },
      answer: ({ onNotice }) => {
        onNotice?.(log);
        return toResult('done');
      },
    });
    const client = createModernClient((request) => handleRequest(engine, request), clock);
    const calls = [{ tool: 'files__read' }, { tool: 'files__read', arguments: { n: 2 } }];
    const reply = client.send({ name: 'batch_read', arguments: { calls } }, { logLevel: 'warning' });
    await clock.pass(0);
    expect(reply.notices).toEqual([log, log]);
    expect(sent.map(({ logLevel }) => logLevel)).toEqual(['warning', 'warning']);
  });
});
