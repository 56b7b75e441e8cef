import { describe, expect, test } from 'vitest';
import { createArgumentValidator } from '../../src/batch/plan/argument-validator.ts';
import { createPrepare } from '../../src/batch/plan/create-prepare.ts';
import { planBatch } from '../../src/batch/plan/plan-batch.ts';
import { renderRefusal } from '../../src/batch/reply/render-refusal.ts';
import { buildCatalog } from '../../src/catalog/build-catalog.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { PlanEntry, Prepared } from '../../src/core/plan.ts';
import { makePolicy } from '../policy/make-policy.ts';
import { cpuMs } from '../cpu-ms.ts';
import { callAt, ok, refusalOf, requestOf, text } from './tiny-catalog.ts';

const call = { tool: 'files__get_time' };
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** An object of so many fields that nothing knows. */
const fields = (count: number): JsonObject => Object.fromEntries(many(count, (n) => [`field${n}`, n]));

const inputSchema = { properties: { texts: { items: { type: 'string' } } } };
const policy = makePolicy({ read: ['read'] });
const anything = buildCatalog([{ server: 'any', policy, tools: [{ name: 'read', inputSchema }] }], {
  naming: 'prefixed',
});

/** Plans a batch, ends the calls whose outcomes are given, and prepares the others. */
function prepareAll(calls: readonly object[], outcomes: readonly Outcome[]): Prepared[] {
  const bag = {
    request: requestOf(calls, { maxCalls: 1_000 }),
    catalog: anything,
    servers: new Map(),
    validate: createArgumentValidator(),
    readOnly: true,
  };
  const planned = planBatch({ ...bag, batchId: 'b' });
  if (!planned.ok) throw new Error(planned.error.message);
  const prepare = createPrepare({ ...bag, entries: planned.plan.entries });
  const open = planned.plan.entries.slice(outcomes.length);
  return open.map((_, n) => prepare(callAt(planned.plan, outcomes.length + n), outcomes));
}

const entriesOf = (prepared: Prepared | undefined): readonly PlanEntry[] =>
  prepared === undefined ? [] : prepared.kind === 'each' ? prepared.entries : [prepared];

const codesOf = (prepared: Prepared | undefined) =>
  entriesOf(prepared).map((entry) => (entry.kind === 'run' ? undefined : entry.outcome.error?.code));

function messageAt(prepared: Prepared | undefined, index = 0): string {
  const entry = entriesOf(prepared)[index];
  return entry?.kind === 'settled' ? (entry.outcome.error?.message ?? '') : 'it runs';
}

function argumentsOf(prepared: Prepared | undefined): JsonObject {
  if (prepared?.kind !== 'run') throw new Error(messageAt(prepared));
  return prepared.call.arguments;
}

/** Five times what it takes on the slowest machine that these were tried on, and far less than before. */
function within(limitMs: number, work: () => void): void {
  const startedMs = cpuMs();
  work();
  expect(cpuMs() - startedMs).toBeLessThan(limitMs);
}

describe('the input of one call breaks that call at most', () => {
  const validate = createArgumentValidator();

  test.each(['valueOf', 'toString'])('%s is the name of a field like any other', (name) => {
    const unlike = { tags: [{ [name]: 1 }, { [name]: 2 }] };
    const reasonsOf = (tags: JsonObject, args: JsonObject) =>
      validate({ name: 'probe', inputSchema: { properties: { tags } } }, args).reasons;
    expect(reasonsOf({ uniqueItems: true }, unlike)).toEqual([]);
    expect(reasonsOf({ uniqueItems: true }, { tags: [{ [name]: 1 }, { [name]: 1 }] })).toHaveLength(1);
    expect(reasonsOf({ enum: [[{ [name]: 3 }, {}]] }, unlike)).toHaveLength(1);
    expect(reasonsOf({ const: unlike.tags }, unlike)).toEqual([]);
  });

  test('200,000 wrong entries in dependsOn', () => {
    const dependsOn = many(200_000, () => ({}));
    within(2_500, () => {
      const { calls } = requestOf([call, { ...call, dependsOn }, call]);
      expect(calls.map(({ problem }) => problem?.code)).toEqual([undefined, 'invalid_arguments', undefined]);
      expect(calls[1]?.problem?.message).toBe(
        'dependsOn: 200,000 entries, and 1 call stands before this one; name each that it waits for once',
      );
    });
  });

  test('an entry of dependsOn with 200,000 fields', () => {
    const dependsOn = { id: 'c0', ...fields(200_000) };
    within(4_000, () => {
      const { problem } = requestOf([call, { ...call, dependsOn }]).calls[1]!;
      expect(problem?.message).toMatch(/^dependsOn "c0": "field0" is not a field here; .*; and 199,995 more$/);
      expect(problem?.message.length).toBeLessThan(2_000);
    });
  });

  test('a call with 200,000 fields', () => {
    const wrong = { ...call, ...fields(200_000) };
    within(4_000, () => {
      const { problem } = requestOf([call, wrong]).calls[1]!;
      expect(problem?.code).toBe('invalid_arguments');
      expect(problem?.message).toMatch(/^"field0" is not a field here; .*; and 199,990 more$/);
      expect(problem?.message.length).toBeLessThan(3_000);
    });
  });

  test('a batch with 200,000 fields', () => {
    const wrong = { calls: [call], ...fields(200_000) };
    within(4_000, () => {
      const { error, lines } = refusalOf(wrong);
      expect(lines).toHaveLength(21);
      expect(lines.at(-1)).toBe('and 199,980 more');
      expect(error.message.length).toBeLessThan(20_000);
    });
  });
});

