import type { BatchConfig } from '../../config/config.ts';
import type { RecipeFlaw } from '../../config/recipe/recipe.ts';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { renderPointer } from '../references/json-pointer.ts';
import { parseBatch } from '../request/parse-batch.ts';
import { quote } from '../input/field-problems.ts';
import { checkParameters } from './check-parameters.ts';
import { findParameters } from './find-parameters.ts';
import { findNearParameters } from './near-parameters.ts';

const maxListed = 10;

/**
 * What can be said against a recipe before any server was asked: everything that would make a call of its batch invalid whatever the
 * arguments, parameters that are no schema, and `$param` that no parameter fills or that was meant and not written. The recipe is as written; what has no right shape is
 * passed over, since the schema of the configuration names it.
 */
export function checkRecipe({ calls, parameters }: JsonObject, settings: BatchConfig): RecipeFlaw[] {
  const flaws = isJsonObject(parameters) ? checkParameters(parameters) : [];
  if (!Array.isArray(calls) || calls.length === 0) return flaws;
  const names = namesOf(parameters);
  return [
    ...flaws,
    ...findBatchFlaws(calls, settings),
    ...calls.flatMap((call, index) => findUnfilled({ call, index, names })),
  ];
}

function findBatchFlaws(calls: readonly JsonValue[], settings: BatchConfig): RecipeFlaw[] {
  const parsed = parseBatch({ calls: [...calls] }, settings, { params: true });
  if (!parsed.ok) {
    const flaws = parsed.problems.map(({ key, message }) => ({ path: toPath(key ?? 'calls'), message }));
    // An id that is taken hides all the rest.
    const taken = flaws.flatMap(({ path: [, index, field] }) => (field === 'id' ? [index] : []));
    const others = calls.map((call, index) => (taken.includes(index) ? withoutId(call) : call));
    return taken.length === 0 ? flaws : [...flaws, ...findBatchFlaws(others, settings)];
  }
  return parsed.request.calls.flatMap(({ problem, index }) =>
    problem === undefined ? [] : [{ path: ['calls', index], message: problem.message }],
  );
}

function withoutId(call: JsonValue): JsonValue {
  return isJsonObject(call) ? { ...call, id: undefined } : call;
}

/** `calls[2].id` as the steps to it. */
function toPath(key: string): (string | number)[] {
  return [...key.matchAll(/\w+/g)].map(([step]) => (/^\d+$/.test(step) ? Number(step) : step));
}

function namesOf(parameters: JsonValue | undefined): string[] {
  const properties = isJsonObject(parameters) ? parameters['properties'] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function findUnfilled(bag: { call: JsonValue; index: number; names: readonly string[] }): RecipeFlaw[] {
  const { call, index, names } = bag;
  if (!isJsonObject(call)) return [];
  const args = isJsonObject(call['arguments']) ? call['arguments'] : {};
  const unknown = findParameters(call).filter(({ pointer: [name] }) => name === undefined || !names.includes(name));
  const pointers = [...new Set(unknown.map(({ pointer }) => renderPointer(pointer)))];
  const said = pointers.map((pointer) => `$param ${quote(pointer)} names no parameter; ${mendOf(pointer, names)}`);
  return [...said, ...findNearParameters(args, names)].map((message) => ({
    path: ['calls', index, 'arguments'],
    message,
  }));
}

function mendOf(pointer: string, names: readonly string[]): string {
  if (names.length === 0) return 'list it below parameters, in properties';
  const [near] = nearestNames(pointer.slice(1), names, 1);
  if (near !== undefined) return `did you mean ${quote(renderPointer([near]))}?`;
  const listed = names.slice(0, maxListed).map((name) => quote(renderPointer([name])));
  return `there ${names.length === 1 ? 'is' : 'are'} ${[...listed, ...(names.length > maxListed ? ['…'] : [])].join(', ')}`;
}
