import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/config/policy.ts';
import type { Annotations } from '../../src/core/tool.ts';
import { toolClasses } from '../../src/core/tool.ts';
import { classifyTool } from '../../src/policy/classify-tool.ts';
import { repairAnnotations } from '../../src/policy/repair-annotations.ts';
import { makePolicy, makeTool } from './make-policy.ts';

const repaired = (policy: Policy, annotations?: Annotations): Annotations | undefined => {
  const tool = makeTool('x', annotations);
  return repairAnnotations(tool, classifyTool(tool, policy));
};

describe('the annotations that clients see', () => {
  it('say what a rule of the policy says, and keep everything else', () => {
    const own = { title: 'X', idempotentHint: true, openWorldHint: false, 'x-vendor': { a: 1 } };
    expect(repaired(makePolicy({ read: ['x'] }), { ...own, readOnlyHint: false })).toEqual({
      ...own,
      readOnlyHint: true,
      destructiveHint: false,
    });
    expect(repaired(makePolicy({ write: ['x'] }), { readOnlyHint: true })).toEqual({
      readOnlyHint: false,
      destructiveHint: false,
    });
    expect(repaired(makePolicy({ destructive: ['x'] }))).toEqual({ readOnlyHint: false, destructiveHint: true });
  });

  it('are the worst of a tool whose class depends on its arguments', () => {
    const policy = makePolicy({
      tools: { x: { class: 'destructive', when: [{ args: { a: [1] }, class: 'read' }] } },
    });
    expect(repaired(policy)).toEqual({ readOnlyHint: false, destructiveHint: true });
  });

  it('are the upstream’s own, the same object, where no rule speaks and they are true to the class', () => {
    for (const own of [{ readOnlyHint: true, title: 'X' }, { destructiveHint: false }, { title: 'only' }]) {
      expect(repaired(makePolicy({}), own)).toBe(own);
    }
    expect(repaired(makePolicy({}))).toBeUndefined();
  });

  it('are tightened where they are laxer than the class', () => {
    expect(repaired(makePolicy({ annotations: 'tighten' }), { readOnlyHint: true })).toEqual({ readOnlyHint: false });
    expect(repaired(makePolicy({ unannotated: 'destructive' }), { title: 'X' })).toEqual({
      title: 'X',
      readOnlyHint: false,
      destructiveHint: true,
    });
    expect(repaired(makePolicy({}), { readOnlyHint: true, destructiveHint: true })).toEqual({
      readOnlyHint: false,
      destructiveHint: true,
    });
  });

  it('drop a hint that is no boolean, which clients would reject the whole list for', () => {
    const broken: Annotations = JSON.parse('{ "readOnlyHint": "true", "idempotentHint": 1, "title": "X" }');
    expect(repaired(makePolicy({}), broken)).toEqual({ title: 'X' });
    const list: Annotations = JSON.parse('["x"]');
    expect(repaired(makePolicy({}), list)).toBeUndefined();
  });

  it('are never laxer than the class, whatever hints and policy', () => {
    const value = fc.constantFrom(true, false, 'true', undefined);
    fc.assert(
      fc.property(
        fc.record({ readOnlyHint: value, destructiveHint: value }),
        fc.constantFrom('trust', 'tighten', 'ignore'),
        fc.constantFrom('write', 'destructive'),
        fc.constantFrom(undefined, ...toolClasses),
        (hints, annotations, unannotated, list) => {
          const policy = makePolicy({ annotations, unannotated, ...(list && { [list]: ['x'] }) });
          const tool = makeTool('x', JSON.parse(JSON.stringify(hints)));
          const classification = classifyTool(tool, policy);
          const seen = repairAnnotations(tool, classification);
          expect(seen?.readOnlyHint === true && classification.class !== 'read').toBe(false);
          expect(seen?.destructiveHint !== true && classification.class === 'destructive').toBe(false);
        },
      ),
    );
  });
});
