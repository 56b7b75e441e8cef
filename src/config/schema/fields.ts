import { z } from 'zod';
import { parseDuration } from './parse-duration.ts';
import { showKind, showValue } from '../source/show-value.ts';
import { suggest } from './suggest.ts';

/** What a key holds, in words: `"30 parsecs" is not <noun>; <mend>`. */
interface Expectation {
  noun: string;
  mend: string;
  /** The value may be a secret: messages name its kind only. */
  hidden?: boolean;
}

/** The part of a zod issue that our messages are made from. */
interface Issue {
  readonly code?: string | undefined;
  readonly input?: unknown;
}

/** The message for a value that is missing, empty or something else than expected; goes with every schema of ours. */
export function expects({ noun, mend, hidden }: Expectation): { error: (issue: Issue) => string } {
  return {
    error: ({ input }) => {
      if (input === undefined) return `is missing; ${mend}`;
      if (input === null) return `has no value; ${mend}, or remove the key`;
      return `${hidden ? showKind(input) : showValue(input)} is not ${noun}; ${mend}`;
    },
  };
}

/** The one version of a file format that this program reads. */
export function formatVersion(): z.ZodLiteral<1> {
  const literal = z.literal(1, {
    error: ({ input }) =>
      input == null
        ? 'is missing; write "version: 1" on the first line'
        : `version ${showValue(input)} is not supported; this program reads version 1: write "version: 1"`,
  });
  return literal.describe('Version of this file format.');
}

/** `$schema`, by which editors find the JSON Schema of a file; it means nothing to this program. */
export function schemaUrl(): z.ZodOptional<z.ZodString> {
  const written = z.string(expects({ noun: 'the URL of a JSON Schema', mend: 'write it as text' }));
  return written.optional().describe('Where editors find the schema of this file.');
}

/** Text of at least one character. */
export function text(noun: string, mend: string): z.ZodString {
  const expected = expects({ noun, mend });
  return z.string(expected).min(1, expected);
}

/** Text that a program will get: numbers and booleans are taken as the file spells them. Messages never quote it. */
export function childText(): z.ZodUnion<[z.ZodString, z.ZodNumber, z.ZodBoolean]> {
  const expected = expects({ noun: 'text', mend: 'write text in quotes', hidden: true });
  return z.union([z.string(), z.number(), z.boolean()], expected);
}

/** A whole number within a range. */
export function count(minimum: number, maximum: number): z.ZodNumber {
  const noun = `a whole number from ${minimum} to ${maximum}`;
  const expected = {
    error: ({ input }: Issue): string => {
      const isQuoted = typeof input === 'string' && /^\d+$/.test(input);
      const mend = isQuoted ? `write ${input} without quotes` : 'write one, without quotes or unit';
      return expects({ noun, mend }).error({ input });
    },
  };
  return z
    .int({ ...expected, abort: true })
    .min(minimum, { ...expected, abort: true })
    .max(maximum, expected);
}

/** `true` or `false`; the other spellings of YAML 1.1 are text in YAML 1.2 and would always mean true. */
export function flag(): z.ZodBoolean {
  return z.boolean({
    error: ({ input }) => {
      const word = typeof input === 'string' || typeof input === 'number' ? String(input).toLowerCase() : '';
      const isTrue = ['yes', 'y', 'on', 'true', '1'].includes(word);
      const isFalse = ['no', 'n', 'off', 'false', '0'].includes(word);
      const mend = isTrue ? 'write true' : isFalse ? 'write false' : 'write true or false, without quotes';
      return expects({ noun: 'true or false', mend }).error({ input });
    },
  });
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T): z.ZodEnum<{ [K in T[number]]: K }> {
  const list = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words[0];
  return z.enum(words, {
    error: ({ input }) => {
      const near = typeof input === 'string' ? suggest(input, words) : undefined;
      if (input == null) return expects({ noun: '', mend: `write ${list}` }).error({ input });
      const mend = near === undefined ? 'write one of them' : `did you mean ${near}?`;
      return expects({ noun: `one of ${words.join(', ')}`, mend }).error({ input });
    },
  });
}

/** A duration such as `30s`, from 1 ms to 24 h; becomes milliseconds. */
export function duration(): z.ZodType<number, string> {
  const expected = {
    error: ({ input }: Issue): string => {
      const isNumber = typeof input === 'number' && input > 0;
      const mend = isNumber ? `write ${input}s or ${input}ms` : 'write 500ms, 30s or 2m';
      return expects({ noun: 'a duration', mend }).error({ input });
    },
  };
  return z
    .string(expected)
    .regex(/^\d+(?:ms|s|m|h)$/, { ...expected, abort: true })
    .refine((written) => parseDuration(written) !== undefined, {
      error: ({ input }) => `${showValue(input)} is out of range; write a duration from 1ms to 24h`,
    })
    .transform((written) => parseDuration(written) ?? 0);
}

/** A list of at least `minimum` elements. */
export function list<T extends z.ZodType>(element: T, example: string, minimum = 0): z.ZodArray<T> {
  const expected = {
    error: ({ input }: Issue): string => {
      if (Array.isArray(input)) return `is an empty list; write ${example}`;
      return expects({ noun: 'a list', mend: `write ${listOf(input) ?? example}` }).error({ input });
    },
  };
  return minimum > 0 ? z.array(element, expected).min(minimum, expected) : z.array(element, expected);
}

/** What stands where a list belongs, as the list that was meant: `-y some-server` are two arguments. */
function listOf(input: unknown): string | undefined {
  if (typeof input === 'number') return `[${input}]`;
  if (typeof input !== 'string') return undefined;
  const words = input.split(/[\s,]+/).filter((word) => word !== '');
  return words.length > 1 && input.length <= 60 ? `[${words.map(showValue).join(', ')}]` : `[${showValue(input)}]`;
}

/** A mapping with known keys only. */
export function mapping<T extends z.core.$ZodLooseShape>(shape: T, example: string): z.ZodObject<T, z.core.$strict> {
  const known = Object.keys(shape).filter((key) => key !== '$schema');
  return z.strictObject(shape, {
    error: (issue) => {
      // One line per key: `checkSchema` gives each the place of its key.
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => describeUnknownKey(key, known)).join('\n');
      return expects({ noun: 'a mapping', mend: `write ${example}` }).error(issue);
    },
  });
}

function describeUnknownKey(key: string, known: readonly string[]): string {
  if (key === 'disabled' && known.includes('enabled')) return 'is an unknown key; write enabled: false';
  if (key === '<<') return 'merging of mappings is not supported; write the keys out';
  const near = suggest(key, known);
  return near === undefined
    ? `is an unknown key; known here: ${known.join(', ')}`
    : `is an unknown key; did you mean ${near}?`;
}
