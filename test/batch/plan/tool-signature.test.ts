import { expect, test } from 'vitest';
import { toolSignature } from '../../../src/batch/plan/tool-signature.ts';

test('the arguments of a tool are one line, the optional ones marked', () => {
  const properties = {
    path: { type: 'string' },
    head: { type: 'integer' },
    mode: { enum: ['fast', 'slow'] },
    tags: { type: 'array', items: { type: 'string' } },
    kinds: { type: 'array', items: { enum: ['a', 'b'] } },
    edit: {
      type: 'object',
      properties: { from: { $ref: '#/$defs/text' }, to: { type: ['string', 'null'] } },
      required: ['from'],
    },
    any: {},
    id: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    free: { type: 'object' },
  };
  expect(toolSignature({ type: 'object', properties, required: ['path'], $defs: { text: { type: 'string' } } })).toBe(
    '(path: string, head?: number, mode?: "fast" | "slow", tags?: string[], kinds?: ("a" | "b")[], edit?: { from: string, to?: string | null }, any?: any, id?: string | number, free?: object)',
  );
});

test('a tool without arguments has none', () => {
  expect(toolSignature({ type: 'object' })).toBe('()');
});

test('a schema that contains itself, or hundreds of fields, is still a short line', () => {
  const tree = { type: 'object', properties: { left: { $ref: '#' }, right: { $ref: '#' } } };
  expect(toolSignature(tree).length).toBeLessThan(300);
  const properties = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field${n}`, { type: 'string' }]));
  expect(toolSignature({ type: 'object', properties }).length).toBeLessThanOrEqual(602);
});

test('a schema of thousands of unions of unions is a line at once', () => {
  const union = (next: string) => ({ anyOf: Array.from({ length: 3_000 }, () => ({ $ref: `#/$defs/${next}` })) });
  const $defs = { a: union('b'), b: union('c'), c: union('d'), d: { type: 'string' } };
  const startedMs = performance.now();
  expect(toolSignature({ properties: { x: { $ref: '#/$defs/a' } }, $defs }).length).toBeLessThan(700);
  const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`p${n}`, { $ref: '#/$defs/d' }]));
  expect(toolSignature({ properties: { x: { type: 'object', properties: wide } }, $defs }).length).toBeLessThan(700);
  expect(performance.now() - startedMs).toBeLessThan(500);
});
