import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticate, Identity } from '../../../access/identity.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import type { Asked } from './count-calls.ts';
import { createGate, type Admission } from './gate.ts';
import type { HttpAuth } from './http-auth.ts';
import { createPrincipalQuota, type PrincipalQuota } from './principal-quota.ts';
import { createResourceMetadata, type ResourceMetadata } from './resource-metadata.ts';
import type { StandingWatch } from './standing-watch.ts';

/** Where clients show who they are. */
export interface Door {
  metadata: ResourceMetadata;
  /** Whose tokens are accepted beside our own. */
  issuer: string | undefined;
  /**
   * Looks at nothing but the headers. What is answered to who was let in ends when their credentials do. Who has half of all requests
   * open, streams among them, has to end some first.
   */
  admit(request: IncomingMessage, response: ServerResponse, host: string): Promise<Admission>;
  enter(identity: Identity, asked: Asked): ReturnType<PrincipalQuota['enter']>;
}

export interface DoorOptions {
  authenticate: Authenticate;
  auth: HttpAuth;
  scheme: 'http' | 'https';
  watch: StandingWatch;
  /** A person has taken back what this principal had shown. */
  onRevoked: (principal: string) => void;
  /** Requests that may be open at once, of all clients together. */
  maxRequests: number;
  clock: Clock;
  logger: Logger;
}

export function createDoor({
  authenticate,
  auth,
  scheme,
  watch,
  onRevoked,
  maxRequests,
  clock,
  logger,
}: DoorOptions): Door {
  const metadata = createResourceMetadata(auth, scheme);
  const gate = createGate({ authenticate, clock, logger });
  const quota = createPrincipalQuota(auth.limits, clock);
  const openRequests = createPrincipalQuota({ maxParallel: Math.ceil(maxRequests / 2) }, clock);
  return {
    metadata,
    issuer: auth.jwt?.issuer,
    async admit({ rawHeaders }, response, host) {
      const admission = await gate({ rawHeaders, challenge: metadata.challenge(host) });
      if (!admission.ok || response.destroyed) return admission;
      const { identity } = admission;
      const open = openRequests.enter(identity.principal, { calls: 1, notices: 0 });
      if (!open.ok) return { ok: false, problem: tooManyOpen };
      watch.follow(identity, () => onRevoked(identity.principal));
      const forget = watch.add(identity, () => void response.destroy());
      response.once('close', () => {
        forget();
        open.leave();
      });
      return admission;
    },
    enter: ({ principal }, asked) => quota.enter(principal, asked),
  };
}

const tooManyOpen: HttpProblem = {
  status: 429,
  code: refusedCode,
  message: 'Too Many Requests: this client has half of all requests open (limits.openRequests); end some',
  data: { code: 'limit_exceeded', applied: 'no' },
  retryAfterS: 1,
};
