import type { Clock } from '../../core/clock.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ModernClients } from '../session/session.ts';
import type { StandingWatch } from './access/standing-watch.ts';
import type { HttpLimits } from './http-limits.ts';
import { sessionNotFound, type HttpProblem } from './http-problem.ts';
import { createInFlight } from './in-flight.ts';
import { openHttpSession, type OpenLegacy } from './legacy/http-session.ts';
import { createLegacyEndpoint, type LegacyEndpoint } from './legacy/legacy-endpoint.ts';
import { createSessionStore } from './legacy/session-store.ts';
import { createModernEndpoint, type ModernEndpoint } from './modern/modern-endpoint.ts';
import { createEventLogs } from './stream/event-log.ts';
import { createKeepAlive } from './stream/keep-alive.ts';
import { openSseStream } from './stream/sse-stream.ts';

/** Who serves what arrives at the endpoint. */
export interface EndpointParts {
  openLegacy: OpenLegacy;
  modernClients: ModernClients;
  /** The schema of a tool's arguments, by the name that clients see: some arguments stand in headers too, and both have to agree. */
  inputSchemaOf: (toolName: string) => JsonObject | undefined;
  clock: Clock;
  logger: Logger;
}

/** The endpoint as clients of each era see it. */
export interface Endpoints {
  legacy: LegacyEndpoint;
  modern: ModernEndpoint;
  /** Resolves when every request has its answer, or after `ms`. Streams that wait for news are no requests in this sense. */
  drained(ms: number): Promise<void>;
  /** Ends what runs on for a principal, whichever of its credentials it was begun with. */
  revoke(principal: string): void;
  /** Ends what is open. Requests are answered with the problem. Resolves when all that has been sent. */
  close(problem: HttpProblem): Promise<void>;
}

export function createEndpoints(parts: EndpointParts & { watch: StandingWatch }, limits: HttpLimits): Endpoints {
  const { clock, logger } = parts;
  const { maxUnreadBytes } = limits;
  const keepAlive = createKeepAlive(clock, limits.keepAliveMs);
  const inFlight = createInFlight(clock);
  const openLog = createEventLogs({
    maxEvents: limits.maxEvents,
    maxChars: limits.maxEventChars,
    maxTotalChars: limits.maxTotalEventChars,
  });
  const sessions = createSessionStore({
    clock,
    maxSessions: limits.maxSessions,
    idleMs: limits.sessionIdleMs,
    create({ id, identity, onClose }) {
      const session = openHttpSession({
        id,
        identity,
        clock,
        log: openLog(),
        inFlight,
        maxRequests: limits.maxSessionRequests,
        openStream: (response, stream) => openSseStream(response, { ...stream, keepAlive, logger, maxUnreadBytes }),
        openLegacy: parts.openLegacy,
        onClose() {
          forget?.();
          onClose();
        },
      });
      // One whose token has run out may come back with the next one; what was taken back is over, and all that it has begun.
      const forget =
        identity && parts.watch.add(identity, (standing) => standing === 'revoked' && session.close(sessionNotFound));
      return session;
    },
  });
  const modern = createModernEndpoint({
    clients: parts.modernClients,
    clock,
    inFlight,
    openStream: (response, onClose) =>
      openSseStream(response, { headers: {}, onClose, keepAlive, logger, maxUnreadBytes }),
    inputSchemaOf: parts.inputSchemaOf,
  });

  return {
    legacy: createLegacyEndpoint(sessions),
    modern,
    revoke(principal) {
      sessions.closeOf(principal, sessionNotFound);
      parts.modernClients.leave(principal);
    },
    drained: inFlight.drained,
    close(problem) {
      sessions.close(problem);
      return modern.close(problem);
    },
  };
}
