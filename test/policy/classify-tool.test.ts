import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/core/json.ts';
import { toolClasses } from '../../src/core/tool.ts';
import type { Annotations, Tool, ToolClass } from '../../src/core/tool.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { makePolicy, makeTool } from './make-policy.ts';

describe('the class of a tool', () => {
  it('comes from its exact entry before any list', () => {
    const policy = makePolicy({ destructive: ['*'], tools: { get: { class: 'read' } } });
    expect(classifyTool(makeTool('get'), policy)).toEqual({
      class: 'read',
      source: 'rule',
      reason: 'rule tools.get (policies/test.yaml:2)',
      place: { file: 'policies/test.yaml', line: 2, column: 3 },
    });
  });

  it('is left to the lists by an entry without a class', () => {
    const policy = makePolicy({ destructive: ['get'], tools: { get: { locks: 'none' } } });
    expect(classifyTool(makeTool('get'), policy)).toMatchObject({
      class: 'destructive',
      reason: 'rule destructive "get" (policies/test.yaml:1)',
    });
  });

  it('is the most dangerous of the lists that match', () => {
    const policy = makePolicy({ read: ['delete_x'], write: ['delete_*'], destructive: ['*'] });
    expect(classifyTool(makeTool('delete_x'), policy).class).toBe('destructive');
  });

  it('comes from a list before any hint', () => {
    const policy = makePolicy({ read: ['get_*'] });
    expect(classifyTool(makeTool('get_it', { destructiveHint: true }), policy)).toMatchObject({
      class: 'read',
      source: 'rule',
    });
  });

  it('is a write where nothing says anything', () => {
    expect(classifyTool(makeTool('x'), makePolicy({}))).toEqual({
      class: 'write',
      source: 'default',
      reason: 'no rule matches and the server gives no hint',
    });
  });

  it.each<[string, Annotations, ToolClass, string]>([
    ['readOnlyHint', { readOnlyHint: true }, 'read', "the server's hint readOnlyHint: true"],
    ['both', { readOnlyHint: true, destructiveHint: true }, 'destructive', "the server's hint destructiveHint: true"],
    ['not destructive', { destructiveHint: false }, 'write', "the server's hint destructiveHint: false"],
    [
      'not read-only',
      { readOnlyHint: false, destructiveHint: false },
      'write',
      "the server's hint readOnlyHint: false",
    ],
    ['idempotent only', { idempotentHint: true }, 'write', "the server's hint idempotentHint: true"],
    ['open world only', { openWorldHint: false }, 'write', "the server's hint openWorldHint: false"],
  ])('follows hints that are trusted: %s', (_, annotations, toolClass, reason) => {
    const policy = makePolicy({ unannotated: 'destructive' });
    expect(classifyTool(makeTool('x', annotations), policy)).toEqual({ class: toolClass, source: 'hint', reason });
  });

  it.each([
    [{ title: 'Read me' }],
    [{ readOnlyHint: 'true' }],
    [{ readOnlyHint: 1 }],
    [{ readOnlyHint: null }],
    [[{ readOnlyHint: true }]],
    ['readOnlyHint'],
    [null],
  ])('does not believe what is no hint: %j', (annotations) => {
    const tool: Tool = JSON.parse(JSON.stringify({ ...makeTool('x'), annotations }));
    expect(classifyTool(tool, makePolicy({}))).toMatchObject({ class: 'write', source: 'default' });
  });

  it('can only get stricter by hints under tighten, and says so', () => {
    const policy = makePolicy({ annotations: 'tighten' });
    expect(classifyTool(makeTool('x', { destructiveHint: true }), policy)).toMatchObject({
      class: 'destructive',
      source: 'hint',
    });
    expect(classifyTool(makeTool('x', { readOnlyHint: true }), policy)).toEqual({
      class: 'write',
      source: 'default',
      reason: "no rule matches and the server's hint readOnlyHint: true does not count under annotations: tighten",
    });
    const strict = makePolicy({ annotations: 'tighten', unannotated: 'destructive' });
    expect(classifyTool(makeTool('x', { readOnlyHint: false }), strict).class).toBe('destructive');
  });

  it('does not follow hints under ignore', () => {
    const policy = makePolicy({ annotations: 'ignore' });
    for (const hint of [{ readOnlyHint: true }, { destructiveHint: true }]) {
      expect(classifyTool(makeTool('x', hint), policy)).toMatchObject({ class: 'write', source: 'default' });
    }
  });

  it('survives tools named like parts of the language', () => {
    const policy = makePolicy({
      read: ['toString'],
      tools: Object.fromEntries([['constructor', { class: 'destructive' as const }]]),
    });
    expect(classifyTool(makeTool('__proto__'), policy).source).toBe('default');
    expect(classifyTool(makeTool('constructor'), policy).class).toBe('destructive');
    expect(classifyTool(makeTool('toString'), policy).class).toBe('read');
  });
});

