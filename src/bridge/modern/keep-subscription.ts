import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { OpenRequest } from '../desk.ts';
import { limits } from '../limits.ts';
import { createBackoff } from '../link/backoff.ts';
import { isAnswer, notificationOf, paramsOf, type Answer, type Message, type Notification } from '../message.ts';
import type { Parts } from '../parts.ts';
import { connectionLost, notSent } from '../refusals.ts';
import { refuseFor } from '../refuse-for.ts';
import { requestHeaders } from './request-headers.ts';

/**
 * Keeps a modern client's `subscriptions/listen` open for as long as the client wants it. The client sees one subscription with one
 * acknowledgement, however often the stream behind it breaks or the proxy, stopping, ends it; each time that it is back the
 * client is told of everything it subscribed to, since nobody could tell what changed meanwhile.
 */
export async function keepSubscription(request: OpenRequest, parts: Parts): Promise<void> {
  const { desk, wire, link, clock } = parts;
  const { message, signal } = request;
  const deadlineMs = clock.now() + limits.maxWaitMs;
  const backoff = createBackoff(parts);
  /** What the proxy said that it tells of; absent until it has. */
  let honored: JsonObject | undefined;
  let answer: Answer | undefined;

  const receive = async (incoming: Message): Promise<void> => {
    if (isAnswer(incoming) && incoming.id === message.id) {
      answer = incoming;
      return;
    }
    if (incoming['method'] !== 'notifications/subscriptions/acknowledged') return desk.deliver(incoming);
    if (honored === undefined) {
      honored = filterOf(incoming) ?? filterOf(message) ?? {};
      return desk.deliver(incoming);
    }
    for (const notification of announcements(honored, message.id)) await desk.deliver(notification);
  };

  for (;;) {
    const verdict = await link.whenReachable({ signal, ...(honored === undefined && { deadlineMs }) });
    if (verdict === 'aborted') return;
    if (verdict !== 'passed') return request.refuse(notSent(verdict, link.reason()));
    answer = undefined;
    const ending = await wire.post(message, { headers: requestHeaders(message), signal, awaits: message.id, receive });
    if (ending.kind === 'answered') {
      // An end without error of a subscription that had something to tell: the proxy stops, and may be about to start again.
      const mayResume =
        answer !== undefined && 'result' in answer && honored !== undefined && Object.keys(honored).length > 0;
      if (!mayResume) return answer && desk.deliver(answer);
    } else if (ending.kind === 'unsent' || ending.kind === 'unanswered') {
      if (ending.kind === 'unsent') link.recover(ending.reason);
      else if (honored === undefined && clock.now() >= deadlineMs) return request.refuse(connectionLost(ending.reason));
    } else if (ending.kind !== 'refused' || honored === undefined || !mayPass(ending.status)) {
      return refuseFor(ending, { request, desk });
    }
    await backoff.pause(signal, ending.kind === 'unanswered' ? ending.retryMs : undefined);
  }
}

function filterOf(message: Message): JsonObject | undefined {
  const filter = paramsOf(message)['notifications'];
  return isJsonObject(filter) ? filter : undefined;
}

/** One notification for everything that the filter covers, marked as the subscription's own. */
function announcements(filter: JsonObject, id: Answer['id']): Notification[] {
  const params = { _meta: { [SUBSCRIPTION_ID_META_KEY]: id } };
  const uris = Array.isArray(filter['resourceSubscriptions']) ? filter['resourceSubscriptions'] : [];
  return [
    ...listKinds
      .filter((kind) => filter[`${kind}ListChanged`] === true)
      .map((kind) => notificationOf(`notifications/${kind}/list_changed`, params)),
    ...uris.map((uri) => notificationOf('notifications/resources/updated', { ...params, uri })),
  ];
}

const listKinds = ['tools', 'prompts', 'resources'] as const;

function mayPass(status: number): boolean {
  return status === 429 || status >= 500;
}
