import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { readArguments } from '../../../src/batch/recipe/read-arguments.ts';
import type { JsonObject } from '../../../src/core/json.ts';

const properties = {
  number: { type: 'integer' },
  label: { type: 'string', default: 'bug' },
  name: { type: 'string', pattern: '^[a-z]+$' },
};

function read(given: unknown, schema: JsonObject = {}): ReturnType<typeof readArguments> {
  const inputSchema = { type: 'object', properties, required: ['number'], ...schema };
  return readArguments(given, { tool: { name: 'recipe__x', inputSchema }, validate: createArgumentValidator() });
}

describe('the arguments of a recipe', () => {
  test('are taken with the defaults of those that are not given', () => {
    expect(read({ number: 7 })).toEqual({ ok: true, args: { number: 7, label: 'bug' } });
    expect(read({ number: 7, label: 'ux' })).toEqual({ ok: true, args: { number: 7, label: 'ux' } });
  });

  test('need not hold what has a default, though it is required', () => {
    expect(read({ number: 7 }, { required: ['label'] })).toMatchObject({ ok: true });
  });

  test('need not be there at all', () => {
    expect(read(undefined, { required: [] })).toEqual({ ok: true, args: { label: 'bug' } });
  });

  test.each([
    [{}, 'missing "number"'],
    [{ number: '7' }, '/number must be integer'],
    [[7], 'found an array; write an object'],
    ['7', 'found "7"; write an object'],
    [{ number: 7, name: 'A' }, '/name must match pattern "^[a-z]+$"'],
  ])('%j is refused with the reason and the signature', (given, reason) => {
    const message = `${reason}\narguments: (number: number, label?: string, name?: string)`;
    expect(read(given)).toEqual({ ok: false, error: { code: 'invalid_arguments', message, retryable: false } });
  });

  test('of no parameter are refused, with the name that was meant', () => {
    const closed = { additionalProperties: false };
    expect(read({ number: 7, lable: 'ux' }, closed)).toMatchObject({
      error: { message: expect.stringMatching(/^"lable" is not an argument \(did you mean "label"\?\)\narguments: /) },
    });
    expect(read({ number: 7, zzz: 1 }, closed)).toMatchObject({
      error: { message: expect.stringMatching(/^"zzz" is not an argument\narguments: /) },
    });
  });

  test('that are too long for a pattern are refused, since nobody checks them after us', () => {
    const refused = read({ number: 7, name: 'a'.repeat(900_000) });
    const message = expect.stringContaining('checking these arguments takes too long; shorten them');
    expect(refused).toMatchObject({ ok: false, error: { message } });
    expect(read({ number: 7, name: `${'a'.repeat(5_000)}!` })).toMatchObject({ ok: false });
    expect(read({ number: 7, label: 'a'.repeat(9_000) }, { properties: { number: {}, label: {} } })).toMatchObject({
      ok: true,
    });
  });
});
