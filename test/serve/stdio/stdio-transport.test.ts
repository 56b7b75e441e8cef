import { Buffer } from 'node:buffer';
import { PassThrough, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import { createStdioTransport } from '../../../src/serve/stdio/stdio-transport.ts';
import { recordingLogger } from '../../upstream/support.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function open(output: Writable = new PassThrough()) {
  const input = new PassThrough();
  const { logger, lines } = recordingLogger();
  const transport = createStdioTransport({ input, output, logger });
  const received: JSONRPCMessage[] = [];
  let closes = 0;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message) => received.push(message);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as above
  transport.onclose = () => void closes++;
  await transport.start();
  return { transport, input, output, received, closes: () => closes, warnings: () => lines().map(({ msg }) => msg) };
}

/** What was written so far, line by line. */
function sentTo(output: Writable): unknown[] {
  if (!(output instanceof PassThrough)) return [];
  const text = Buffer.from(output.read() ?? []).toString('utf8');
  return text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));
}

const ping = (id: number | string) => ({ jsonrpc: '2.0', id, method: 'ping', params: { text: 'größer 🌍' } }) as const;

describe('what a client sends', () => {
  test('arrives whole however it is cut, in the middle of a character too', async () => {
    const { input, received } = await open();
    for (const byte of Buffer.from(`${JSON.stringify(ping(1))}\r\n\n${JSON.stringify(ping('two'))}\n`)) {
      input.write(Buffer.from([byte]));
    }
    await settle();
    expect(received).toEqual([ping(1), ping('two')]);
  });

  test('arrives message by message where many come in one piece', async () => {
    const { input, received } = await open();
    input.write(Array.from({ length: 1_000 }, (_, id) => `${JSON.stringify(ping(id))}\n`).join(''));
    await settle();
    expect(received.map((message) => 'id' in message && message.id)).toEqual(
      Array.from({ length: 1_000 }, (_, id) => id),
    );
  });

  test.each([
    ['text', 'hello'],
    ['a broken message', '{"jsonrpc":"2.0","id":1,'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['a batch of JSON-RPC, which MCP has removed', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
    ['neither request nor answer', '{"jsonrpc":"2.0","id":1}'],
    ['a method that is no name', '{"jsonrpc":"2.0","id":1,"method":5}'],
  ])('and is no message (%s) is passed over with a warning that does not repeat it', async (_what, line) => {
    const { input, received, warnings } = await open();
    input.write(`${line}\n${JSON.stringify(ping(2))}\n`);
    await settle();
    expect(received).toEqual([ping(2)]);
    expect(warnings()).toEqual(['the client sent a line that is no message; passed over']);
  });

  test('and whose handling throws is reported, and the next message is handled', async () => {
    const { transport, input } = await open();
    const seen: unknown[] = [];
    Object.assign(transport, {
      onmessage(message: object) {
        if ('id' in message && message.id === 1) throw new RangeError('Maximum call stack size exceeded');
        seen.push(message);
      },
      onerror: (error: Error) => seen.push(error.message),
    });
    input.write(`${JSON.stringify(ping(1))}\n${JSON.stringify(ping(2))}\n`);
    await settle();
    expect(seen).toEqual(['Maximum call stack size exceeded', ping(2)]);
  });

  test.each([
    ['first', (text: string) => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":"${text}"}`, 7],
    ['first, as text', (text: string) => `{"id":"seven","jsonrpc":"2.0","params":"${text}"}`, 'seven'],
    ['last', (text: string) => `{"jsonrpc":"2.0","method":"tools/call","params":"${text}","id":0}`, 0],
  ])(
    'and is over 32 MiB is refused under its id where that stands %s, and the next message is served',
    async (_where, message, id) => {
      const { input, output, received, warnings } = await open();
      const piece = Buffer.alloc(1024 * 1024, 'x');
      const [start, end] = message('|').split('|');
      input.write(start);
      for (let megabyte = 0; megabyte < 33; megabyte++) input.write(piece);
      input.write(`${end}\n${JSON.stringify(ping(1))}\n`);
      await settle();
      await settle();
      expect(received).toEqual([ping(1)]);
      expect(sentTo(output)).toEqual([
        {
          jsonrpc: '2.0',
          id,
          error: {
            code: -32600,
            message: expect.stringMatching(
              /^the message has 346\d{5} bytes; mcp-marshal takes up to 33554432 \(limits\.requestBytes\)$/,
            ),
          },
        },
      ]);
      expect(warnings()).toEqual(['the client sent a message over the limit; refused']);
    },
  );

  test('and is over 32 MiB with its id hidden is refused without an answer, since a wrong id would end another request', async () => {
    const { input, output, warnings } = await open();
    input.write('{"jsonrpc":"2.0","params":"');
    for (let megabyte = 0; megabyte < 33; megabyte++) input.write(Buffer.alloc(1024 * 1024, 'x'));
    input.write('","id":3,"method":"tools/call"}\n');
    await settle();
    await settle();
    expect(sentTo(output)).toEqual([]);
    expect(warnings()).toHaveLength(1);
  });
});

describe('a client that goes', () => {
  test.each([
    ['ends its input', ({ input }: Awaited<ReturnType<typeof open>>) => void input.end()],
    ['breaks off', ({ input }: Awaited<ReturnType<typeof open>>) => void input.destroy(new Error('reset'))],
    ['stops reading', ({ output }: Awaited<ReturnType<typeof open>>) => void output.destroy(new Error('EPIPE'))],
  ])('and %s closes the connection once', async (_how, leave) => {
    const opened = await open();
    leave(opened);
    await settle();
    await settle();
    await opened.transport.close();
    expect(opened.closes()).toBe(1);
    await expect(opened.transport.send(ping(1))).rejects.toThrow('the client has gone');
  });

  test('and does not read holds up what is sent to it, and lets it go when it leaves', async () => {
    const stuck = new Writable({ highWaterMark: 1, write() {} });
    const { transport } = await open(stuck);
    let isSent = false;
    const sending = transport.send(ping(1)).then(() => (isSent = true));
    await settle();
    expect(isSent).toBe(false);
    stuck.destroy();
    await sending;
  });
});
