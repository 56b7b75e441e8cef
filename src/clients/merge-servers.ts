import { isMarshalServer } from './server-names.ts';
import type { ClientId, ClientServer, ServerEntry } from './client.ts';

/** A server that one or several clients have, once. */
export interface MergedServer {
  /** A name that our configuration takes, unlike all others. */
  name: string;
  entry: ServerEntry;
  clients: readonly ClientId[];
  /** Each place where it stands. */
  found: readonly ClientServer[];
}

type Found = ClientServer & { entry: ServerEntry };

/** The longest name that our configuration takes. */
const maxNameChars = 40;
/** Names that a configuration of ours refuses: the one of recipes, and those that JavaScript has for itself. */
const refused = new Set(['recipe', 'constructor', 'prototype']);

/**
 * The servers of clients, each once: those that are started or reached alike are one, with what any of them sets, unless they set the
 * same variable or header to something else, as two accounts at one service do. The first one's name is kept where it can be: one name
 * for several servers gets the client's name behind it. `taken`: names of a configuration that is there already. What would start
 * mcp-marshal itself is left out.
 */
export function mergeServers(
  servers: readonly ClientServer[],
  { taken = [] }: { taken?: readonly string[] } = {},
): MergedServer[] {
  const groups = new Map<string, { entry: ServerEntry; found: Found[] }[]>();
  const inOrder: { entry: ServerEntry; found: Found[] }[] = [];
  for (const server of servers) {
    if (!hasEntry(server) || isMarshalServer(server)) continue;
    const key = keyOf(server.entry.launch);
    const alike = groups.get(key) ?? [];
    groups.set(key, alike);
    const same = alike.find(({ entry }) => !contradicts(entry.launch, server.entry.launch));
    if (same !== undefined) {
      same.entry = join(same.entry, server.entry);
      same.found.push(server);
      continue;
    }
    const group = { entry: server.entry, found: [server] };
    alike.push(group);
    inOrder.push(group);
  }
  const nameOf = createNaming(taken);
  return inOrder.map(({ entry, found }) => {
    const name = nameOf(found);
    return { name, entry, clients: [...new Set(found.map(({ client }) => client))], found };
  });
}

/** A name that our configuration takes: letters, digits, - and single _, at most 40 characters. */
export function toServerName(name: string, suffix = ''): string {
  const plain = clean(name);
  const room = maxNameChars - suffix.length;
  const cut = clean(plain.slice(0, room)) || 'server';
  return refused.has(`${cut}${suffix}`.toLowerCase()) ? `${cut}-server` : `${cut}${suffix}`;
}

function clean(name: string): string {
  return name
    .slice(0, 200)
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/_{2,}/g, '_')
    .replaceAll(/^[-_]+|[-_]+$/g, '');
}

/** Gives each server a name of its own. Names that differ in capitals only are taken for the same, as people take them. */
function createNaming(taken: readonly string[]): (found: readonly Found[]) => string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  // Where counting goes on: from the start each time, ten thousand of one name would take a minute.
  const counts = new Map<string, number>();
  const isFree = (name: string): boolean => !used.has(name.toLowerCase());
  const choose = ({ name, client }: Pick<Found, 'name' | 'client'>): string => {
    const free = [toServerName(name), toServerName(name, `-${client}`)].find(isFree);
    if (free !== undefined) return free;
    const start = toServerName(name, `-${client}`).toLowerCase();
    for (let count = counts.get(start) ?? 2; ; count += 1) {
      const numbered = toServerName(name, `-${client}-${count}`);
      if (!isFree(numbered)) continue;
      counts.set(start, count + 1);
      return numbered;
    }
  };
  return ([first]) => {
    const name = choose(first ?? { name: 'server', client: 'claude-code' });
    used.add(name.toLowerCase());
    return name;
  };
}

function hasEntry(server: ClientServer): server is Found {
  return server.entry !== undefined;
}

/** What is started or reached. Whether a package runner asks first makes no difference to what it runs. */
function keyOf(launch: ServerEntry['launch']): string {
  if (!('command' in launch)) return JSON.stringify([launch.type, launch.url.replace(/\/+$/, '')]);
  const { command, args, cwd = '' } = launch;
  const isRunner = /(?:^|[\\/])npx(?:\.cmd)?$/.test(command);
  const [first] = args;
  const kept = isRunner && (first === '-y' || first === '--yes') ? args.slice(1) : args;
  return JSON.stringify([isRunner ? 'npx' : command, kept, cwd]);
}

function settingsOf(launch: ServerEntry['launch']): Readonly<Record<string, string>> {
  return 'command' in launch ? launch.env : launch.headers;
}

function contradicts(one: ServerEntry['launch'], other: ServerEntry['launch']): boolean {
  const settings = settingsOf(other);
  return Object.entries(settingsOf(one)).some(
    ([name, value]) => Object.hasOwn(settings, name) && settings[name] !== value,
  );
}

function join(one: ServerEntry, other: ServerEntry): ServerEntry {
  const { timeoutMs } = longer(one, other);
  const settings = { ...settingsOf(one.launch), ...settingsOf(other.launch) };
  return {
    launch: 'command' in one.launch ? { ...one.launch, env: settings } : { ...one.launch, headers: settings },
    enabled: one.enabled || other.enabled,
    ...(timeoutMs !== undefined && { timeoutMs }),
    inputs: uniqueBy([...one.inputs, ...other.inputs], ({ variable }) => variable),
    left: uniqueBy([...one.left, ...other.left], ({ key, reason }) => `${key} ${reason}`),
  };
}

/** The patience of the more patient one; whoever sets nothing waits as long as its client does. */
function longer(one: ServerEntry, other: ServerEntry): Pick<ServerEntry, 'timeoutMs'> {
  return (one.timeoutMs ?? 0) >= (other.timeoutMs ?? 0) ? one : other;
}

function uniqueBy<T>(all: readonly T[], keyOfOne: (one: T) => string): T[] {
  return [...new Map(all.map((one) => [keyOfOne(one), one])).values()];
}
