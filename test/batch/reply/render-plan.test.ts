import { describe, expect, test } from 'vitest';
import { renderPlan } from '../../../src/batch/reply/render-plan.ts';
import type { BatchConfig } from '../../../src/config/config.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { settleUnsent } from '../../../src/core/outcome.ts';
import type { Plan, PlannedCall } from '../../../src/core/plan.ts';
import { planOf, requestOf, settings } from '../tiny-catalog.ts';
import { textsOf } from './read-reply.ts';

const read = (path: string) => ({ tool: 'files__read_text_file', arguments: { path } });
const write = (path: string) => ({ tool: 'files__write_file', arguments: { path, content: '' } });

function render(
  input: unknown,
  bag: { changed?: Partial<BatchConfig>; twist?: (plan: Plan) => Plan } = {},
): JsonObject {
  const planned = planOf(input, { settings: bag.changed ?? {} });
  const plan = bag.twist?.(planned) ?? planned;
  const request = requestOf(input, bag.changed);
  return renderPlan({ plan, request, batchId: plan.batchId, settings: { ...settings, ...bag.changed } });
}

/** The same plan with a call of it changed. */
function twistCall(index: number, changes: Partial<PlannedCall>): (plan: Plan) => Plan {
  return (plan) => ({
    ...plan,
    entries: plan.entries.map((entry, at) =>
      entry.kind === 'run' && at === index ? { ...entry, call: { ...entry.call, ...changes } } : entry,
    ),
  });
}

function planRows(reply: JsonObject): JsonObject[] {
  const { structuredContent } = reply;
  const plan = isJsonObject(structuredContent) ? structuredContent['plan'] : undefined;
  return Array.isArray(plan) ? plan.filter((row) => isJsonObject(row)) : [];
}

const mixed = [
  write('a.txt'),
  read('a.txt'),
  read('b.txt'),
  { tool: 'files__delete_file', arguments: { path: 'a' } },
  { tool: 'files__read_text_file' },
  { tool: 'files__search' },
];

