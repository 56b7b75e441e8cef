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
      'batch 7f3a91 planned: 6 calls, 5 would run in 4 steps, at most 2 in one; 1 invalid; nothing was sent',
      '[c0] step 1 write files__write_file (rule write "write_*" (files.yaml:6))',
      '     locks X files/srv/a.txt',
      '[c1] step 2 read files__read_text_file (rule read "read_*" (files.yaml:4))',
      '     locks S files/srv/a.txt',
      '     after c0: both touch files/srv/a.txt',
      '[c2] step 1 read files__read_text_file (rule read "read_*" (files.yaml:4))',
      '     locks S files/srv/b.txt',
      '[c3] step 3 destructive files__delete_file (rule destructive "delete_*" (files.yaml:7))',
      '     locks X files',
      '     after c0, c1, c2: both touch files',
      '     needs approval: it is destructive: rule destructive "delete_*" (files.yaml:7)',
      '[c4] INVALID files__read_text_file: missing "path"',
      '     arguments: (path: string, head?: number, tail?: number)',
      expect.stringMatching(/^\[c5\] step 4 write files__search \(/),
      '     locks X files',
      '     after c3: both touch files',
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
      '     locks S files/srv/d',
      '     after c0: needs its result',
      '     after c1: after it, whatever its end',
      '     after c2: only if it does not succeed',
    ]);
    const serial = textsOf(render({ calls: [read('a'), read('b')], parallel: 'avoid' }));
    expect(serial.join('\n')).toContain('\n     after c0: one at a time');
    const twin = textsOf(render([read('a'), read('a')], { twist: twistCall(1, { sameAs: 0 }) }));
    expect(twin.join('\n')).toContain('\n     same call as c0, sent once');
  });

  test('says of a call that uses nothing of another that it runs only if that one succeeds', () => {
    const [one] = textsOf(render([read('a'), { ...read('b'), dependsOn: ['c0'] }]));
    expect(one).toContain('\n     after c0: only if it succeeds');
    const used = { $result: 'c0', view: 'text' };
    const both = textsOf(render([read('a'), { ...read('b'), arguments: { path: used }, dependsOn: ['c0'] }]));
    expect(both.join('\n')).toContain('\n     after c0: needs its result');
  });

  test('says who of two runs alone', () => {
    const alone = twistCall(1, { after: [0], locks: [{ node: '', mode: 'X' }] });
    expect(textsOf(render([read('a'), read('b')], { twist: alone })).join('\n')).toContain(
      '\n     after c0: runs alone',
    );
    const twist = (plan: Plan): Plan =>
      twistCall(0, { locks: [{ node: '', mode: 'X' }] })(twistCall(1, { after: [0] })(plan));
    expect(textsOf(render([read('a'), read('b')], { twist })).join('\n')).toContain(
      '\n     after c0: that one runs alone',
    );
  });

  test('counts a call in whose stead another is sent once, and says so where none would run', () => {
    const [twin] = textsOf(render([read('a'), read('a')], { twist: twistCall(1, { sameAs: 0 }) }));
    expect(twin).toMatch(/^batch 7f3a91 planned: 2 calls, 2 would run in 1 step, at most 1 in one; nothing was sent\n/);
    const [none] = textsOf(render([{ tool: 'nope' }]));
    expect(none).toMatch(/^batch 7f3a91 planned: 1 call, none would run; 1 invalid; nothing was sent\n/);
  });

  test('shows keys as they are, and of a long one the beginning and the name of the file', () => {
    const key = `files/${'deep~1er~0/'.repeat(30)}notes.md`;
    const locks = [{ node: key, mode: 'X' as const }];
    const twist = (plan: Plan): Plan => twistCall(0, { locks })(twistCall(1, { locks, after: [0] })(plan));
    const lines = textsOf(render([read('a'), read('b')], { twist }))
      .join('\n')
      .split('\n');
    expect(lines[2]).toMatch(/^ {5}locks X files\/deep\/er~\/deep.*….*er~\/notes\.md$/);
    expect(lines[2]?.length).toBe('     locks '.length + 200);
    expect(lines.at(-1)).toMatch(/^ {5}after c0: both touch files\/deep\/er~.*….*er~\/notes\.md$/);
    expect(planRows(render({ calls: [read('a'), read('b')], format: 'structured' }, { twist }))[0]).toMatchObject({
      locks: [expect.stringMatching(/^X files\/deep~1er~0\/.*….*\/notes\.md$/)],
    });
  });

  test('says that a call may need approval as long as nobody knows what its arguments will be', () => {
    const label = {
      tool: 'github__label_write',
      arguments: { method: { $result: 'c0', path: '/method' } },
    };
    const calls = [{ tool: 'github__get_issue', arguments: { number: 1 } }, label];
    expect(textsOf(render(calls)).join('\n')).toMatch(/\n {5}may need approval, once its arguments are known$/);
    const rows = planRows(render({ calls, format: 'structured' }));
    expect(rows.map(({ approval }) => approval)).toEqual([false, true]);
    expect(rows[1]).toMatchObject({ class: 'destructive', open: true });
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
      'batch 7f3a91 planned: 6 calls, 5 would run in 4 steps, at most 2 in one; 1 invalid; nothing was sent',
    ]);
    const rows = planRows(reply);
    expect(rows[1]).toEqual({
      id: 'c1',
      index: 1,
      server: 'files',
      tool: 'files__read_text_file',
      class: 'read',
      reason: 'rule read "read_*" (files.yaml:4)',
      locks: ['S files/srv/a.txt'],
      after: ['c0'],
      why: ['both touch files/srv/a.txt'],
      approval: false,
      step: 2,
    });
    expect(rows[3]).toMatchObject({
      class: 'destructive',
      approval: true,
      approvalReason: expect.stringContaining('it is destructive'),
      step: 3,
    });
    expect(rows[4]).toMatchObject({ approval: false, locks: [], after: [], error: { code: 'invalid_arguments' } });
    expect(rows[5]).toMatchObject({ after: ['c3'], why: ['both touch files'], step: 4 });
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
    expect(JSON.stringify(reply).length).toBeLessThan(260_000);
    expect(planRows(reply)[999]).toMatchObject({ after: ['c499'], afterCount: 500, step: 2 });
  });

  test('of a hundred writes deep in a tree fits the reply, with a lock and a wait for each', () => {
    const deep = Array.from({ length: 12 }, (_, n) => `a-long-folder-name-${n}`).join('/');
    for (const same of [false, true]) {
      const calls = Array.from({ length: 100 }, (_, n) => write(`${deep}/${same ? 'notes' : `note${n}`}.md`));
      const reply = render({ calls, format: 'structured' });
      expect(JSON.stringify(reply).length).toBeLessThanOrEqual(40_000);
      const rows = planRows(reply);
      expect(rows).toHaveLength(100);
      expect(rows[99]).toMatchObject({
        locks: [expect.stringMatching(same ? /^X files\/.*…?.*notes\.md$/ : /^X files\/.*…?.*note99\.md$/)],
        ...(same && { after: ['c98'], why: [expect.stringMatching(/^both touch files\/.*….*notes\.md$/)] }),
      });
    }
  });

  test('shows what a call touches, and an intention only where it is all that there is', () => {
    const locks = [
      { node: '', mode: 'IX' as const },
      { node: 'files', mode: 'IX' as const },
    ];
    const rows = planRows(render({ calls: [read('a')], format: 'structured' }, { twist: twistCall(0, { locks }) }));
    expect(rows[0]).toMatchObject({ locks: ['IX files'] });
    const many = Array.from({ length: 30 }, (_, n) => ({ node: `files/${n}`, mode: 'S' as const }));
    const listed = planRows(
      render({ calls: [read('a')], format: 'structured' }, { twist: twistCall(0, { locks: many }) }),
    );
    expect(listed[0]?.['locks']).toHaveLength(21);
    expect(listed[0]).toMatchObject({ locks: expect.arrayContaining(['S files/0', 'S files/19', 'and 10 more']) });
  });

  test('lists the calls that each waits for in their order', () => {
    const needs = [{ index: 0, when: 'ok' as const }];
    const twist = twistCall(3, { after: [2, 1], needs });
    const rows = planRows(render({ calls: ['a', 'b', 'c', 'd'].map(read), format: 'structured' }, { twist }));
    expect(rows[3]?.['after']).toEqual(['c0', 'c1', 'c2']);
    const conflicts = planRows(
      render({ calls: ['a', 'b', 'c'].map(read), format: 'structured' }, { twist: twistCall(2, { after: [1, 0] }) }),
    );
    expect(conflicts[2]?.['after']).toEqual(['c0', 'c1']);
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
