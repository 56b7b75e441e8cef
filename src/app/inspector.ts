import type { Catalog } from '../catalog/build-catalog.ts';
import { inspectCatalog, renderFinding } from '../catalog/inspect/inspect-catalog.ts';
import type { Engine } from '../serve/engine.ts';

/** Clients get their first lists before, and one server after the other has connected by then. */
const afterMs = 500;
/** A server that makes up odd tools without end is known well enough by these. */
const maxLogged = 200;

/** Logs what is odd about tools, each finding once. */
export interface Inspector {
  /** The tools may have changed. */
  look(catalog: () => Catalog): void;
  close(): void;
}

export function createInspector({ clock, logger, setup }: Pick<Engine, 'clock' | 'logger' | 'setup'>): Inspector {
  const logged = new Set<string>();
  /** Of several groups of clients, each with its own catalogue. */
  const waiting = new Set<() => Catalog>();
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const inspect = (): void => {
    cancel = undefined;
    const servers = [...setup().servers.keys()];
    for (const catalog of waiting) {
      for (const finding of inspectCatalog(catalog(), servers)) {
        const line = renderFinding(finding);
        if (finding.level !== 'warning' || logged.has(line) || logged.size >= maxLogged) continue;
        logged.add(line);
        logger.warn({}, line);
      }
    }
    waiting.clear();
  };

  return {
    look(catalog) {
      if (isClosed) return;
      waiting.add(catalog);
      cancel ??= clock.after(afterMs, inspect);
    },
    close() {
      isClosed = true;
      cancel?.();
      waiting.clear();
    },
  };
}
