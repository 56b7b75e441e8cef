import type { ToolClass } from '../../../src/core/tool.ts';
import { describe, expect, test } from 'vitest';
import { callAt, errorAt, planOf, servers, tryPlan } from '../tiny-catalog.ts';

const read = (path: unknown, more = {}) => ({ tool: 'files__read_text_file', arguments: { path }, ...more });
const write = (path: string, more = {}) => ({ tool: 'files__write_file', arguments: { path, content: 'x' }, ...more });
const issue = (number: number, more = {}) => ({ tool: 'github__get_issue', arguments: { number }, ...more });
const afterOf = (plan: ReturnType<typeof planOf>) =>
  plan.entries.map((entry) => (entry.kind === 'run' ? entry.call.after : 'settled'));

describe('a call meets its tool', () => {
  test('and carries its class, the reason, and the name at its server', () => {
    expect(callAt(planOf([read('a.md')]), 0)).toMatchObject({
      index: 0,
      id: 'c0',
      server: 'files',
      tool: 'read_text_file',
      exposedName: 'files__read_text_file',
      arguments: { path: 'a.md' },
      class: 'read',
      reason: expect.stringContaining('files.yaml'),
      after: [],
      pathLength: 1,
    });
  });

  test.each(['files/get_time', 'files.get_time', 'get_time', 'mcp__marshal__files__get_time'])(
    'by the name %s',
    (tool) => {
      expect(callAt(planOf([{ tool }]), 0).exposedName).toBe('files__get_time');
    },
  );

  test('an unknown tool is told the nearest names, and its neighbours run', () => {
    const plan = planOf([{ tool: 'files__read_textfile' }, read('a')]);
    expect(errorAt(plan, 0)).toMatchObject({
      code: 'unknown_tool',
      message: expect.stringContaining('files__read_text_file'),
    });
    expect(callAt(plan, 1).index).toBe(1);
  });

  test('a name that two servers have is told both', () => {
    expect(errorAt(planOf([{ tool: 'search' }]), 0)).toEqual({
      code: 'ambiguous_tool',
      message: 'several servers have this tool; write one of files__search, github__search',
      retryable: false,
    });
  });

  test.each(['mail__send', 'mail/send', 'mcp__marshal__mail__send'])(
    '%s of a server that is not connected says so',
    (tool) => {
      const plan = planOf([{ tool }], {
        unavailable: (server) => (server === 'mail' ? 'it is connecting' : undefined),
      });
      expect(errorAt(plan, 0)).toEqual({
        code: 'server_unavailable',
        message:
          'the server mail is configured but not connected: it is connecting; try again later, or go on without it',
        retryable: true,
      });
      expect(plan.entries[0]).toMatchObject({ outcome: { status: 'failed', applied: 'no', attempts: 0 } });
    },
  );

  test('a tool of a server that wants a login is not to be tried again before somebody has logged in', () => {
    const reason = 'it wants a login (HTTP 401); run mcp-marshal login mail';
    const plan = planOf([{ tool: 'mail__send' }, { tool: 'send' }], {
      unavailable: (server) => (server === 'mail' ? reason : undefined),
      wantsLogin: (server) => server === 'mail',
    });
    expect(errorAt(plan, 0)).toEqual({
      code: 'server_unavailable',
      message: `the server mail is configured but not connected: ${reason}; until then, go on without it`,
      retryable: false,
    });
    expect(errorAt(plan, 1)).toMatchObject({ code: 'unknown_tool', retryable: false });
  });

  test('a bare name that nobody has is told which servers could not be asked', () => {
    const plan = planOf([{ tool: 'send' }], {
      unavailable: (server) => (server === 'mail' ? 'crash loop' : undefined),
    });
    expect(errorAt(plan, 0).message).toContain('not connected now: mail (crash loop)');
  });

  test('a server of which the credentials allow no call is not named as one that could not be asked', () => {
    const away = { unavailable: (server: string) => (server === 'github' ? 'crash loop' : undefined) };
    const messageFor = (scopes: readonly ToolClass[]) =>
      errorAt(planOf([{ tool: 'qqqq' }], { ...away, caller: () => ({ scopes: new Set(scopes) }) }), 0).message;
    expect(messageFor(['read'])).toContain('github (crash loop)');
    expect(messageFor([])).not.toContain('github');
  });

  test('wrong arguments come with the signature of the tool', () => {
    const error = errorAt(planOf([{ tool: 'files__read_text_file', arguments: { file: 'a' } }]), 0);
    expect(error).toEqual({
      code: 'invalid_arguments',
      message: 'missing "path"; "file" is not an argument\narguments: (path: string, head?: number, tail?: number)',
      retryable: false,
    });
  });

  test('a call that was broken as it came keeps its own problem', () => {
    expect(errorAt(planOf([{ tool: 'files__get_time', arguments: [] }]), 0).message).toContain('found an array');
  });
});

