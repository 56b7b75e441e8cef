import { isJsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';

// Deeper than any real tool's arguments, and far from where recursive code (a validator, a serialiser) runs out of stack.
const maxDepth = 64;
/** Characters of one call's arguments as JSON. A stdio frame of 10 MiB still holds several such calls. */
export const maxArgumentChars = 1_000_000;
const laterKeys = ['$result', '$concat', '$item', '$literal'];

/** Why these arguments cannot be taken, or `undefined`: too deep, too long, or written with references, which a later version brings. */
export function scanArguments(args: object): CallError | undefined {
  let chars = 0;
  const open: { value: unknown; depth: number; path: string }[] = [{ value: args, depth: 1, path: '' }];
  // A stack of our own: the depth that this looks for would overflow a recursive walk.
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, depth, path } = node;
    if (typeof value !== 'object' || value === null) {
      chars += typeof value === 'string' ? value.length + 2 : String(value).length;
    } else {
      if (depth > maxDepth) return tooMuch(`the arguments are nested deeper than ${maxDepth} levels; flatten them`);
      const later = isJsonObject(value) ? laterKeys.find((key) => Object.hasOwn(value, key)) : undefined;
      if (later !== undefined) return laterReference(later, path);
      const isArray = Array.isArray(value);
      chars += 2;
      for (const [key, element] of Object.entries(value)) {
        chars += isArray ? 1 : key.length + 4;
        open.push({ value: element, depth: depth + 1, path: depth > 4 ? path : `${path}/${key.slice(0, 40)}` });
      }
    }
    if (chars > maxArgumentChars) return tooMuch(argumentsTooLong);
  }
  return undefined;
}

/** What to say of arguments over the limit. */
export const argumentsTooLong = `the arguments are longer than ${maxArgumentChars.toLocaleString('en-US')} characters; send the content in parts, or let the tool read it from a file`;

function tooMuch(message: string): CallError {
  return { code: 'limit_exceeded', message, retryable: false };
}

function laterReference(key: string, path: string): CallError {
  const message = `"${key}" at ${path === '' ? 'the top of the arguments' : path}: references between calls arrive with a later version of mcp-marshal; send this call in a second batch with the value filled in, or call the tool by itself if the object is meant as it stands`;
  return { code: 'invalid_reference', message, retryable: false };
}
