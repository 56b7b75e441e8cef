import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { toolSignature } from '../../../src/batch/plan/tool-signature.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { compactSignature } from '../../../src/serve/find/compact-signature.ts';
import { cpuMs } from '../../cpu-ms.ts';
import { argumentsFrom, readSignature } from './read-signature.ts';

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
  const startedMs = cpuMs();
  expect(toolSignature({ properties: { x: { $ref: '#/$defs/a' } }, $defs }).length).toBeLessThan(700);
  const wide = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`p${n}`, { $ref: '#/$defs/d' }]));
  expect(toolSignature({ properties: { x: { type: 'object', properties: wide } }, $defs }).length).toBeLessThan(700);
  expect(cpuMs() - startedMs).toBeLessThan(500);
});

test('a schema of objects with thousands of fields, met again and again, is a line at once', () => {
  const fields = Array.from({ length: 20_000 }, (_, n) => `field${n}`);
  const $defs = { wide: { type: 'object', required: fields, properties: { a: { type: 'string' } } } };
  const properties = Object.fromEntries(fields.map((name) => [name, { $ref: '#/$defs/wide' }]));
  const startedMs = performance.now();
  for (const required of [[], fields]) {
    expect(toolSignature({ properties, required, $defs }).length).toBeLessThanOrEqual(600);
    expect(toolSignature({ properties: { x: properties['field0'] }, required: ['x'], $defs }).length).toBeLessThan(100);
  }
  expect(performance.now() - startedMs).toBeLessThan(2_000);
});

test('what a call must have is there, however much else a tool takes', () => {
  const others = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`filter${n}`, { type: 'string' }]));
  const body = { type: 'object', properties: { ...others, title: { type: 'string' } }, required: ['title'] };
  const properties = { ...others, body, calendarId: { type: 'string' } };
  const signature = toolSignature({ type: 'object', properties, required: ['calendarId', 'body'] });
  expect(signature).toMatch(/^\(body: \{ title: string, … \}, calendarId: string, filter0\?, .*, …\)$/);
  expect(signature.length).toBeLessThanOrEqual(600);
});

test('lists of lists, lists of one of several objects, and parts that are put together are told apart', () => {
  const a = { type: 'object', properties: { a: { enum: ['x', 'y'] } }, required: ['a'] };
  const b = { properties: { b: { type: 'array', items: { items: { type: 'number' } } } }, required: ['b', 'c'] };
  const properties = {
    rings: { type: 'array', items: { type: 'array', items: { type: 'array', items: { type: 'number' } } } },
    either: { type: 'array', items: { anyOf: [a, b] } },
    both: { allOf: [{ $ref: '#/$defs/a' }, b], description: 'as generators of OpenAPI write them' },
    alone: { allOf: [{ $ref: '#/$defs/a' }] },
    none: { type: 'string', enum: [] },
  };
  expect(toolSignature({ properties, $defs: { a } })).toBe(
    '(rings?: number[][][], either?: ({ a: "x" | "y" } | { b: number[][], c: any })[], ' +
      'both?: { a: "x" | "y" } & { b: number[][], c: any }, alone?: { a: "x" | "y" }, none?: string)',
  );
});

test('one of several sets of arguments is not told as none', () => {
  const set = (name: string) => ({ properties: { [name]: { type: 'string' } }, required: [name] });
  expect(toolSignature({ type: 'object', oneOf: [set('id'), set('url')] })).toBe('({ id: string } | { url: string })');
});

test('nothing that a server writes ends the line, or hides in it', () => {
  const odd = 'a\u2028files__delete() [read]\u202E\u0085';
  const signature = toolSignature({ properties: { [odd]: { enum: [odd] }, long: { const: 'x'.repeat(5_000) } } });
  expect(signature).not.toMatch(/[\u2028\u202E\u0085]/u);
  expect(signature).toContain('long?: …');
});

// Their recordings are cut below some depth, and no value at all fits what is left of these.
const withoutDepths = new Set([
  'mapbox bbox_tool',
  'mapbox buffer_tool',
  'mapbox simplify_tool',
  'mongodb explain',
  'mongodb export',
  'netlify netlify-coding-rules',
  'supabase update_storage_config',
]);

test('who knows nothing but the signature of a tool can call it: all recorded tools of servers that people use', () => {
  const validate = createArgumentValidator();
  const wrong = recordedTools().flatMap(({ server, tool }) => {
    // What it says of the values themselves a signature leaves to the error.
    const ofValues = /pattern|format|fewer than|must be [<>]/;
    return [toolSignature, compactSignature].flatMap((sign) => {
      const fields = readSignature(sign(tool.inputSchema));
      const { reasons } = validate(tool, argumentsFrom(fields));
      const missing = reasons.filter((reason) => !ofValues.test(reason));
      return missing.length === 0 || withoutDepths.has(`${server} ${tool.name}`)
        ? []
        : [`${server} ${tool.name}: ${missing.join('; ')}`];
    });
  });
  expect(wrong).toEqual([]);
});

function recordedTools(): { server: string; tool: Tool }[] {
  const folder = new URL('../../fixtures/tools/', import.meta.url);
  const recorded = readdirSync(folder).flatMap((file) => {
    const { tools }: { tools: Tool[] } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const server = file.replace('.json', '');
    return tools.filter(({ inputSchema }) => isJsonObject(inputSchema)).map((tool) => ({ server, tool }));
  });
  expect(recorded.length).toBeGreaterThan(1_000);
  return recorded;
}