describe('policy decides each call', () => {
  test('a denied tool is told the rule', () => {
    const plan = planOf([{ tool: 'files__format_disk' }]);
    expect(errorAt(plan, 0)).toMatchObject({
      code: 'denied_by_policy',
      message: expect.stringContaining('files.yaml:8'),
    });
    expect(plan.entries[0]).toMatchObject({ server: 'files', class: 'write', outcome: { status: 'denied' } });
  });

  test('a destructive call needs approval, and says why and what would waive it', () => {
    expect(callAt(planOf([{ tool: 'files__delete_file', arguments: { path: 'a' } }]), 0).approval).toEqual({
      reason: 'it is destructive: rule destructive "delete_*" (files.yaml:7)',
      mend: 'add delete_file to "allow:" in files.yaml',
    });
  });

  test('so does a call that a rule asks about', () => {
    expect(callAt(planOf([{ tool: 'github__create_release' }]), 0).approval).toEqual({
      reason: 'rule ask "create_release" (github.yaml:7)',
      mend: 'take it out of "ask:" and add it to "allow:" in github.yaml',
    });
  });

  test('a call that needs approval keeps nobody from starting, also where a failure would', () => {
    const calls = [{ tool: 'files__delete_file', arguments: { path: 'a' } }, issue(1)];
    expect(planOf({ calls, onError: 'stop' }).entries.map(({ kind }) => kind)).toEqual(['run', 'run']);
  });

  test('a tool whose class depends on its arguments is decided by them', () => {
    const plan = planOf([
      { tool: 'github__label_write', arguments: { method: 'create' } },
      { tool: 'github__label_write', arguments: { method: 'delete' } },
    ]);
    expect(callAt(plan, 0).class).toBe('write');
    expect(callAt(plan, 0)).not.toHaveProperty('approval');
    expect(callAt(plan, 1).approval?.reason).toContain('it is destructive');
  });
});

describe('a call that waits for a value of another', () => {
  const from = (id: string, path = '/path') => ({ $result: id, path });

  test('is planned as the worst that it could become, and needs that call', () => {
    const plan = planOf([
      issue(1),
      { tool: 'files__read_text_file', arguments: { path: from('c0') } },
      write('b'),
      read('b'),
    ]);
    expect(callAt(plan, 1)).toMatchObject({
      isOpen: true,
      class: 'read',
      needs: [{ index: 0, when: 'ok' }],
      arguments: { path: { $result: 'c0', path: '/path' } },
      locks: expect.arrayContaining([{ node: 'files', mode: 'S' }]),
    });
    // It may turn out to read b, so the write waits.
    expect(afterOf(plan)).toEqual([[], [], [1], [2]]);
    expect(plan.entries.map((entry) => entry.kind === 'run' && entry.call.pathLength)).toEqual([4, 3, 2, 1]);
    expect(callAt(plan, 0)).not.toHaveProperty('isOpen');
  });

  test('is told at once what no value could mend', () => {
    const error = errorAt(planOf([issue(1), { tool: 'files__write_file', arguments: { path: from('c0') } }]), 1);
    expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining('missing "content"') });
  });

  test('waits for its decision where only its arguments make it destructive', () => {
    const label = (method: unknown) => ({ tool: 'github__label_write', arguments: { method } });
    const open = callAt(planOf([issue(1), label(from('c0'))]), 1);
    expect(open).toMatchObject({ isOpen: true, class: 'destructive', mayAsk: true });
    expect(open).not.toHaveProperty('approval');
  });

  test('may come to need approval where it is destructive or asked about whatever the value is; what is denied has ended', () => {
    const plan = planOf([
      issue(1),
      { tool: 'files__delete_file', arguments: { path: from('c0') } },
      { tool: 'github__create_release', arguments: { tag: { $item: '' } }, forEach: from('c0', '') },
      { tool: 'files__format_disk', arguments: { disk: { $item: '' } }, forEach: from('c0', '') },
    ]);
    expect([1, 2].map((index) => callAt(plan, index).mayAsk)).toEqual([true, true]);
    expect([1, 2].map((index) => callAt(plan, index).approval)).toEqual([undefined, undefined]);
    expect(errorAt(plan, 3).code).toBe('denied_by_policy');
  });

  test('takes its place in a batch of reads by the worst', () => {
    const planned = tryPlan([issue(1), { tool: 'github__label_write', arguments: { method: from('c0') } }], {
      readOnly: true,
    });
    expect(planned).toMatchObject({ ok: false, problems: [{ key: 'calls[1]' }] });
  });

  test('is told at once what is wrong beside it, and locks what is known', () => {
    const beside = (more: object): object => ({
      tool: 'files__write_file',
      arguments: { path: { $concat: ['a', '.md'] }, content: from('c0'), ...more },
    });
    const plan = planOf([
      issue(1),
      beside({}),
      beside({ path: 7 }),
      beside({ path: { $literal: 7 } }),
      { tool: 'github__label_write', arguments: { method: { $concat: ['create', 'd'] }, name: from('c0') } },
    ]);
    expect(callAt(plan, 1)).toMatchObject({ isOpen: true, arguments: { path: 'a.md', content: from('c0') } });
    expect(callAt(plan, 1).locks.at(-1)).toEqual({ node: 'files/srv/a.md', mode: 'X' });
    expect(errorAt(plan, 2).message).toContain('/path must be string\n');
    expect(errorAt(plan, 3).message).toContain('/path must be string\n');
    expect(errorAt(plan, 4).message).toContain('/method must be one of "create", "delete"');
  });

  test('that holds nothing but constants is not open', () => {
    expect(callAt(planOf([read({ $concat: ['a', '/', 'b.md'] })]), 0)).toMatchObject({
      arguments: { path: 'a/b.md' },
    });
    expect(callAt(planOf([read({ $literal: 'a' })]), 0)).not.toHaveProperty('isOpen');
  });
});