describe('a class that depends on the arguments', () => {
  const tool = makeTool('label_write');
  const policy = makePolicy({
    tools: {
      label_write: { class: 'destructive', when: [{ args: { method: ['create', 'update'] }, class: 'write' }] },
    },
  });

  it('is that of the case that holds, with the case as its reason', () => {
    expect(classifyTool(tool, policy, { method: 'update' })).toMatchObject({
      class: 'write',
      source: 'rule',
      reason: 'rule tools.label_write when method is "create" or "update" (policies/test.yaml:2)',
      place: { line: 2 },
    });
  });

  it.each([
    [{}],
    [{ method: 'delete' }],
    [{ method: 'Create' }],
    [{ method: ['create'] }],
    [{ method: null }],
    [JSON.parse('{"__proto__": {"method": "create"}}')],
  ])('is that of the tool where no case holds: %j', (args) => {
    expect(classifyTool(tool, policy, args).class).toBe('destructive');
  });

  it('is the worst possible one while the arguments are not known', () => {
    expect(classifyTool(tool, policy).class).toBe('destructive');
    const lenient = makePolicy({
      tools: { label_write: { class: 'read', when: [{ args: { method: ['drop'] }, class: 'destructive' }] } },
    });
    expect(classifyTool(tool, lenient).class).toBe('destructive');
    expect(classifyTool(tool, lenient, {}).class).toBe('read');
  });

  it('is the worse one where a part of the call is what a case says: nothing hides behind an element that is harmless', () => {
    const edit = makeTool('edit');
    const stricter = makePolicy({
      tools: { edit: { class: 'read', when: [{ args: { 'ops.type': ['delete'] }, class: 'destructive' }] } },
    });
    const looser = makePolicy({
      tools: { edit: { class: 'destructive', when: [{ args: { 'ops.type': ['look'] }, class: 'read' }] } },
    });
    const ops = (...types: string[]): JsonObject => ({ ops: types.map((type) => ({ type })) });
    expect(classifyTool(edit, stricter, ops('keep', 'delete')).class).toBe('destructive');
    expect(classifyTool(edit, stricter, ops('keep', 'keep')).class).toBe('read');
    expect(classifyTool(edit, looser, ops('look', 'delete')).class).toBe('destructive');
    expect(classifyTool(edit, looser, ops('look', 'look')).class).toBe('read');
  });

  it.each([
    [{ method: { $result: 'c0', path: '/method' } }],
    [{ method: { $concat: ['cre', 'ate'] } }],
    [{ method: { $item: '' } }],
    [{ method: { $literal: 'create' } }],
    [{ method: { $param: 'how' } }],
  ])('is the worst possible one while a reference fills the argument: %j', (args) => {
    expect(classifyTool(tool, policy, args).class).toBe('destructive');
  });

  it('does not wait for a reference in another argument', () => {
    expect(classifyTool(tool, policy, { method: 'create', name: { $result: 'c0' } }).class).toBe('write');
  });

  it('is the most dangerous of the cases that hold, in whatever order they stand', () => {
    const cases = [
      { args: { a: [1] }, class: 'read' as const },
      { args: { b: [1] }, class: 'destructive' as const },
    ];
    for (const when of [cases, cases.toReversed()]) {
      const either = makePolicy({ tools: { label_write: { class: 'write', when } } });
      expect(classifyTool(tool, either, { a: 1, b: 1 }).class).toBe('destructive');
      expect(classifyTool(tool, either, { a: 1 }).class).toBe('read');
    }
  });

  it('needs every named argument of a case, compared deeply, dots reaching into objects', () => {
    const deep = makePolicy({
      tools: {
        label_write: {
          class: 'write',
          when: [{ args: { 'options.mode': [{ dry: true, steps: [1, 2] }], force: [false] }, class: 'read' }],
        },
      },
    });
    const mode = { steps: [1, 2], dry: true };
    const classOf = (args: Parameters<typeof classifyTool>[2]): string => classifyTool(tool, deep, args).class;
    expect(classOf({ options: { mode }, force: false })).toBe('read');
    expect(classOf({ options: { mode } })).toBe('write');
    expect(classOf({ options: { mode: { ...mode, more: 1 } }, force: false })).toBe('write');
    expect(classOf({ options: { mode: { ...mode, steps: [2, 1] } }, force: false })).toBe('write');
    expect(classOf({ options: [{ mode }, { mode: {} }], force: false })).toBe('write');
  });

  it('cannot be talked down by an extra argument with a dot in its name', () => {
    const dotted = makePolicy({
      tools: { label_write: { class: 'destructive', when: [{ args: { 'options.method': ['get'] }, class: 'read' }] } },
    });
    const args = { 'options.method': 'get', options: { method: 'delete' } };
    expect(classifyTool(tool, dotted, args).class).toBe('destructive');
  });

  it('takes arguments nested without bound', () => {
    let nested: JsonValue = 1;
    for (let depth = 0; depth < 200_000; depth++) nested = [nested];
    const any = makePolicy({
      tools: { label_write: { class: 'write', when: [{ args: { a: [[[1]]] }, class: 'read' }] } },
    });
    expect(classifyTool(tool, any, { a: nested }).class).toBe('write');
  });
});