test('a refusal is cut, in text and in its structured form', () => {
  const problems = many(1_000, (n) => ({ key: `calls[${n}]`, message: 'x'.repeat(1_000) }));
  const error = { code: 'denied_by_policy' as const, message: 'y'.repeat(1_000_000), retryable: false };
  const reply = JSON.stringify(renderRefusal({ error, problems, format: 'structured' }, '7f3a91'));
  expect(reply.length).toBeLessThan(50_000);
  expect(reply.match(/and 950 more/g)).toHaveLength(2);
});

describe('whatever a batch holds, reading and filling it stalls nobody', () => {
  const says = (value: JsonValue): Outcome => ok(text(JSON.stringify(value)));
  const list = { tool: 'any__read' };
  const search = (args: JsonObject, more = {}) => ({ tool: 'any__read', arguments: args, ...more });
  const from = (path: string, more = {}) => ({ $result: 'c0', path, ...more });
  const each = { forEach: from('/ids') };
  const ids = many(1_000, (n) => n);
  const long = 'x'.repeat(900_000);

  test('1,000 elements, each with the same long value', () => {
    within(2_500, () => {
      const [prepared] = prepareAll(
        [list, search({ id: { $item: '' }, body: from('/long') }, each)],
        [says({ ids, long })],
      );
      const codes = codesOf(prepared);
      expect(codes.filter((code) => code === undefined)).toHaveLength(11);
      expect(codes.filter((code) => code === 'limit_exceeded')).toHaveLength(989);
      expect(messageAt(prepared, 11)).toBe(
        'the arguments that references fill in one batch are longer than 10,000,000 characters together; pass on less, or in several batches',
      );
    });
  });

  test('many open calls, each with the same long value', () => {
    const calls = many(20, () => search({ body: from('/long') }));
    const prepared = prepareAll([list, ...calls], [says({ long })]);
    expect(prepared.flatMap(codesOf).filter((code) => code === 'limit_exceeded')).toHaveLength(9);
  });

  test('1,000 elements, each with the lines of a long text', () => {
    const lines = text('some line\n'.repeat(80_000));
    within(2_500, () => {
      const calls = [list, list, search({ id: { $item: '' }, list: { $result: 'c1', view: 'lines' } }, each)];
      const [prepared] = prepareAll(calls, [says({ ids }), ok(lines)]);
      expect(codesOf(prepared).filter((code) => code === undefined)).toHaveLength(10);
    });
  });

  test('1,000 elements, each with one word out of every line of a long list', () => {
    const rows = [...many<JsonObject>(200_000, () => ({ a: 1 })), {}];
    within(4_000, () => {
      const args = { id: { $item: '' }, list: { $result: 'c1', path: '/*/a', default: 'none' } };
      const [prepared] = prepareAll([list, list, search(args, each)], [says({ ids }), says(rows)]);
      expect(codesOf(prepared)).toEqual(ids.map(() => undefined));
    });
  });

  test('1,000 references into JSON that stands in a text', () => {
    const result = JSON.stringify(many(50_000, (id) => ({ id })));
    within(4_000, () => {
      const refs = many(1_000, (n) => from(`/result/${n}/id`));
      const [prepared] = prepareAll([list, search({ refs })], [says({ result, other: 1 })]);
      expect(argumentsOf(prepared)).toEqual({ refs: ids });
    });
  });

  test('1,000 references into JSON that is the element', () => {
    const element = JSON.stringify(many(50_000, (id) => ({ id })));
    within(4_000, () => {
      const refs = many(1_000, (n) => ({ $item: `/${n}/id` }));
      const [prepared] = prepareAll([list, search({ refs }, each)], [says({ ids: [element, element] })]);
      expect(codesOf(prepared)).toEqual([undefined, undefined]);
    });
  });

  test('1,000 references to the elements of another call', () => {
    const items = many(1_000, () => ok(text(JSON.stringify(many(1_000, (id) => ({ id }))))));
    within(4_000, () => {
      const refs = many(1_000, (n) => from(`/${n}/0/id`, { view: 'text' }));
      const [prepared] = prepareAll([list, search({ refs })], [{ ...ok({}), items }]);
      expect(argumentsOf(prepared)).toEqual({ refs: ids.map(() => 0) });
    });
  });

  test('500 references that find nothing in an object of many keys', () => {
    const value = says(fields(50_000));
    within(2_500, () => {
      const [prepared] = prepareAll([list, search({ refs: many(500, (n) => from(`/no${n}`)) })], [value]);
      expect(messageAt(prepared).match(/c0 has no/g)).toHaveLength(3);
      const defaults = many(500, (n) => from(`/no${n}`, { default: 1 }));
      expect(argumentsOf(prepareAll([list, search({ refs: defaults })], [value])[0])).toEqual({
        refs: defaults.map(() => 1),
      });
    });
  });

  test('16,000 references where the schema wants texts', () => {
    const refs = many(16_000, () => from('/n'));
    within(4_000, () => {
      const [prepared] = prepareAll([list, search({ texts: refs })], [says({ n: 7 })]);
      expect(messageAt(prepared)).toMatch(
        /^\/texts\/0 must be string \(filled from c0 "\/n": a number; .*; and 15,995 more\n/s,
      );
    });
  });

  test('30,000 names that nobody has', () => {
    const calls = many(1_000, (n) => ({
      ...call,
      id: `another-name-of-about-the-same-length-as-those-names-${n}`,
      arguments: { list: many(30, (k) => ({ $result: `another-name-of-about-the-same-length-as-those-${n}-${k}` })) },
    }));
    within(2_500, () => {
      const messages = requestOf(calls, { maxCalls: 1_000 }).calls.map(({ problem }) => problem?.message ?? '');
      expect(messages.every((message) => message.endsWith('; and 25 more'))).toBe(true);
      expect(messages[10]).toContain('did you mean another-name');
      expect(messages[999]).toContain('before this one there are …, another-name');
    });
  });

  test('20,000 objects of which no two may be alike', () => {
    const validate = createArgumentValidator();
    const tool = { name: 'probe', inputSchema: { properties: { list: { uniqueItems: true } } } };
    within(500, () => {
      expect(validate(tool, { list: many(20_000, (id) => ({ id })) }).reasons).toEqual([]);
      expect(validate(tool, { list: many(400, () => ({ id: 1 })) }).reasons).toHaveLength(1);
    });
  });

  test('thousands of references, or of wrong values, under a very long name', () => {
    const name = 'k'.repeat(20_000);
    within(4_000, () => {
      const { problem } = requestOf([list, search({ [name]: many(8_000, () => from('/n')) })]).calls[1]!;
      expect(problem?.message).toBe('a reference stands under keys of more than 1,000 characters; shorten them');
      const tool = { name: 'probe', inputSchema: { additionalProperties: { items: { type: 'string' } } } };
      const { reasons } = createArgumentValidator()(tool, { [name]: many(25_000, () => 1) });
      expect(reasons.at(-1)).toMatch(/^and 24,\d+ more$/);
      expect(reasons.join().length).toBeLessThan(2_000);
    });
  });

  test('1,000 elements of a call that is long itself', () => {
    const body = many(100_000, (n) => n);
    within(4_000, () => {
      const [prepared] = prepareAll([list, search({ id: { $item: '' }, body }, each)], [says({ ids })]);
      expect(codesOf(prepared).at(-1)).toBe('limit_exceeded');
      const lost = many(3, () => from('/no'));
      const [wrong] = prepareAll([list, search({ id: { $item: '' }, lost, body }, each)], [says({ ids })]);
      expect(codesOf(wrong).at(-1)).toBe('invalid_reference');
    });
  });
});
