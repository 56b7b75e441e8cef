import { describe, expect, test } from 'vitest';
import { canAnswer, canBeAsked, profileOf, toModern } from '../../../src/upstream/instance/capabilities.ts';
import { isWanted, mostVerbose } from '../../../src/upstream/instance/log-levels.ts';
import { client, deepJson } from '../support.ts';

describe('capabilities of a client', () => {
  test('are the same whatever the order in which they are written', () => {
    expect(profileOf({ roots: { listChanged: true }, sampling: {} })).toBe(
      profileOf({ sampling: {}, roots: { listChanged: true } }),
    );
    expect(profileOf({ roots: {} })).not.toBe(profileOf({ roots: { listChanged: true } }));
  });

  test('that cannot be written down are taken for none', () => {
    const capabilities = { experimental: JSON.parse(deepJson(5000)) };
    expect(profileOf(capabilities)).toBe('{}');
    expect(toModern(capabilities)).toEqual({});
  });

  test('tell modern servers nothing of tasks', () => {
    expect(toModern({ tasks: {}, extensions: { 'io.modelcontextprotocol/tasks': {} }, roots: {} })).toEqual({
      roots: {},
    });
  });

  test('tell which questions it can answer; one that we do not know it may know', () => {
    const able = client('a', { capabilities: { elicitation: {} } });
    const methods = ['elicitation/create', 'sampling/createMessage', 'roots/list', 'vendor/ask', 'constructor'];
    expect(methods.map((method) => canAnswer(able, method))).toEqual([true, false, false, true, true]);
    expect([able, client('b', { capabilities: { tasks: {} } })].map((one) => canBeAsked(one))).toEqual([true, false]);
  });
});

describe('log levels', () => {
  test('a level covers itself and those above it; one that is not known is always wanted', () => {
    expect(['debug', 'info', 'error', 'loud', 7].map((level) => isWanted(level, 'info'))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  test('the most verbose of several covers all of them; of none there is none', () => {
    expect(mostVerbose(['error', 'notice', 'loud', 'warning'])).toBe('notice');
    expect(mostVerbose([])).toBeUndefined();
    expect(mostVerbose(['loud'])).toBeUndefined();
  });
});
