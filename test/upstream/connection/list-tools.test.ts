import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { listTools } from '../../../src/upstream/connection/list-tools.ts';
import type { RawAnswer } from '../../../src/upstream/peer/raw-answer.ts';
import type { RawPeer } from '../../../src/upstream/peer/raw-peer.ts';
import { deepJson } from '../support.ts';

const never = new AbortController().signal;
const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });

/** A peer that answers each page by a function of its cursor, and counts the questions. */
function peer(answer: (cursor: unknown) => JsonObject) {
  return answering((cursor) => ({ kind: 'result', result: answer(cursor) }));
}

function answering(answer: (cursor: unknown) => RawAnswer) {
  let asked = 0;
  const request: RawPeer['request'] = (_, params) => {
    asked += 1;
    return Promise.resolve(answer(params['cursor']));
  };
  return { request, asked: () => asked };
}

describe('a tool list', () => {
  test('is read page by page, in order, each cursor handed back as it came', async () => {
    const cursors: unknown[] = [];
    const pages = peer((cursor) => {
      cursors.push(cursor);
      return cursor === undefined ? { tools: [tool('a')], nextCursor: '' } : { tools: [tool('b')] };
    });
    expect((await listTools(pages, never)).tools).toEqual([tool('a'), tool('b')]);
    expect(cursors).toEqual([undefined, '']);
  });

  test('that never ends is cut after 100 pages, with a warning', async () => {
    let page = 0;
    const endless = peer(() => ({ tools: [tool(`t${page}`)], nextCursor: String((page += 1)) }));
    const { tools, warnings } = await listTools(endless, never);
    expect(tools).toHaveLength(100);
    expect(endless.asked()).toBe(100);
    expect(warnings).toEqual(['its tool list has more than 100 pages; the rest is left out']);
  });

  test('of more than 10,000 tools is cut there, with a warning', async () => {
    let page = 0;
    const huge = peer(() => ({
      tools: Array.from({ length: 4000 }, (_, i) => tool(`${i}`)),
      nextCursor: String((page += 1)),
    }));
    const { tools, warnings } = await listTools(huge, never);
    expect(tools).toHaveLength(10_000);
    expect(warnings).toEqual(['its tool list has more than 10000 tools; the rest is left out']);
  });

  test('leaves out entries that are no tools', async () => {
    const odd = peer(() => ({ tools: [tool('a'), { name: 'no-schema' }, { inputSchema: {} }, 'text', null] }));
    const { tools, warnings } = await listTools(odd, never);
    expect(tools).toEqual([tool('a')]);
    expect(warnings).toHaveLength(4);
  });

  test('leaves out a tool whose schema is nested too deep to be written down, and keeps its neighbours', async () => {
    const inputSchema: JsonObject = JSON.parse(deepJson(20_000));
    const odd = peer(() => ({ tools: [tool('a'), { name: 'deep', inputSchema }, tool('b')] }));
    const { tools, warnings } = await listTools(odd, never);
    expect(tools).toEqual([tool('a'), tool('b')]);
    expect(warnings).toEqual(['an entry of its tool list has no name or no usable input schema and is left out']);
  });

  test('of a server that knows no tools/list is empty; any other error is one', async () => {
    const without = answering(() => ({ kind: 'error', error: { code: -32601, message: 'no' } }));
    expect((await listTools(without, never)).tools).toEqual([]);
    const broken = answering(() => ({ kind: 'error', error: { code: -32603, message: 'database' } }));
    await expect(listTools(broken, never)).rejects.toThrow('it refused to list its tools: database (-32603)');
    const late = answering(() => ({ kind: 'cancelled', sent: true }));
    await expect(listTools(late, never)).rejects.toThrow('in time');
  });
});
