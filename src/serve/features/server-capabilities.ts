import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Era } from '../../core/protocol/client.ts';
import type { Engine } from '../engine.ts';
import { tasksExtension } from './tasks/understands-tasks.ts';

/** Far more levels than any capability has; deeper ones are taken from the first server alone. */
const maxLevels = 8;

/**
 * What this server is declared to be able to do, at the opening: what any of its servers can. Where one of them has never answered,
 * it is believed to have whatever a server can have, since a client holds us to what was declared first. Answers at once.
 */
export function serverCapabilities(engine: Engine, era: Era): JsonObject {
  const said = engine.offers().map(({ capabilities }) => capabilities);
  const merged: JsonObject = {};
  for (const capabilities of said) addTo(merged, carriedOf(capabilities ?? unknown, era));
  addTo(merged, ownTasks[era]);
  return { ...merged, tools: { ...(isJsonObject(merged['tools']) && merged['tools']), listChanged: true } };
}

const unknown: JsonObject = {
  logging: {},
  completions: {},
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
};

/** Batches can be followed as tasks, whatever the servers can. */
const ownTasks: Record<Era, JsonObject> = {
  legacy: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
  modern: { extensions: { [tasksExtension]: {} } },
};

/**
 * Less what cannot be carried through: the tasks of 2025-11-25 are no part of the modern protocol, and the servers' own of its extension
 * are not passed on.
 */
function carriedOf(capabilities: JsonObject, era: Era): JsonObject {
  const { tasks, extensions, ...others } = capabilities;
  const kept = isJsonObject(extensions)
    ? Object.fromEntries(Object.entries(extensions).filter(([name]) => name !== tasksExtension))
    : {};
  return {
    ...others,
    ...(era === 'legacy' && tasks !== undefined && { tasks }),
    ...(Object.keys(kept).length > 0 && { extensions: kept }),
  };
}

/** Objects are joined, a flag is true if any is, and of everything else the first stands. Changes `sum`, which is all ours. */
function addTo(sum: JsonObject, added: JsonObject, level = 0): void {
  for (const [key, value] of Object.entries(added)) {
    const own = Object.hasOwn(sum, key) ? sum[key] : undefined;
    if (isJsonObject(own) && isJsonObject(value) && level < maxLevels) addTo(own, value, level + 1);
    else if (own === undefined || (own === false && value === true)) define(sum, key, copyOf(value, level));
  }
}

/** What is joined further must not be the server's own object. */
function copyOf(value: JsonValue | undefined, level: number): JsonValue | undefined {
  if (!isJsonObject(value) || level >= maxLevels) return value;
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) define(copy, key, copyOf(inner, level + 1));
  return copy;
}

/** As an own field, whatever its name: `__proto__` is one like any other. */
function define(target: JsonObject, key: string, value: JsonValue | undefined): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