describe('whatever the policy says', () => {
  const hint = fc.option(fc.boolean(), { nil: undefined });
  const annotations = fc
    .record({ readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint, openWorldHint: hint })
    .map((hints): Annotations => JSON.parse(JSON.stringify(hints)));
  const patterns = fc.array(fc.constantFrom('*', 'a*', '*b', 'ab', '?b', 'c'), { maxLength: 3 });

  it('hints under tighten never make a tool laxer than no hints would', () => {
    fc.assert(
      fc.property(annotations, fc.constantFrom('write', 'destructive'), patterns, (hints, unannotated, read) => {
        const policy = makePolicy({ annotations: 'tighten', unannotated, read });
        const without = classifyTool(makeTool('ab'), policy).class;
        const withHints = classifyTool(makeTool('ab', hints), policy).class;
        expect(rank(withHints)).toBeGreaterThanOrEqual(rank(without));
      }),
    );
  });

  it('the order of its rules never matters', () => {
    fc.assert(
      fc.property(patterns, patterns, patterns, annotations, (read, write, destructive, hints) => {
        const policy = makePolicy({ read, write, destructive });
        const turned = { ...policy, rules: policy.rules.toReversed() };
        const tool = makeTool('ab', hints);
        expect(classifyTool(tool, turned).class).toBe(classifyTool(tool, policy).class);
      }),
    );
  });

  it('no call is more dangerous than its tool was announced to be', () => {
    const value = fc.constantFrom('a', 'b', 'c');
    const toolClass = fc.constantFrom(...toolClasses);
    const rule = fc.record({ args: fc.record({ x: fc.array(value), y: fc.array(value) }), class: toolClass });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), toolClass, value, value, (when, fallback, x, y) => {
        const policy = makePolicy({ tools: { t: { class: fallback, when } } });
        const announced = rank(classifyTool(makeTool('t'), policy).class);
        const unresolved = rank(classifyTool(makeTool('t'), policy, { x, y: { $result: 'c0' } }).class);
        const known = rank(classifyTool(makeTool('t'), policy, { x, y }).class);
        expect(announced).toBeGreaterThanOrEqual(unresolved);
        expect(unresolved).toBeGreaterThanOrEqual(known);
      }),
    );
  });
});

function rank(toolClass: ToolClass): number {
  return toolClasses.indexOf(toolClass);
}
