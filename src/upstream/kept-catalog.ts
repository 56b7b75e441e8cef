import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { Tool } from '../core/tool.ts';
import { replaceFile } from '../lib/files/replace-file.ts';
import { makeDirectory } from '../lib/files/make-directory.ts';
import { toLine } from '../lib/json-line.ts';
import type { Logger } from '../lib/logger.ts';
import { isTool } from './connection/list-tools.ts';
import type { Verdict } from './connection/open-connection.ts';
import type { ServerWords } from './connection/server-words.ts';
import { profileOf } from './instance/capabilities.ts';

/** What was known of a server when it was last seen. */
export interface KeptServer {
  tools: readonly Tool[];
  /** Which era it spoke; absent if that is too long ago to be relied on. */
  verdict?: Verdict;
  words?: ServerWords;
  /** What its tool list held beside the tools. */
  toolList?: JsonObject;
  /** It asks questions of its clients. */
  asks?: boolean;
}

/** A server as clients with the same capabilities see it: many list other tools to those who can do more. */
export interface SeenServer {
  server: ServerConfig;
  /** Of `profileOf` the clients' capabilities. */
  profile: string;
}

export interface KeptCatalog {
  /** Reads what is kept of a server, at once. Whatever cannot be read or is broken counts as nothing, and the log says why. */
  load(seen: SeenServer): KeptServer | undefined;
  /** Writes it, after what is being written. Never rejects: without it the next start is slower, and that is all. */
  save(seen: SeenServer, kept: KeptServer & { verdict: Verdict }): Promise<void>;
  /** Writes that the server had its time and gave no list, so that the next start does not wait for it again; not over a list. */
  saveSilence(seen: SeenServer): Promise<void>;
}

/** Of clients that can do nothing beside calling tools, as of the command line. */
export const emptyProfile = profileOf({});

export interface KeptCatalogOptions {
  /** The state directory; files go to `catalog/` in it. */
  stateDir: string;
  logger: Logger;
  /** Wall clock, in milliseconds since 1970. */
  now?: () => number;
}

const version = 1;
/** Per server; a person has a few programs, and each has one. That of clients that can do nothing is always among them. */
const maxProfiles = 8;
const maxBytes = 20 * 1024 * 1024;
/** A server may learn the newer era with any update, and is asked again after a week. */
const verdictDays = 7;
const dayMs = 86_400_000;

/** Tool lists on disk, one file per server, way of starting it, and profile of clients. Environment and headers are neither kept nor part of the name. */
export function createKeptCatalog({ stateDir, logger, now = Date.now }: KeptCatalogOptions): KeptCatalog {
  const directory = join(stateDir, 'catalog');
  const fileOf = (seen: SeenServer): string => join(directory, fileName(seen));
  /** By server: when its verdict was learnt, whoever the clients. One that is only confirmed by use keeps its age. */
  const learnt = new Map<string, { verdict: string; at: number }>();
  let writing = Promise.resolve();

  const isKept = (seen: SeenServer): boolean => {
    try {
      return parseKept(readBounded(fileOf(seen)), now()) !== undefined;
    } catch {
      return false;
    }
  };
  const write = (seen: SeenServer, text: string): Promise<void> =>
    writing
      .then(() => makeDirectory(directory))
      .then(() => replaceFile(fileOf(seen), text))
      .then(() => (seen.profile === emptyProfile ? undefined : removeOldest(directory, stemOf(seen.server))))
      .catch((error: unknown) => {
        const fields = { server: seen.server.name, reason: String(error) };
        logger.warn(fields, 'the tool list cannot be kept for the next start');
      });

  return {
    load(seen) {
      const { server } = seen;
      try {
        const kept = parseKept(readBounded(fileOf(seen)), now());
        if (kept === undefined) logger.debug({ server: server.name }, 'the kept tool list is not valid; passed over');
        else if (kept.verdict) learnt.set(server.name, { verdict: toLine(kept.verdict) ?? '', at: kept.verdictAt });
        return kept;
      } catch (error) {
        const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
        const reason = isMissing ? undefined : String(error);
        if (reason) logger.debug({ server: server.name, reason }, 'the kept tool list cannot be read');
        return undefined;
      }
    },
    saveSilence(seen) {
      // Another process may have heard it meanwhile.
      if (isKept(seen)) return writing;
      writing = write(seen, JSON.stringify({ version, savedAt: now(), verdictAt: 0, tools: [] }));
      return writing;
    },
    save(seen, { verdict, ...rest }) {
      const { name } = seen.server;
      const known = learnt.get(name);
      const text = toLine(verdict);
      // A discovery that cannot be written down is not worth keeping.
      if (text === undefined) return writing;
      const verdictAt = known?.verdict === text ? known.at : now();
      learnt.set(name, { verdict: text, at: verdictAt });
      writing = write(seen, JSON.stringify({ version, savedAt: now(), verdict, verdictAt, ...rest }));
      return writing;
    },
  };
}

