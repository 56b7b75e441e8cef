import type { CallError } from '../../core/outcome.ts';

// Deeper than any real tool's arguments, and far from where recursive code (a validator, a serialiser) runs out of stack.
const maxDepth = 64;
/** Characters of one call's arguments as JSON. A stdio frame of 10 MiB still holds several such calls. */
export const maxArgumentChars = 1_000_000;

/** Why these arguments cannot be taken, or `undefined`: they are too deep or too long. */
export function scanArguments(args: object): CallError | undefined {
  let chars = 0;
  const open: { value: unknown; depth: number }[] = [{ value: args, depth: 1 }];
  // A stack of our own: the depth that this looks for would overflow a recursive walk.
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, depth } = node;
    if (typeof value !== 'object' || value === null) {
      chars += typeof value === 'string' ? value.length + 2 : String(value).length;
    } else {
      if (depth > maxDepth) return tooMuch(`the arguments are nested deeper than ${maxDepth} levels; flatten them`);
      const isArray = Array.isArray(value);
      chars += 2;
      for (const [key, element] of Object.entries(value)) {
        chars += isArray ? 1 : key.length + 4;
        open.push({ value: element, depth: depth + 1 });
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
