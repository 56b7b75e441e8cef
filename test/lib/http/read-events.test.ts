import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventTooLong, readEvents, type ServerEvent } from '../../../src/lib/http/read-events.ts';
import { cpuMs } from '../../cpu-ms.ts';

async function* chunksOf(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8');
  let start = 0;
  for (let n = 0; start < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? bytes.length;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function read(text: string, { sizes = [1e9], maxChars = 1e6 }: { sizes?: number[]; maxChars?: number } = {}) {
  const events: ServerEvent[] = [];
  const retries: number[] = [];
  for await (const event of readEvents(chunksOf(text, sizes), { maxChars, onRetry: (ms) => retries.push(ms) })) {
    events.push(event);
  }
  return { events, retries };
}

describe('a stream of server-sent events', () => {
  test.each<[string, string, ServerEvent[]]>([
    ['one line', 'data: {"a":1}\n\n', [{ type: 'message', data: '{"a":1}' }]],
    ['several lines of data', 'data: a\ndata: b\ndata:  c\n\n', [{ type: 'message', data: 'a\nb\n c' }]],
    ['no space after the colon', 'data:a\n\n', [{ type: 'message', data: 'a' }]],
    ['a name and a number', 'event: ping\nid: 7\ndata: x\n\n', [{ type: 'ping', id: '7', data: 'x' }]],
    [
      'a number alone',
      'id: 7\ndata:\n\nid: 8\n\n',
      [
        { type: 'message', id: '7', data: '' },
        { type: 'message', id: '8', data: '' },
      ],
    ],
    [
      'comments and fields that nobody knows',
      ': keepalive\n\nfoo: bar\nbar\ndata: x\n\n',
      [{ type: 'message', data: 'x' }],
    ],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        { type: 'message', data: 'a' },
        { type: 'message', data: 'b' },
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\r\r',
      [
        { type: 'message', data: 'a' },
        { type: 'message', data: 'b' },
      ],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ type: 'message', data: 'a' }]],
    ['an end in the middle of an event', 'data: a\n\ndata: b\n', [{ type: 'message', data: 'a' }]],
    ['line separators that are none here', 'data: a\u2028b\u0085c\n\n', [{ type: 'message', data: 'a\u2028b\u0085c' }]],
  ])('is understood with %s', async (_, text, events) => {
    expect((await read(text)).events).toEqual(events);
  });

  test('says how long to wait before it is opened again', async () => {
    expect((await read('retry: 3000\nretry: soon\n\n')).retries).toEqual([3000]);
  });

  test('is the same however it is cut into pieces, in the middle of characters and line ends too', async () => {
    const line = fc.constantFrom('data: ä😀', 'data:', 'id: 1', 'event: e', ': c', '', '', 'data: {"x":"\u2028"}');
    const ended = fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')).map((parts) => parts.join(''));
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(ended, { maxLength: 20 }), sizes, async (lines, sizes) => {
        const text = lines.join('');
        expect((await read(text, { sizes })).events).toEqual((await read(text)).events);
      }),
    );
  });

  test('that never ends a line, or never ends an event, is given up at the bound', async () => {
    await expect(read(`data: ${'x'.repeat(2000)}`, { sizes: [100], maxChars: 1000 })).rejects.toThrow(EventTooLong);
    await expect(read('data: x\n'.repeat(2000), { sizes: [100], maxChars: 1000 })).rejects.toThrow(EventTooLong);
  });

  test('may be as long as it likes if its events are short', async () => {
    const { events } = await read(`data: ${'x'.repeat(100)}\n\n`.repeat(1000), { sizes: [300], maxChars: 1000 });
    expect(events).toHaveLength(1000);
  });

  test('is read in time linear in its length', async () => {
    const started = cpuMs();
    const { events } = await read(`data: ${'x'.repeat(20_000_000)}\n\n`, { sizes: [1000], maxChars: 1e9 });
    expect(events[0]!.data).toHaveLength(20_000_000);
    expect(cpuMs() - started).toBeLessThan(5000);
  });
});

test('a stream that floods leaves others their turns', async () => {
  const text = 'data: x\n\n'.repeat(1_000);
  let turns = 0;
  let isReading = true;
  const count = (): void => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  const { events } = await read(text);
  isReading = false;
  expect(events).toHaveLength(1_000);
  expect(turns).toBeGreaterThan(20);
});
