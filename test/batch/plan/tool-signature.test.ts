import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createArgumentValidator } from '../../../src/batch/plan/argument-validator.ts';
import { toolSignature } from '../../../src/batch/plan/tool-signature.ts';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { compactSignature, wholeSignature } from '../../../src/serve/find/compact-signature.ts';
import { cpuMs } from '../../cpu-ms.ts';
import { argumentsFromSignature } from './read-signature.ts';

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
  const startedMs = cpuMs();
  for (const required of [[], fields]) {
    expect(toolSignature({ properties, required, $defs }).length).toBeLessThanOrEqual(600);
    expect(toolSignature({ properties: { x: properties['field0'] }, required: ['x'], $defs }).length).toBeLessThan(100);
  }
  expect(cpuMs() - startedMs).toBeLessThan(2_000);
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
      const { reasons } = validate(tool, argumentsFromSignature(sign(tool.inputSchema)));
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

test('what a signature tells is what is checked: references of every spelling, and what stands beside them', () => {
  const $defs = {
    'a b': { type: 'string' },
    named: { $anchor: 'name', type: 'number' },
    both: { properties: { q: { type: 'number' } }, required: ['q'] },
  };
  const properties = {
    encoded: { $ref: '#/$defs/a%20b' },
    anchored: { $ref: '#name' },
    beside: { $ref: '#/$defs/both', properties: { z: { type: 'string' } }, required: ['z'] },
    nothing: { type: [] },
    away: { $ref: 'other.json' },
  };
  expect(toolSignature({ properties, $defs })).toBe(
    '(encoded?: string, anchored?: number, beside?: { q: number } & { z: string }, nothing?: any, away?: any)',
  );
  expect(toolSignature({ $ref: '#/$defs/both', $defs })).toBe('(q: number)');
});

test('what a call must have beside its fields is told', () => {
  const properties = { id: { type: 'string' }, url: { type: 'string' } };
  const name = { properties: { name: { type: 'string' } }, required: ['name'] };
  expect(toolSignature({ properties, anyOf: [{ required: ['id'] }, { required: ['url'] }] })).toBe(
    '({ id?: string, url?: string } & ({ id: any } | { url: any }))',
  );
  expect(toolSignature({ properties, required: ['id'], allOf: [name] })).toBe(
    '({ id: string, url?: string } & { name: string })',
  );
  const sets = Array.from({ length: 400 }, (_, n) => ({ allOf: [{ required: [`key${n}`] }, { type: 'object' }] }));
  expect([toolSignature, compactSignature].map((sign) => sign({ type: 'object', oneOf: sets }))).toEqual([
    '(…)',
    '(…)',
  ]);
});

const longValues = Array.from({ length: 100 }, (_, n) => `${n}${'\u202E'.repeat(900)}`);
test.each([
  ['of long values met again and again', { $ref: '#/$defs/long' }],
  ['of long references', { $ref: `#${'/a'.repeat(50_000)}` }],
  ['of long names met again and again', { $ref: '#/$defs/named' }],
])('a schema %s is a line at once, in a list and by itself', (_, field) => {
  const named = { properties: { ['x'.repeat(3_000_000)]: { type: 'string' } } };
  const properties = Object.fromEntries(Array.from({ length: 250 }, (__, n) => [`p${n}`, field]));
  const schema = { properties, required: ['p0'], $defs: { named, long: { enum: longValues } } };
  const startedMs = cpuMs();
  expect(toolSignature(schema)).toMatch(/^\(p0\b/);
  expect(wholeSignature(schema, 4_000)).toMatch(/^\(p0\b/);
  expect(cpuMs() - startedMs).toBeLessThan(500);
});

test('thousands of references that lead to each other end where arguments do', () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 2_500 }, (_, n) => [`d${n}`, { type: 'array', items: { $ref: `#/$defs/d${n + 1}` } }]),
  );
  const schema = { properties: { a: { $ref: '#/$defs/d0' } }, required: ['a'], $defs };
  for (const sign of [toolSignature(schema), wholeSignature(schema, 4_000)]) {
    expect(sign).toMatch(/^\(a: …(?:\[\]){20,64}\)$/);
  }
});

const word = fc.constantFrom(
  'a',
  'b',
  'c',
  '__proto__',
  'constructor',
  'x y',
  'ü',
  '"',
  '}',
  '{',
  '\u202E',
  'a|b',
  '&',
);
const { schema: anySchema } = fc.letrec<{ schema: JsonObject; object: JsonObject }>((tie) => ({
  object: fc
    .dictionary(word, tie('schema'), { maxKeys: 3, noNullPrototype: true })
    .chain((properties) =>
      fc.subarray(Object.keys(properties)).map((required) => ({ type: 'object', properties, required })),
    ),
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<JsonObject>({ type: 'string' }, { type: 'integer' }, { type: ['boolean', 'null'] }, {}),
    fc.array(word, { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
    word.map((value) => ({ const: value })),
    tie('object'),
    tie('schema').map((items) => ({ type: 'array', items, minItems: 1 })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.constantFrom<JsonObject>({ $ref: '#/$defs/text' }, { $ref: '#/$defs/a%20b' }),
  ),
}));

test('who knows nothing but a signature can call the tool, whatever its schema is made of', () => {
  const validate = createArgumentValidator();
  const fields = fc.dictionary(word, anySchema, { maxKeys: 4, noNullPrototype: true });
  const $defs = { text: { type: 'string' }, 'a b': { properties: { c: { type: 'number' } }, required: ['c'] } };
  fc.assert(
    fc.property(fields, fields, fc.boolean(), (own, more, isMore) => {
      const others = Object.fromEntries(Object.entries(more).map(([name, field]) => [`more ${name}`, field]));
      const allOf = isMore ? [{ type: 'object', properties: others, required: Object.keys(others) }] : undefined;
      const inputSchema = {
        type: 'object',
        properties: own,
        required: Object.keys(own),
        $defs,
        ...(allOf && { allOf }),
      };
      const signature = wholeSignature(inputSchema, 4_000);
      const { reasons } = validate({ name: 't', inputSchema }, argumentsFromSignature(signature));
      expect({ signature, reasons }).toEqual({ signature, reasons: [] });
    }),
    { numRuns: 300 },
  );
});
