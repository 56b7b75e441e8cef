import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { refusedCode } from '../http-problem.ts';

/**
 * Answers bytes that never became a request, as Node would but with a body like every other refusal, and closes the connection. Where
 * an answer is under way already, nothing can be said any more.
 */
export function refuseRaw(
  socket: Duplex,
  { errorCode, isAnswering }: { errorCode: string | undefined; isAnswering: boolean },
): void {
  if (isAnswering || !socket.writable) return void socket.destroy();
  const { status, code, message } = problems.get(errorCode) ?? malformed;
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const malformed = { status: 400, code: rpcCode.invalidRequest, message: 'Bad Request: this is no HTTP request' };

const problems: ReadonlyMap<string | undefined, typeof malformed | { status: number; code: number; message: string }> =
  new Map([
    [
      'ERR_HTTP_REQUEST_TIMEOUT',
      { status: 408, code: refusedCode, message: 'Request Timeout: the request did not arrive in time' },
    ],
    ['HPE_HEADER_OVERFLOW', { status: 431, code: refusedCode, message: 'Request Header Fields Too Large' }],
    [
      'HPE_CHUNK_EXTENSIONS_OVERFLOW',
      { status: 413, code: refusedCode, message: 'Payload Too Large: chunk extensions' },
    ],
  ]);
