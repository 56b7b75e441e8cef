/** Counts the connections to each server that stand: groups of clients, and clients alone, have their own. */
export interface StandingCount {
  add(server: string, ended: Promise<unknown>): void;
}

/** Calls `onLast` with a server whose last standing connection has ended. */
export function createStandingCount(onLast: (server: string) => void): StandingCount {
  const counts = new Map<string, number>();
  return {
    add(server, ended) {
      counts.set(server, (counts.get(server) ?? 0) + 1);
      void ended.then(() => {
        const left = counts.get(server)! - 1;
        if (left > 0) return counts.set(server, left);
        counts.delete(server);
        return onLast(server);
      });
    },
  };
}
