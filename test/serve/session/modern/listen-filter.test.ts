import { describe, expect, test } from 'vitest';
import {
  acceptsNotice,
  isGatedChange,
  narrowFilter,
  readFilter,
} from '../../../../src/serve/session/modern/listen-filter.ts';

const changed = (what: string) => ({ method: `notifications/${what}/list_changed`, params: {} });
const updated = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } });

describe('the filter of a subscription', () => {
  test('keeps what is wanted, and each resource once', () => {
    const given = { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ['a:1', 'a:1', 'a:2'] };
    expect(readFilter(given)).toEqual({ toolsListChanged: true, resourceSubscriptions: ['a:1', 'a:2'] });
  });

  test.each([
    undefined,
    [],
    'all',
    { toolsListChanged: 'yes' },
    { resourceSubscriptions: 'a:1' },
    { resourceSubscriptions: [1] },
    { resourceSubscriptions: Array.from({ length: 1001 }, (_, n) => `a:${n}`) },
  ])('is none: %j', (given) => {
    expect(readFilter(given)).toBeUndefined();
  });

  test('is narrowed to what is declared', () => {
    const wanted = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['a:1'] } as const;
    const filter = { ...wanted, resourceSubscriptions: ['a:1'] };
    const declared = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: false } };
    expect(narrowFilter(filter, declared)).toEqual({ toolsListChanged: true });
    expect(narrowFilter(filter, { resources: { subscribe: true } })).toEqual({ resourceSubscriptions: ['a:1'] });
  });

  test('lets through what it names, and no other change', () => {
    const filter = { promptsListChanged: true, resourceSubscriptions: ['a:1'] } as const;
    const accepts = (notice: Parameters<typeof acceptsNotice>[1]): boolean =>
      acceptsNotice({ ...filter, resourceSubscriptions: ['a:1'] }, notice);
    expect([changed('prompts'), updated('a:1')].map(accepts)).toEqual([true, true]);
    expect([changed('tools'), changed('resources'), updated('a:2')].map(accepts)).toEqual([false, false, false]);
    expect(accepts({ method: 'notifications/message', params: {} })).toBe(false);
  });

  test('is the only way for changes, and not for log messages and what only a vendor knows', () => {
    expect([changed('tools'), changed('prompts'), changed('resources'), updated('a')].map(isGatedChange)).toEqual(
      Array.from({ length: 4 }, () => true),
    );
    expect(['notifications/message', 'notifications/x'].map((method) => isGatedChange({ method, params: {} }))).toEqual(
      [false, false],
    );
  });
});
