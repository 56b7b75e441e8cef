import { expect, test } from 'vitest';
import { compareChecks } from './suite/compare-checks.mjs';
import type { CheckRow } from './suite/compare-checks.mjs';
import { sumUp } from './suite/sum-up.mjs';

const row = (id: string, status: string, rest: Partial<CheckRow> = {}): CheckRow => ({
  scenario: 'tools-list',
  id,
  status,
  isRequired: true,
  ...rest,
});
const kinds = (direct: CheckRow[], proxied: CheckRow[]): string[] =>
  compareChecks(direct, proxied).map(
    ({ kind, id, occurrence, from, to }) => `${kind} ${id}#${occurrence} ${from}>${to}`,
  );

test('two equal runs have no differences, in whatever order their checks came', () => {
  const [a, b] = [row('a', 'SUCCESS'), row('b', 'FAILURE')];
  expect(compareChecks([a, b], [b, a])).toEqual([]);
});

test.each(['FAILURE', 'WARNING', 'SKIPPED', 'INFO', 'A_NEW_VERDICT'])(
  'a check that passed and now says %s is lost',
  (status) => {
    expect(kinds([row('a', 'SUCCESS')], [row('a', status)])).toEqual([`lost a#1 SUCCESS>${status}`]);
  },
);

test('a check that is no longer made is lost, and a failure that nobody made before is one too', () => {
  expect(kinds([row('a', 'SUCCESS')], [])).toEqual(['lost a#1 SUCCESS>none']);
  expect(kinds([], [row('a', 'FAILURE')])).toEqual(['lost a#1 none>FAILURE']);
});

test('a check that the fixture fails and the proxy passes is gained', () => {
  expect(kinds([row('a', 'FAILURE')], [row('a', 'SUCCESS')])).toEqual(['gained a#1 FAILURE>SUCCESS']);
});

test('what judges nothing is not compared: a log line, a skipped check, none at all', () => {
  expect(kinds([row('a', 'INFO'), row('b', 'SKIPPED')], [row('a', 'INFO'), row('a', 'INFO')])).toEqual([]);
});

test('checks with one name are compared one by one, by occurrence', () => {
  const before = [row('a', 'SUCCESS'), row('a', 'SUCCESS'), row('a', 'SUCCESS')];
  const after = [row('a', 'SUCCESS'), row('a', 'FAILURE'), row('a', 'SUCCESS')];
  expect(kinds(before, after)).toEqual(['lost a#2 SUCCESS>FAILURE']);
});

test('checks with one name in two scenarios are two checks', () => {
  const elsewhere = { scenario: 'ping' };
  expect(
    kinds([row('a', 'SUCCESS'), row('a', 'FAILURE', elsewhere)], [row('a', 'FAILURE', elsewhere), row('a', 'SUCCESS')]),
  ).toEqual([]);
});

test('a loss is explained only where scenario, check and verdict are those of the explanation', () => {
  const explanations = [{ scenario: 'tools-list', id: 'a', to: 'INFO', reason: 'it does not apply' }];
  const lose = (id: string, status: string) =>
    compareChecks([row(id, 'SUCCESS')], [row(id, status)], { explanations })[0];
  expect(lose('a', 'INFO')).toMatchObject({ kind: 'explained', message: 'it does not apply' });
  expect(lose('a', 'FAILURE')).toMatchObject({ kind: 'lost' });
  expect(lose('b', 'INFO')).toMatchObject({ kind: 'lost' });
});

test('a difference carries what the suite says to it', () => {
  const [difference] = compareChecks(
    [row('a', 'SUCCESS')],
    [row('a', 'FAILURE', { message: 'got 2', isRequired: false })],
  );
  expect(difference).toMatchObject({ message: 'got 2', isRequired: true });
});

test('the sum counts all checks, and scenarios only where they are required', () => {
  const rows = [
    row('a', 'SUCCESS'),
    row('b', 'WARNING'),
    row('c', 'FAILURE', { scenario: 'ping' }),
    row('d', 'SUCCESS', { scenario: 'ping' }),
    row('e', 'FAILURE', { scenario: 'tasks', isRequired: false }),
  ];
  expect(sumUp(rows)).toEqual({
    passed: 2,
    failed: 2,
    warned: 1,
    requiredPassed: 2,
    requiredFailed: 1,
    scenarios: 2,
    scenariosPassed: 1,
  });
});
