import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { SchemaRun } from '../schema-run.ts';
import type { Spot } from './spot.ts';

type ListSpot = Spot & { value: JsonValue[] };

/** What a schema says of a list and its elements: `items` of either age, `contains`, and how many. */
export function checkArray(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { value } = spot;
  if (!Array.isArray(value)) return;
  const list = { value, path: spot.path, depth: spot.depth, seen: spot.seen };
  const { maxItems, minItems } = schema;
  if (typeof maxItems === 'number' && value.length > maxItems) tooMany(run, 'maxItems', { list, limit: maxItems });
  if (typeof minItems === 'number' && value.length < minItems) {
    run.flaw(spot, 'minItems', { message: `must NOT have fewer than ${minItems} items`, params: { limit: minItems } });
  }
  if (schema['uniqueItems'] === true) checkUnique(run, list);
  checkElements(run, schema, list);
  if (schema['contains'] !== undefined) checkContains(run, schema, list);
}

/** An element, which is spoken of by itself. */
export function elementOf({ value, path, depth }: ListSpot, index: number): Spot {
  return { value: value[index], path: `${path}/${index}`, depth, seen: undefined };
}

export function tooMany(run: SchemaRun, keyword: string, { list, limit }: { list: ListSpot; limit: number }): void {
  run.flaw(list, keyword, { message: `must NOT have more than ${limit} items`, params: { limit } });
}

function checkElements(run: SchemaRun, schema: JsonObject, list: ListSpot): void {
  const { prefixItems, items, additionalItems } = schema;
  // Up to draft-07 a tuple stood in `items`, and `additionalItems` was about the rest.
  const old = Array.isArray(items) ? items : undefined;
  const tuple = Array.isArray(prefixItems) ? prefixItems : (old ?? []);
  const [keyword, rest] = old === undefined ? ['items', items] : ['additionalItems', additionalItems];
  const { length } = list.value;
  const first = Math.min(tuple.length, length);
  for (let index = 0; index < first && !run.isSpent; index++) run.visit(tuple[index], elementOf(list, index));
  if (list.seen !== undefined) list.seen.items = rest === undefined ? first : length;
  if (rest === undefined || rest === true) return;
  if (rest === false) {
    if (length > tuple.length) tooMany(run, keyword, { list, limit: tuple.length });
    return;
  }
  for (let index = first; index < length && !run.isSpent; index++) run.visit(rest, elementOf(list, index));
}

function checkContains(run: SchemaRun, { contains, minContains, maxContains }: JsonObject, list: ListSpot): void {
  const { doubts } = run;
  const least = typeof minContains === 'number' ? minContains : 1;
  const most = typeof maxContains === 'number' ? maxContains : Infinity;
  let count = 0;
  for (let index = 0; index < list.value.length && !run.isSpent; index++) {
    if (!run.fits(contains, elementOf(list, index))) continue;
    count += 1;
    list.seen?.found.add(index);
  }
  if (count >= least && (count <= most || run.doubts > doubts)) return;
  const wanted = most === Infinity ? `at least ${least}` : `at least ${least} and no more than ${most}`;
  run.flaw(list, 'contains', { message: `must contain ${wanted} valid item(s)` });
}

function checkUnique(run: SchemaRun, list: ListSpot): void {
  const firstAt = new Map<string, number>();
  for (const [index, value] of list.value.entries()) {
    const text = run.textOf(value);
    if (text === undefined) return;
    const before = firstAt.get(text);
    if (before === undefined) firstAt.set(text, index);
    else {
      const message = `must NOT have duplicate items (items ## ${before} and ${index} are identical)`;
      run.flaw(list, 'uniqueItems', { message, params: { i: index, j: before } });
      return;
    }
  }
}
