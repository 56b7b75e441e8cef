import type { Client } from '@modelcontextprotocol/client';
import type { Logger } from '../lib/logger.ts';
import { explainSendFailure } from './peer/send-failure.ts';
import { sleep } from './pace/time-limit.ts';

/** Pause before a stream that broke is opened again, times the number of times it broke in a row. */
const pauseMs = 1000;
const maxFailures = 5;

export interface ListenOptions {
  /** Ends the listening. */
  signal: AbortSignal;
  logger: Logger;
  /** Called after each re-opening: what changed in between was not told. */
  onGap: () => void;
}

/**
 * Keeps a `subscriptions/listen` stream open for changes of the tool list, on a connection of the modern era, where nothing is
 * told unasked. The changes themselves arrive as ordinary notifications.
 */
export async function listenForChanges(client: Client, { signal, logger, onGap }: ListenOptions): Promise<void> {
  for (let failures = 0; failures < maxFailures && !signal.aborted;) {
    try {
      const subscription = await client.listen({ toolsListChanged: true }, { signal });
      if (failures > 0) onGap();
      failures = 0;
      if ((await subscription.closed) === 'local') return;
    } catch (error) {
      if (signal.aborted) return;
      logger.debug(
        { reason: explainSendFailure(error).reason },
        'the stream of change notifications could not be opened',
      );
    }
    failures += 1;
    await sleep(failures * pauseMs, signal);
  }
  if (!signal.aborted) logger.warn({}, 'changes of its tool list will not be noticed until it is connected again');
}
