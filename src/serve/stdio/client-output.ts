import type { Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { defaultLimits } from '../../core/limits.ts';
import { toLine } from '../../lib/json-line.ts';

/** The client's stdin, written to without ever waiting for more than its own pace. */
export interface ClientOutput {
  /** Resolves when the client can take more. Rejects for a notification or request that cannot be written. */
  write(message: JSONRPCMessage): Promise<void>;
}

export function createClientOutput(
  output: Writable,
  {
    giveUp,
    maxUnreadBytes = defaultLimits.unreadBytes,
  }: {
    giveUp: () => void;
    /** A client that leaves this much unread has stopped reading: it is given up, rather than that we grow without bound. */
    maxUnreadBytes?: number;
  },
): ClientOutput {
  let drained: Promise<void> | undefined;

  const untilDrained = (): Promise<void> => {
    drained ??= new Promise((resolve) => {
      const settle = (): void => {
        output.off('drain', settle);
        output.off('close', settle);
        drained = undefined;
        resolve();
      };
      output.on('drain', settle);
      output.on('close', settle);
    });
    return drained;
  };

  return {
    write(message) {
      // News of the moment is worth nothing to a client that is behind with reading.
      if (output.writableNeedDrain && isOf(message, 'notifications/progress')) return Promise.resolve();
      if (output.writableLength > behindBytes && isOf(message, 'notifications/message')) return Promise.resolve();
      const line = toLine(message) ?? toLine(excuse(message));
      if (line === undefined) return Promise.reject(new Error('the message cannot be written as JSON'));
      if (output.writableLength + line.length > maxUnreadBytes) {
        giveUp();
        return Promise.reject(new Error('the client does not read what it is sent'));
      }
      return output.write(line) ? Promise.resolve() : untilDrained();
    },
  };
}

/** Above what a healthy client leaves unread for a moment: all that is sent within one turn of the event loop counts as unread. */
const behindBytes = 1024 * 1024;

function isOf(message: JSONRPCMessage, method: string): boolean {
  return 'method' in message && message.method === method;
}

/** What a client gets for an answer that cannot be written: it must get one. Other messages are lost, and have no stand-in. */
function excuse(message: JSONRPCMessage): object {
  if ('error' in message) {
    // All but the data, which is what goes deep.
    const { code, message: text } = message.error;
    return { ...message, error: { code, message: text } };
  }
  if (!('result' in message)) return message;
  const text = 'the result is nested too deep to be passed on';
  return { jsonrpc: '2.0', id: message.id, error: { code: -32603, message: text } };
}
