import type { Process } from './census.ts';

/** A group of processes that we started. */
export interface Family {
  /** The pid of its leader, and so the number of the group. */
  leader: number;
  /** What its leader was given, and with it whatever that started. */
  mark: string;
}

/**
 * Those that belong to a family and have left its group: whoever carries its mark, whatever such a one has started, and the groups
 * that they lead. The mark is lost where a program writes over its environment, a parent where it has ended; few lose both.
 */
export function findStrays(census: readonly Process[], { leader, mark }: Family): Process[] {
  const own = new Set<number>();
  const isOwn = (one: Process): boolean =>
    one.mark === mark || one.group === leader || own.has(one.parent) || own.has(one.group);
  for (let size = -1; size < own.size;) {
    size = own.size;
    for (const one of census) if (isOwn(one)) own.add(one.pid);
  }
  return census.filter(({ pid, group }) => own.has(pid) && group !== leader);
}
