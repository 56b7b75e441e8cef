import { randomUUID } from 'node:crypto';
import type { Identity } from '../../../access/identity.ts';
import type { Clock } from '../../../core/clock.ts';
import { sessionNotFound, type HttpProblem } from '../http-problem.ts';
import type { HttpSession } from './http-session.ts';

/** The sessions of all legacy clients. */
export interface SessionStore {
  /** Opens a session; nothing where there is no room and no session that could give way is idle. */
  open(identity: Identity | undefined): HttpSession | undefined;
  /** The session of this client; another one's is as one that never was. */
  find(id: string, identity: Identity | undefined): HttpSession | undefined;
  /** Closes those of one principal. */
  closeOf(owner: string, problem: HttpProblem): void;
  close(problem: HttpProblem): void;
}

export interface SessionStoreOptions {
  clock: Clock;
  maxSessions: number;
  /** A session with nothing open is closed this long after its client was last heard of, or a minute later. */
  idleMs: number;
  create: (session: { id: string; identity: Identity | undefined; onClose: () => void }) => HttpSession;
}

const sweepEveryMs = 60_000;

export function createSessionStore({ clock, maxSessions, idleMs, create }: SessionStoreOptions): SessionStore {
  const sessions = new Map<string, HttpSession>();
  let cancelSweep: (() => void) | undefined;

  const sweep = (): void => {
    const oldestMs = clock.now() - idleMs;
    for (const session of sessions.values()) {
      if (session.isIdle() && session.lastUsedMs() <= oldestMs) session.close(sessionNotFound);
    }
    cancelSweep = sessions.size > 0 ? clock.after(sweepEveryMs, sweep) : undefined;
  };

  /** Half of all is for one client: there is room for another, though none of its own is idle. */
  const maxOwn = Math.ceil(maxSessions / 2);

  const longestIdleOf = (owner: string): { count: number; longest: HttpSession | undefined } => {
    const own = [...sessions.values()].filter((session) => session.owner === owner);
    const idle = own.filter((session) => session.isIdle()).toSorted((a, b) => a.lastUsedMs() - b.lastUsedMs());
    return { count: own.length, longest: idle[0] };
  };

  /** Of whoever has most of them, so that nobody pushes out those of others. */
  const longestIdle = (): HttpSession | undefined => {
    const counts = new Map<string | undefined, number>();
    for (const { owner } of sessions.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    const most = Math.max(...counts.values());
    let longest: HttpSession | undefined;
    for (const session of sessions.values()) {
      if (counts.get(session.owner) !== most) continue;
      const isLonger = longest === undefined || session.lastUsedMs() < longest.lastUsedMs();
      if (session.isIdle() && isLonger) longest = session;
    }
    return longest;
  };

  return {
    open(identity) {
      if (identity !== undefined && sessions.size >= maxOwn) {
        const { count, longest } = longestIdleOf(identity.principal);
        if (count >= maxOwn && longest === undefined) return undefined;
        if (count >= maxOwn) longest?.close(sessionNotFound);
      }
      // Its client gets 404 for it, and opens a new one.
      if (sessions.size >= maxSessions) longestIdle()?.close(sessionNotFound);
      if (sessions.size >= maxSessions) return undefined;
      // 122 random bits in visible ASCII, as the specification wants of an id that is all it takes to speak for a client.
      const id = randomUUID();
      const session = create({ id, identity, onClose: () => void sessions.delete(id) });
      sessions.set(id, session);
      cancelSweep ??= clock.after(sweepEveryMs, sweep);
      return session;
    },
    find(id, identity) {
      const session = sessions.get(id);
      return session?.owner === identity?.principal ? session : undefined;
    },
    closeOf(owner, problem) {
      for (const session of sessions.values()) if (session.owner === owner) session.close(problem);
    },
    close(problem) {
      cancelSweep?.();
      for (const session of sessions.values()) session.close(problem);
    },
  };
}
