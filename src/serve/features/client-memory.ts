import type { Notice } from '../../core/protocol/client.ts';
import type { Engine } from '../engine.ts';
import { createPageBook, type PageBook } from './lists/page-book.ts';
import type { KnownPrompt } from './prompts/learn-prompts.ts';
import { createRoutes, type Routes } from './resources/routes.ts';
import { createSubscriptions, type Subscriptions } from './resources/subscriptions.ts';
import type { OwnTasks } from './tasks/own-tasks.ts';

/** What is remembered of one client between its requests. Every part of it has its own bound. */
export interface ClientMemory {
  /** Capabilities whose lists have been read for it: of servers that come later it has to be told. */
  listed: Set<string>;
  /** Long lists that it reads page by page. */
  pages: PageBook;
  /** By the name that the client sees: the prompts of the last list that was read for it. */
  prompts: ReadonlyMap<string, KnownPrompt> | undefined;
  /** Which server has which resource, as far as it was listed or found. */
  routes: Routes;
  /** Settles when the lists of resources that are being read for it have been. */
  learning: Promise<void> | undefined;
  subscriptions: Subscriptions;
  /** Whether the log has told that it watches too much. */
  hasRefusedToWatch: boolean;
  /** By its id: the server of each task that a call of this client made. */
  taskServers: Map<string, string>;
  /** Tasks of ours that it lists. */
  ownTasks: OwnTasks;
  /** Hear what is to be told of tasks of ours. */
  taskListeners: Set<(notice: Notice) => void>;
  /** By its name: the server of several that answered a method of its own. */
  methodServers: Map<string, string>;
}

const memories = new WeakMap<Engine, ClientMemory>();

/** One engine is one client, so what is remembered goes when the engine does. */
export function memoryOf(engine: Engine): ClientMemory {
  const known = memories.get(engine);
  if (known !== undefined) return known;
  const memory: ClientMemory = {
    listed: new Set(),
    pages: createPageBook(engine.clock),
    prompts: undefined,
    routes: createRoutes(),
    learning: undefined,
    subscriptions: createSubscriptions(),
    hasRefusedToWatch: false,
    taskServers: new Map(),
    ownTasks: { listed: new Map(), answered: new Map() },
    taskListeners: new Set(),
    methodServers: new Map(),
  };
  memories.set(engine, memory);
  return memory;
}
