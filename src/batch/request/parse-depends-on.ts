import { isJsonObject } from '../../core/json.ts';
import { whens } from '../../core/plan.ts';
import type { When } from '../../core/plan.ts';
import { describeFirst, describeUnknownField, findChoiceProblem, quote } from '../input/field-problems.ts';

/** One entry of `dependsOn`; which call the id means is not known yet. */
export interface NamedDependency {
  id: string;
  when: When;
}

const fields = ['id', 'when'];
// Of a list no longer than this, what is wrong with each entry says more than that they are too many.
const fewEntries = 20;

/**
 * Reads `dependsOn`: ids, or `{ id, when }`, in an array or one of them alone. Each id stands once in what is returned. `before` is how
 * many calls could be named.
 */
export function parseDependsOn(
  value: unknown,
  before = Infinity,
): { named: readonly NamedDependency[]; problems: readonly string[] } {
  if (value === undefined) return { named: [], problems: [] };
  if (Array.isArray(value) && value.length > Math.max(before, fewEntries)) {
    const there = `${before} call${before === 1 ? ' stands' : 's stand'} before this one`;
    const problem = `dependsOn: ${value.length.toLocaleString('en-US')} entries, and ${there}; name each that it waits for once`;
    return { named: [], problems: [problem] };
  }
  const byId = new Map<string, NamedDependency>();
  const problems: string[] = [];
  for (const entry of Array.isArray(value) ? value : [value]) {
    const found = typeof entry === 'string' ? { id: entry, when: 'ok' as const } : parseEntry(entry, problems);
    if (found === undefined) continue;
    const known = byId.get(found.id);
    if (known === undefined) byId.set(found.id, found);
    else if (known.when !== found.when) {
      const twice = `${quote(found.id)} is there twice, with when "${known.when}" and "${found.when}"; keep one`;
      problems.push(`dependsOn: ${twice}`);
    }
  }
  return { named: [...byId.values()], problems: describeFirst(problems, (problem) => problem) };
}

function parseEntry(entry: unknown, problems: string[]): NamedDependency | undefined {
  if (!isJsonObject(entry) || typeof entry['id'] !== 'string') {
    const found = isJsonObject(entry) ? 'an object without an id' : quote(entry);
    problems.push(`dependsOn: found ${found}; write the id of an earlier call, or { "id": …, "when": … }`);
    return undefined;
  }
  const { id } = entry;
  const when = entry['when'] === undefined ? 'ok' : whens.find((known) => known === entry['when']);
  if (when === undefined) problems.push(`dependsOn ${quote(id)}: when: ${findChoiceProblem(entry['when'], whens)}`);
  const unknown = Object.keys(entry).filter((key) => !fields.includes(key));
  problems.push(...describeFirst(unknown, (key) => `dependsOn ${quote(id)}: ${describeUnknownField(key, fields)}`, 5));
  return { id, when: when ?? 'ok' };
}
