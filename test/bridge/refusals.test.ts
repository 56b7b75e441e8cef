import { describe, expect, test } from 'vitest';
import { wasLeftUnread } from '../../src/bridge/refusals.ts';
import { stopped, stopping, type HttpProblem } from '../../src/serve/http/http-problem.ts';

const errorOf = ({ code, message, data }: HttpProblem): { code: number; message: string } =>
  JSON.parse(JSON.stringify({ code, message, data }));

describe('a request that the proxy refuses', () => {
  test('because it is stopping is provably not carried out', () => {
    expect(wasLeftUnread(stopping.status, errorOf(stopping))).toBe(true);
  });

  test.each([
    ['with another 503', 503, { code: -32_000, message: 'busy' }],
    ['with a 503 without words', 503, undefined],
    ['with the same words, passed on from behind it', 200, errorOf(stopping)],
    ['because it was cut off in the middle of it', 503, errorOf(stopped)],
  ])('%s is not known to be', (_what, status, error) => {
    expect(wasLeftUnread(status, error)).toBe(false);
  });
});
