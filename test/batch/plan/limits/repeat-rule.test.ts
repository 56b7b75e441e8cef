import { describe, expect, test } from 'vitest';
import type { Policy, ToolRule } from '../../../../src/config/policy.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { PlannedCall } from '../../../../src/core/plan.ts';
import { planEverywhere, silentPolicy } from './plan-everywhere.ts';

const place = { file: 'wiki.yaml', line: 1, column: 1 };
const hints = { idempotentHint: true, readOnlyHint: false, destructiveHint: false };

/** The call of a tool `page`, in a batch, as an element and by itself; all three have to agree on what `read` reads of them. */
function everywhere<T>(
  rule: Partial<ToolRule>,
  { policy = {}, args = {}, read }: { policy?: Partial<Policy>; args?: JsonObject; read: (call: PlannedCall) => T },
): T {
  const tools: ToolRule[] = [{ tool: 'page', place, when: [], ...rule }];
  const tool = { name: 'page', inputSchema: { type: 'object' }, annotations: hints };
  const found = planEverywhere(tool, { policy: { ...silentPolicy, tools, ...policy }, args }).map(read);
  expect(found).toEqual([found[0], found[0], found[0]]);
  return found[0]!;
}

const repeat = (rule: Partial<ToolRule>, policy: Partial<Policy> = {}, args: JsonObject = {}): unknown =>
  everywhere(rule, { policy, args, read: ({ mayRepeat }) => mayRepeat });

describe('[retry] whether a call may be sent again, in a batch, as an element and as a call of its own', () => {
  test('a read may, twice', () => {
    expect(repeat({ class: 'read' })).toEqual({ times: 2, afterTimeout: false });
  });

  test('a write may not, whatever its server says of itself', () => {
    expect(repeat({})).toBeUndefined();
    expect(repeat({ idempotent: false })).toBeUndefined();
  });

  test('a write may that policy declares idempotent, a destructive one as well', () => {
    expect(repeat({ idempotent: true })).toEqual({ times: 2, afterTimeout: false });
    const allow: Policy['rules'] = [{ list: 'allow', pattern: '*', place }];
    expect(repeat({ idempotent: true, class: 'destructive' }, { rules: allow })).toBeDefined();
  });

  test('as often as policy says, which may be never', () => {
    expect(repeat({ class: 'read' }, { limits: { retries: 5 } })).toMatchObject({ times: 5 });
    expect(repeat({ class: 'read' }, { limits: { retries: 0 } })).toBeUndefined();
  });

  test('after a timeout where policy asks for that', () => {
    expect(repeat({ class: 'read' }, { retryTimeouts: true })).toMatchObject({ afterTimeout: true });
  });

  test('by what its arguments make of it', () => {
    const when = [{ args: { kind: ['look'] }, class: 'read' as const, place }];
    expect(repeat({ when }, {}, { kind: 'look' })).toBeDefined();
    expect(repeat({ when }, {}, { kind: 'change' })).toBeUndefined();
  });
});

test.each([
  ['run', true],
  ['skip', undefined],
  [undefined, undefined],
] as const)(
  'after a write of unknown effect, a tool with afterUnknown %s runs in spite of it: %s',
  (said, expected) => {
    const rule = said === undefined ? {} : { afterUnknown: said };
    expect(everywhere(rule, { read: ({ ignoresUnknown }) => ignoresUnknown })).toBe(expected);
  },
);