/**
 * The server's name to be recognised by people, and a digest of how it is started: another program has other tools. Where it is
 * started does not count: a client that starts us elsewhere than a shell did must find what the shell has kept.
 */
export function stemOf({ name, transport }: ServerConfig): string {
  const launch =
    transport.type === 'stdio'
      ? [name, transport.type, transport.command, transport.args]
      : [name, transport.type, transport.url];
  return `${name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)}-${digestOf(JSON.stringify(launch))}`;
}

/** The empty profile has no part in it, as in the time when there was but one file per server. */
function fileName({ server, profile }: SeenServer): string {
  return `${stemOf(server)}${profile === emptyProfile ? '' : `-${digestOf(profile)}`}.json`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Of the files that have a profile in their name; one that is in use is written anew with each run. */
async function removeOldest(directory: string, stem: string): Promise<void> {
  const files = (await readdir(directory)).filter((name) => isProfileOf(name, stem));
  if (files.length < maxProfiles) return;
  // One that another process has removed meanwhile is the oldest there is.
  const writtenAt = (name: string): Promise<number> =>
    stat(join(directory, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  const dated = await Promise.all(files.map(async (name) => ({ name, writtenMs: await writtenAt(name) })));
  const old = dated.toSorted((a, b) => b.writtenMs - a.writtenMs).slice(maxProfiles - 1);
  await Promise.all(old.map(({ name }) => rm(join(directory, name), { force: true })));
}

function isProfileOf(name: string, stem: string): boolean {
  return name.startsWith(`${stem}-`) && /^-[0-9a-f]{16}\.json$/.test(name.slice(stem.length));
}

export function readBounded(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, over the limit of ${maxBytes}`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

export function parseKept(text: string, nowMs: number): (KeptServer & { verdictAt: number }) | undefined {
  const kept: unknown = JSON.parse(text);
  if (!isJsonObject(kept) || kept['version'] !== version) return undefined;
  const { tools, verdict, verdictAt } = kept;
  if (!Array.isArray(tools) || !tools.every((tool) => isTool(tool)) || typeof verdictAt !== 'number') return undefined;
  const ageMs = nowMs - verdictAt;
  const isFresh = ageMs >= 0 && ageMs < verdictDays * dayMs;
  const { words, toolList, asks } = kept;
  return {
    tools,
    verdictAt,
    ...(isFresh && isVerdict(verdict) && { verdict }),
    ...(isWords(words) && { words }),
    ...(isJsonObject(toolList) && { toolList }),
    ...(asks === true && { asks }),
  };
}

/** Files of earlier versions have none. */
function isWords(value: unknown): value is ServerWords {
  return isJsonObject(value) && isJsonObject(value['capabilities']);
}

/** By its kind alone: the SDK checks the rest when it connects, and a verdict that fails there is dropped. */
function isVerdict(value: unknown): value is Verdict {
  if (!isJsonObject(value)) return false;
  return value['kind'] === 'legacy' || (value['kind'] === 'modern' && isJsonObject(value['discover']));
}
