import type { Notice } from '../../../core/protocol/client.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';

/** What a `subscriptions/listen` asks to be told of (MCP 2026-07-28). */
export interface ListenFilter {
  toolsListChanged?: true;
  promptsListChanged?: true;
  resourcesListChanged?: true;
  /** URIs of resources, each once. */
  resourceSubscriptions?: string[];
}

/** Resources that one subscription may name: more is no list that somebody watches. */
const maxResources = 1000;

/** The filter of a request; nothing for what is none. */
export function readFilter(given: unknown): ListenFilter | undefined {
  if (!isJsonObject(given)) return undefined;
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions: uris = [] } = given;
  const flags = [toolsListChanged, promptsListChanged, resourcesListChanged];
  if (flags.some((flag) => flag !== undefined && typeof flag !== 'boolean')) return undefined;
  if (!Array.isArray(uris) || uris.length > maxResources) return undefined;
  const texts = uris.filter((uri) => typeof uri === 'string');
  if (texts.length !== uris.length) return undefined;
  return {
    ...(toolsListChanged === true && { toolsListChanged }),
    ...(promptsListChanged === true && { promptsListChanged }),
    ...(resourcesListChanged === true && { resourcesListChanged }),
    ...(texts.length > 0 && { resourceSubscriptions: [...new Set(texts)] }),
  };
}

/** Whether a `subscriptions/listen` asks to be told of tasks, which takes a client that understands them. It is not told: it looks. */
export function wantsTasks({ notifications }: JsonObject): boolean {
  return isJsonObject(notifications) && notifications['taskIds'] !== undefined;
}

/** Whether a `subscriptions/listen` asks to be told of resources, which is reading. */
export function wantsResources({ notifications }: JsonObject): boolean {
  const uris = isJsonObject(notifications) ? notifications['resourceSubscriptions'] : undefined;
  return Array.isArray(uris) && uris.length > 0;
}

/** What is left of a filter by what we have declared. */
export function narrowFilter(filter: ListenFilter, capabilities: JsonObject): ListenFilter {
  const declares = (name: string, flag: string): boolean => {
    const capability = capabilities[name];
    return isJsonObject(capability) && capability[flag] === true;
  };
  const { resourceSubscriptions: uris } = filter;
  return {
    ...(filter.toolsListChanged && declares('tools', 'listChanged') && { toolsListChanged: true }),
    ...(filter.promptsListChanged && declares('prompts', 'listChanged') && { promptsListChanged: true }),
    ...(filter.resourcesListChanged && declares('resources', 'listChanged') && { resourcesListChanged: true }),
    ...(uris && declares('resources', 'subscribe') && { resourceSubscriptions: uris }),
  };
}

/** Whether a filter wants a notification. What is no change of a list or a resource is wanted by none. */
export function acceptsNotice(filter: ListenFilter, { method, params }: Notice): boolean {
  const flag = flagOf.get(method);
  if (flag !== undefined) return filter[flag] === true;
  return method === updated && filter.resourceSubscriptions?.some((uri) => uri === params['uri']) === true;
}

/** Whether a notification may reach a modern client through a subscription alone. */
export function isGatedChange({ method }: Notice): boolean {
  return flagOf.has(method) || method === updated;
}

const updated = 'notifications/resources/updated';
const flagOf = new Map([
  ['notifications/tools/list_changed', 'toolsListChanged'],
  ['notifications/prompts/list_changed', 'promptsListChanged'],
  ['notifications/resources/list_changed', 'resourcesListChanged'],
] as const) as ReadonlyMap<string, 'toolsListChanged' | 'promptsListChanged' | 'resourcesListChanged'>;
