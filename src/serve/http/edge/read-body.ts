import type { IncomingMessage } from 'node:http';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import { tooLarge } from './check-body-head.ts';

export interface BodyLimits {
  /** Of one body. */
  maxBytes: number;
  /** Of all bodies that are being read, together; small ones are taken beyond it. */
  maxTotalBytes: number;
}

/** What became of a body; `gone`: the client closed the connection in the middle of it. */
export type ReadBody = { kind: 'whole'; bytes: Buffer } | { kind: 'refused'; problem: HttpProblem } | { kind: 'gone' };

/** Reads request bodies, never more at once than there is room for. Never rejects. What is refused is left unread. */
export function createBodyReader({
  maxBytes,
  maxTotalBytes,
}: BodyLimits): (request: IncomingMessage) => Promise<ReadBody> {
  let heldBytes = 0;

  return (request) =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const settle = (read: ReadBody): void => {
        request.off('data', take).off('end', finish).off('close', leave);
        heldBytes -= bytes;
        resolve(read);
      };
      const take = (chunk: Buffer): void => {
        bytes += chunk.length;
        heldBytes += chunk.length;
        chunks.push(chunk);
        if (bytes > maxBytes) settle({ kind: 'refused', problem: tooLarge(maxBytes) });
        else if (heldBytes > maxTotalBytes && bytes > smallBytes) settle({ kind: 'refused', problem: noRoom });
      };
      const finish = (): void =>
        settle({ kind: 'whole', bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
      const leave = (): void => settle({ kind: 'gone' });
      request.on('data', take).on('end', finish).on('close', leave);
    });
}

/** Whoever sends no more than this is not shut out by those who send much and do not finish; the number of requests bounds it. */
const smallBytes = 64 * 1024;

const noRoom: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many large requests at once (limits.uploadBytes); come back',
  retryAfterS: 1,
};
