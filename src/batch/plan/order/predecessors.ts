import { modesConflict } from '../../../core/lock.ts';
import type { Lock, LockMode } from '../../../core/lock.ts';

/** What holds a node so far. Only who could still be a direct predecessor is kept; everyone before is behind one of them. */
interface NodeHistory {
  /** The last exclusive holder. It stays when others follow it: each of them comes after it. */
  lastExclusive?: number;
  /** Holders of `IS` since then: only an `X` conflicts with them. */
  intendingReaders: number[];
  /** The latest run of `S`, or of `IX`, holders; each of them comes after all of `before`, the run of the other mode. */
  current: { mode: 'S' | 'IX'; members: number[] } | undefined;
  before: number[];
}

/**
 * For each call the earlier calls that must finish first, because a lock of theirs conflicts with one of its own. Calls without locks
 * (`undefined`: it does not run) have none and are nobody's. What follows transitively is left out, so the work is near-linear in the
 * number of locks where an all-pairs list would be quadratic.
 */
export function predecessors(locks: readonly (readonly Lock[] | undefined)[]): number[][] {
  const nodes = new Map<string, NodeHistory>();
  return locks.map((own, index) => {
    const found = new Set<number>();
    for (const { node, mode } of own ?? []) {
      const history = nodes.get(node) ?? { intendingReaders: [], current: undefined, before: [] };
      nodes.set(node, history);
      for (const earlier of enter({ history, mode, index })) found.add(earlier);
    }
    found.delete(index);
    return [...found].sort((a, b) => a - b);
  });
}

/** Takes the call into the node's history and returns its direct predecessors there. */
function enter({ history, mode, index }: { history: NodeHistory; mode: LockMode; index: number }): readonly number[] {
  const { lastExclusive, intendingReaders, current, before } = history;
  const sinceExclusive = lastExclusive === undefined ? [] : [lastExclusive];
  const orExclusive = (members: readonly number[]): readonly number[] =>
    members.length > 0 ? members : sinceExclusive;

  if (mode === 'X') {
    Object.assign(history, { lastExclusive: index, intendingReaders: [], current: undefined, before: [] });
    return orExclusive([...intendingReaders, ...(current?.members ?? [])]);
  }
  if (mode === 'IS') {
    intendingReaders.push(index);
    return sinceExclusive;
  }
  if (current === undefined) {
    history.current = { mode, members: [index] };
    return sinceExclusive;
  }
  if (modesConflict(current.mode, mode)) {
    history.before = current.members;
    history.current = { mode, members: [index] };
    return current.members;
  }
  current.members.push(index);
  return orExclusive(before);
}
