import { isUtf8 } from 'node:buffer';
import { maxDepth } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { HttpProblem } from '../http-problem.ts';
import { scanJson } from './scan-json.ts';

/** The message, its params, and what stands directly in these (`_meta`, `arguments`): who reads them differently serves another request. */
const keyLevels = 3;

/** A body as the value that it holds, or why it holds none that we take. */
export function parseBody(bytes: Buffer): { ok: true; value: unknown } | { ok: false; problem: HttpProblem } {
  if (bytes.length === 0) return parseError('the body is empty');
  if (!isUtf8(bytes)) return parseError('the body is not UTF-8');
  const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0);
  // In a batch each message stands one level deeper.
  const isBatch = /^\s*\[/.test(text);
  const scan = scanJson(text, { maxLevels: maxDepth, keyLevels: isBatch ? keyLevels + 1 : keyLevels });
  if (scan.isTooDeep) return invalidRequest(`the body is nested deeper than ${maxDepth} levels; make it flatter`);
  const parsed = parse(text);
  if (!parsed.ok) return parseError('Invalid JSON; send one message as UTF-8');
  if (scan.duplicateKey !== undefined) {
    return invalidRequest(
      `the key ${JSON.stringify(scan.duplicateKey.slice(0, maxKeyChars))} stands twice in one object; keep one`,
    );
  }
  return parsed;
}

const maxKeyChars = 100;

function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

function parse(text: string): { ok: true; value: unknown } | { ok: false } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}

function parseError(reason: string): { ok: false; problem: HttpProblem } {
  return { ok: false, problem: { status: 400, code: rpcCode.parseError, message: `Parse error: ${reason}` } };
}

function invalidRequest(reason: string): { ok: false; problem: HttpProblem } {
  return { ok: false, problem: { status: 400, code: rpcCode.invalidRequest, message: `Invalid Request: ${reason}` } };
}
