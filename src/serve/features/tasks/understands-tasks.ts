import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';

/** The extension of the modern era for tasks. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Whether a modern client has declared, with this very request, that it understands tasks. */
export function understandsTasks({ extensions }: JsonObject): boolean {
  return isJsonObject(extensions) && Object.hasOwn(extensions, tasksExtension);
}

/**
 * For what only such a client can ask.
 * @throws ProtocolError −32021 for any other
 */
export function requireTasks(capabilities: JsonObject): void {
  if (understandsTasks(capabilities)) return;
  throw new ProtocolError(rpcCode.missingCapability, `Missing required client capability: ${tasksExtension}`, {
    requiredCapabilities: { extensions: { [tasksExtension]: {} } },
  });
}
