import type { Dependency } from '../../core/plan.ts';
import { nearestNames } from '../../policy/nearest-names.ts';
import { renderPointer, slashPath } from '../references/json-pointer.ts';
import type { Pointer } from '../references/reference.ts';
import type { Suspect } from '../references/scan-references.ts';
import { findNearReferences } from './near-references.ts';
import type { NamedDependency } from './parse-depends-on.ts';
import { describeFirst, quote } from '../input/field-problems.ts';

// A batch may bring a thousand calls with wrong names: each is compared with the calls nearest before it.
const maxCompared = 50;
const maxListed = 5;
const maxProblems = 5;
const maxSearches = 100;

/** A call as it names others: in `dependsOn`, and by references, each with the place that a message can show. */
export interface Naming {
  id: string;
  dependsOn: readonly NamedDependency[];
  references: readonly { at: string; id: string; pointer: Pointer }[];
  /** What may have been meant as a reference, and is none. */
  suspects: readonly Suspect[];
  /** Whether a call with `forEach` uses its element; absent of others, and where its arguments cannot be read. */
  usesItem?: boolean;
}

/** What a call needs, what is wrong with the names that mean no earlier call, and what may be wrong. */
interface Links {
  needs: readonly Dependency[];
  problems: readonly string[];
  warnings: readonly string[];
}

const none: Links = { needs: [], problems: [], warnings: [] };

/**
 * Finds the calls that each call names, or was surely meant to name. A reference alone needs success; `dependsOn` may say otherwise of
 * the same call.
 */
export function linkCalls(calls: readonly Naming[]): Links[] {
  const indexOf = new Map(calls.map(({ id }, index) => [id, index]));
  let searches = 0;
  return calls.map(({ dependsOn, references, suspects, usesItem }, index) => {
    if (dependsOn.length === 0 && references.length === 0 && suspects.length === 0) return none;
    const needs = new Map<number, Dependency>();
    const used = new Set(references.map(({ id }) => id));
    const wrong = new Map<string, string>();
    const link = (at: string, { id, when, pointer }: NamedDependency & { pointer?: Pointer }): void => {
      const earlier = indexOf.get(id);
      if (earlier === undefined || earlier >= index) {
        // Only what will be shown is worth the search for the name that was meant.
        const place = { index, found: earlier, calls, pointer, isSearched: searches < maxSearches };
        if (!wrong.has(id) && wrong.size < maxProblems) searches += 1;
        if (!wrong.has(id)) wrong.set(id, wrong.size < maxProblems ? `${at}: ${describeName(id, place)}` : '');
      } else if (!needs.has(earlier)) {
        needs.set(earlier, { index: earlier, when, ...(!used.has(id) && { isOrderOnly: true as const }) });
      }
    };
    for (const named of dependsOn) link('dependsOn', named);
    for (const { at, id, pointer } of references) link(at, { id, when: 'ok', pointer });
    const isEarlier = (id: string): boolean => (indexOf.get(id) ?? index) < index;
    const near = findNearReferences(suspects, { isEarlier, isEach: usesItem !== undefined });
    const problems = [...wrong.values(), ...near.problems];
    if (usesItem === false && near.problems.length === 0) problems.push(noItem);
    return {
      needs: [...needs.values()].sort((a, b) => a.index - b.index),
      problems: describeFirst(problems, (problem) => problem, maxProblems),
      warnings: near.warnings,
    };
  });
}

const noItem =
  'forEach: nothing in the arguments uses { "$item": … }, so every element would be the same call; write { "$item": "" } for the element, { "$item": "/name" } for a field of it, or leave out forEach';

function describeName(
  id: string,
  place: {
    index: number;
    found?: number | undefined;
    calls: readonly Naming[];
    pointer?: Pointer | undefined;
    isSearched: boolean;
  },
): string {
  const { index, found, calls, pointer, isSearched } = place;
  if (found === index) return `${quote(id)} is this call itself; name an earlier one`;
  if (found !== undefined) return `${quote(id)} stands later in the batch; put it before this call`;
  const [, whole, inside] = /^([A-Za-z][\w-]*)([./[].*)$/s.exec(id) ?? [];
  if (whole !== undefined && inside !== undefined && calls.slice(0, index).some((call) => call.id === whole)) {
    const path = pointer && ` with "path": ${JSON.stringify(`${slashPath(inside)}${renderPointer(pointer)}`)}`;
    return `${quote(id)} is no id; name ${quote(whole)}${path ?? ''}`;
  }
  const earlier = calls.slice(Math.max(0, index - maxCompared), index).map((call) => call.id);
  const near = isSearched ? nearestNames(id, earlier) : [];
  if (near.length > 0) return `there is no call ${quote(id)}; did you mean ${near.join(', ')}?`;
  const listed = [...(index > maxListed ? ['…'] : []), ...earlier.slice(-maxListed)];
  const mend = index === 0 ? 'no call stands before this one' : `before this one there are ${listed.join(', ')}`;
  return `there is no call ${quote(id)}; ${mend}`;
}
