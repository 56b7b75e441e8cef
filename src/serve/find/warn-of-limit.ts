import type { ClientLimits } from '../../core/protocol/client-limits.ts';
import type { Engine } from '../engine.ts';

/** Which programs the log has told of. There are as many as have a known limit. */
const warned = new WeakMap<Engine['logger'], Set<string>>();

/** Tells the log, once for each program, that it takes fewer tools than there are. */
export function warnOfLimit({ logger }: Engine, { limits, count }: { limits: ClientLimits; count: number }): void {
  const { client, title, maxTools } = limits;
  const told = warned.get(logger) ?? new Set();
  warned.set(logger, told);
  if (told.has(client)) return;
  told.add(client);
  logger.warn(
    { client, tools: count, maxTools },
    `${title} takes ${maxTools} tools, and there are ${count}: the others are found with tools_find, and called in batches. Deny what is not needed, or set surface: find`,
  );
}
