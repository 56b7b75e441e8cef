import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { maxArgumentDepth, measureValue } from './measure-value.ts';

/** Characters of one call's arguments as JSON. A stdio frame of 10 MiB still holds several such calls. */
export const maxArgumentChars = 1_000_000;

/** Why these arguments cannot be taken, or `undefined`: they are too deep or too long. */
export function scanArguments(args: JsonObject): CallError | undefined {
  const { chars, isTooDeep } = measureValue(args, { most: maxArgumentChars });
  if (isTooDeep) return exceeded(argumentsTooDeep);
  return chars > maxArgumentChars ? exceeded(argumentsTooLong) : undefined;
}

/** What to say of arguments over the limits. */
export const argumentsTooLong = `the arguments are longer than ${maxArgumentChars.toLocaleString('en-US')} characters; send the content in parts, or let the tool read it from a file`;
export const argumentsTooDeep = `the arguments are nested deeper than ${maxArgumentDepth} levels; flatten them`;

/** The error of a call whose arguments are over a limit. */
export function exceeded(message: string): CallError {
  return { code: 'limit_exceeded', message, retryable: false };
}
