import { expect, test } from 'vitest';
import type { ToolClass } from '../../../src/core/tool.ts';
import { forwardNotice } from '../../../src/serve/features/forward-notice.ts';
import { silent } from '../../upstream/support.ts';

function forwarded(method: string, scopes?: readonly ToolClass[]): string[] {
  const seen: string[] = [];
  const engine = { logger: silent, notifyUpstreams: (notice: { method: string }) => void seen.push(notice.method) };
  forwardNotice(engine, { method, params: {} }, scopes && new Set(scopes));
  return seen;
}

test.each(['tools/call', 'resources/read', 'vendor/deleteEverything', 'notifications', 'notifications/initialized'])(
  'a request without its id, and what is between us and the client, reaches no server: %s',
  (method) => {
    expect(forwarded(method)).toEqual([]);
    expect(forwarded(method, ['read', 'write', 'destructive'])).toEqual([]);
  },
);

test('what only a vendor knows takes every scope, as his requests do; what the protocol knows takes none', () => {
  expect(forwarded('notifications/vendor/ping')).toHaveLength(1);
  expect(forwarded('notifications/vendor/ping', ['read', 'write', 'destructive'])).toHaveLength(1);
  expect(forwarded('notifications/vendor/ping', ['read'])).toEqual([]);
  expect(forwarded('notifications/roots/list_changed', [])).toHaveLength(1);
});
