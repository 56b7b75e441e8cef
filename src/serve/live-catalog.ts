import { buildCatalog } from '../catalog/build-catalog.ts';
import type { Catalog } from '../catalog/build-catalog.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** Clients hear of a changed list at most this often (reliability.md F13). */
const announceEveryMs = 1_000;

/** The catalogue as it changes: one immutable snapshot after the other. */
export interface LiveCatalog {
  current(): Catalog;
  /** Builds a new snapshot of what the upstreams offer now. */
  refresh(): void;
  /** Tells of lists that differ from the last one, at most once a second, the last change never lost. Returns what ends that. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export function createLiveCatalog({
  sources,
  naming,
  clock,
  logger,
}: {
  sources: () => Parameters<typeof buildCatalog>[0];
  naming: Config['naming'];
  clock: Clock;
  logger: Logger;
}): LiveCatalog {
  const listeners = new Set<() => void>();
  let catalog = buildCatalog(sources(), { naming });
  let announced = JSON.stringify(catalog.listed);
  let lastAnnouncedMs = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;

  const announce = (): void => {
    cancelTimer = undefined;
    const listed = JSON.stringify(catalog.listed);
    if (listed === announced) return;
    announced = listed;
    lastAnnouncedMs = clock.now();
    for (const listener of listeners) listener();
  };

  return {
    current: () => catalog,
    refresh() {
      const before = new Set(catalog.warnings);
      catalog = buildCatalog(sources(), { naming });
      for (const warning of catalog.warnings) if (!before.has(warning)) logger.warn({}, warning);
      cancelTimer ??= clock.after(Math.max(0, lastAnnouncedMs + announceEveryMs - clock.now()), announce);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => cancelTimer?.(),
  };
}
