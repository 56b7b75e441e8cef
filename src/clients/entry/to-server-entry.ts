import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ClientServer, ServerEntry } from '../client.ts';
import type { EntryForm } from './entry-forms.ts';
import { createEntryWriter } from './entry-writer.ts';
import type { EntryWriter } from './entry-writer.ts';
import { launchOf } from './launch-of.ts';
import { reasonOfKey } from './reason-of-key.ts';
import type { ExpansionPlace } from './variable-syntax.ts';

/** What is read of one entry. */
export interface ReadEntry {
  launch?: ClientServer['launch'];
  entry?: ServerEntry;
  /** More variables of its program stand in this file. */
  envFile?: string;
  /** Why there is no entry although something is launched. */
  reason?: string;
}

/** How the entry is read: as its client writes it, and where. */
interface Reading {
  form: EntryForm;
  place: ExpansionPlace;
}

/** Larger than any: a system takes some 100 kB of arguments and environment. */
const maxEntryChars = 256 * 1024;
/** A day, the longest that a configuration of ours takes. */
const maxTimeoutMs = 24 * 60 * 60 * 1000;
/** The longest path that systems take. */
const maxPathChars = 4096;
const stdioKeys = ['command', 'args', 'env', 'environment', 'cwd', 'envFile'];
const remoteKeys = ['url', 'httpUrl', 'serverUrl', 'headers', 'http_headers', 'requestOptions', 'apiKey'];
const launchKeys = [...stdioKeys, ...remoteKeys, 'type', 'transport', 'transportType', 'enabled', 'disabled'];

/** A client's entry in the words of our configuration. Whatever has not the form that it should have is passed over. */
export function toServerEntry(raw: JsonObject, reading: Reading): ReadEntry {
  const launch = launchOf(raw);
  if (launch === undefined) return {};
  if (JSON.stringify(raw).length > maxEntryChars) return { reason: 'it is larger than any entry of a server' };
  const { form, place } = reading;
  const writer = createEntryWriter(form.syntax, place);
  const ourLaunch =
    'command' in launch ? toStdio(raw, { launch, writer, reading }) : toRemote(raw, { launch, writer, reading });
  const envFile = 'command' in launch ? envFileOf(raw, { writer, reading }) : undefined;
  const timeoutMs = timeoutOf(raw, form);
  const known = new Set([...launchKeys, ...form.silent, ...(timeoutMs === undefined ? [] : [form.timeout?.key])]);
  for (const key of Object.keys(raw)) if (!known.has(key)) writer.leave(key, reasonOfKey(key));
  if ('command' in launch && typeof raw['args'] === 'string')
    writer.leave('args', 'it is one text, and no list of arguments');
  return {
    launch,
    entry: {
      launch: ourLaunch,
      enabled: raw['enabled'] !== false && raw['disabled'] !== true,
      ...(timeoutMs !== undefined && { timeoutMs }),
      inputs: writer.inputs(),
      left: writer.left(),
    },
    ...(envFile !== undefined && { envFile }),
  };
}

function toStdio(
  raw: JsonObject,
  parts: { launch: { command: string; args: readonly string[] }; writer: EntryWriter; reading: Reading },
): ServerEntry['launch'] {
  const { launch, writer } = parts;
  const { form, place } = parts.reading;
  const base = baseOf(parts.reading);
  const written = raw['cwd'];
  // What a project's server has after `./` lies in the project, wherever mcp-marshal is started.
  const needed = place.isOfAllFolders || !launch.args.some(isRelativeArgument) ? undefined : base;
  const cwd = typeof written === 'string' && written !== '' ? writer.path('cwd', written, base) : needed;
  const isPath = /[\\/]/.test(launch.command);
  const path = isPath ? writer.path('command', launch.command, cwd ?? base) : undefined;
  return {
    command: path ?? writer.text('command', launch.command),
    args: launch.args.map((arg) => writer.text('args', arg)),
    env: { ...form.ours?.(raw).env, ...writer.texts('env', raw['env'] ?? raw['environment'] ?? envOfCommand(raw)) },
    ...(cwd !== undefined && { cwd }),
  };
}

function toRemote(
  raw: JsonObject,
  { launch, writer, reading: { form } }: { launch: { url: string }; writer: EntryWriter; reading: Reading },
): ServerEntry['launch'] {
  const { requestOptions, apiKey } = raw;
  const ofOptions = isJsonObject(requestOptions) ? requestOptions['headers'] : undefined;
  for (const key of isJsonObject(requestOptions) ? Object.keys(requestOptions) : []) {
    if (key !== 'headers') writer.leave(`requestOptions.${key}`, 'mcp-marshal has no counterpart to it');
  }
  const headers = {
    ...(typeof apiKey === 'string' && { Authorization: `Bearer ${writer.text('apiKey', apiKey)}` }),
    ...form.ours?.(raw).headers,
    ...writer.texts('headers', raw['headers'] ?? raw['http_headers'] ?? ofOptions),
  };
  return { type: typeOf(raw, { url: launch.url, form }), url: writer.text('url', launch.url), headers };
}

/** The folder that relative paths are relative to, where somebody has written that down. */
function baseOf({ form, place }: Reading): string | undefined {
  return form.startsInWorkspace ? place.workspace : undefined;
}

function envFileOf(
  { envFile }: JsonObject,
  { writer, reading }: { writer: EntryWriter; reading: Reading },
): string | undefined {
  return typeof envFile === 'string' && envFile !== '' ? writer.path('envFile', envFile, baseOf(reading)) : undefined;
}

/** Zed, of earlier versions, has the environment beside the path. */
function envOfCommand({ command }: JsonObject): JsonValue | undefined {
  return isJsonObject(command) ? command['env'] : undefined;
}

function typeOf(raw: JsonObject, { url, form }: { url: string; form: EntryForm }): 'http' | 'sse' {
  const type = raw['type'] ?? raw['transport'] ?? raw['transportType'];
  if (type === 'sse') return 'sse';
  if (type === 'http' || type === 'streamable-http' || type === 'streamableHttp') return 'http';
  // Most clients try the one and then the other, where nobody has said which.
  const isOlder = typeof raw['httpUrl'] !== 'string' && isOlderAddress(url);
  return isOlder ? 'sse' : form.bareType(raw);
}

/** Servers of the older kind have such an address. */
export function isOlderAddress(url: string): boolean {
  return /\/sse\/?(?:[?#]|$)/.test(url);
}

function timeoutOf(raw: JsonObject, { timeout }: EntryForm): number | undefined {
  const value = timeout === undefined ? undefined : raw[timeout.key];
  if (timeout === undefined || typeof value !== 'number' || !(value > 0)) return undefined;
  return Math.max(1, Math.min(Math.round(timeout.toMs(value)), maxTimeoutMs));
}

/** What only means something in a certain folder: `./data`, `.`, or a script such as `build/server.js`. */
export function isRelativeArgument(arg: string): boolean {
  if (arg.length > maxPathChars) return false;
  return /^\.{1,2}(?:[\\/]|$)/.test(arg) || /^[\w.-]+(?:[\\/][\w.-]+)*\.(?:[cm]?[jt]s|py|rb|php|sh|jar)$/.test(arg);
}
