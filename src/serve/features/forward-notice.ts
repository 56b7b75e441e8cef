import type { Notice } from '../../core/protocol/client.ts';
import { toolClasses, type ToolClass } from '../../core/tool.ts';
import type { Engine } from '../engine.ts';

/** What only tells a server that something of the client's own has changed, or how far an answer is. */
const harmless = new Set(['notifications/roots/list_changed', 'notifications/progress', 'notifications/tasks/status']);

/**
 * Passes a notification of a client on to its servers. A request that merely leaves out its id is none: a server that reads methods
 * before ids would carry it out, and no policy has seen it. What only a vendor knows takes every scope, as his requests do.
 */
export function forwardNotice(
  engine: Pick<Engine, 'notifyUpstreams' | 'logger'>,
  { method, params }: Notice,
  scopes: ReadonlySet<ToolClass> | undefined,
): void {
  if (method === 'notifications/initialized' || method === 'notifications/cancelled') return;
  const isKnown = method.startsWith('notifications/');
  const isAllowed = scopes === undefined || harmless.has(method) || toolClasses.every((each) => scopes.has(each));
  if (isKnown && isAllowed) engine.notifyUpstreams({ method, params });
  else engine.logger.debug({ method: method.slice(0, 100) }, 'a notification of a client was not passed on');
}
