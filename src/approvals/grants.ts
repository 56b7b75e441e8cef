import type { ApprovalOwner, ApprovalSubject } from '../core/approval.ts';
import type { Clock } from '../core/clock.ts';

/** Every yes that lives no longer than the process: for one call, and for a session. */
export interface Grants {
  /** For one call, to be used by `expiresMs`. */
  addOnce(owner: ApprovalOwner, subject: ApprovalSubject, expiresMs: number): void;
  /** For this tool as it is now, until the client goes. */
  addSession(owner: ApprovalOwner, subject: ApprovalSubject): void;
  hasOnce(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
  hasSession(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
  /** Uses up the one that would expire first. `false`: there is none. */
  takeOnce(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
  /** The client has gone, and its session with it. */
  forgetSession(session: string): void;
}

/** More calls than people say yes to in ten minutes, and more tools than they say it of for a whole session. Over it the oldest yes is forgotten, and asked for again. */
const maxGrants = 2_000;

interface Once {
  key: string;
  expiresMs: number;
}

export function createGrants(clock: Clock): Grants {
  let once: Once[] = [];
  /** By session and tool; the session of each, to forget by. */
  const sessions = new Map<string, string>();

  const findOnce = (key: string): Once | undefined => {
    once = once.filter(({ expiresMs }) => expiresMs > clock.now());
    return once.filter((grant) => grant.key === key).toSorted((a, b) => a.expiresMs - b.expiresMs)[0];
  };

  return {
    addOnce(owner, subject, expiresMs) {
      once = [...once, { key: callKey(owner, subject), expiresMs: clock.now() + expiresMs }].slice(-maxGrants);
    },
    addSession(owner, subject) {
      const key = toolKey(owner, subject);
      sessions.delete(key);
      sessions.set(key, sessionOf(owner));
      for (const oldest of sessions.keys()) {
        if (sessions.size <= maxGrants) break;
        sessions.delete(oldest);
      }
    },
    hasOnce: (owner, subject) => findOnce(callKey(owner, subject)) !== undefined,
    hasSession: (owner, subject) => sessions.has(toolKey(owner, subject)),
    takeOnce(owner, subject) {
      const found = findOnce(callKey(owner, subject));
      once = once.filter((grant) => grant !== found);
      return found !== undefined;
    },
    forgetSession(session) {
      for (const [key, own] of sessions) if (own === session) sessions.delete(key);
    },
  };
}

/** As JSON, since a principal may hold any mark that could stand between the two. */
function callKey({ principal }: ApprovalOwner, { digest }: ApprovalSubject): string {
  return JSON.stringify([principal, digest]);
}

function toolKey(owner: ApprovalOwner, { toolDigest }: ApprovalSubject): string {
  return JSON.stringify([owner.principal, sessionOf(owner), toolDigest]);
}

function sessionOf({ principal, session = principal }: ApprovalOwner): string {
  return session;
}
