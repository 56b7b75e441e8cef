import { expect, test } from 'vitest';
import { graceOf } from '../../../src/upstream/reload/retirement.ts';
import { fixture, serverConfig } from '../support.ts';

const server = serverConfig(fixture('hang.mjs'));
const slow = { ...server, timeoutMs: 300_000 };
const patient = {
  ...server,
  policy: {
    ...server.policy,
    tools: [{ tool: 'x', place: { file: 'p', line: 1, column: 1 }, when: [], timeoutMs: 600_000 }],
  },
};

test.each([
  ['two minutes where nothing is said', server, 120_000],
  ['as long as the calls of the server may take', slow, 300_000],
  ['as long as a call of one of its tools may take', patient, 600_000],
])('what runs on a connection that is made anew has %s', (_what, config, graceMs) => {
  expect(graceOf(config, { isGone: false })).toBe(graceMs);
});

test('what runs on a server that is gone has two minutes, whatever its timeouts', () => {
  expect([slow, patient].map((config) => graceOf(config, { isGone: true }))).toEqual([120_000, 120_000]);
});
