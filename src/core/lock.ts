/**
 * Multiple-granularity locks on hierarchical keys (Gray et al. 1976): a shared (`S`) or exclusive (`X`) lock on a key, and the
 * matching intention (`IS`, `IX`) on every ancestor of it, the root included.
 */
export type LockMode = 'IS' | 'IX' | 'S' | 'X';

/** A lock on one node of the key tree. `node` is the path from the root: `''` is the root, `files` a domain, `files/a/b` a resource. */
export interface Lock {
  node: string;
  mode: LockMode;
}

/** A key: the domain first, then the resource from the outside in. `[]` is the root. A segment may hold any characters. */
export type Key = readonly string[];

/** Two locks on one node exclude each other unless both are intentions, or neither means to write. */
export function modesConflict(a: LockMode, b: LockMode): boolean {
  if (a === 'X' || b === 'X') return true;
  return (a === 'S' && b === 'IX') || (a === 'IX' && b === 'S');
}

const strength: Record<LockMode, number> = { IS: 0, IX: 1, S: 2, X: 3 };

/** The weakest mode that grants everything both do. `S` with `IX` needs `X`, since we keep no SIX. */
function joinModes(a: LockMode, b: LockMode): LockMode {
  if (modesConflict(a, b)) return 'X';
  return strength[a] >= strength[b] ? a : b;
}

/**
 * The locks that a call takes for its keys, ancestors' intentions included; one lock per node, root first.
 * A key under a domain other than the call's server is an ordinary key: the domain is just its first segment.
 */
export function locksForKeys(keys: readonly { key: Key; mode: LockMode }[]): Lock[] {
  const byNode = new Map<string, LockMode>();
  const add = (node: string, mode: LockMode): void => {
    const held = byNode.get(node);
    byNode.set(node, held === undefined ? mode : joinModes(held, mode));
  };
  for (const { key, mode } of keys) {
    const intention: LockMode = mode === 'S' || mode === 'IS' ? 'IS' : 'IX';
    let node = '';
    if (key.length > 0) add(node, intention);
    key.forEach((segment, depth) => {
      node += depth === 0 ? escapeSegment(segment) : `/${escapeSegment(segment)}`;
      if (depth < key.length - 1) add(node, intention);
    });
    add(node, mode);
  }
  return [...byNode].map(([node, mode]) => ({ node, mode }));
}

/**
 * The same locks as what the call touches: an intention with nothing below it in the list stands for all that lies there, so it
 * counts as `S` or `X`. Passthrough calls without a lock rule hold just such intentions, in order not to wait for each other.
 */
export function touchedLocks(locks: readonly Lock[]): Lock[] {
  const parents = new Set<string>();
  for (const { node } of locks) if (node !== '') parents.add(node.slice(0, Math.max(node.lastIndexOf('/'), 0)));
  return locks.map(({ node, mode }) => {
    if (mode === 'S' || mode === 'X' || parents.has(node)) return { node, mode };
    return { node, mode: mode === 'IS' ? 'S' : 'X' };
  });
}

/** `/` separates segments, so one inside a segment is escaped as JSON Pointer does. Nearly no segment has one. */
function escapeSegment(segment: string): string {
  return /[~/]/.test(segment) ? segment.replaceAll('~', '~0').replaceAll('/', '~1') : segment;
}

/** A lock as people read it: `X files/notes.md`. */
export function renderLock(lock: Lock): string {
  return `${lock.mode} ${lock.node === '' ? '(everything)' : lock.node}`;
}
