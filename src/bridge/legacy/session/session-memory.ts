import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { limits } from '../../limits.ts';
import { notificationOf, paramsOf, type Answer, type Message, type Notification, type Request } from '../../message.ts';
import type { Session } from './session.ts';

/** What the client has set up, so that a new session can be made like the old one. */
export interface SessionMemory {
  /** The client has opened its session; what it had set up before is void. */
  begin(params: JsonObject, told: Session): void;
  /** The client has confirmed the opening, with this notification. */
  confirm(message: Message): void;
  /** A request of the client has been answered. */
  note(request: Request, answer: Answer): void;
  /** The params of the client's `initialize`; absent before it has been answered. */
  opening(): JsonObject | undefined;
  /** What the client was told of the proxy, which it goes by ever after. */
  told(): Pick<Session, 'protocolVersion' | 'capabilities'> | undefined;
  confirmation(): Message | undefined;
  /** The requests that give a new session the log level and the subscriptions of the old one. */
  replay(): { method: string; params: JsonObject }[];
  /** What tells the client that anything may have changed while nobody could tell it. */
  announcements(): Notification[];
}

export function createSessionMemory(): SessionMemory {
  let opening: JsonObject | undefined;
  let told: Session | undefined;
  let confirmation: Message | undefined;
  let level: JsonObject | undefined;
  let subscriptions = new Map<string, JsonObject>();

  return {
    begin(params, session) {
      opening = params;
      told = session;
      confirmation = undefined;
      level = undefined;
      subscriptions = new Map();
    },
    confirm(message) {
      confirmation = message;
    },
    note(request, answer) {
      if (!('result' in answer)) return;
      const params = paramsOf(request);
      const { uri } = params;
      if (request.method === 'logging/setLevel') level = params;
      if (typeof uri !== 'string') return;
      if (request.method === 'resources/unsubscribe') subscriptions.delete(uri);
      else if (request.method === 'resources/subscribe' && subscriptions.size < limits.maxSubscriptions) {
        subscriptions.set(uri, params);
      }
    },
    opening: () => opening,
    told: () => told,
    confirmation: () => confirmation,
    replay: () => [
      ...(level === undefined ? [] : [{ method: 'logging/setLevel', params: withoutProgress(level) }]),
      ...[...subscriptions.values()].map((params) => ({
        method: 'resources/subscribe',
        params: withoutProgress(params),
      })),
    ],
    announcements: () => [
      ...listKinds
        .filter((kind) => isJsonObject(told?.capabilities[kind]) && told.capabilities[kind]['listChanged'] === true)
        .map((kind) => notificationOf(`notifications/${kind}/list_changed`)),
      ...[...subscriptions.keys()].map((uri) => notificationOf('notifications/resources/updated', { uri })),
    ],
  };
}

const listKinds = ['tools', 'prompts', 'resources'] as const;

/** A progress token belongs to the request that the client sent, and is spent. */
function withoutProgress(params: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = params;
  if (!isJsonObject(meta)) return params;
  const { progressToken: _, ...kept } = meta;
  return { ...rest, _meta: kept };
}
