import type { Client, McpSubscription, ServerCapabilities, SubscriptionFilter } from '@modelcontextprotocol/client';
import type { Logger } from '../../lib/logger.ts';
import { sleep } from '../pace/time-limit.ts';
import { sendFor } from '../peer/open-requests.ts';
import { explainSendFailure } from '../peer/failure/send-failure.ts';

/** Pause before a stream that broke is opened again, times the number of times it broke in a row. */
const pauseMs = 1000;
const maxFailures = 5;
/** For the server's word that it listens. Servers give it at once. */
const acknowledgeMs = 10_000;

/** The resources of whose changes the server tells now, or why it tells of none. */
export type Honored = { uris: readonly string[] } | { reason: string };

export interface ChangeListener {
  /** Sets the resources of whose changes the server is to tell. Resolves when it has answered; never rejects. */
  setResources(uris: readonly string[]): Promise<Honored>;
}

export interface ListenOptions {
  /** Ends the listening. */
  signal: AbortSignal;
  logger: Logger;
  /** Called when a stream stands again: what changed in between was not told. */
  onGap: () => void;
}

/**
 * Keeps a `subscriptions/listen` stream open on a connection of the modern era, where nothing is told unasked: one for everything,
 * opened anew when what is wanted changes, and closed when the new one stands. The changes arrive as ordinary notifications.
 */
export function listenForChanges(client: Client, { signal, logger, onGap }: ListenOptions): ChangeListener {
  const lists = listsOf(client.getServerCapabilities());
  let uris: readonly string[] = [];
  let wanted = 0;
  let waiting: { version: number; resolve: (honored: Honored) => void }[] = [];
  let wake = (): void => {};

  const tell = (version: number, honored: Honored): void => {
    for (const waiter of waiting) if (waiter.version <= version) waiter.resolve(honored);
    waiting = waiting.filter((waiter) => waiter.version > version);
  };
  const open = async (filter: SubscriptionFilter): Promise<McpSubscription | string> => {
    try {
      return await sendFor(undefined, () => client.listen(filter, { signal, timeout: acknowledgeMs }));
    } catch (error) {
      return explainSendFailure(error).reason;
    }
  };
  /** Resolves when something else is wanted, or the stream has ended; `true` for the latter. */
  const change = (version: number, stream: McpSubscription | undefined): Promise<boolean> =>
    new Promise((resolve) => {
      wake = () => resolve(false);
      if (wanted !== version || signal.aborted) wake();
      void stream?.closed.then(() => resolve(true));
    });

  const run = async (): Promise<void> => {
    let stream: McpSubscription | undefined;
    let failures = 0;
    let hasGap = false;
    while (!signal.aborted) {
      const version = wanted;
      const filter = { ...lists, ...(uris.length > 0 && { resourceSubscriptions: [...uris] }) };
      const opened = Object.keys(filter).length === 0 ? undefined : await open(filter);
      if (typeof opened === 'string') {
        tell(version, { reason: opened });
        logger.debug({ reason: opened }, 'the stream of change notifications could not be opened');
        failures += 1;
      } else {
        void stream?.close();
        stream = opened;
        failures = 0;
        tell(version, { uris: opened?.honoredFilter.resourceSubscriptions ?? [] });
        if (hasGap) onGap();
        hasGap = false;
      }
      const hasGivenUp = failures >= maxFailures;
      if (hasGivenUp) logger.warn({}, 'its changes will not be noticed until it is connected again');
      if (failures === 0 || hasGivenUp) {
        const hasEnded = await change(version, stream);
        if (hasGivenUp) failures = 0;
        if (!hasEnded) continue;
        stream = undefined;
        hasGap = true;
      }
      await sleep(Math.max(1, failures) * pauseMs, signal);
    }
    tell(wanted, { reason: 'the connection ended' });
  };

  signal.addEventListener('abort', () => wake(), { once: true });
  void run();
  return {
    setResources: (given) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve({ reason: 'the connection ended' });
        uris = given;
        wanted += 1;
        waiting.push({ version: wanted, resolve });
        wake();
      }),
  };
}

/** The lists whose changes the server tells, as part of the filter. */
function listsOf(capabilities: ServerCapabilities = {}): SubscriptionFilter {
  const { tools, prompts, resources } = capabilities;
  return {
    ...(tools?.listChanged && { toolsListChanged: true }),
    ...(prompts?.listChanged && { promptsListChanged: true }),
    ...(resources?.listChanged && { resourcesListChanged: true }),
  };
}
