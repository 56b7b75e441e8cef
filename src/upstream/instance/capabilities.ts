import type { JsonObject } from '../../core/json.ts';
import { canonicalJson, isJsonObject, isTooDeep } from '../../core/json.ts';
import type { Client } from '../../core/protocol/client.ts';

/** Equal for clients that a server cannot tell apart by what they can do. */
export function profileOf(capabilities: JsonObject): string {
  return canonicalJson(toDeclared(capabilities));
}

/** What servers of the legacy era are told that a client can do. Nothing, where it cannot be written down. */
export function toDeclared(capabilities: JsonObject): JsonObject {
  return isTooDeep(capabilities) ? {} : capabilities;
}

const tasksExtension = 'io.modelcontextprotocol/tasks';

/** What servers of the modern era are told: less tasks, which there are another matter than before, and are not carried through. */
export function toModern(capabilities: JsonObject): JsonObject {
  const { tasks: _, extensions, ...rest } = toDeclared(capabilities);
  if (!isJsonObject(extensions)) return rest;
  const { [tasksExtension]: _tasks, ...others } = extensions;
  return Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
}

/** Whether a server may ask anything of a client. */
export function canBeAsked({ capabilities }: Client): boolean {
  return Object.values(capabilityOf).some((name) => isJsonObject(capabilities[name]));
}

/** Whether a client can answer such a question. One that we do not know it may know. */
export function canAnswer({ capabilities }: Client, method: string): boolean {
  const name = Object.hasOwn(capabilityOf, method) ? capabilityOf[method] : undefined;
  return name === undefined || isJsonObject(capabilities[name]);
}

const capabilityOf: Record<string, string> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
};