describe('a plan as text', () => {
  test('says what would run when, after what, and why', () => {
    expect(textsOf(render(mixed)).join('\n').split('\n')).toEqual([
      'batch 7f3a91 planned: 6 calls, 1 invalid, 1 denied, in 3 steps; nothing was sent',
      '[c0] step 1 write files__write_file (rule write "write_*" (files.yaml:6))',
      '     locks X files/work/a.txt',
      '[c1] step 2 read files__read_text_file (rule read "read_*" (files.yaml:4))',
      '     locks S files/work/a.txt',
      '     after c0: both touch files/work/a.txt',
      '[c2] step 1 read files__read_text_file (rule read "read_*" (files.yaml:4))',
      '     locks S files/work/b.txt',
      expect.stringMatching(/^\[c3\] DENIED files__delete_file: approval_unavailable: it needs approval/),
      '     needs approval',
      '[c4] INVALID files__read_text_file: missing "path"',
      '     arguments: (path: string, head?: number, tail?: number)',
      expect.stringMatching(/^\[c5\] step 3 write files__search \(/),
      '     locks X files',
      '     after c0, c1, c2: both touch files',
    ]);
  });

  test('names what a call needs of another, that calls go one by one, and calls that are sent once', () => {
    const needs = [
      { index: 0, when: 'ok' as const },
      { index: 1, when: 'settled' as const },
      { index: 2, when: 'error' as const },
    ];
    const one = textsOf(
      render([read('a'), read('b'), read('c'), read('d')], { twist: twistCall(3, { needs, isOpen: true }) }),
    );
    expect(one.join('\n').split('\n').slice(-6)).toEqual([
      '[c3] step 2 read files__read_text_file (rule read "read_*" (files.yaml:4))',
      '     open: class and locks are the widest it can have, decided again when its references are filled',
      '     locks S files/work/d',
      '     after c0: needs its result',
      '     after c1: after it, whatever its end',
      '     after c2: only if it does not succeed',
    ]);
    const serial = textsOf(render({ calls: [read('a'), read('b')], parallel: 'avoid' }));
    expect(serial.join('\n')).toContain('\n     after c0: one at a time');
    const twin = textsOf(render([read('a'), read('a')], { twist: twistCall(1, { sameAs: 0 }) }));
    expect(twin.join('\n')).toContain('\n     same call as c0, sent once');
  });

  test('of a thousand calls keeps every one within the reply', () => {
    const calls = Array.from({ length: 1_000 }, (_, n) => (n % 3 === 0 ? write(`dir/${n}.txt`) : read(`dir/${n}.txt`)));
    const changed = { maxCalls: 1_000, maxReplyChars: 40_000 };
    const [shown = ''] = textsOf(render(calls, { changed }));
    expect(shown.length).toBeLessThanOrEqual(40_000);
    expect(shown.length).toBeGreaterThan(38_000);
    for (const n of [0, 1, 500, 999]) expect(shown).toMatch(new RegExp(`^\\[c${n}\\] step 1 (write|read)`, 'm'));
    expect(shown.match(/^\[c\d+\] step/gm)).toHaveLength(1_000);
  });

  test('that cannot even name every call says how many are missing', () => {
    const calls = Array.from({ length: 1_000 }, () => read('a'));
    const [shown = ''] = textsOf(render(calls, { changed: { maxCalls: 1_000, maxReplyChars: 5_000 } }));
    expect(shown.length).toBeLessThanOrEqual(5_000);
    const named = shown.match(/^\[c\d+\] step/gm)?.length ?? 0;
    expect(named).toBeGreaterThan(150);
    expect(shown).toContain(`\nand ${1_000 - named} more calls, for which there is no room`);
  });
});

describe('a plan as data', () => {
  test('has a row for each call, and nothing ran', () => {
    const reply = render({ calls: mixed, format: 'structured' });
    expect(reply['structuredContent']).toMatchObject({
      batchId: '7f3a91',
      status: 'planned',
      counts: { ok: 0, invalid: 0 },
      results: [],
      timing: { wallMs: 0, bound: 'critical path' },
      warnings: [],
    });
    expect(textsOf(reply)).toEqual([
      'batch 7f3a91 planned: 6 calls, 1 invalid, 1 denied, in 3 steps; nothing was sent',
    ]);
    const rows = planRows(reply);
    expect(rows[1]).toEqual({
      id: 'c1',
      index: 1,
      server: 'files',
      tool: 'files__read_text_file',
      class: 'read',
      reason: 'rule read "read_*" (files.yaml:4)',
      locks: ['IS (everything)', 'IS files', 'IS files/work', 'S files/work/a.txt'],
      after: ['c0'],
      why: ['both touch files/work/a.txt'],
      approval: false,
      step: 2,
    });
    expect(rows[3]).toMatchObject({
      class: 'destructive',
      approval: true,
      step: 0,
      error: { code: 'approval_unavailable' },
    });
    expect(rows[4]).toMatchObject({ approval: false, locks: [], after: [], error: { code: 'invalid_arguments' } });
    expect(rows[5]).toMatchObject({ after: ['c0', 'c1', 'c2'], why: Array(3).fill('both touch files'), step: 3 });
  });

  test('of calls that each wait for hundreds stays small, and says how many there are', () => {
    const calls = Array.from({ length: 1_000 }, (_, n) =>
      n < 500 ? { tool: 'github__get_issue', arguments: { number: n } } : write(`${n}`),
    );
    const all = Array.from({ length: 500 }, (_, n) => n);
    const twist = (plan: Plan): Plan => ({
      ...plan,
      entries: plan.entries.map((entry, index) =>
        entry.kind === 'run' && index >= 500 ? { ...entry, call: { ...entry.call, after: all } } : entry,
      ),
    });
    const reply = render({ calls, format: 'structured' }, { changed: { maxCalls: 1_000 }, twist });
    expect(JSON.stringify(reply).length).toBeLessThan(500_000);
    expect(planRows(reply)[999]).toMatchObject({ after: ['c498', 'c499'], afterCount: 500, step: 2 });
  });

  test('cuts long messages, so that the reply keeps to its budget', () => {
    const error = { code: 'invalid_arguments' as const, message: 'x'.repeat(30_000), retryable: false };
    const twist = (plan: Plan): Plan => ({
      ...plan,
      entries: plan.entries.map((_, index) => ({
        kind: 'settled',
        index,
        id: `c${index}`,
        tool: 'nope',
        outcome: settleUnsent(error),
      })),
    });
    const calls = [read('a'), read('b'), read('c')];
    for (const format of ['text', 'structured'] as const) {
      const reply = render({ calls, format }, { changed: { maxReplyChars: 10_000 }, twist });
      expect(JSON.stringify(reply).length).toBeLessThan(11_500);
    }
  });
});

test.each(['text', 'structured'])('golden: a plan in the %s form', async (format) => {
  const reply = render({ calls: mixed, format });
  const shown = format === 'text' ? `${textsOf(reply).join('\n')}\n` : `${JSON.stringify(reply, undefined, 2)}\n`;
  await expect(shown).toMatchFileSnapshot(`../../golden/batch/plan.${format === 'text' ? 'txt' : 'json'}`);
});
