import type { ToolClass } from '../core/tool.ts';

/** Whether what a client has proved itself with still counts. `revoked`: a person has taken it back, as against time that ran out. */
export type Standing = 'valid' | 'expired' | 'revoked';

/** Who a client has proved to be, and what that allows. */
export interface Identity {
  /** `token/NAME` or `jwt/ISSUER/SUBJECT`: whose sessions, batches and keys are its own. */
  principal: string;
  /** The classes of calls that it may make. May be empty. */
  scopes: ReadonlySet<ToolClass>;
  /** As it is now. Never rejects. */
  standing(): Promise<Standing>;
}

/** `isMissing`: nothing was shown at all. The problem is for the log: it never holds a secret, and no client gets to see it. */
export type Authentication = { ok: true; identity: Identity } | { ok: false; isMissing: boolean; problem: string };

/** Says who sent a request, from its headers as they came: names and values in turn. Never rejects. */
export type Authenticate = (rawHeaders: readonly string[]) => Promise<Authentication>;

/** A credential that was shown and does not count. */
export function refused(problem: string): Authentication & { ok: false } {
  return { ok: false, isMissing: false, problem };
}
