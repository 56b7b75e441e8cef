import type { Dependency } from '../../core/plan.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import type { NamedDependency } from './parse-depends-on.ts';
import { quote } from './request-fields.ts';

// A batch may bring a thousand calls with wrong names: each is compared with the calls nearest before it.
const maxCompared = 50;
const maxListed = 5;
const maxProblems = 5;

/** A call as it names others: in `dependsOn`, and by references, each with the place that a message can show. */
export interface Naming {
  id: string;
  dependsOn: readonly NamedDependency[];
  references: readonly { at: string; id: string }[];
}

/** What a call needs, and what is wrong with the names that mean no earlier call. */
interface Links {
  needs: readonly Dependency[];
  problems: readonly string[];
}

const none: Links = { needs: [], problems: [] };

/** Finds the calls that each call names. A reference alone needs success; `dependsOn` may say otherwise of the same call. */
export function linkCalls(calls: readonly Naming[]): Links[] {
  const indexOf = new Map(calls.map(({ id }, index) => [id, index]));
  return calls.map(({ dependsOn, references }, index) => {
    if (dependsOn.length === 0 && references.length === 0) return none;
    const needs = new Map<number, Dependency>();
    const wrong = new Map<string, string>();
    const link = (at: string, { id, when }: NamedDependency): void => {
      const earlier = indexOf.get(id);
      if (earlier === undefined || earlier >= index) {
        // Only what will be shown is worth the search for the name that was meant.
        const place = { index, found: earlier, calls };
        if (!wrong.has(id)) wrong.set(id, wrong.size < maxProblems ? `${at}: ${describeName(id, place)}` : '');
      } else if (!needs.has(earlier)) needs.set(earlier, { index: earlier, when });
    };
    for (const named of dependsOn) link('dependsOn', named);
    for (const { at, id } of references) link(at, { id, when: 'ok' });
    return { needs: [...needs.values()].sort((a, b) => a.index - b.index), problems: shorten([...wrong.values()]) };
  });
}

function describeName(
  id: string,
  place: { index: number; found?: number | undefined; calls: readonly Naming[] },
): string {
  const { index, found, calls } = place;
  if (found === index) return `${quote(id)} is this call itself; name an earlier one`;
  if (found !== undefined) return `${quote(id)} stands later in the batch; put it before this call`;
  const [, whole] = /^(.+)\[\d+\]$/.exec(id) ?? [];
  if (whole !== undefined && calls.slice(0, index).some((call) => call.id === whole)) {
    return `${quote(id)} is one element of ${quote(whole)}; name ${quote(whole)}, and begin the path with the element's number`;
  }
  const earlier = calls.slice(Math.max(0, index - maxCompared), index).map((call) => call.id);
  const near = nearestNames(id, earlier);
  if (near.length > 0) return `there is no call ${quote(id)}; did you mean ${near.join(', ')}?`;
  const listed = [...(index > maxListed ? ['…'] : []), ...earlier.slice(-maxListed)];
  const mend = index === 0 ? 'no call stands before this one' : `before this one there are ${listed.join(', ')}`;
  return `there is no call ${quote(id)}; ${mend}`;
}

function shorten(problems: readonly string[]): readonly string[] {
  if (problems.length <= maxProblems) return problems;
  return [...problems.slice(0, maxProblems), `and ${problems.length - maxProblems} more`];
}
