// What a server of the matrix has seen and done, one JSON line each in the file that INTEROP_RECORD names, so that a row can prove that a
// call arrived once, with these arguments, and had one effect:
//   { event: 'request', era, method, params, headers? }   each request that arrived; a retry arrives again
//   { event: 'effect' | 'cancelled' | 'waiting', key }     what a tool did
//   { event: 'notification', method, params }             each notification that the SDK does not take itself
import { appendFileSync } from 'node:fs';

export function record(entry) {
  const file = process.env['INTEROP_RECORD'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ ...entry, pid: process.pid })}\n`);
}