describe('a call whose dependency cannot run', () => {
  test('is skipped with it, and who depends on that one too, by name', () => {
    const plan = planOf([
      { tool: 'nope', id: 'bad' },
      { ...read('a'), id: 'then', dependsOn: 'bad' },
      issue(1, { dependsOn: ['then'] }),
      issue(2),
    ]);
    expect(errorAt(plan, 1)).toMatchObject({
      code: 'dependency_failed',
      by: 'bad',
      message: 'not run: it depends on bad, which is invalid',
    });
    expect(errorAt(plan, 2)).toMatchObject({ by: 'then', message: 'not run: it depends on then, which is skipped' });
    expect(plan.entries[2]).toMatchObject({ server: 'github', class: 'read', outcome: { status: 'skipped' } });
    expect(callAt(plan, 3).id).toBe('c3');
  });

  test.each(['error', 'settled'])('runs where it asked for when: %s', (when) => {
    const plan = planOf([{ tool: 'nope' }, issue(1, { dependsOn: [{ id: 'c0', when }] })]);
    expect(callAt(plan, 1).needs).toEqual([{ index: 0, when, isOrderOnly: true }]);
  });

  test('keeps its own reason where it has one', () => {
    const plan = planOf([{ tool: 'nope' }, { tool: 'nada', dependsOn: 'c0' }]);
    expect(errorAt(plan, 1).code).toBe('unknown_tool');
  });
});

describe('identical reads are sent once', () => {
  const sameOf = (input: unknown, choices = {}) =>
    planOf(input, choices).entries.map((entry) => entry.kind === 'run' && entry.call.sameAs);

  test('whatever the order of their arguments', () => {
    const of = (args: object) => ({ tool: 'files__read_text_file', arguments: args });
    expect(
      sameOf([of({ path: 'a', head: 3 }), read('a'), of({ head: 3, path: 'a' }), of({ path: 'a', head: 3 })]),
    ).toEqual([undefined, undefined, 0, 0]);
  });

  test('not across a write of what they read, and across one of anything else', () => {
    expect(sameOf([read('a'), write('a'), read('a'), write('b'), read('a')])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      2,
    ]);
  });

  test.each<[string, object[]]>([
    ['with another timeout', [read('a'), read('a', { timeoutMs: 5 })]],
    ['of which one waits for another call', [read('a'), issue(1), read('a', { dependsOn: 'c1' })]],
    ['of which one waits for the other', [read('a'), read('a', { dependsOn: 'c0' })]],
    ['that lock nothing, such as a clock', [{ tool: 'get_time' }, { tool: 'get_time' }]],
    ['that are writes', [write('a'), write('a')]],
    ['that are still to be filled', [issue(1), ...[1, 2].map(() => read({ $result: 'c0' }))]],
    ['that run over elements', [issue(1), ...[1, 2].map(() => read({ $item: '' }, { forEach: { $result: 'c0' } }))]],
  ])('not calls %s', (_, calls) => {
    expect(sameOf(calls).filter((leader) => leader !== undefined)).toEqual([]);
  });

  test('with the same needs, and one at a time, too', () => {
    const twice = [issue(1), read('a', { dependsOn: 'c0' }), read('a', { dependsOn: ['c0'] })];
    expect(sameOf(twice)).toEqual([undefined, undefined, 1]);
    expect(sameOf({ calls: [issue(1), read('a'), issue(1)], parallel: 'avoid' })).toEqual([undefined, undefined, 0]);
  });
});

