import type { ServerConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Instance } from '../instance/instance.ts';
import type { KeptServer } from '../kept-catalog.ts';

/** In the whole process: each may be a process of its own, and a machine bears some hundreds. */
const maxInstances = 256;

export interface OpenOwnOptions {
  /** The one that others go on to share. */
  shared: Instance;
  capabilities: JsonObject;
  /** Called after each change of its tools or its state. */
  onChange: () => void;
}

export interface OwnInstancesOptions {
  open: (server: ServerConfig, own: { kept: KeptServer; onChange: () => void }) => Instance;
  /** Has a connection answer what it has yet to answer; resolves when it is closed. */
  retire: (instance: Instance) => Promise<void>;
}

/** Connections that single clients have to themselves. */
export interface OwnInstances {
  /** A further connection, being made; why there is none where there are too many. */
  open(server: ServerConfig, like: OpenOwnOptions): Instance | string;
  close(instance: Instance): void;
  /** Its server is reached in another way, or is not configured any more: it is closed when it has answered all. */
  retire(instance: Instance): void;
  closeAll(): Promise<void>;
}

export function createOwnInstances({ open, retire }: OwnInstancesOptions): OwnInstances {
  const opened = new Set<Instance>();
  /** Those that are on their way out count for `closeAll`, which waits for them. */
  const closing = new Set<Promise<void>>();

  const end = (instance: Instance, by: (instance: Instance) => Promise<void>): void => {
    if (!opened.delete(instance)) return;
    const closed = by(instance).finally(() => closing.delete(closed));
    closing.add(closed);
  };
  const close = (instance: Instance): void => end(instance, ({ upstream }) => upstream.close());

  return {
    open(server, { shared: { upstream }, capabilities, onChange }) {
      if (opened.size >= maxInstances) {
        return `more than ${maxInstances} clients have a connection of their own to a server that asks questions; try again when some have left`;
      }
      const kept: KeptServer = { tools: upstream.tools(), verdict: { kind: 'legacy' } };
      const instance = open(server, { kept, onChange });
      opened.add(instance);
      instance.upstream.start(capabilities);
      return instance;
    },
    close,
    retire: (instance) => end(instance, retire),
    async closeAll() {
      for (const instance of opened) close(instance);
      await Promise.all(closing);
    },
  };
}
