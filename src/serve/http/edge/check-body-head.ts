import { isJsonContentType } from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';
import { refusedCode, type HttpProblem } from '../http-problem.ts';

/** What the headers of a POST say against reading its body. */
export function checkBodyHead(
  headers: IncomingHttpHeaders,
  { maxBytes }: { maxBytes: number },
): HttpProblem | undefined {
  if (!isJsonContentType(headers['content-type'])) {
    return unsupported('Content-Type must be application/json');
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  // A few bytes can unfold to gigabytes, and no client of MCP compresses what it sends.
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return unsupported('a body with a Content-Encoding is not taken; send it as it is');
  }
  return Number(headers['content-length']) > maxBytes ? tooLarge(maxBytes) : undefined;
}

export function tooLarge(maxBytes: number): HttpProblem {
  return {
    status: 413,
    code: refusedCode,
    message: `Payload Too Large: a request body must not exceed ${maxBytes} bytes; send less, or raise limits.requestBytes`,
  };
}

function unsupported(reason: string): HttpProblem {
  return { status: 415, code: refusedCode, message: `Unsupported Media Type: ${reason}` };
}
