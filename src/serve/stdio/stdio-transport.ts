import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { isJsonObject } from '../../core/json.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { Limits } from '../../core/limits.ts';
import { createLineSplitter, type OversizedLine } from '../../lib/line-splitter.ts';
import { deliver } from '../../lib/deliver.ts';
import { parseLine } from '../../lib/json-line.ts';
import type { Logger } from '../../lib/logger.ts';
import { createClientOutput } from './client-output.ts';

/**
 * The client's side of a stdio connection. Reads lines in linear time and without schema checks, which the protocol layer makes
 * anyway; the SDK's own transport copies its buffer at every chunk and ends the connection at 10 MiB.
 */
export function createStdioTransport({
  input,
  output,
  logger,
  limits: { requestBytes, unreadBytes } = defaultLimits,
}: {
  input: Readable;
  output: Writable;
  logger: Logger;
  limits?: Pick<Limits, 'requestBytes' | 'unreadBytes'> | undefined;
}): Transport {
  let closed = false;

  const transport: Transport = {
    start() {
      input.on('data', splitter.push);
      input.on('end', close);
      input.on('close', close);
      input.on('error', close);
      output.on('error', close);
      if (input.readableEnded || input.destroyed) setImmediate(close);
      return Promise.resolve();
    },
    send(message) {
      return closed ? Promise.reject(new Error('the client has gone')) : client.write(message);
    },
    close() {
      close();
      return Promise.resolve();
    },
  };

  const splitter = createLineSplitter({
    maxBytes: requestBytes,
    onLine(line) {
      const message = parseLine(line, isMessage);
      if (message === undefined)
        logger.warn({ characters: line.length }, 'the client sent a line that is no message; passed over');
      else deliver(transport, message);
    },
    onOverflow(line) {
      logger.warn({ bytes: line.bytes }, 'the client sent a message over the limit; refused');
      const id = idOf(line);
      if (id === undefined) return;
      const message = `the message has ${line.bytes} bytes; mcp-marshal takes up to ${requestBytes} (limits.requestBytes)`;
      void transport.send({ jsonrpc: '2.0', id, error: { code: -32600, message } }).catch(() => {});
    },
  });

  // The output's error listener stays: a late write to a closed pipe must not end the process with a stack trace.
  const close = (): void => {
    if (closed) return;
    closed = true;
    input.off('data', splitter.push);
    input.pause();
    transport.onclose?.();
  };

  const client = createClientOutput(output, {
    maxUnreadBytes: unreadBytes,
    giveUp() {
      logger.warn(
        { bytes: output.writableLength, limit: 'limits.unreadBytes' },
        'the client has stopped reading; its connection is closed',
      );
      close();
    },
  });
  return transport;
}

/** Only whether it is a message at all: the protocol layer checks each against its schema. */
function isMessage(value: unknown): value is JSONRPCMessage {
  if (!isJsonObject(value) || value['jsonrpc'] !== '2.0') return false;
  return typeof value['method'] === 'string' || 'result' in value || 'error' in value;
}

/** Best effort: the id stands at the start or at the end of a message, as clients write it. */
function idOf({ head, tail }: OversizedLine): string | number | undefined {
  const found =
    /^\{"jsonrpc":"2\.0","id":("[^"\\]*"|-?\d+)/.exec(head) ??
    /^\{"id":("[^"\\]*"|-?\d+)/.exec(head) ??
    /"id":("[^"\\]*"|-?\d+)(?:,"jsonrpc":"2\.0")?\}$/.exec(tail);
  const id = found?.[1];
  return id?.startsWith('"') ? id.slice(1, -1) : id === undefined ? undefined : Number(id);
}
