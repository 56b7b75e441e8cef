import { modesConflict, type Lock, type LockMode } from '../../core/lock.ts';

/** Things found by the locks under which they stand. */
export interface LockIndex<T> {
  add(locks: readonly Lock[], item: T): void;
  /** `locks` are those with which it was added. */
  remove(locks: readonly Lock[], item: T): void;
  /** Everything that stands under a lock with which one of these conflicts; its cost grows with what it finds, not with what is there. */
  conflicting(locks: readonly Lock[]): Set<T>;
}

const modes = ['IS', 'IX', 'S', 'X'] as const;
const rivals: Record<LockMode, readonly LockMode[]> = {
  IS: modes.filter((mode) => modesConflict('IS', mode)),
  IX: modes.filter((mode) => modesConflict('IX', mode)),
  S: modes.filter((mode) => modesConflict('S', mode)),
  X: modes.filter((mode) => modesConflict('X', mode)),
};

export function createLockIndex<T>(): LockIndex<T> {
  const places = new Map<string, Set<T>>();

  return {
    add(locks, item) {
      for (const { mode, node } of locks) {
        const place = placeOf(mode, node);
        const items = places.get(place);
        if (items === undefined) places.set(place, new Set([item]));
        else items.add(item);
      }
    },
    remove(locks, item) {
      for (const { mode, node } of locks) {
        const place = placeOf(mode, node);
        const items = places.get(place);
        items?.delete(item);
        if (items?.size === 0) places.delete(place);
      }
    },
    conflicting(locks) {
      const found = new Set<T>();
      if (places.size === 0) return found;
      for (const { mode, node } of locks) {
        for (const rival of rivals[mode]) {
          for (const item of places.get(placeOf(rival, node)) ?? []) found.add(item);
        }
      }
      return found;
    },
  };
}

function placeOf(mode: LockMode, node: string): string {
  return `${mode} ${node}`;
}
