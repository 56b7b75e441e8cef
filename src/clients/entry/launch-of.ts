import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ClientServer } from '../client.ts';

/** How an entry starts or reaches its server as it is written, whichever client it is of. */
export function launchOf(entry: JsonObject): ClientServer['launch'] {
  const { command, args, type, url, httpUrl, serverUrl } = entry;
  const address = [httpUrl, serverUrl, url].find((value) => typeof value === 'string' && value !== '');
  // Some clients leave what was there before a change of the type.
  const isRemote = typeof type === 'string' && type !== 'stdio' && type !== 'local';
  if (typeof address === 'string' && (isRemote || !isCommand(command))) return { url: address };
  if (typeof command === 'string' && command !== '') return { command, args: argsOf(args) };
  if (Array.isArray(command)) {
    const [program, ...rest] = argsOf(command);
    return program === undefined || program === '' ? undefined : { command: program, args: rest };
  }
  // Zed, of earlier versions.
  if (!isJsonObject(command)) return undefined;
  const { path, args: own } = command;
  return typeof path === 'string' && path !== '' ? { command: path, args: argsOf(own) } : undefined;
}

/** A text, or what is written without quotes and becomes one on its way to a program. */
export function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function isCommand(command: JsonValue | undefined): boolean {
  return typeof command === 'string' ? command !== '' : typeof command === 'object' && command !== null;
}

function argsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.flatMap((one) => textOf(one) ?? []) : [];
}