describe('order is kept where calls touch the same thing', () => {
  test('a read waits for the write of its file, and nobody else', () => {
    const plan = planOf([write('a'), read('a'), write('b'), read('b'), issue(1)]);
    expect(afterOf(plan)).toEqual([[], [0], [], [2], []]);
    expect(callAt(plan, 0).pathLength).toBe(2);
  });

  test('a call that does not run holds nobody up', () => {
    expect(afterOf(planOf([write('a'), write('a', { arguments: { path: 'a' } }), read('a')]))).toEqual([
      [],
      'settled',
      [0],
    ]);
  });

  test('parallel: avoid runs one at a time, across servers', () => {
    const plan = planOf({ calls: [issue(1), read('a'), { tool: 'nope' }, issue(2)], parallel: 'avoid' });
    expect(plan.maxParallel).toBe(1);
    expect(afterOf(plan)).toEqual([[], [0], 'settled', [1]]);
  });

  test('parallel: avoid on a server serialises that server only', () => {
    const cautious = new Map([...servers, ['github', { parallel: 'avoid' as const }]]);
    const plan = planOf([issue(1), read('a'), issue(2), read('b'), issue(3)], { servers: cautious });
    expect(afterOf(plan)).toEqual([[], [], [0], [], [2]]);
    expect(plan.maxParallel).toBe(8);
  });
});

describe('of several timeouts the most specific holds, and a call may shorten it', () => {
  test.each([
    [write('a'), 10_000],
    [write('a', { timeoutMs: 500 }), 500],
    [write('a', { timeoutMs: 99_000 }), 10_000],
    [issue(1), 30_000],
    [read('a'), 120_000],
  ])('%j', (call, timeoutMs) => {
    expect(callAt(planOf([call]), 0).timeoutMs).toBe(timeoutMs);
  });
});

describe('after the first failure nothing starts, under onError: stop', () => {
  test('what stands before a broken call runs, what stands after is skipped by its name', () => {
    const plan = planOf({ calls: [issue(1), { tool: 'nope', id: 'bad' }, issue(2), issue(3)], onError: 'stop' });
    expect(callAt(plan, 0).id).toBe('c0');
    expect(errorAt(plan, 1).code).toBe('unknown_tool');
    expect(errorAt(plan, 2)).toMatchObject({ code: 'stopped_after_error', by: 'bad' });
    expect(plan.entries[3]).toMatchObject({ outcome: { status: 'skipped', applied: 'no' } });
  });

  test('a second broken call still says what is wrong with it', () => {
    const plan = planOf({ calls: [{ tool: 'nope' }, issue(2), { tool: 'files__format_disk' }], onError: 'stop' });
    expect(plan.entries.map((entry) => entry.kind === 'settled' && entry.outcome.error?.code)).toEqual([
      'unknown_tool',
      'stopped_after_error',
      'denied_by_policy',
    ]);
  });
});

describe('batch_read reads only', () => {
  test('one call that is more, and nothing runs, with the calls, their class and the reason', () => {
    const planned = tryPlan([issue(1), write('a', { id: 'w' })], { readOnly: true });
    expect(planned).toMatchObject({
      ok: false,
      error: {
        code: 'denied_by_policy',
        message: expect.stringContaining('1 of 2 calls are more; nothing was run; use batch_call'),
      },
      problems: [
        {
          key: 'calls[1]',
          message: expect.stringMatching(/^w files__write_file is write: rule write "write_\*" \(files.yaml:6\)/),
        },
      ],
    });
  });

  test('an unknown tool is invalid, and the reads run', () => {
    const plan = planOf([issue(1), { tool: 'nope' }], { readOnly: true });
    expect(callAt(plan, 0).class).toBe('read');
    expect(errorAt(plan, 1).code).toBe('unknown_tool');
  });

  test('a write with wrong arguments is a write', () => {
    expect(tryPlan([{ tool: 'files__write_file' }], { readOnly: true }).ok).toBe(false);
  });
});
