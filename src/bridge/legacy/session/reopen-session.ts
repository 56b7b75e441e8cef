import type { AbortLike } from '../../../core/abort.ts';
import { canonicalJson } from '../../../core/json.ts';
import type { Logger } from '../../../lib/logger.ts';
import { explainEnding } from '../../http/explain-ending.ts';
import { sendOwnRequest } from '../../http/own-request.ts';
import type { Message } from '../../message.ts';
import type { Parts } from '../../parts.ts';
import type { SessionMemory } from './session-memory.ts';
import { headersOf, toSession, type Session } from './session.ts';

export interface ReopenOptions extends Pick<Parts, 'wire' | 'clock' | 'logger'> {
  memory: SessionMemory;
  signal: AbortLike;
  receive: (session: Session, message: Message) => Promise<void>;
}

/**
 * Opens a session as the client once did, and sets up in it what the client had set up. What the client was told of the proxy then
 * cannot be taken back: if it is true no more, the log says so. Returns the reason where no session could be opened.
 */
export async function reopenSession({
  memory,
  signal,
  receive,
  logger,
  ...parts
}: ReopenOptions): Promise<Session | string> {
  const params = memory.opening();
  const { answer, ending, sessionId } = await sendOwnRequest(parts, {
    method: 'initialize',
    ...(params && { params }),
    headers: {},
    signal,
    receive: drop,
  });
  const session = answer && toSession(answer, sessionId);
  if (session === undefined) return explainEnding(ending);
  const options = { headers: headersOf(session), signal, receive: (message: Message) => receive(session, message) };
  const confirmation = memory.confirmation();
  if (confirmation !== undefined) {
    const confirmed = await parts.wire.post(confirmation, options);
    if (confirmed.kind !== 'accepted') {
      void parts.wire.farewell(options.headers);
      return explainEnding(confirmed);
    }
  }
  warnOfChanges(session, { memory, logger });
  for (const request of memory.replay()) {
    const { answer } = await sendOwnRequest(parts, { ...request, ...options });
    if (answer === undefined || 'error' in answer) {
      logger.warn(
        { method: request.method },
        'what the client had set up could not be set up again in the new session',
      );
    }
  }
  return session;
}

function warnOfChanges(now: Session, { memory, logger }: { memory: SessionMemory; logger: Logger }): void {
  const told = memory.told();
  if (told === undefined) return;
  const isSame =
    told.protocolVersion === now.protocolVersion &&
    canonicalJson(told.capabilities) === canonicalJson(now.capabilities);
  if (isSame) return;
  logger.warn(
    { told: told.protocolVersion, now: now.protocolVersion },
    'the proxy has come back with another protocol version or other capabilities; the client goes by the old ones',
  );
}

function drop(): Promise<void> {
  return Promise.resolve();
}
